"""The settings `make run` fills in where the environment says nothing.

Secrets are made once and kept in the data directory. While everything runs, the addresses it runs with lie there
too, so that `.venv/bin/flask …` in a second terminal reaches the same database (`adopt_running`).
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from crm_web.ops.embedded import write_private
from crm_web.ops.processes import OperationError

ROOT = Path(__file__).resolve().parents[2]

_SANDBOX = {"META_APP_SECRET": "sandbox-app-secret", "META_VERIFY_TOKEN": "sandbox-verify-token"}
_ON = {"1", "true", "yes", "on"}


def data_dir(environ: Mapping[str, str]) -> Path:
    """Where this copy keeps everything it writes."""
    return (ROOT / (environ.get("CRM_DATA_DIR") or "var")).resolve()


def chosen(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment with every setting `make run` has a value for, but without the servers' addresses."""
    settings = {name: value for name, value in environ.items() if value != ""}
    home = data_dir(environ)
    fill(
        settings,
        PORT="8000",
        HOST="127.0.0.1",
        WEB_WORKERS="1",
        JOB_WORKERS="2",
        CRM_DEMO="1",
        CRM_SANDBOX="1",
    )
    number(settings, "PORT", 1, 65535)
    settings["CRM_DATA_DIR"] = str(home)
    fill(settings, PUBLIC_URL=f"http://127.0.0.1:{settings['PORT']}", STORAGE_URL=(home / "files").as_uri())
    if is_on(settings, "CRM_SANDBOX"):
        fill(settings, META_GRAPH_URL=f"http://127.0.0.1:{settings['PORT']}/sandbox/graph", **_SANDBOX)
    return settings


def add_secrets(settings: dict[str, str]) -> None:
    """SECRET_KEY and CRM_ENCRYPTION_KEYS, from the data directory where the environment has none."""
    file = Path(settings["CRM_DATA_DIR"]) / "secrets.json"
    if not file.exists():
        made = {"SECRET_KEY": secrets.token_urlsafe(48), "CRM_ENCRYPTION_KEYS": _encryption_key()}
        write_private(file, json.dumps(made, indent=1))
    fill(settings, **json.loads(file.read_text()))


def fill(settings: dict[str, str], **defaults: str) -> None:
    """Set what is not set."""
    for name, value in defaults.items():
        settings.setdefault(name, value)


def is_on(settings: Mapping[str, str], name: str) -> bool:
    """A switch, read as the application reads it."""
    return settings.get(name, "").lower() in _ON


def number(settings: Mapping[str, str], name: str, lowest: int, highest: int) -> int:
    """A whole number within its range; the error names the setting."""
    text = settings[name]
    if not text.isdecimal() or not lowest <= int(text) <= highest:
        raise OperationError(f"{name}: must be a whole number from {lowest} to {highest}, not {text!r}")
    return int(text)


def publish(settings: Mapping[str, str], environ: Mapping[str, str]) -> Path:
    """Write down what we added to the environment, for operator commands; removed when we stop."""
    ours = {name: value for name, value in settings.items() if environ.get(name) != value}
    file = Path(settings["CRM_DATA_DIR"]) / "running.json"
    write_private(file, json.dumps({"pid": os.getpid(), "settings": ours}, indent=1))
    return file


def adopt_running(environ: MutableMapping[str, str]) -> bool:
    """Fill `environ` with the settings of the copy that runs in this data directory; False when none runs.

    What the environment already says wins.
    """
    file = data_dir(environ) / "running.json"
    try:
        running = json.loads(file.read_text())
    except (FileNotFoundError, PermissionError):
        return False
    if not Path(f"/proc/{running['pid']}").exists():
        return False
    for name, value in running["settings"].items():
        environ.setdefault(name, value)
    return True


def _encryption_key() -> str:
    """What `Fernet.generate_key` makes, without importing cryptography."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()

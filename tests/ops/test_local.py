"""What `make run` fills in, and that the environment wins."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from crm_web.ops.local import add_secrets, adopt_running, chosen, publish
from crm_web.ops.processes import OperationError


def test_a_plain_start_is_the_demo_with_the_stand_in(tmp_path: Path) -> None:
    settings = chosen({"CRM_DATA_DIR": str(tmp_path), "PORT": "8123"})
    assert settings["CRM_DEMO"] == settings["CRM_SANDBOX"] == "1"
    assert settings["PUBLIC_URL"] == "http://127.0.0.1:8123"
    assert settings["META_GRAPH_URL"] == "http://127.0.0.1:8123/sandbox/graph"
    assert settings["STORAGE_URL"] == f"file://{tmp_path}/files"


def test_what_the_environment_says_wins(tmp_path: Path) -> None:
    settings = chosen({"CRM_DATA_DIR": str(tmp_path), "CRM_DEMO": "0", "META_APP_SECRET": "real", "PORT": ""})
    assert (settings["CRM_DEMO"], settings["META_APP_SECRET"], settings["PORT"]) == ("0", "real", "8000")


def test_without_the_stand_in_nothing_points_to_it(tmp_path: Path) -> None:
    settings = chosen({"CRM_DATA_DIR": str(tmp_path), "CRM_SANDBOX": "0"})
    assert not {"META_GRAPH_URL", "META_APP_SECRET", "META_VERIFY_TOKEN"} & settings.keys()


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "8000.0"])
def test_a_bad_port_is_named(port: str) -> None:
    with pytest.raises(OperationError, match="PORT: must be"):
        chosen({"PORT": port})


def test_secrets_are_made_once_and_kept_private(tmp_path: Path) -> None:
    first, second = {"CRM_DATA_DIR": str(tmp_path)}, {"CRM_DATA_DIR": str(tmp_path)}
    add_secrets(first)
    add_secrets(second)
    assert first == second
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
    Fernet(first["CRM_ENCRYPTION_KEYS"])


def test_a_second_terminal_reaches_what_runs(tmp_path: Path) -> None:
    publish({"CRM_DATA_DIR": str(tmp_path), "DATABASE_URL": "ours", "HOME": "/home/me"}, {"HOME": "/home/me"})
    environ = {"CRM_DATA_DIR": str(tmp_path), "PORT": "1"}
    assert adopt_running(environ)
    assert environ == {"CRM_DATA_DIR": str(tmp_path), "PORT": "1", "DATABASE_URL": "ours"}


def test_what_no_longer_runs_is_not_adopted(tmp_path: Path) -> None:
    (tmp_path / "running.json").write_text(
        json.dumps({"pid": 2**22 + 1, "settings": {"DATABASE_URL": "old"}})
    )
    environ = {"CRM_DATA_DIR": str(tmp_path)}
    assert not adopt_running(environ)
    assert "DATABASE_URL" not in environ
    assert not adopt_running({"CRM_DATA_DIR": f"{tmp_path}/{os.getpid()}"})

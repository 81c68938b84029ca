"""The front-end files of other people, brought into `static/vendor/`: run by `make assets`, and by every other target.

npm fetches the packages that package-lock.json pins (no install scripts); the few files that pages load are copied,
and the icons named in `static/icons.txt` become one sprite. `manifest.json` tells each file's address, short hash and
integrity value. Nothing runs while the lock and the list are unchanged. Standard library only; run as a file, so that
it works before the application can be imported:

    python crm_web/ops/assets.py              # all of it
    python crm_web/ops/assets.py --no-npm     # node_modules is there already, as in the image build
    python crm_web/ops/assets.py --dev        # what tests need beside it, too
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "package-lock.json"
PACKAGES = ROOT / "node_modules"
ICON_NAMES = ROOT / "static" / "icons.txt"
VENDOR = ROOT / "static" / "vendor"

# What pages load: our name for it, and where its package has it.
FILES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "socket.io.min.js": "socket.io-client/dist/socket.io.min.js",
    "inter-variable.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    "inter-variable-ext.woff2": "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2",
}
OUTLINES = "@tabler/icons/icons/outline"
LICENSED = ("htmx.org", "socket.io-client", "@fontsource-variable/inter", "@tabler/icons")

_NPM_OPTIONS = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
_NO_SHAPE = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')


class AssetError(SystemExit):
    """What is wrong with the assets, in one line."""


def main() -> None:
    """Make `static/vendor/` match the lock and the list of icons."""
    stamp = _hash(LOCK, ICON_NAMES, Path(__file__))
    dev = "--dev" in sys.argv
    if _read(VENDOR / ".stamp") == stamp and (not dev or _installed(dev=True)):
        return
    if "--no-npm" not in sys.argv:
        _install_packages(dev=dev)
    draft = VENDOR.with_name("vendor.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    _fill(draft)
    (draft / ".stamp").write_text(stamp)
    shutil.rmtree(VENDOR, ignore_errors=True)
    draft.rename(VENDOR)
    print(f"assets: {len(FILES) + 1} files in static/vendor/")


def _installed(*, dev: bool) -> bool:
    """Whether node_modules is what the lock says; with the packages of tests it serves everybody."""
    found = _read(PACKAGES / ".stamp")
    return found == f"{_hash(LOCK)} dev" or (not dev and found == _hash(LOCK))


def _install_packages(*, dev: bool) -> None:
    """`npm ci`, unless it has been done. npm's cache goes away again: we write nothing elsewhere."""
    if _installed(dev=dev):
        return
    npm = _npm()
    with tempfile.TemporaryDirectory(prefix=".npm-", dir=ROOT) as cache:
        here = {"npm_config_cache": cache, "TMPDIR": cache, "npm_config_update_notifier": "false"}
        done = subprocess.run(
            [npm, *_NPM_OPTIONS, *([] if dev else ["--omit=dev"])],
            cwd=ROOT,
            env=_beside(npm) | here,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        raise AssetError(f"assets: npm ci failed:\n{(done.stderr or done.stdout).strip()[-2000:]}")
    (PACKAGES / ".stamp").write_text(_hash(LOCK) + (" dev" if dev else ""))


def _npm() -> str:
    """The system's npm, else the one that requirements-node.txt puts beside our Python."""
    ours = Path(sys.executable).parent / "npm"
    found = shutil.which("npm") or (str(ours) if ours.exists() else None)
    if found is None:
        raise AssetError("assets: npm is missing: `make assets` installs one from requirements-node.txt")
    return found


def _beside(npm: str) -> dict[str, str]:
    """An environment in which npm finds its own node."""
    return dict(os.environ) | {"PATH": f"{Path(npm).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


def _fill(folder: Path) -> None:
    for name, source in FILES.items():
        shutil.copyfile(_packaged(source), folder / name)
    (folder / "icons.svg").write_text(sprite(ICON_NAMES.read_text().split()))
    manifest = {name: _describe(folder / name) for name in (*FILES, "icons.svg")}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    (folder / "licenses").mkdir()
    for package in LICENSED:
        target = folder / "licenses" / (package.strip("@").replace("/", "-") + ".txt")
        shutil.copyfile(_packaged(f"{package}/LICENSE"), target)


def _packaged(path: str) -> Path:
    source = PACKAGES / path
    if not source.is_file():
        raise AssetError(f"assets: node_modules/{path} does not exist; has the package moved it?")
    return source


def sprite(names: list[str]) -> str:
    """One SVG with a `<symbol>` per icon; size, stroke and colour come from the page that uses it."""
    unknown = [name for name in names if not (PACKAGES / OUTLINES / f"{name}.svg").is_file()]
    if unknown:
        raise AssetError(
            f"assets: static/icons.txt names what @tabler/icons does not have: {', '.join(unknown)}"
        )
    symbols = "\n".join(_symbol(name) for name in dict.fromkeys(names))
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'


def _symbol(name: str) -> str:
    drawing = (PACKAGES / OUTLINES / f"{name}.svg").read_text()
    shapes = drawing.partition("<svg")[2].partition(">")[2].rpartition("</svg>")[0]
    shapes = " ".join(_NO_SHAPE.sub("", shapes).split())
    return f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>'


def _describe(file: Path) -> dict[str, str]:
    content = file.read_bytes()
    integrity = base64.b64encode(hashlib.sha384(content).digest()).decode()
    return {
        "path": f"vendor/{file.name}",
        "hash": hashlib.sha256(content).hexdigest()[:10],
        "integrity": f"sha384-{integrity}",
    }


def _hash(*files: Path) -> str:
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def _read(file: Path) -> str:
    return file.read_text() if file.is_file() else ""


if __name__ == "__main__":
    main()

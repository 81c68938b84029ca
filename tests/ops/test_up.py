"""`make run` from outside: what it starts answers, and nothing of it outlives it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from crm_web.ops.local import ROOT
from crm_web.ops.processes import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("up")]
OUR_OWN = {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "CRM_ENCRYPTION_KEYS", "CRM_ENV"}


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    clean = {name: value for name, value in os.environ.items() if name not in OUR_OWN}
    return clean | {"CRM_DATA_DIR": str(data_dir), "PORT": port, "CRM_DEMO": "0"} | more


def start(environ: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "crm_web.ops.up"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen(command, cwd=ROOT, env=environ, text=True, start_new_session=True, **pipes)


def lines_until_open(process: subprocess.Popen[str]) -> list[str]:
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip())
        if line.startswith("Open "):
            return lines
    raise AssertionError("\n".join(lines))


def alive(data_dir: Path) -> list[str]:
    """Every process that was given this data directory, or works in it."""
    mark, inside = f"CRM_DATA_DIR={data_dir}".encode(), f"{data_dir}/"
    return [
        entry.name
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and _is_ours(entry, mark, inside)
    ]


def _is_ours(entry: Path, mark: bytes, inside: str) -> bool:
    try:
        return mark in (entry / "environ").read_bytes().split(b"\0") or str(
            (entry / "cwd").readlink()
        ).startswith(inside)
    except OSError:
        return False


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture
def running(data_dir: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, str], list[str]]]:
    environ = environment(data_dir)
    with start(environ) as process:
        try:
            yield process, environ, lines_until_open(process)
        finally:
            process.kill()


def test_everything_is_up_when_it_says_so_and_term_ends_all_of_it(running, data_dir: Path) -> None:
    process, environ, lines = running
    said = "\n".join(lines)
    for name in (
        "PostgreSQL ready",
        "Redis ready",
        "web ready",
        "worker-ingest-1 running",
        "worker-work-1 running",
        "scheduler running",
    ):
        assert name in said
    answer = urllib3.request("GET", f"http://127.0.0.1:{environ['PORT']}/readyz", retries=False)
    assert answer.status == 200
    process.send_signal(signal.SIGTERM)
    assert process.wait(40) == 0
    assert alive(data_dir) == []


def test_kill_9_leaves_no_process(running, data_dir: Path) -> None:
    process, _environ, _lines = running
    process.kill()
    assert wait_until(lambda: not alive(data_dir), 40)


def test_a_second_copy_is_told_what_is_taken(running, data_dir: Path, tmp_path: Path) -> None:
    _process, environ, _lines = running
    for more, wanted in (
        ({"CRM_DATA_DIR": str(tmp_path)}, "PORT: "),
        ({"PORT": environment(tmp_path)["PORT"]}, "is in use by process"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "crm_web.ops.up"],
            cwd=ROOT,
            env=environ | more,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert done.stderr.startswith("make run: ")
        assert wanted in done.stderr
        assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("setting", "value"),
    [("PORT", "http"), ("JOB_WORKERS", "1"), ("WEB_WORKERS", "none"), ("DATABASE_URL", "postgresql://x/y")],
)
def test_a_setting_that_cannot_work_is_named(tmp_path: Path, setting: str, value: str) -> None:
    process = start(environment(tmp_path, **{setting: value}))
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert said.startswith(f"make run: {setting.replace('DATABASE_URL', 'DATABASE_OWNER_URL')}: ")

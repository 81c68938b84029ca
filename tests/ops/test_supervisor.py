"""Children of `make run`: restarted when they crash, gone with all they started."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from crm_web.ops import supervisor
from crm_web.ops.processes import processes_of_sessions, wait_until
from crm_web.ops.supervisor import Child, Echo, rotate

Maker = Callable[[str], Child]

KILLED = """
import sys, time
from pathlib import Path
from crm_web.ops.supervisor import Guard, Supervisor
with Guard([]) as guard:
    supervisor = Supervisor({}, Path(sys.argv[1]), Path(sys.argv[1]), guard)
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    print(supervisor.group(1, {"child": [sys.executable, "-c", stubborn]})[0].pid, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def child(tmp_path: Path) -> Maker:
    def make(script: str) -> Child:
        return Child("child", ["sh", "-c", script], dict(os.environ), tmp_path, tmp_path)

    return make


def test_a_crashed_child_is_started_again(child: Maker, capsys: pytest.CaptureFixture[str]) -> None:
    one = child("echo something broke; exit 3")
    one.start()
    assert wait_until(lambda: not one.running, 5)
    one.look()
    assert "child ended (exit code 3), starting again in 1 s" in capsys.readouterr().out
    assert wait_until(lambda: one.look() or one.pid is not None, 5)
    assert wait_until(lambda: not one.running, 5)
    one.look()
    assert "in 2 s" in capsys.readouterr().out


def test_stopping_takes_what_the_child_started_along(child: Maker) -> None:
    one = child("sleep 60 & sleep 60")
    one.start()
    session = one.pid
    assert wait_until(lambda: len(processes_of_sessions([session])) == 3, 5)
    one.ask_to_stop()
    one.wait_for_stop(5)
    assert processes_of_sessions([session]) == []


def test_a_child_that_will_not_go_is_killed(child: Maker) -> None:
    one = child("trap '' TERM; while :; do sleep 1; done")
    one.start()
    session = one.pid
    one.ask_to_stop()
    one.wait_for_stop(0.3)
    assert processes_of_sessions([session]) == []


@pytest.mark.slow
def test_kill_9_of_the_supervisor_ends_even_a_stubborn_child(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    session = int(parent.stdout.readline())
    parent.stdout.close()
    parent.kill()
    parent.wait()
    assert wait_until(lambda: not processes_of_sessions([session]), 15)


def test_only_warnings_reach_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "web.log"
    log.write_text("WARNING of yesterday\n")
    echo = Echo("web", log)
    echo.skip()
    with log.open("a") as file:
        file.write('GET /\n{"level": "error", "event": "lost"}\nhalf a WARNING')
    echo.look()
    assert capsys.readouterr().out == 'web: {"level": "error", "event": "lost"}\n'


def test_a_flood_is_counted_not_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "web.log"
    log.write_text("ERROR\n" * 100)
    Echo("web", log).look()
    assert capsys.readouterr().out.endswith(f"… and 92 more in {log}\n")


def test_a_log_keeps_one_older_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "_LARGEST_LOG", 10)
    log = tmp_path / "web.log"
    log.write_text("more than ten bytes")
    rotate(log)
    assert (log.read_text(), (tmp_path / "web.log.1").read_text()) == ("", "more than ten bytes")

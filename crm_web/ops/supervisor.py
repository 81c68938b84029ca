"""Child processes of `make run`: started, watched, restarted, and gone when we are.

Each child leads a session of its own: Ctrl-C in a terminal reaches only us, so we choose the order of the end, and
whatever a child starts itself can be found and ended with it. Output goes to one file per child, without prefixes;
warnings are repeated on the terminal.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import FrameType
from typing import Self

from crm_web.ops.processes import (
    OperationError,
    appending,
    end,
    last_lines,
    processes_in,
    processes_of_sessions,
    send,
)

LONGEST_PAUSE = 30.0
_HEALTHY_SECONDS = 60.0
_LARGEST_LOG = 20_000_000
_LINES_PER_LOOK = 8
# Signals closer together than this are one wish: a terminal's and make's.
_ONE_PRESS = 1.0
_WORTH_SAYING = re.compile(
    r"""\b(WARNING|ERROR|CRITICAL)\b|"level":\s*"(warning|error|critical)"|^[\w.]*(Error|Exception|Warning): """
)


def say(text: str = "") -> None:
    """One line for the person at the terminal."""
    print(text, flush=True)


def on_signals(handler: Callable[[int, FrameType | None], object] | signal.Handlers) -> None:
    """What happens on Ctrl-C, on a polite kill, and when the terminal is closed."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


class Child:
    """A process that is meant to run for ever."""

    def __init__(
        self, name: str, argv: list[str], settings: Mapping[str, str], logs: Path, cwd: Path
    ) -> None:
        self.name = name
        self.log = logs / f"{name}.log"
        self.crashes = 0
        self._argv = argv
        self._settings = settings
        self._cwd = cwd
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._due = 0.0
        self._echo = Echo(name, self.log)

    @property
    def pid(self) -> int | None:
        """Its process id, and the id of its session."""
        return self._process.pid if self._process else None

    @property
    def running(self) -> bool:
        """Whether it is alive at this moment."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Run it; the kernel ends it should we die without a word."""
        rotate(self.log)
        self._echo.skip()
        with appending(self.log) as log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", *self._argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(self._settings),
                cwd=self._cwd,
                start_new_session=True,
            )
        self._started = time.monotonic()

    def look(self) -> None:
        """Repeat its warnings; start it again, after a growing pause, when it has ended."""
        self._echo.look()
        if self.running:
            return
        if self._process is not None:
            self._crashed(self._process)
        elif time.monotonic() >= self._due:
            self.start()

    def _crashed(self, process: subprocess.Popen[bytes]) -> None:
        self._process = None
        end(lambda: processes_of_sessions([process.pid]), gently=signal.SIGTERM, seconds=5)
        healthy = time.monotonic() - self._started > _HEALTHY_SECONDS
        self.crashes = 1 if healthy else self.crashes + 1
        pause = min(2.0 ** (self.crashes - 1), LONGEST_PAUSE)
        self._due = time.monotonic() + pause
        say(
            f"{self.name} ended ({_manner(process.returncode)}), starting again in {pause:.0f} s; {self.log} ends:"
        )
        say(last_lines(self.log, 6))

    def ask_to_stop(self) -> None:
        """The first half of stopping, so that several can end side by side."""
        if self._process is not None and self.running:
            self._process.terminate()

    def wait_for_stop(self, seconds: float) -> None:
        """The second half: its whole session is gone afterwards, by force if need be."""
        if self._process is None:
            return
        process, self._process = self._process, None
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            say(f"{self.name} did not stop within {seconds:.0f} s and is killed")
            process.kill()
            process.wait()
        end(lambda: processes_of_sessions([process.pid]), gently=signal.SIGTERM, seconds=2)


class Supervisor:
    """The children in groups; groups stop in the order in which they were added."""

    def __init__(self, settings: Mapping[str, str], logs: Path, cwd: Path, guard: Guard) -> None:
        self._settings = settings
        self._logs = logs
        self._cwd = cwd
        self._guard = guard
        self._groups: list[tuple[float, list[Child]]] = []
        self._stopping_since = 0.0

    @property
    def children(self) -> list[Child]:
        """All of them."""
        return [child for _seconds, group in self._groups for child in group]

    def once(self, name: str, *arguments: str) -> None:
        """Run a `flask` command to its end; `OperationError` with what it said last when it fails."""
        log = self._logs / f"{name}.log"
        rotate(log)
        with appending(log) as output:
            done = subprocess.run(
                ["setpriv", "--pdeathsig", "TERM", sys.executable, "-m", "flask", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=dict(self._settings),
                cwd=self._cwd,
                start_new_session=True,
                check=False,
            )
        if done.returncode != 0:
            raise OperationError(f"flask {' '.join(arguments)} failed; {log} ends:\n{last_lines(log)}")

    def group(self, seconds: float, commands: Mapping[str, list[str]]) -> list[Child]:
        """Start commands that later stop together and get `seconds` for it."""
        children = [
            Child(name, argv, self._settings, self._logs, self._cwd) for name, argv in commands.items()
        ]
        self._groups.append((seconds, children))
        for child in children:
            child.start()
        self._tell_guard()
        return children

    def look(self) -> None:
        """One round over every child."""
        for child in self.children:
            child.look()
        self._tell_guard()

    def stop(self) -> None:
        """Group after group; a second Ctrl-C meanwhile kills at once."""
        self._stopping_since = time.monotonic()
        on_signals(self._hurry)
        for seconds, group in self._groups:
            for child in group:
                child.ask_to_stop()
            for child in group:
                child.wait_for_stop(seconds)

    def _hurry(self, _number: int, _frame: object) -> None:
        if time.monotonic() - self._stopping_since > _ONE_PRESS:
            send(processes_of_sessions(self._sessions()), signal.SIGKILL)

    def _tell_guard(self) -> None:
        self._guard.watch(self._sessions())

    def _sessions(self) -> list[int]:
        return [child.pid for child in self.children if child.pid is not None]


class Guard:
    """A second process that ends what we leave should we be killed with -9.

    The kernel already signals our children then; this one makes sure that they, and what they started, really go.
    It notices our end by the pipe between us.
    """

    def __init__(self, homes: Iterable[Path]) -> None:
        self._homes = list(homes)
        self._told: list[int] = []
        reading, writing = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(writing)
            self._stand_by(reading)
            os._exit(0)
        os.close(reading)
        self._line = os.fdopen(writing, "w")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._line.close()
        os.waitpid(self._pid, 0)

    def watch(self, sessions: list[int]) -> None:
        """From now on these sessions, and only these, are ours."""
        if sessions != self._told:
            print(*sessions, file=self._line, flush=True)
            self._told = sessions

    def _stand_by(self, reading: int) -> None:
        os.setsid()
        on_signals(signal.SIG_IGN)
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nothing, standard)
        sessions: list[int] = []
        for line in os.fdopen(reading):
            sessions = [int(word) for word in line.split()]
        end(lambda: self._left(sessions), gently=signal.SIGTERM, seconds=10)

    def _left(self, sessions: list[int]) -> list[int]:
        return processes_of_sessions(sessions) + [pid for home in self._homes for pid in processes_in(home)]


class Make:
    """The `make` that started us, if one did.

    It passes TERM on, but when it alone gets an INT it waits for us in silence; the kernel shows that it does.
    """

    def __init__(self) -> None:
        self._status = Path(f"/proc/{os.getppid()}/status")
        self._caught = self._catches_interrupts()

    @property
    def interrupted(self) -> bool:
        """Whether it caught interrupts before and does no more."""
        return self._caught and not self._catches_interrupts()

    def _catches_interrupts(self) -> bool:
        try:
            status = self._status.read_text()
        except OSError:
            return False
        caught = int(status.partition("SigCgt:")[2].split()[0], 16)
        return status.startswith("Name:\tmake\n") and bool(caught >> (signal.SIGINT - 1) & 1)


class Echo:
    """Repeats the warnings of a log that grows."""

    def __init__(self, name: str, log: Path) -> None:
        self._name = name
        self._log = log
        self._position = 0

    def skip(self) -> None:
        """What is in the log by now is old news."""
        self._position = self._log.stat().st_size if self._log.exists() else 0

    def look(self) -> None:
        """Say the new lines that are worth it, but never flood the terminal."""
        lines = [line for line in self._new_lines() if _WORTH_SAYING.search(line)]
        for line in lines[:_LINES_PER_LOOK]:
            say(f"{self._name}: {line[:400]}")
        if len(lines) > _LINES_PER_LOOK:
            say(f"{self._name}: … and {len(lines) - _LINES_PER_LOOK} more in {self._log}")

    def _new_lines(self) -> list[str]:
        size = self._log.stat().st_size
        if size < self._position:
            self._position = 0
        if size == self._position:
            return []
        with self._log.open("rb") as file:
            file.seek(self._position)
            text = file.read(size - self._position)
        whole, _newline, _rest = text.rpartition(b"\n")
        self._position += len(whole) + bool(_newline)
        return whole.decode("utf-8", "replace").splitlines()


def rotate(log: Path) -> None:
    """Keep one older part. Everybody appends, so emptying the file in place is safe while it is written to."""
    if log.exists() and log.stat().st_size > _LARGEST_LOG:
        shutil.copyfile(log, log.with_name(log.name + ".1"))
        os.truncate(log, 0)


def rotate_all(logs: Path) -> None:
    """Keep every log from growing without end."""
    for log in logs.glob("*.log"):
        rotate(log)


def every(seconds: float, work: Callable[[], None]) -> Callable[[], None]:
    """`work`, skipped when called again too soon."""
    last = 0.0

    def sometimes() -> None:
        nonlocal last
        if time.monotonic() - last >= seconds:
            last = time.monotonic()
            work()

    return sometimes


def _manner(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

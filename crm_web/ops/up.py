"""Everything in one terminal: `make run` ends here.

Servers (our own unless DATABASE_URL and REDIS_URL name others), migrations, demo data, then web, workers and
scheduler until Ctrl-C. Only what a laptop needs: in production each of these processes is a service of its own
(Procfile, compose.yaml).
"""

from __future__ import annotations

import errno
import http.client
import os
import signal
import socket
import sys
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NoReturn

from crm_web.ops import schema
from crm_web.ops.embedded import Embedded, make_data_dir
from crm_web.ops.local import ROOT, add_secrets, chosen, fill, is_on, number, publish
from crm_web.ops.processes import OperationError, last_lines
from crm_web.ops.supervisor import Child, Guard, Make, Supervisor, every, on_signals, rotate_all, say

QUEUES = ("ingest", "work")
DEMO = """
  Nogal Finca Raíz (acme)    owner@acme.test  manager@acme.test  seller@acme.test  seller2@acme.test
                             setter@acme.test  quality@acme.test  auditor@acme.test
  Clínica Altamira (rival)   owner@rival.test  seller@rival.test
  Password of all            demo-2026-crm"""

_READY_SECONDS = 120
_WEB_ATTEMPTS = 3


def main() -> int:
    """0 after Ctrl-C or TERM; 1, with one line that says why, when the start fails."""
    on_signals(_interrupt)
    try:
        _run(dict(os.environ))
    except KeyboardInterrupt:
        say("stopped")
        return 0
    except (OperationError, OSError) as error:
        print(f"make run: {error}", file=sys.stderr)
        return 1


def _interrupt(_number: int, _frame: object) -> NoReturn:
    """Once: make passes on a TERM that its whole group has received already."""
    on_signals(signal.SIG_IGN)
    raise KeyboardInterrupt


def _run(environ: dict[str, str]) -> NoReturn:
    settings = chosen(environ)
    _check(settings)
    home = Path(settings["CRM_DATA_DIR"])
    _make_folders(home, settings)
    with ExitStack() as stack:
        guard = stack.enter_context(Guard([home / "postgres", home / "redis"]))
        servers = stack.enter_context(_embedded(home, settings))
        _add_addresses(settings, servers)
        running = publish(settings, environ)
        stack.callback(running.unlink, missing_ok=True)
        supervisor = Supervisor(settings, home / "logs", ROOT, guard)
        stack.callback(supervisor.stop)
        _start(supervisor, settings)
        _watch(supervisor, servers, home / "logs")


def _check(settings: dict[str, str]) -> None:
    """Refuse what cannot work before anything has been started."""
    number(settings, "WEB_WORKERS", 1, 64)
    number(settings, "JOB_WORKERS", len(QUEUES), 64)
    if "DATABASE_URL" in settings and "DATABASE_OWNER_URL" not in settings:
        raise OperationError(
            "DATABASE_OWNER_URL: is required with DATABASE_URL, because migrations run as the owner"
        )
    _check_address(settings["HOST"], int(settings["PORT"]))


def _check_address(host: str, port: int) -> None:
    try:
        kind, _type, _protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(kind, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        raise OperationError(_why_not(error, host, port)) from None


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"PORT: {port} on {host} is taken by another program; choose another, as in `PORT=8001 make run`"
        )
    return f"HOST, PORT: cannot listen on {host}:{port}: {error.strerror}"


def _make_folders(home: Path, settings: dict[str, str]) -> None:
    """Temporary files stay in the data directory too."""
    make_data_dir(home)
    for name in ("files", "tmp"):
        (home / name).mkdir(exist_ok=True, mode=0o700)
    add_secrets(settings)
    fill(settings, TMPDIR=str(home / "tmp"), PYTHONUNBUFFERED="1")


def _embedded(home: Path, settings: dict[str, str]) -> Embedded:
    return Embedded(home, postgres="DATABASE_URL" not in settings, redis="REDIS_URL" not in settings)


def _add_addresses(settings: dict[str, str], servers: Embedded) -> None:
    for server in servers.servers:
        say(f"{server.title} ready on 127.0.0.1:{server.port}")
    if servers.postgres is not None:
        settings |= {"DATABASE_URL": servers.database_url, "DATABASE_OWNER_URL": servers.owner_url}
    if servers.redis is not None:
        settings["REDIS_URL"] = servers.redis_url


def _start(supervisor: Supervisor, settings: dict[str, str]) -> None:
    _prepare_database(supervisor, settings)
    web = supervisor.group(10, {"web": _web()})[0]
    workers = supervisor.group(20, _workers(settings))
    scheduler = supervisor.group(10, {"scheduler": _flask("scheduler")})
    _await_web(supervisor, web, settings)
    for child in workers + scheduler:
        say(f"{child.name} {'running' if child.running else 'NOT running: see ' + str(child.log)}")
    _welcome(settings)


def _prepare_database(supervisor: Supervisor, settings: dict[str, str]) -> None:
    owner_url = settings["DATABASE_OWNER_URL"]
    if not schema.is_current(owner_url):
        supervisor.once("migrations", "db", "upgrade")
    say("migrations done")
    if not is_on(settings, "CRM_DEMO"):
        return
    if not schema.has_tenants(owner_url):
        say("making demo data, this once …")
        supervisor.once("demo", "demo", "seed")
    say("demo data ready")


def _web() -> list[str]:
    """gunicorn.conf.py says the rest; open sockets would hold up Ctrl-C for its full grace."""
    return [sys.executable, "-m", "gunicorn", "--graceful-timeout", "5", "wsgi:app"]


def _workers(settings: dict[str, str]) -> dict[str, list[str]]:
    """One queue each, round robin, so that a slow report never holds up a customer's message."""
    count = int(settings["JOB_WORKERS"])
    queues = [QUEUES[index % len(QUEUES)] for index in range(count)]
    return {
        f"worker-{queue}-{index // len(QUEUES) + 1}": _flask("worker", "--queue", queue)
        for index, queue in enumerate(queues)
    }


def _flask(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "flask", *arguments]


def _await_web(supervisor: Supervisor, web: Child, settings: dict[str, str]) -> None:
    """Until /readyz says that database, Redis and migrations are there, and not a moment earlier."""
    deadline = time.monotonic() + _READY_SECONDS
    while not _ready(settings):
        supervisor.look()
        if web.crashes >= _WEB_ATTEMPTS or time.monotonic() > deadline:
            raise OperationError(f"the web did not become ready; {web.log} ends:\n{last_lines(web.log)}")
        time.sleep(0.1)
    say(f"web ready on {_address(settings)}")


def _ready(settings: dict[str, str]) -> bool:
    connection = http.client.HTTPConnection(_reachable(settings["HOST"]), int(settings["PORT"]), timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _watch(supervisor: Supervisor, servers: Embedded, logs: Path) -> NoReturn:
    rotate_logs = every(60, partial(rotate_all, logs))
    make = Make()
    while not make.interrupted:
        for title in servers.revive():
            say(f"{title} had ended and was started again")
        supervisor.look()
        rotate_logs()
        time.sleep(0.5)
    raise KeyboardInterrupt


def _welcome(settings: dict[str, str]) -> None:
    say(
        f"\nOpen {_address(settings)}   (Ctrl-C stops everything; data and logs are in {settings['CRM_DATA_DIR']})"
    )
    if is_on(settings, "CRM_DEMO"):
        say(DEMO + "\n")


def _address(settings: dict[str, str]) -> str:
    return f"http://{_in_url(_reachable(settings['HOST']))}:{settings['PORT']}"


def _reachable(host: str) -> str:
    """Where a person reaches a web that listens on every address."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (compared with, not listened on)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


if __name__ == "__main__":
    sys.exit(main())

"""The product as it is deployed, on ports and a database of its own: web, two workers, scheduler, stand-in for Meta."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import psycopg
import redis
import urllib3
from cryptography.fernet import Fernet

from crm_web.ops.embedded import Embedded
from tests.cast import House

ROOT = Path(__file__).resolve().parent.parent
SECRET = "sandbox-app-secret"
FURNISH = """
from flask_migrate import upgrade
from crm_web import create_app
from tests.cast import build_acme
with create_app(serve=False).app_context():
    upgrade()
    house = build_acme()
    print(house.id, house.channel_id)
"""


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Product:
    """`with Product() as product:` starts everything durable, as in production, and leaves nothing behind."""

    def __init__(
        self,
        *,
        latency_ms: float = 0,
        statuses: bool = False,
        webs: int = 1,
        scheduler: bool = False,
        **settings: str,
    ) -> None:
        self.latency_ms, self.statuses, self.webs, self.scheduler = latency_ms, statuses, webs, scheduler
        self.settings = settings
        self.stack = ExitStack()
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="crm-bench-")))
        self.folder.chmod(0o755)
        self.servers = self.stack.enter_context(Embedded(self.folder / "servers"))
        self.stack.callback(self._stop)
        self.web_port, self.meta_port = free_port(), free_port()
        self.environment = self._environment()
        self._furnish()
        self._start()
        return self

    def _furnish(self) -> None:
        """The schema and Acme's people, made by another process: keys and adapters are one per process."""
        environment = {**os.environ, **self.environment, "PYTHONPATH": str(ROOT)}
        said = subprocess.run(
            [sys.executable, "-c", FURNISH],
            cwd=ROOT,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        self.house = House(*(uuid.UUID(part) for part in said.stdout.split()[-2:]))

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    @property
    def web(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def meta(self) -> str:
        return f"http://127.0.0.1:{self.meta_port}"

    def _environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.servers.database_url,
            "DATABASE_OWNER_URL": self.servers.owner_url,
            "REDIS_URL": self.servers.redis_url,
            "SECRET_KEY": uuid.uuid4().hex,
            "CRM_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "CRM_DATA_DIR": str(self.folder),
            "PORT": str(self.web_port),
            "META_GRAPH_URL": f"{self.meta}/sandbox/graph",
            "META_APP_SECRET": SECRET,
            "META_VERIFY_TOKEN": "verify",
            "LOG_LEVEL": "ERROR",
            "CRM_ENV": "development",
            "CRM_SANDBOX": "0",
            "CRM_DEMO": "0",
            **self.settings,
        }

    def _start(self) -> None:
        for part in self._parts():
            self.start(part)
        self._wait(f"{self.web}/healthz")
        self._wait(f"{self.meta}/sandbox/knobs")

    def _parts(self) -> dict[str, list[str]]:
        """Every process by its name, and how it is started."""
        bin_folder = Path(sys.executable).parent
        flask, gunicorn = str(bin_folder / "flask"), str(bin_folder / "gunicorn")
        stand_in = f"--no-endings --no-window --port {self.meta_port} --latency-ms {self.latency_ms} --app-secret {SECRET}"
        files = ["--db", str(self.folder / "meta.sqlite"), "--webhook-url", f"{self.web}/webhooks/meta"]
        quiet = [] if self.statuses else ["--no-statuses"]
        return {
            "meta": [sys.executable, str(ROOT / "crm_web/sandbox"), *stand_in.split(), *files, *quiet],
            "web": [gunicorn, "-w", str(self.webs), "--log-level", "critical", "wsgi:app"],
            "ingest": [flask, "worker", "--queue", "ingest"],
            "work": [flask, "worker", "--queue", "work"],
            **({"scheduler": [flask, "scheduler"]} if self.scheduler else {}),
        }

    def start(self, part: str) -> None:
        environment = {**os.environ, **self.environment, "PYTHONPATH": str(ROOT)}
        self.running[part] = subprocess.Popen(
            self._parts()[part], cwd=ROOT, env=environment, start_new_session=True, stdout=subprocess.DEVNULL
        )

    def kill(self, part: str) -> None:
        """End a part and its children at once, as a power cut would."""
        process = self.running[part]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def _wait(self, url: str) -> None:
        http = urllib3.PoolManager(retries=False, timeout=2)
        for _ in range(300):
            try:
                http.request("GET", url)
                return
            except urllib3.exceptions.HTTPError:
                time.sleep(0.1)
        raise RuntimeError(f"{url} did not answer within 30 s")

    def _stop(self) -> None:
        for process in self.running.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.running.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)

    def flush_redis(self) -> None:
        client = redis.Redis.from_url(self.servers.redis_url)
        client.flushall()
        client.close()

    def look(self, query: str, *given: Any) -> Any:
        """One value, seen from outside the fence."""
        with psycopg.connect(self.owner_dsn) as connection:
            row = connection.execute(query, given).fetchone()
            return row[0] if row else None

    @property
    def owner_dsn(self) -> str:
        return self.servers.owner_url.replace("postgresql+psycopg://", "postgresql://")

    def until(self, query: str, wanted: int, seconds: float = 180) -> float:
        """When the query first gave at least `wanted`, by the monotonic clock."""
        ends_at = time.monotonic() + seconds
        with psycopg.connect(self.owner_dsn, autocommit=True) as connection:
            while time.monotonic() < ends_at:
                row = connection.execute(query).fetchone()
                if row and row[0] >= wanted:
                    return time.monotonic()
                time.sleep(0.01)
        raise RuntimeError(f"still fewer than {wanted} after {seconds} s: {query}")

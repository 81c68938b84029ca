"""The ground tests stand on: real PostgreSQL and Redis, a real stand-in for Meta over HTTP, the cast.

Each pytest process has servers of its own, so tests run side by side. A test begins with an empty database.
"""

from __future__ import annotations

import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import urllib3
from argon2 import PasswordHasher
from cryptography.fernet import Fernet
from flask import Flask
from flask_migrate import upgrade
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

import crm_web
from crm_web import create_app
from crm_web.config import Settings
from crm_web.core import jobs
from crm_web.core.db import db
from crm_web.core.effects import commit, rollback
from crm_web.core.tenancy import as_tenant, set_tenant
from crm_web.models import Conversation, User
from crm_web.ops.embedded import Embedded
from crm_web.team.operations import decide_permission
from crm_web.team.passwords import use_hasher
from tests import meta
from tests.cast import House, Person, build_acme, build_rival

HTTP = urllib3.PoolManager(retries=False, timeout=10)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture(scope="session")
def data_dir() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="crm-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def servers(data_dir: Path) -> Iterator[Embedded]:
    with Embedded(data_dir / "servers", durable=False) as embedded:
        yield embedded
        logging.disable(logging.CRITICAL)  # the sockets' listener outlives its Redis, and would complain


@pytest.fixture(scope="session")
def ports() -> dict[str, int]:
    return {"web": free_port(), "meta": free_port()}


@pytest.fixture(scope="session")
def settings(servers: Embedded, data_dir: Path, ports: dict[str, int]) -> Settings:
    return Settings(
        crm_env="test",
        crm_data_dir=data_dir,
        port=ports["web"],
        database_url=servers.database_url,
        database_owner_url=servers.owner_url,
        redis_url=servers.redis_url,
        secret_key="test-secret-key",
        crm_encryption_keys=Fernet.generate_key().decode(),
        meta_graph_url=f"http://127.0.0.1:{ports['meta']}/sandbox/graph",
        meta_app_secret=meta.SECRET,
        meta_verify_token="sandbox-verify-token",
        crm_sandbox=True,
        socketio_async_mode="threading",
        log_level="ERROR",
    )


@pytest.fixture(scope="session")
def app(settings: Settings) -> Flask:
    use_hasher(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    app = create_app(settings, serve=True)
    with app.app_context():
        upgrade()
    return app


TABLES = sa.text(
    "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables WHERE schemaname = 'public'"
    " AND tablename NOT IN ('alembic_version', 'permissions')"
)


@pytest.fixture(scope="session")
def owner(servers: Embedded) -> Iterator[sa.Engine]:
    """A connection that stands outside the fence, for looking at what tests did."""
    engine = sa.create_engine(servers.owner_url)
    yield engine
    engine.dispose()


def empty(owner: sa.Engine, tries: int = 5) -> None:
    """Take everything out; a browser that was just closed may still be answered, and is waited for."""
    try:
        with owner.begin() as connection:
            tables = connection.scalar(TABLES)
            connection.execute(sa.text(f"TRUNCATE {tables} CASCADE"))
    except sa.exc.OperationalError:
        if not tries:
            raise
        time.sleep(0.2)
        empty(owner, tries - 1)


@pytest.fixture
def clean(app: Flask, owner: sa.Engine, servers: Embedded) -> Iterator[None]:
    """An application context on an empty database, with nobody's tenant set."""
    empty(owner)
    with app.app_context():
        jobs.redis_client().flushall()
        set_tenant(None)
        yield
        rollback()
        db.session.remove()
        set_tenant(None)


@pytest.fixture
def acme(clean: None) -> House:
    return build_acme()


@pytest.fixture
def rival_house(clean: None) -> House:
    return build_rival()


def _person(email: str, house: str) -> Any:
    def person(app: Flask, request: pytest.FixtureRequest) -> Person:
        request.getfixturevalue(house)
        return Person(app, email)

    return pytest.fixture(person)


boss = _person("owner@acme.test", "acme")
manager = _person("manager@acme.test", "acme")
seller = _person("seller@acme.test", "acme")
seller2 = _person("seller2@acme.test", "acme")
setter = _person("setter@acme.test", "acme")
quality = _person("quality@acme.test", "acme")
auditor = _person("auditor@acme.test", "acme")
rival = _person("owner@rival.test", "rival_house")


@pytest.fixture
def anonymous(app: Flask, clean: None) -> Person:
    return Person(app)


@pytest.fixture
def run_jobs(clean: None) -> Callable[[], int]:
    """Do everything that waits to be done, as the workers would, until nothing is left."""

    def run() -> int:
        total = 0
        while done := sum(jobs.drain_all(name) for name in jobs.BELLS):
            total += done
        return total

    return run


@pytest.fixture
def deliver(app: Flask, clean: None) -> Callable[..., TestResponse]:
    """Post a webhook as Meta would, signed over its raw bytes unless another signature is given."""

    def post(body: Any, *, signature: str | None = None, expect: int = 200) -> TestResponse:
        raw = meta.raw(body)
        headers = {"X-Hub-Signature-256": meta.signature(raw) if signature is None else signature}
        answer = Person(app).open(
            "/webhooks/meta", method="POST", data=raw, headers=headers, content_type="application/json"
        )
        assert answer.status_code == expect, (answer.status_code, answer.get_data(as_text=True)[:300])
        return answer

    return post


@pytest.fixture
def inside(acme: House) -> Iterator[House]:
    """Look at the database as Acme."""
    with as_tenant(acme.id):
        yield acme


@pytest.fixture
def conversation(acme: House, deliver: Callable[..., Any], run_jobs: Callable[[], int]) -> Conversation:
    """Ana wrote to Acme a moment ago."""
    deliver(meta.said(meta.text("Hola, ¿el apartamento sigue disponible?")))
    run_jobs()
    with as_tenant(acme.id):
        found = db.session.scalars(sa.select(Conversation)).one()
        db.session.expunge(found)
        db.session.rollback()
        return found


@pytest.fixture
def only(acme: House) -> Callable[[Any], Any]:
    """The one row of a table that Acme has, read anew."""

    def read(model: type[Any]) -> Any:
        with as_tenant(acme.id):
            db.session.rollback()
            found = db.session.scalars(sa.select(model)).one()
            db.session.expunge(found)
            db.session.rollback()
            return found

    return read


@pytest.fixture
def rows(acme: House) -> Callable[[Any], list[Any]]:
    """All rows of a table that Acme has, oldest first."""

    def read(model: type[Any]) -> list[Any]:
        with as_tenant(acme.id):
            db.session.rollback()
            found = list(db.session.scalars(sa.select(model).order_by(model.id)))
            db.session.expunge_all()
            db.session.rollback()
            return found

    return read


@pytest.fixture
def id_of(owner: sa.Engine, acme: House) -> Callable[[str], Any]:
    """The id of somebody of the cast."""

    def find(email: str) -> Any:
        with owner.connect() as connection:
            return connection.scalar(sa.text("SELECT id FROM users WHERE email = :e"), {"e": email})

    return find


@pytest.fixture
def decide(acme: House) -> Callable[..., None]:
    """Grant, revoke or leave to the role, while people are signed in."""

    def change(email: str, effect: str | None, *permissions: str) -> None:
        with as_tenant(acme.id):
            user = db.session.scalars(sa.select(User).where(User.email == email)).one()
            for permission in permissions:
                decide_permission(user, permission, effect)
            commit()

    return change


@pytest.fixture
def narrow(decide: Callable[..., None]) -> Callable[[str], None]:
    """From now on this person sees their own conversations alone."""
    return lambda email: decide(email, "revoke", "conversations.all", "conversations.unassigned")


@pytest.fixture(scope="session")
def live_server(app: Flask, ports: dict[str, int]) -> Iterator[str]:
    """The product on a real port, sockets included."""
    server = make_server("127.0.0.1", ports["web"], app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{ports['web']}"
    server.shutdown()


@pytest.fixture(scope="session")
def stand_in(data_dir: Path, ports: dict[str, int], live_server: str) -> Iterator[str]:
    """The stand-in for Meta in a process of its own, sending webhooks to the live server."""
    argv = [
        sys.executable, str(Path(crm_web.__file__).parent / "sandbox"),
        "--port", str(ports["meta"]), "--db", str(data_dir / "meta.sqlite"),
        "--webhook-url", f"{live_server}/webhooks/meta", "--app-secret", meta.SECRET,
    ]  # fmt: skip
    process = subprocess.Popen(argv, env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)})
    url = f"http://127.0.0.1:{ports['meta']}"
    _wait_for(f"{url}/sandbox/knobs")
    yield url
    process.terminate()
    process.wait(10)


def _wait_for(url: str) -> None:
    for _ in range(100):
        try:
            if HTTP.request("GET", url).status < 500:
                return
        except urllib3.exceptions.HTTPError:
            time.sleep(0.1)
    raise RuntimeError(f"{url} does not answer")


class Telephone:
    """A customer's telephone at the stand-in."""

    def __init__(self, url: str, number: str, run_jobs: Callable[[], int]) -> None:
        self.url, self.number, self.run_jobs = url, number, run_jobs

    def says(self, text: str, **more: Any) -> None:
        """Write to the business, and let the product work it off."""
        body = {"from": self.number, "text": text, **more}
        answer = HTTP.request("POST", f"{self.url}/sandbox/messages", json=body)
        assert answer.status < 300, answer.data
        self.settle()

    def settle(self) -> None:
        """Until every webhook is delivered and every job done."""
        for _ in range(200):
            self.run_jobs()
            if not HTTP.request("GET", f"{self.url}/sandbox/deliveries?state=pending").json()["pending"]:
                break
            time.sleep(0.02)
        self.run_jobs()

    def received(self) -> list[dict[str, Any]]:
        """What the business sent here, oldest first."""
        return list(HTTP.request("GET", f"{self.url}/sandbox/messages?to={self.number}").json())

    def last(self) -> dict[str, Any]:
        return self.received()[-1]


_numbers = iter(range(573_200_000_000, 573_299_999_999))


def next_number() -> str:
    """A number nobody used before."""
    return str(next(_numbers))


@pytest.fixture
def telephone(stand_in: str, run_jobs: Callable[[], int], acme: House) -> Telephone:
    """A new customer of Acme's, with a number nobody used before."""
    return Telephone(stand_in, next_number(), run_jobs)

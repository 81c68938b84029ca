"""Machines that watch: alive whatever happens, ready only when pages can be served."""

from __future__ import annotations

import pytest
import redis
import sqlalchemy as sa
from redis.backoff import NoBackoff
from redis.retry import Retry

from crm_web.core.db import db
from tests.cast import Person


@pytest.fixture
def broken_database(monkeypatch, app):
    """An engine that reaches nobody."""
    engine = sa.create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=1")
    with app.app_context():
        monkeypatch.setattr(type(db), "engine", property(lambda _: engine))
    yield
    engine.dispose()


@pytest.fixture
def broken_redis(monkeypatch, app):
    monkeypatch.setitem(app.extensions, "redis", redis.Redis(port=1, retry=Retry(NoBackoff(), 0)))


def test_alive_asks_nobody(app, broken_database, broken_redis):
    assert Person(app).get("/healthz").json == {"alive": True}


def test_ready(anonymous):
    answer = anonymous.get("/readyz").json
    assert (answer["ready"], answer["degraded"]) == (True, False)
    assert {name: part["ok"] for name, part in answer["parts"].items()} == {
        "database": True, "migrations": True, "redis": True,
    }  # fmt: skip


def test_without_its_database_it_is_not_ready_and_says_no_more_than_that(app, broken_database):
    answer = Person(app).get("/readyz", expect=503)
    assert answer.json["ready"] is False
    assert answer.json["parts"]["database"] == {"ok": False, "why": "does not answer (OperationalError)"}
    assert "127.0.0.1" not in answer.text
    assert "nobody" not in answer.text


def test_without_redis_people_are_still_served(anonymous, broken_redis):
    answer = anonymous.get("/readyz").json
    assert (answer["ready"], answer["degraded"]) == (True, True)


def test_on_another_schema_it_is_not_ready(anonymous, owner):
    with owner.begin() as connection:
        known = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'older'"))
    try:
        assert "flask db upgrade" in anonymous.get("/readyz", expect=503).json["parts"]["migrations"]["why"]
    finally:
        with owner.begin() as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = :known"), {"known": known})

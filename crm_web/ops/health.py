"""Whether the parts answer, in plain words that tell a stranger nothing: no address, no name, no version of ours."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import redis
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from flask import current_app

from crm_web.core.db import db
from crm_web.core.jobs import redis_client

_PATIENCE = sa.text("SET LOCAL statement_timeout = 2000")


class Part(NamedTuple):
    """One thing the product stands on."""

    ok: bool
    why: str


def check_database() -> Part:
    """Whether a connection can be had and answers within two seconds."""
    return _asking(lambda connection: Part(connection.scalar(sa.text("SELECT 1")) == 1, "answers"))


def check_migrations() -> Part:
    """Whether the schema is the one this code was written for."""
    return _asking(_compare_revisions)


def _asking(question: Callable[[sa.Connection], Part]) -> Part:
    """Ask on a connection of its own, so that nothing of the request is in the way; an error is the answer no."""
    try:
        with db.engine.connect() as connection:
            connection.execute(_PATIENCE)
            return question(connection)
    except sa.exc.TimeoutError:
        return Part(False, "no free connection")
    except sa.exc.SQLAlchemyError as error:
        return Part(False, f"does not answer ({type(error).__name__})")


def _compare_revisions(connection: sa.Connection) -> Part:
    wanted = _heads(current_app.extensions["migrate"].directory)
    found = frozenset(connection.scalars(sa.text("SELECT version_num FROM alembic_version")))
    if found == wanted:
        return Part(True, "up to date")
    return Part(False, "the schema is not this code's: run `flask db upgrade`, or start the newer code")


@lru_cache(maxsize=4)
def _heads(directory: str) -> frozenset[str]:
    return frozenset(ScriptDirectory(directory).get_heads())


def check_redis() -> Part:
    """Redis rings bells and carries live updates; without it everything works, only later."""
    try:
        redis_client().ping()
        return Part(True, "answers")
    except (redis.RedisError, OSError) as error:
        return Part(False, f"does not answer ({type(error).__name__}): live updates and jobs are slower")

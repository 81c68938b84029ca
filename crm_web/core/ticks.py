"""What happens by the clock: a few static ticks, each under an advisory lock, so two schedulers do no harm.

A tick holds no state of its own: it looks at rows and does what is due, so a missed one is made good by the next.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import redis
import sqlalchemy as sa
import structlog
from flask import Flask

from crm_web.core.db import db
from crm_web.core.effects import rollback
from crm_web.core.jobs import redis_client

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Tick:
    name: str
    seconds: float
    run: Callable[[], None]


TICKS: dict[str, Tick] = {}


def ticks(name: str, *, seconds: float) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Mark a function to run every `seconds` in the scheduler."""

    def register(run: Callable[[], None]) -> Callable[[], None]:
        TICKS[name] = Tick(name, seconds, run)
        return run

    return register


def run_tick(tick: Tick) -> bool:
    """Run it unless another process is running it now; the lock lives on a connection of its own."""
    with db.engine.connect() as connection:
        key = {"key": f"tick:{tick.name}"}
        if not connection.scalar(sa.text("SELECT pg_try_advisory_lock(hashtextextended(:key, 0))"), key):
            return False
        try:
            tick.run()
            return True
        except BaseException:
            rollback()
            raise
        finally:
            db.session.remove()
            connection.execute(sa.text("SELECT pg_advisory_unlock(hashtextextended(:key, 0))"), key)


def run(app: Flask) -> None:
    """The scheduler: until told to stop, run each tick when its time has come; a failing tick is logged, not fatal."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    due = dict.fromkeys(TICKS, 0.0)
    with app.app_context():
        while not stopping.wait(0.25):
            for tick in TICKS.values():
                if time.monotonic() >= due[tick.name]:
                    due[tick.name] = time.monotonic() + tick.seconds
                    _run_safely(tick)


def _run_safely(tick: Tick) -> None:
    try:
        run_tick(tick)
        redis_client().set("scheduler:alive", str(time.time()), ex=120)
    except (redis.RedisError, OSError):
        log.warning("redis_away", tick=tick.name)
    except Exception as error:
        log.exception("tick_failed", tick=tick.name, error=type(error).__name__)

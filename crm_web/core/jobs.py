"""Work that happens later. PostgreSQL holds what is to be done; Redis and RQ are only the doorbell.

A *bell* names a drain: a function that takes due rows (`FOR UPDATE SKIP LOCKED`), works on them, commits, and
returns how many it finished. Every worker process keeps one thread per bell of its queue. An RQ job merely wakes
that thread; a thread that nobody wakes looks for itself every second. So a lost job, a flushed or a dead Redis
delays work by a moment and loses none of it.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import redis
import rq
import structlog
from flask import Flask, current_app
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq.serializers import JSONSerializer

from crm_web.core.db import db
from crm_web.core.effects import after_commit, rollback

QUEUES = ("ingest", "work")
RING_SECONDS = 5
LOOK_SECONDS = 1.0
STOP_SECONDS = 40.0
log = structlog.get_logger(__name__)
Drain = Callable[[], int]


@dataclass(frozen=True)
class Bell:
    """A drain and the queue whose worker answers it.

    `linger` seconds after each batch let the next one gather: a batch costs nearly as much for one row as for many.
    """

    name: str
    queue: str
    drain: Drain
    linger: float = 0.0


BELLS: dict[str, Bell] = {}


def answers(name: str, queue: str, *, linger: float = 0.0) -> Callable[[Drain], Drain]:
    """Mark a function as the drain that answers the bell `name` on `queue`."""
    if queue not in QUEUES:
        raise ValueError(f"no such queue: {queue}")

    def register(drain: Drain) -> Drain:
        BELLS[name] = Bell(name, queue, drain, linger)
        return drain

    return register


def init_app(app: Flask) -> None:
    """The ringing connection is impatient: a dead Redis must not slow a request down."""
    app.extensions["redis"] = redis.Redis.from_url(
        app.config["REDIS_URL"], socket_timeout=1, socket_connect_timeout=0.5, retry=Retry(NoBackoff(), 1)
    )


def redis_client() -> redis.Redis:
    client: redis.Redis = current_app.extensions["redis"]
    return client


def queue_of(name: str, connection: redis.Redis) -> rq.Queue:
    return rq.Queue(name, connection=connection, serializer=JSONSerializer)


_silent_until = 0.0


def ring_now(name: str) -> bool:
    """Wake the worker of `name`; False when Redis does not answer, which loses nothing.

    After a failure nobody tries for a second, so that a Redis that hangs cannot slow every request down.
    """
    global _silent_until  # noqa: PLW0603 - one pause per process
    if time.monotonic() < _silent_until:
        return False
    client = redis_client()
    try:
        if client.set(f"bell:{name}", "1", nx=True, ex=RING_SECONDS):
            queue = queue_of(BELLS[name].queue, client)
            queue.enqueue(
                "crm_web.core.jobs.answer", name, result_ttl=0, failure_ttl=600, retry=rq.Retry(max=1)
            )
        return True
    except (redis.RedisError, OSError) as error:
        _silent_until = time.monotonic() + LOOK_SECONDS
        log.warning("ring_lost", bell=name, error=type(error).__name__)
        return False


def ring(name: str) -> None:
    """Wake the worker of `name` once the transaction is durable."""
    after_commit(partial(ring_now, name), key=("bell", name))


def run_drain(name: str) -> int:
    """One call of a drain with a clean session before and after; what it raises is undone and passed on."""
    try:
        return BELLS[name].drain()
    except BaseException:
        rollback()
        raise
    finally:
        db.session.remove()


def drain_all(name: str) -> int:
    """Drain until nothing is due: for tests and commands."""
    total = 0
    while finished := run_drain(name):
        total += finished
    return total


@dataclass
class Answerer:
    """The thread of one bell in one worker process."""

    app: Flask
    name: str
    woken: threading.Event = field(default_factory=threading.Event)
    stopping: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    def start(self) -> None:
        self.thread = threading.Thread(target=self._live, name=f"bell:{self.name}", daemon=True)
        self.thread.start()

    def _live(self) -> None:
        _answering.set(self)
        with self.app.app_context():
            while not self.stopping.is_set():
                rung = self.woken.wait(LOOK_SECONDS)
                self.woken.clear()
                if self._drain_until_empty() or rung:
                    self._take_bell_off()
                    self._drain_until_empty()

    def _take_bell_off(self) -> None:
        """Only now, before one last look: while the bell hung, nobody had to ring again for what this thread saw."""
        try:
            redis_client().delete(f"bell:{self.name}")
        except (redis.RedisError, OSError):
            log.warning("bell_stuck", bell=self.name)

    def _drain_until_empty(self) -> int:
        """How much was done; a drain that fails is tried again after a pause."""
        total = 0
        try:
            while (finished := run_drain(self.name)) and not self.stopping.is_set():
                total += finished
                self.stopping.wait(BELLS[self.name].linger)
        except Exception as error:
            log.exception("drain_failed", bell=self.name, error=type(error).__name__)
            self.stopping.wait(LOOK_SECONDS)
        return total

    def stop(self) -> None:
        self.stopping.set()
        self.woken.set()


_answering: ContextVar[Answerer | None] = ContextVar("answering", default=None)
_answerers: dict[str, Answerer] = {}


def should_stop() -> bool:
    """Whether the worker this drain runs in has been told to stop: take nothing new, finish what is under way."""
    answerer = _answering.get()
    return answerer is not None and answerer.stopping.is_set()


def answer(name: str) -> None:
    """The RQ job: wake the thread, which takes the bell off when it has seen to what there was."""
    _answerers[name].woken.set()


def work(app: Flask, queue: str) -> None:
    """Answer the bells of one queue until told to stop; what is under way is finished first."""
    for bell in BELLS.values():
        if bell.queue == queue:
            _answerers[bell.name] = Answerer(app, bell.name)
            _answerers[bell.name].start()
    try:
        _listen(app, queue)
    finally:
        for answerer in _answerers.values():
            answerer.stop()
        for answerer in _answerers.values():
            if answerer.thread:
                answerer.thread.join(STOP_SECONDS)


def _listen(app: Flask, queue: str) -> None:
    """RQ's own loop, on exactly one queue; while Redis is away the threads go on looking for themselves."""
    stopped = threading.Event()
    while not stopped.is_set():
        connection = redis.Redis.from_url(
            app.config["REDIS_URL"], socket_connect_timeout=5, socket_timeout=None
        )
        try:
            _worker(queue, connection).work(logging_level="WARNING")
            stopped.set()
        except (redis.RedisError, OSError) as error:
            log.warning("redis_away", queue=queue, error=type(error).__name__)
            signal.signal(signal.SIGTERM, lambda *_: stopped.set())
            signal.signal(signal.SIGINT, lambda *_: stopped.set())
            stopped.wait(LOOK_SECONDS)


def _worker(queue: str, connection: redis.Redis) -> Any:
    return rq.SimpleWorker(
        [queue_of(queue, connection)],
        connection=connection,
        serializer=JSONSerializer,
        worker_ttl=60,
        maintenance_interval=30,
    )

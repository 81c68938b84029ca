"""Figures for Prometheus: requests as they end, and what waits, counted when somebody asks.

Several web processes share their figures through PROMETHEUS_MULTIPROC_DIR; without it each tells its own.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import redis
import rq
import sqlalchemy as sa
from flask import Response, g, request
from prometheus_client import REGISTRY, CollectorRegistry, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from crm_web.core.db import db
from crm_web.core.jobs import QUEUES, queue_of, redis_client
from crm_web.core.live import socketio

HTTP_SECONDS = Histogram(
    "crm_http_seconds",
    "Time to answer a request, until its first byte.",
    ("endpoint", "method", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_PID = re.compile(r"_(\d+)\.db$")


def count(response: Response) -> Response:
    """Count a request; addresses and methods that do not exist are one, so that nobody can invent series."""
    took = time.perf_counter() - g.get("started", time.perf_counter())
    method = request.method if request.method in METHODS else "other"
    HTTP_SECONDS.labels(request.endpoint or "none", method, response.status_code).observe(took)
    _sockets().set(count_sockets())
    return response


@lru_cache(maxsize=1)
def _sockets() -> Gauge:
    """Made by the first request, so that workers and commands leave no file of it in the shared directory."""
    return Gauge("crm_sockets", "Browsers connected for live updates.", multiprocess_mode="livesum")


def count_sockets() -> int:
    """Sockets of this process."""
    server = getattr(socketio, "server", None)
    return len(server.manager.rooms.get("/", {}).get(None, ())) if server else 0


def exposition() -> bytes:
    """Everything in Prometheus' text format."""
    asked = CollectorRegistry()
    asked.register(Waiting())
    directory = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not directory:
        return generate_latest(REGISTRY) + generate_latest(asked)
    _bury_the_dead(Path(directory))
    MultiProcessCollector(asked, directory)  # type: ignore[no-untyped-call]
    return generate_latest(asked)


def _bury_the_dead(directory: Path) -> None:
    """Sockets of a process that has ended are not connected any more, whoever it was that ended it."""
    pids = {found[1] for file in directory.glob("gauge_live*.db") if (found := _PID.search(file.name))}
    for pid in pids:
        if not Path(f"/proc/{pid}").exists():
            mark_process_dead(int(pid), str(directory))  # type: ignore[no-untyped-call]


class Waiting(Collector):
    """What waits to be done, in the database and in Redis. A part that does not answer is 0 in `crm_up`."""

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("crm_up", "Whether a part answers.", labels=("part",))
        for part, read in (("database", _from_database), ("redis", _from_redis)):
            try:
                families = list(read())
            except (sa.exc.SQLAlchemyError, redis.RedisError, OSError):
                families = []
            up.add_metric((part,), 1 if families else 0)
            yield from families
        yield up


def _from_database() -> Iterator[Metric]:
    """Whatever the door `ops_gauges` counts over all tenants."""
    with db.engine.connect() as connection:
        for name, value in connection.execute(sa.text("SELECT name, value FROM ops_gauges()")):
            yield GaugeMetricFamily(f"crm_{name}", "Over all tenants, counted when asked.", value=value)


def _from_redis() -> Iterator[Metric]:
    client = redis_client()
    waiting = GaugeMetricFamily("crm_queue_jobs", "Bells that wait in RQ.", labels=("queue",))
    workers = GaugeMetricFamily("crm_workers", "Worker processes alive.", labels=("queue",))
    for name in QUEUES:
        queue = queue_of(name, client)
        waiting.add_metric((name,), queue.count)
        workers.add_metric((name,), rq.Worker.count(connection=client, queue=queue))
    yield from (waiting, workers)
    age = scheduler_age(client)
    if age is not None:
        yield GaugeMetricFamily("crm_scheduler_age_seconds", "Since the scheduler's last tick.", value=age)


def scheduler_age(client: redis.Redis) -> float | None:
    """Seconds since a scheduler last did something; None when none did within two minutes."""
    alive = client.get("scheduler:alive")
    return max(0.0, time.time() - float(alive)) if alive else None

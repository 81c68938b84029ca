"""Actions on more conversations than one request should hold: batch after batch by a worker, watched and stopped by its person.

How far it is stands in Redis, since nothing is lost with it: what was done is done and stays, an action done twice
changes nothing, and a progress that has vanished is told to the person, who may ask again for what is left.
"""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import datetime
from typing import Any, Literal

import redis
import structlog
from pydantic import BaseModel, Field

from crm_web.core import live
from crm_web.core.clock import now
from crm_web.core.db import new_id
from crm_web.core.effects import commit, rollback
from crm_web.core.errors import DomainError, NotFound
from crm_web.core.facts import announce
from crm_web.core.jobs import redis_client
from crm_web.core.sentences import lazy
from crm_web.core.tenancy import as_tenant, current_tenant_id
from crm_web.core.text import N_
from crm_web.inbox.filters import InboxFilter
from crm_web.inbox.operations.bulk import ACTIONS, Order, apply_to_many
from crm_web.inbox.queries.bulk import FIRST, next_matching
from crm_web.team.models import User
from crm_web.team.queries import load_acting

BATCH = 200
KEEP_SECONDS = 86_400
HOLD_SECONDS = 60
MOST_FAILURES = 5
DUE = "bulk:due"
log = structlog.get_logger(__name__)


class CannotWait(DomainError):
    """The list of what is under way cannot be reached, so nothing was begun."""

    status = 503


class Job(BaseModel):
    """An action under way: for whom, on what, how far."""

    id: uuid.UUID = Field(default_factory=new_id)
    tenant_id: uuid.UUID
    user_id: uuid.UUID
    order: Order
    asked: InboxFilter | None = None
    ids: list[uuid.UUID] = []
    total: int
    done: int = 0
    changed: int = 0
    skipped: dict[str, int] = {}
    last: uuid.UUID = FIRST
    state: Literal["running", "done", "cancelled", "failed"] = "running"
    failures: int = 0
    begun_at: datetime = Field(default_factory=now)

    @property
    def key(self) -> str:
        return f"bulk:{self.tenant_id}:{self.id}"

    @property
    def percent(self) -> int:
        return min(100, self.done * 100 // max(self.total, 1))


def begin(order: Order, *, asked: InboxFilter | None, ids: list[uuid.UUID], total: int, by: User) -> Job:
    """Let a worker do it, batch by batch: to everything that matches, or to these. Raises CannotWait."""
    job = Job(
        tenant_id=by.tenant_id,
        user_id=by.id,
        order=order,
        asked=asked,
        ids=[] if asked else sorted(ids),
        total=total,
    )
    try:
        _keep(job)
        redis_client().sadd(DUE, job.key)
    except (redis.RedisError, OSError):
        raise CannotWait(
            lazy(N_("Ahora no podemos hacerlo con tantas a la vez. Inténtalo en un momento."))
        ) from None
    announce("bulk.begun")
    return job


def find(job_id: uuid.UUID, by: User) -> Job:
    """A job of this person's own, or NotFound: never begun, somebody else's, or forgotten."""
    job = _load(f"bulk:{current_tenant_id()}:{job_id}")
    if job is None or job.user_id != by.id:
        raise NotFound
    return job


def cancel(job: Job) -> Job:
    """No further batch is begun; what is done stays done."""
    if job.state == "running":
        redis_client().set(f"{job.key}:stop", "1", ex=KEEP_SECONDS)
        job.state = "cancelled"
    return job


def run_some() -> int:
    """One batch of a job nobody else is at; how many conversations that were, and 0 when there is nothing to do."""
    try:
        return sum(_run(key) for key in sorted(_due()))
    except (redis.RedisError, OSError) as error:
        rollback()
        log.warning("bulk_waits", error=type(error).__name__)
        return 0


def _due() -> set[str]:
    return {key.decode() if isinstance(key, bytes) else key for key in redis_client().smembers(DUE)}


def _run(key: str) -> int:
    client = redis_client()
    if not client.set(f"{key}:held", "1", nx=True, ex=HOLD_SECONDS):
        return 0
    try:
        job = _load(key)
        if job is None or job.state != "running":
            client.srem(DUE, key)
            return 0
        with as_tenant(job.tenant_id):
            return _batch(job)
    finally:
        client.delete(f"{key}:held")


def _batch(job: Job) -> int:
    try:
        taken = _work(job)
    except DomainError:
        rollback()
        job.state, taken = "failed", 1
    except Exception as error:
        rollback()
        job.failures += 1
        job.state = "failed" if job.failures >= MOST_FAILURES else "running"
        log.exception("bulk_failed", job=str(job.id), error=type(error).__name__)
        taken = 0
    _keep(job)
    if job.state != "running":
        redis_client().srem(DUE, job.key)
    live.emit_now("bulk", {"id": str(job.id)}, live.user_room(job.user_id))
    return taken


def _work(job: Job) -> int:
    """Do the next batch and make it durable; at least 1, so that whoever drains looks again."""
    if redis_client().exists(f"{job.key}:stop"):
        job.state = "cancelled"
        return 1
    by = load_acting(job.user_id)
    if by is None or not by.can(ACTIONS[job.order.do].permission):
        raise NotFound
    ids = _next(job, by)
    outcome = apply_to_many(job.order, ids, by=by)
    commit()
    job.done += len(ids)
    job.changed += outcome.changed
    job.skipped = dict(Counter(job.skipped) + outcome.skipped)
    if ids:
        job.last = ids[-1]
    if len(ids) < BATCH:
        job.state = "done"
    return max(len(ids), 1)


def _next(job: Job, by: User) -> list[uuid.UUID]:
    if job.asked is None:
        return [one for one in job.ids if one > job.last][:BATCH]
    return list(next_matching(job.asked, by, after=job.last, before=job.begun_at, most=BATCH))


def _load(key: str) -> Job | None:
    try:
        kept: Any = redis_client().get(key)
    except (redis.RedisError, OSError):
        return None
    return Job.model_validate_json(kept) if kept else None


def _keep(job: Job) -> None:
    redis_client().set(job.key, job.model_dump_json(), ex=KEEP_SECONDS)

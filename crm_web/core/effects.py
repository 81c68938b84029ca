"""What the world is told, after the commit and never before.

A verb collects effects while it works; the edge (request, job, socket message, command) calls `commit`,
and only then do browsers, queues and mail hear of it. A rollback forgets them. An effect with a key
replaces the earlier one of that key, so a hundred messages of one conversation ring one bell.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

import structlog

from crm_web.core.db import db

Effect = Callable[[], object]
Gathering = TypeVar("Gathering", bound=Effect)
log = structlog.get_logger(__name__)


def _waiting() -> dict[Hashable, Effect]:
    waiting: dict[Hashable, Effect] = db.session().info.setdefault("effects", {})
    return waiting


def after_commit(effect: Effect, key: Hashable | None = None) -> None:
    """Run `effect` once the transaction is durable; an equal `key` keeps only the newest."""
    _waiting()[key if key is not None else uuid.uuid4()] = effect


def pending(key: Hashable, make: Callable[[], Gathering]) -> Gathering:
    """The effect that waits under `key`, made and queued when there is none: for effects that gather."""
    waiting = _waiting()
    if key not in waiting:
        waiting[key] = make()
    return cast(Gathering, waiting[key])


def commit() -> None:
    """Make the work durable, then tell the world. A failing effect is logged and loses nothing: see `core.jobs`."""
    effects = _waiting()
    db.session.commit()
    told = list(effects.values())
    effects.clear()
    for effect in told:
        run_quietly(effect)


def rollback() -> None:
    _waiting().clear()
    db.session.rollback()


def run_quietly(effect: Effect) -> Any:
    try:
        return effect()
    except Exception:
        log.exception("effect_failed", effect=getattr(effect, "__name__", repr(effect)))
        return None

"""One action on many conversations: a batch is locked in one order, changed by a few statements, and told about.

The rules are those of the verbs for one conversation; what is as wanted already, or may not be changed, is counted with
its reason instead of raised.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_web.core.clock import now
from crm_web.core.db import db, new_id
from crm_web.core.errors import DomainError
from crm_web.core.sentences import lazy
from crm_web.core.tenancy import current_tenant_id
from crm_web.core.text import N_
from crm_web.inbox.models import CLOSE_REASONS, PRIORITIES, Conversation, ConversationTag, Message
from crm_web.inbox.operations import threads
from crm_web.inbox.operations.snoozes import FARTHEST
from crm_web.inbox.operations.tags import MOST_ON_ONE, require_short
from crm_web.inbox.queries.bulk import load_seen, tags_of
from crm_web.team.models import User

BATCH = 500


class BadOrder(DomainError):
    """What is asked for all of them makes no sense; the sentence says why."""


@dataclass(frozen=True)
class Order:
    """What is to be done: an action of `ACTIONS` and, as plain words, what it needs to know."""

    do: str
    reason: str = ""
    priority: str = ""
    tags: tuple[str, ...] = ()
    until: datetime | None = None
    to: uuid.UUID | None = None
    to_name: str | None = None

    def check(self) -> None:
        """Raises BadOrder when it makes no sense for any conversation."""
        if self.do not in ACTIONS:
            raise BadOrder(lazy(N_("Esa acción no existe.")))
        if self.do == "close" and self.reason not in CLOSE_REASONS:
            raise BadOrder(lazy(N_("Elige por qué se cierran las conversaciones.")))
        if self.do == "priority" and self.priority not in PRIORITIES:
            raise BadOrder(lazy(N_("Elige una prioridad de la lista.")))
        if self.do in ("tag", "untag"):
            require_short(self.tags)
        if self.do == "snooze" and self.until and not now() < self.until < now() + FARTHEST:
            raise BadOrder(lazy(N_("Elige un momento que esté por venir, a un año como máximo.")))


@dataclass
class Outcome:
    """How many changed, and how many did not for which reason (`hidden`, `same`, `closed`, `full`)."""

    changed: int = 0
    skipped: Counter[str] = field(default_factory=Counter)

    def add(self, other: Outcome) -> None:
        self.changed += other.changed
        self.skipped += other.skipped


@dataclass(frozen=True)
class Action:
    """A verb for many: who may, which rows it leaves alone and why, what it writes, and the line that says so."""

    permission: str
    leaves: Callable[[Any, Order], str | None]
    values: Callable[[Order, User], dict[str, Any]]
    event: Callable[[Order], str] | None = None
    facts: Callable[[Order], dict[str, Any]] = lambda _order: {}


def apply_to_many(order: Order, ids: Iterable[uuid.UUID], *, by: User) -> Outcome:
    """Do it to at most `BATCH` conversations; those the person may not see are as if they were not there."""
    wanted = set(ids)
    locked = threads.lock(wanted)
    seen = load_seen(locked, by)
    outcome = Outcome(skipped=Counter(hidden=len(wanted) - len(seen)))
    if order.do in ("tag", "untag"):
        _tag_many(order, seen, locked, outcome, by)
    else:
        _change_many(order, seen, locked, outcome, by)
    outcome.skipped = +outcome.skipped
    return outcome


def _change_many(
    order: Order, seen: Sequence[Any], locked: dict[uuid.UUID, threads.Thread], outcome: Outcome, by: User
) -> None:
    action = ACTIONS[order.do]
    left = {row.id: why for row in seen if (why := action.leaves(row, order))}
    outcome.skipped.update(left.values())
    changing = [row for row in seen if row.id not in left]
    outcome.changed = len(changing)
    if not changing:
        return
    _update([row.id for row in changing], action.values(order, by))
    if action.event is None:
        threads.tell_inbox({row.assigned_to for row in changing})
        return
    payload = {"event": action.event(order), "by": by.name, **action.facts(order)}
    _say([(row, payload) for row in changing], locked, by)
    if order.do == "assign":
        for row in changing:
            threads.tell_moved(locked[row.id], order.to)


def _tag_many(
    order: Order, seen: Sequence[Any], locked: dict[uuid.UUID, threads.Thread], outcome: Outcome, by: User
) -> None:
    has = tags_of(row.id for row in seen)
    judge, change = (_to_put_on, _put_on) if order.do == "tag" else (_to_take_off, _take_off)
    judged = [(row, *judge(has.get(row.id, []), order.tags)) for row in seen]
    outcome.skipped.update(why for _row, _tags, why in judged if why)
    changing = [(row, tags) for row, tags, _why in judged if tags]
    outcome.changed = len(changing)
    if not changing:
        return
    change([(row.id, tags) for row, tags in changing], by)
    event = "tagged" if order.do == "tag" else "untagged"
    _say([(row, {"event": event, "by": by.name, "tags": tags}) for row, tags in changing], locked, by)


def _to_put_on(has: list[str], wanted: Sequence[str]) -> tuple[list[str], str | None]:
    known = {word.casefold() for word in has}
    fresh = [word for word in wanted if word.casefold() not in known]
    if not fresh:
        return [], "same"
    return ([], "full") if len(has) + len(fresh) > MOST_ON_ONE else (fresh, None)


def _to_take_off(has: list[str], wanted: Sequence[str]) -> tuple[list[str], str | None]:
    gone = {word.casefold() for word in wanted}
    found = [word for word in has if word.casefold() in gone]
    return found, None if found else "same"


def _put_on(tags: list[tuple[uuid.UUID, list[str]]], by: User) -> None:
    rows = [
        {"tenant_id": by.tenant_id, "conversation_id": conversation_id, "tag": word, "created_by": by.id}
        for conversation_id, words in tags
        for word in words
    ]
    db.session.execute(sa.insert(ConversationTag), rows)


def _take_off(tags: list[tuple[uuid.UUID, list[str]]], by: User) -> None:
    words = {word for _id, found in tags for word in found}
    db.session.execute(
        sa.delete(ConversationTag).where(
            ConversationTag.tenant_id == by.tenant_id,
            ConversationTag.conversation_id.in_([conversation_id for conversation_id, _words in tags]),
            ConversationTag.tag.in_(words),
        ),
        execution_options={"synchronize_session": False},
    )


def _update(ids: list[uuid.UUID], values: dict[str, Any]) -> None:
    db.session.execute(
        sa.update(Conversation)
        .where(Conversation.tenant_id == current_tenant_id(), Conversation.id.in_(ids))
        .values(**values),
        execution_options={"synchronize_session": False},
    )


def _say(
    said: Sequence[tuple[Any, dict[str, Any]]], locked: dict[uuid.UUID, threads.Thread], by: User
) -> None:
    """A system line in each thread, and word of it to who has one open, all in two statements."""
    at = now()
    lines = [
        {
            "id": new_id(), "tenant_id": by.tenant_id, "conversation_id": row.id, "channel_id": row.channel_id,
            "direction": "internal", "kind": "system", "sender": "system", "status": "recorded", "payload": payload,
            "author_id": by.id, "version": locked[row.id].next, "occurred_at": at,
        }
        for row, payload in said
    ]  # fmt: skip
    db.session.execute(sa.insert(Message), lines)
    changed = [locked[row.id] for row, _payload in said]
    threads.bump(changed)
    threads.tell_changed(changed)


# -- What each verb does -----------------------------------------------------------------------------------------


def _assigned(order: Order, _by: User) -> dict[str, Any]:
    early = sa.and_(Conversation.is_open, Conversation.status.in_(("new", "queued", "assigned")))
    status = sa.case((early, "assigned" if order.to else "new"), else_=Conversation.status)
    return {"assigned_to": order.to, "assigned_at": now() if order.to else None, "status": status}


def _closed(order: Order, by: User) -> dict[str, Any]:
    return {
        "status": "closed", "is_open": False, "closed_at": now(), "closed_by": by.id, "close_reason": order.reason,
        "close_notes": None, "waiting_since": None, "unread_count": 0, "snoozed_until": None, "snoozed_by": None,
    }  # fmt: skip


def _snoozed(order: Order, by: User) -> dict[str, Any]:
    return {"status": "snoozed", "snoozed_until": order.until, "snoozed_by": by.id, "unread_count": 0}


def _is_closed(row: Any, _order: Order) -> str | None:
    return None if row.is_open else "closed"


ACTIONS: dict[str, Action] = {
    "assign": Action(
        "conversations.assign",
        lambda row, order: "same" if row.assigned_to == order.to else None,
        _assigned,
        lambda order: "assigned" if order.to else "unassigned",
        lambda order: {"to": order.to_name},
    ),
    "close": Action(
        "conversations.close",
        _is_closed,
        _closed,
        lambda _order: "closed",
        lambda order: {"reason": order.reason, "notes": None},
    ),
    "priority": Action(
        "conversations.reply",
        lambda row, order: "same" if row.priority == order.priority else None,
        lambda order, _by: {"priority": order.priority},
        lambda _order: "priority",
        lambda order: {"priority": order.priority},
    ),
    "snooze": Action(
        "conversations.reply",
        _is_closed,
        _snoozed,
        lambda _order: "snoozed",
        lambda order: {"until": order.until.isoformat() if order.until else None},
    ),
    "read": Action(
        "conversations.reply",
        lambda row, _order: None if row.unread_count else "same",
        lambda _order, _by: {"unread_count": 0, "read_at": now()},
    ),
    "tag": Action("conversations.reply", lambda *_: None, lambda *_: {}, lambda _order: "tagged"),
    "untag": Action("conversations.reply", lambda *_: None, lambda *_: {}, lambda _order: "untagged"),
}

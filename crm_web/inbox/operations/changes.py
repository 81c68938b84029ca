"""What became of messages that are already here: delivery statuses, edits, deletions.

Every rule here gives the same end whatever order events come in: times only move to the earliest told, the status
is read off the times, and the newest edit wins. What names a message we do not have waits for it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from crm_web.channels.normal import Edit, Reaction, Revoke, Status
from crm_web.core.db import db
from crm_web.core.tenancy import current_tenant_id
from crm_web.inbox.models import Message
from crm_web.inbox.operations import reactions, threads
from crm_web.inbox.operations.threads import Thread

if TYPE_CHECKING:
    from crm_web.inbox.operations.receive import Told

KNOWN_STATES = ("sent", "delivered", "read", "played", "failed")
Found = dict[tuple[uuid.UUID, str], Any]


def conversations_of(told: Sequence[Told]) -> set[uuid.UUID]:
    """Where the messages are that these items speak of, as far as they are here."""
    found = _targets(told) if told else {}
    return {row.conversation_id for one in told if (row := _row(found, one)) is not None}


def apply(told: Sequence[Told], held: set[uuid.UUID] | None) -> dict[uuid.UUID, str | None]:
    """Write the changes; returns the events that must wait, with the id of the message they wait for.

    `held` are the conversations this transaction has locked, if any: a message elsewhere (it came to be this very
    moment) has no id to wait for, only its turn.
    """
    if not told:
        return {}
    found = _targets(told)
    waiting = _must_wait(told, found, held)
    ready = [one for one in told if one.event_id not in waiting]
    locked = threads.lock(_row(found, one).conversation_id for one in ready)
    _apply_statuses([one for one in ready if isinstance(one.item, Status)], found, locked)
    for one in ready:
        if isinstance(one.item, Edit):
            _edit(one, _row(found, one), locked)
        elif isinstance(one.item, Revoke):
            _revoke(one, _row(found, one), locked)
        elif isinstance(one.item, Reaction):
            _react(one, _row(found, one), locked)
    threads.bump(locked.values())
    threads.follow_last_message(locked)
    threads.tell_changed(locked.values())
    return waiting


def _must_wait(
    told: Sequence[Told], found: Found, held: set[uuid.UUID] | None
) -> dict[uuid.UUID, str | None]:
    waiting: dict[uuid.UUID, str | None] = {}
    for one in told:
        row = _row(found, one)
        if row is None:
            waiting[one.event_id] = one.item.target
        elif held is not None and row.conversation_id not in held:
            waiting[one.event_id] = None
    return waiting


def _uuid_or_none(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None


def _targets(told: Sequence[Told]) -> Found:
    """The messages these items speak of, by (channel, provider's id) and by (channel, our own id)."""
    rows = db.session.execute(
        sa.text(
            "SELECT id, channel_id, conversation_id, external_id FROM messages WHERE tenant_id = :tenant AND ("
            " id = ANY(CAST(:refs AS uuid[])) OR (channel_id = ANY(CAST(:channels AS uuid[]))"
            " AND external_id = ANY(CAST(:targets AS text[]))))"
        ),
        {
            "tenant": current_tenant_id(),
            "refs": [ref for one in told if (ref := _uuid_or_none(getattr(one.item, "client_ref", None)))],
            "channels": list({one.channel.id for one in told}),
            "targets": [one.item.target for one in told],
        },
    ).all()
    found: Found = {(row.channel_id, row.external_id): row for row in rows if row.external_id}
    found |= {(row.channel_id, str(row.id)): row for row in rows}
    return {**_named_by_reference(told, found), **found}


def _named_by_reference(told: Sequence[Told], found: Found) -> Found:
    """A status that carries our reference tells the provider's id to its siblings, which may come without."""
    return {(one.channel.id, one.item.target): row for one in told if (row := _row(found, one)) is not None}


def _row(found: Found, one: Told) -> Any:
    by_id = found.get((one.channel.id, one.item.target))
    ref = _uuid_or_none(getattr(one.item, "client_ref", None))
    return by_id or (found.get((one.channel.id, str(ref))) if ref else None)


def _apply_statuses(told: list[Told], found: Found, locked: dict[uuid.UUID, Thread]) -> None:
    news: dict[uuid.UUID, dict[str, Any]] = {}
    for one in told:
        if one.item.state in KNOWN_STATES:
            row = _row(found, one)
            news.setdefault(row.id, _nothing_yet(row, one, locked))
            _merge(news[row.id], one)
    if news:
        columns = {name: [one[name] for one in news.values()] for name in next(iter(news.values()))}
        db.session.execute(_STATUSES, {"tenant": current_tenant_id(), **columns})
        _no_longer_waiting_to_be_sent(list(news))
        release_waiting(one["external"] for one in news.values())


def _nothing_yet(row: Any, one: Told, locked: dict[uuid.UUID, Thread]) -> dict[str, Any]:
    return {
        "id": row.id,
        "external": one.item.target,
        "version": locked[row.conversation_id].next,
        **{f"{state}_at": None for state in KNOWN_STATES},
        "code": None,
        "text": None,
        "pricing": "{}",
    }


def _merge(news: dict[str, Any], one: Told) -> None:
    item: Status = one.item
    at = item.occurred_at or one.received_at
    key = f"{item.state}_at"
    if news[key] is None or at < news[key]:
        news[key] = at
        if item.state == "failed":
            error = item.error or {}
            news["code"], news["text"] = (
                str(error.get("code") or ""),
                error.get("details") or error.get("title"),
            )
    if item.pricing:
        news["pricing"] = json.dumps({**json.loads(news["pricing"]), item.state: item.pricing})


_STATUSES = sa.text(
    """
    UPDATE messages m SET
        external_id = coalesce(m.external_id, s.external),
        version = s.version,
        sent_at = least(m.sent_at, s.sent),
        delivered_at = least(m.delivered_at, s.delivered),
        read_at = least(m.read_at, s.read),
        played_at = least(m.played_at, s.played),
        failed_at = least(m.failed_at, s.failed),
        error_code = CASE WHEN s.failed IS NOT NULL AND s.failed <= coalesce(m.failed_at, s.failed)
            THEN s.code WHEN m.failed_at IS NOT NULL THEN m.error_code END,
        error_text = CASE WHEN s.failed IS NOT NULL AND s.failed <= coalesce(m.failed_at, s.failed)
            THEN s.text WHEN m.failed_at IS NOT NULL THEN m.error_text END,
        pricing = nullif(coalesce(m.pricing, '{}'::jsonb) || CAST(s.pricing AS jsonb), '{}'::jsonb),
        status = CASE
            WHEN coalesce(m.played_at, s.played) IS NOT NULL THEN 'played'
            WHEN coalesce(m.read_at, s.read) IS NOT NULL THEN 'read'
            WHEN coalesce(m.delivered_at, s.delivered) IS NOT NULL THEN 'delivered'
            WHEN coalesce(m.failed_at, s.failed) IS NOT NULL THEN 'failed'
            ELSE 'sent' END
    FROM unnest(CAST(:id AS uuid[]), CAST(:external AS text[]), CAST(:version AS bigint[]),
        CAST(:sent_at AS timestamptz[]), CAST(:delivered_at AS timestamptz[]), CAST(:read_at AS timestamptz[]),
        CAST(:played_at AS timestamptz[]), CAST(:failed_at AS timestamptz[]), CAST(:code AS text[]),
        CAST(:text AS text[]), CAST(:pricing AS text[]))
        AS s(id, external, version, sent, delivered, read, played, failed, code, text, pricing)
    WHERE m.tenant_id = :tenant AND m.id = s.id AND m.direction = 'outbound'
    """
)


def _no_longer_waiting_to_be_sent(message_ids: list[uuid.UUID]) -> None:
    """The provider speaks of these messages, so it has them: nothing is left to send."""
    db.session.execute(
        sa.text("DELETE FROM outbox WHERE tenant_id = :tenant AND message_id = ANY(CAST(:ids AS uuid[]))"),
        {"tenant": current_tenant_id(), "ids": message_ids},
    )


def _edit(one: Told, row: Any, locked: dict[uuid.UUID, Thread]) -> None:
    """Show the newest words; keep every earlier wording with its time."""
    item: Edit = one.item
    message = db.session.get_one(Message, row.id)
    at = item.occurred_at or one.received_at
    versions: list[dict[str, Any]] = list(message.payload.get("versions") or [_first_version(message)])
    if any(version["id"] == item.external_id for version in versions):
        return
    versions.append({"at": at.isoformat(), "id": item.external_id, "body": item.message.body})
    versions.sort(key=lambda version: (version["at"], version["id"]))
    message.payload = {**message.payload, "versions": versions}
    message.body = versions[-1]["body"]
    message.edited_at = datetime.fromisoformat(versions[-1]["at"])
    message.version = locked[row.conversation_id].next
    db.session.flush()


def _first_version(message: Message) -> dict[str, Any]:
    """The wording the message came with: older than any edit of it."""
    return {"at": message.occurred_at.isoformat(), "id": "", "body": message.body}


def _revoke(one: Told, row: Any, locked: dict[uuid.UUID, Thread]) -> None:
    message = db.session.get_one(Message, row.id)
    at = one.item.occurred_at or one.received_at
    message.revoked_at = min(message.revoked_at or at, at)
    message.version = locked[row.conversation_id].next
    db.session.flush()


def _react(one: Told, row: Any, locked: dict[uuid.UUID, Thread]) -> None:
    """An emoji from the business's own telephone: it names no customer, only the message."""
    reactions.keep([reactions.row_of(one.item, row.conversation_id, one.item.occurred_at or one.received_at)])
    db.session.execute(
        sa.update(Message).where(Message.id == row.id).values(version=locked[row.conversation_id].next)
    )


def release_waiting(external_ids: Iterable[str]) -> None:
    """These messages are here now: what waited for them is due again."""
    db.session.execute(
        sa.text(
            "UPDATE inbound_events SET state = 'pending' WHERE tenant_id = :tenant AND state = 'waiting'"
            " AND target = ANY(CAST(:ids AS text[]))"
        ),
        {"tenant": current_tenant_id(), "ids": list(external_ids)},
    )

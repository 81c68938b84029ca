"""Conversations as rows that many hands write: found or made, locked in one order, told about after the commit."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from crm_web.core import live
from crm_web.core.db import db, new_id
from crm_web.core.tenancy import current_tenant_id
from crm_web.inbox.models import Conversation


class Thread(NamedTuple):
    """A locked conversation: what its row said when the lock was taken. `next` is the version being written."""

    id: uuid.UUID
    channel_id: uuid.UUID
    lead_id: uuid.UUID
    next: int
    closed_at: datetime | None
    assigned_to: uuid.UUID | None


_MAKE = sa.text(
    """
    INSERT INTO conversations (id, tenant_id, channel_id, lead_id, status, is_open, priority, version, message_count,
        unread_count, last_message_at, last_message_kind, last_message_preview, last_message_direction,
        last_message_status, transfer_count, requires_attention, pair_backoff)
    SELECT n.id, :tenant, n.channel, n.lead, 'new', true, 'normal', 0, 0, 0, n.at, 'text', '', 'inbound', 'received',
        0, false, 0
    FROM unnest(CAST(:ids AS uuid[]), CAST(:channels AS uuid[]), CAST(:leads AS uuid[]), CAST(:ats AS timestamptz[]))
        AS n(id, channel, lead, at)
    ON CONFLICT (tenant_id, channel_id, lead_id) WHERE deleted_at IS NULL DO NOTHING
    """
)
_FIND = sa.text(
    """
    SELECT c.id, c.channel_id, c.lead_id FROM conversations c
    JOIN unnest(CAST(:channels AS uuid[]), CAST(:leads AS uuid[])) AS n(channel, lead)
      ON c.channel_id = n.channel AND c.lead_id = n.lead
    WHERE c.tenant_id = :tenant AND c.deleted_at IS NULL
    """
)
_LOCK = sa.text(
    """
    SELECT id, channel_id, lead_id, version + 1 AS next, closed_at, assigned_to FROM conversations
    WHERE tenant_id = :tenant AND id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR NO KEY UPDATE
    """
)


def find_or_make(
    pairs: dict[tuple[uuid.UUID, uuid.UUID], datetime],
) -> dict[tuple[uuid.UUID, uuid.UUID], uuid.UUID]:
    """The conversation of every (channel, lead), made where missing; one per pair under any concurrency.

    `pairs` gives the moment a new conversation starts with.
    """
    if not pairs:
        return {}
    channels, leads = (list(column) for column in zip(*pairs, strict=True))
    given = {"tenant": current_tenant_id(), "channels": channels, "leads": leads}
    found = {(row.channel_id, row.lead_id): row.id for row in db.session.execute(_FIND, given)}
    missing = [pair for pair in pairs if pair not in found]
    if missing:
        _make(missing, pairs)
        found |= {(row.channel_id, row.lead_id): row.id for row in db.session.execute(_FIND, given)}
    return found


def _make(missing: list[tuple[uuid.UUID, uuid.UUID]], starts: dict[Any, datetime]) -> None:
    db.session.execute(
        _MAKE,
        {
            "tenant": current_tenant_id(),
            "ids": [new_id() for _ in missing],
            "channels": [channel for channel, _lead in missing],
            "leads": [lead for _channel, lead in missing],
            "ats": [starts[pair] for pair in missing],
        },
    )


def lock(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Thread]:
    """Lock conversations in the order of their ids, so that two transactions never wait for each other in a ring."""
    wanted = list(set(ids))
    if not wanted:
        return {}
    rows = db.session.execute(_LOCK, {"tenant": current_tenant_id(), "ids": wanted})
    return {row.id: Thread(*row) for row in rows}


def bump(threads: Iterable[Thread]) -> None:
    """Make the version being written the conversation's own."""
    ids = [thread.id for thread in threads]
    if ids:
        db.session.execute(
            sa.text(
                "UPDATE conversations SET version = version + 1, updated_at = clock_timestamp()"
                " WHERE tenant_id = :tenant AND id = ANY(CAST(:ids AS uuid[]))"
            ),
            {"tenant": current_tenant_id(), "ids": ids},
        )


def follow_last_message(ids: Iterable[uuid.UUID]) -> None:
    """Show on the conversation what became of its last message."""
    db.session.execute(
        sa.text(
            "UPDATE conversations c SET last_message_status = m.status FROM messages m"
            " WHERE c.tenant_id = :tenant AND c.id = ANY(CAST(:ids AS uuid[])) AND m.tenant_id = c.tenant_id"
            " AND m.id = c.last_message_id AND c.last_message_status <> m.status"
        ),
        {"tenant": current_tenant_id(), "ids": list(ids)},
    )


def tell_changed(threads: Iterable[Thread]) -> None:
    """Tell who has these conversations open, and the lists they stand in, after the commit."""
    owners = set()
    for thread in threads:
        data = {"id": str(thread.id), "version": thread.next}
        live.tell("conversation", data, live.conversation_room(thread.id))
        owners.add(thread.assigned_to)
    tell_inbox(owners)


def tell_inbox(owners: Iterable[uuid.UUID | None]) -> None:
    """Tell the lists of who sees everything, and of who sees what these people (or nobody: None) take care of."""
    tenant_id = current_tenant_id()
    data = {"id": str(tenant_id)}
    live.tell("inbox", data, live.inbox_room(tenant_id))
    for owner in owners:
        live.tell("inbox", data, live.user_room(owner) if owner else live.free_room(tenant_id))


def tell_moved(thread: Thread, to: uuid.UUID | None) -> None:
    """Tell who had it and who has it now; whoever has it open must ask anew whether they still may.

    Everything that gives a conversation to somebody else calls this.
    """
    tell_inbox({thread.assigned_to, to})
    live.tell("access", {"id": str(thread.id)}, live.conversation_room(thread.id))
    live.empty_room(live.conversation_room(thread.id))


def lock_one(conversation: Conversation) -> Thread:
    """Lock one conversation and read its row anew, so that what is decided next is decided on the truth."""
    thread = lock([conversation.id])[conversation.id]
    db.session.refresh(conversation)
    return thread

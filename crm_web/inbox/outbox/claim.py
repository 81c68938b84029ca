"""Which messages may be sent now, by whom, and how fast: leases, fences, and the two clocks."""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from flask import current_app

from crm_web.channels.models import Channel
from crm_web.channels.normal import OutgoingMessage
from crm_web.core.clock import now
from crm_web.core.db import db
from crm_web.core.effects import commit
from crm_web.core.jobs import LOOK_SECONDS
from crm_web.core.tenancy import as_tenant
from crm_web.inbox.operations import threads
from crm_web.inbox.outbox.parcels import Parcel

BURST = timedelta(milliseconds=100)
PAIR_EVERY = timedelta(seconds=6)
PAIR_AHEAD = PAIR_EVERY * 44
UPLOAD_TIME = timedelta(minutes=2)


class Claimed(list[Parcel]):
    """Parcels, and the seconds until a number that may not send at this moment may; None when that is far off."""

    pause: float | None = None

    def wait_for(self, moment: datetime) -> None:
        seconds = max((moment - now()).total_seconds(), 0.001)
        if seconds < LOOK_SECONDS:
            self.pause = min(seconds, self.pause or seconds)


def claim(room: int, under_way: Mapping[uuid.UUID, int] = MappingProxyType({})) -> Claimed:
    """Lease up to `room` due messages over all channels, as far as each one's rate allows, and commit.

    `under_way` counts the requests of each channel that have not come back: a channel gets two thirds of what the
    others leave free, so that a number whose requests hang does not hold up the rest.
    """
    parcels = Claimed()
    due = db.session.execute(sa.text("SELECT tenant_id, channel_id FROM due_outbox()")).all()
    db.session.rollback()
    for row in due:
        if len(parcels) >= room:
            break
        with as_tenant(row.tenant_id):
            free, mine = room - len(parcels), under_way.get(row.channel_id, 0)
            _claim_channel(row.channel_id, math.ceil((free + mine) * 2 / 3) - mine, parcels)
            commit()
    return parcels


def lease_time() -> timedelta:
    return timedelta(seconds=current_app.config["OUTBOX_LEASE_SECONDS"])


def _claim_channel(channel_id: uuid.UUID, room: int, parcels: Claimed) -> None:
    """One courier at a time looks at a channel; the others go on to the next one."""
    if not db.session.scalar(_MY_TURN, {"channel": str(channel_id)}):
        return
    channel = db.session.scalar(
        sa.select(Channel)
        .options(sa.orm.undefer(Channel.credentials))
        .where(Channel.id == channel_id)
        .execution_options(populate_existing=True)
    )
    if channel is None or not channel.can_send or not channel.credentials:
        return
    every = timedelta(seconds=60 / channel.rate_limit_per_minute)
    clock = max(channel.send_clock or datetime.min.replace(tzinfo=UTC), now() - max(BURST, every))
    allowed = int((now() - clock) / every)
    if allowed <= 0:
        parcels.wait_for(clock + every)
    elif room > 0:
        fence = uuid.uuid4()
        rows = _lease(channel, min(room, allowed), fence)
        channel.send_clock = clock + every * len(rows)
        parcels += [_parcel(row, channel, fence) for row in rows]


def _lease(channel: Channel, most: int, fence: uuid.UUID) -> Sequence[Any]:
    given = {"tenant": channel.tenant_id, "channel": channel.id, "most": most, "pair_ahead": PAIR_AHEAD}
    due = db.session.execute(_DUE, given).all()
    if not due:
        return []
    threads.lock(row.conversation_id for row in due)
    lease = now() + lease_time()
    given |= {
        "items": [row.id for row in due],
        "fence": fence,
        "lease": lease,
        "upload_lease": lease + UPLOAD_TIME,
    }
    return db.session.execute(_CLAIM, {**given, "pair_every": PAIR_EVERY}).all()


_MY_TURN = sa.text("SELECT pg_try_advisory_xact_lock(hashtextextended('outbox:' || :channel, 0))")

# The oldest waiting message of each conversation, where the pair's budget allows one more.
_DUE = sa.text(
    """
    SELECT o.id, o.conversation_id FROM outbox o
    JOIN conversations c ON c.tenant_id = o.tenant_id AND c.id = o.conversation_id
    WHERE o.tenant_id = :tenant AND o.channel_id = :channel AND o.state = 'queued' AND o.send_after <= now()
      AND coalesce(c.pair_clock, '-infinity') <= now() + :pair_ahead
      AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.tenant_id = o.tenant_id
                      AND e.conversation_id = o.conversation_id AND e.id < o.id)
    ORDER BY o.send_after, o.id LIMIT :most
    """
)
_CLAIM = sa.text(
    """
    WITH due AS (
        SELECT o.id, o.conversation_id FROM outbox o WHERE o.tenant_id = :tenant AND o.channel_id = :channel
          AND o.id = ANY(CAST(:items AS uuid[])) AND o.state = 'queued'
        ORDER BY o.id FOR UPDATE OF o
    ), paced AS (
        UPDATE conversations c SET pair_clock = greatest(coalesce(c.pair_clock, now()), now()) + :pair_every
        FROM due WHERE c.tenant_id = :tenant AND c.id = due.conversation_id
        RETURNING c.id, c.lead_id
    ), leased AS (
        UPDATE outbox o SET state = 'sending', fence = :fence, attempts = o.attempts + 1, updated_at = now(),
            lease_until = CASE WHEN m.file_id IS NULL THEN CAST(:lease AS timestamptz) ELSE :upload_lease END
        FROM due, messages m WHERE o.tenant_id = :tenant AND o.id = due.id
          AND m.tenant_id = o.tenant_id AND m.id = o.message_id
        RETURNING o.id, o.message_id, o.conversation_id, o.attempts, o.lease_until
    )
    SELECT l.id, l.message_id, l.conversation_id, l.attempts, l.lease_until, m.kind, m.body, m.payload, m.reply_to,
        f.key AS file_key, f.mime AS file_mime, f.name AS file_name,
        (SELECT i.raw FROM lead_identities i WHERE i.tenant_id = :tenant AND i.lead_id = p.lead_id
            AND i.kind = 'phone' ORDER BY i.created_at DESC, i.id DESC LIMIT 1) AS phone,
        (SELECT i.raw FROM lead_identities i WHERE i.tenant_id = :tenant AND i.lead_id = p.lead_id
            AND i.kind = 'bsuid' ORDER BY i.created_at DESC, i.id DESC LIMIT 1) AS bsuid
    FROM leased l
    JOIN paced p ON p.id = l.conversation_id
    JOIN messages m ON m.tenant_id = :tenant AND m.id = l.message_id
    LEFT JOIN files f ON f.tenant_id = :tenant AND f.id = m.file_id
    """
)


def _parcel(row: Any, channel: Channel, fence: uuid.UUID) -> Parcel:
    outgoing = OutgoingMessage(
        client_ref=str(row.message_id),
        to_phone=row.phone,
        to_bsuid=row.bsuid,
        kind=row.kind,
        body=row.body,
        reply_to=row.reply_to,
        media_id=(row.payload or {}).get("media_id"),
        filename=row.file_name,
        payload=row.payload or {},
    )
    token = str((channel.credentials or {}).get("token", ""))
    return Parcel(
        channel.tenant_id, channel.id, row.conversation_id, row.id, row.message_id, fence, row.attempts,
        channel.provider, channel.account_id, token, outgoing, row.file_key, row.file_mime or "", row.lease_until,
    )  # fmt: skip

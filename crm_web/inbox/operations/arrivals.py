"""Messages and reactions that came in: their people, conversations, rows, files and counters, many at once."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from crm_web.channels.normal import Author, Echo, InboundMessage, Media
from crm_web.core.db import db, new_id
from crm_web.core.facts import announce
from crm_web.core.tenancy import current_tenant_id
from crm_web.files.models import File
from crm_web.inbox.models import Message
from crm_web.inbox.operations import reactions, satisfaction, threads
from crm_web.inbox.operations.changes import release_waiting
from crm_web.inbox.operations.threads import Thread
from crm_web.inbox.preview import preview_of
from crm_web.leads.operations import Person, find_or_create, refresh_profiles

if TYPE_CHECKING:
    from crm_web.inbox.operations.receive import Told

AHEAD = timedelta(minutes=1)
FILE_KINDS = {"image", "video", "audio", "document", "sticker"}


@dataclass
class Arrival:
    """An item with its person and, once known, its conversation."""

    told: Told
    person: Person
    at: datetime
    conversation_id: uuid.UUID | None = None

    @property
    def item(self) -> Any:
        return self.told.item.message if isinstance(self.told.item, Echo) else self.told.item

    @property
    def is_echo(self) -> bool:
        return isinstance(self.told.item, Echo)


def apply(told: Sequence[Told], also: set[uuid.UUID]) -> set[uuid.UUID] | None:
    """Write everything that arrived; what is already here is left as it is.

    Returns the conversations that are locked now, those of `also` among them, or None when nothing arrived: who locks
    twice in one transaction may wait in a ring.
    """
    if not told:
        return None
    arrivals = _with_conversations([_arrival(one) for one in told])
    locked = threads.lock(
        also.union(arrival.conversation_id for arrival in arrivals if arrival.conversation_id)
    )
    written = _write_messages([a for a in arrivals if isinstance(a.item, InboundMessage)], locked)
    reacted = _write_reactions([a for a in arrivals if not isinstance(a.item, InboundMessage)], locked)
    _count(written, reacted, locked)
    satisfaction.hear(written, locked)
    release_waiting([arrival.item.external_id for arrival in written])
    changed = {arrival.conversation_id for arrival in (*written, *reacted)}
    threads.tell_changed(locked[i] for i in changed if i)
    return set(locked)


def _arrival(told: Told) -> Arrival:
    item = told.item
    author: Author = item.to if isinstance(item, Echo) else item.author
    said = item.message.occurred_at if isinstance(item, Echo) else item.occurred_at
    at = min(said or told.received_at, told.received_at + AHEAD)
    message = item.message if isinstance(item, Echo) else item
    return Arrival(told, _person(told, author, at, getattr(message, "referral", None)), at)


def _person(told: Told, author: Author, at: datetime, referral: dict[str, Any] | None) -> Person:
    channel = told.channel
    return Person(
        scope=channel.portfolio_id or channel.business_id or channel.account_id,
        phone=author.phone,
        bsuid=author.bsuid,
        parent_bsuid=author.parent_bsuid,
        username=author.username,
        name=author.name,
        seen_at=None if isinstance(told.item, Echo) else at,
        source="ad" if referral else channel.kind,
        referral={**referral, "at": at.isoformat()} if referral else None,
    )


def _with_conversations(arrivals: list[Arrival]) -> list[Arrival]:
    """Give everybody their lead and every arrival its conversation; who has no identity at all is left out."""
    people = [arrival.person for arrival in arrivals]
    find_or_create(people)
    refresh_profiles([arrival.person for arrival in arrivals if not arrival.is_echo])
    starts: dict[tuple[uuid.UUID, uuid.UUID], datetime] = {}
    for arrival in arrivals:
        if arrival.person.lead_id:
            starts.setdefault((arrival.told.channel.id, arrival.person.lead_id), arrival.at)
    found = threads.find_or_make(starts)
    for arrival in arrivals:
        if arrival.person.lead_id:
            arrival.conversation_id = found[arrival.told.channel.id, arrival.person.lead_id]
    return [arrival for arrival in arrivals if arrival.conversation_id]


def _write_messages(arrivals: list[Arrival], locked: dict[uuid.UUID, Thread]) -> list[Arrival]:
    """Insert what is not here yet, with its file if it has one; returns what was new."""
    fresh = _unknown(arrivals)
    if not fresh:
        return []
    rows, files = [], []
    for arrival in fresh:
        file = _file_row(arrival)
        if file:
            files.append(file)
        rows.append(_message_row(arrival, locked[arrival.conversation_id], file))  # type: ignore[index]
    if files:
        db.session.execute(sa.insert(File), files)
        announce("file.expected")
    db.session.execute(pg.insert(Message).on_conflict_do_nothing(), rows)
    return fresh


def _unknown(arrivals: list[Arrival]) -> list[Arrival]:
    """Those whose external id no message of their channel carries, each once."""
    if not arrivals:
        return []
    seen = {
        (row.channel_id, row.external_id)
        for row in db.session.execute(
            sa.text(
                "SELECT channel_id, external_id FROM messages WHERE tenant_id = :tenant"
                " AND channel_id = ANY(CAST(:channels AS uuid[])) AND external_id = ANY(CAST(:ids AS text[]))"
            ),
            {
                "tenant": current_tenant_id(),
                "channels": list({a.told.channel.id for a in arrivals}),
                "ids": [a.item.external_id for a in arrivals],
            },
        )
    }
    fresh = []
    for arrival in arrivals:
        key = (arrival.told.channel.id, arrival.item.external_id)
        if key not in seen:
            seen.add(key)
            fresh.append(arrival)
    return fresh


def _message_row(arrival: Arrival, thread: Thread, file: dict[str, Any] | None) -> dict[str, Any]:
    item: InboundMessage = arrival.item
    is_line = item.kind == "system"
    return {
        "tenant_id": current_tenant_id(),
        "conversation_id": thread.id,
        "channel_id": arrival.told.channel.id,
        "direction": "outbound" if arrival.is_echo else "internal" if is_line else "inbound",
        "sender": "phone_app" if arrival.is_echo else "system" if is_line else "customer",
        "status": "sent" if arrival.is_echo else "recorded" if is_line else "received",
        "kind": item.kind,
        "body": item.body,
        "payload": _payload(item),
        "file_id": file["id"] if file else None,
        "external_id": item.external_id,
        "reply_to": item.reply_to,
        "version": thread.next,
        "occurred_at": arrival.at,
        "sent_at": arrival.at if arrival.is_echo else None,
    }


def _payload(item: InboundMessage) -> dict[str, Any]:
    extra = {"forwarded": item.forwarded or None, "referral": item.referral, "group_id": item.group_id}
    media = {"voice": item.media.voice, "animated": item.media.animated} if item.media else {}
    return {**item.payload, **media, **{name: value for name, value in extra.items() if value}}


def _file_row(arrival: Arrival) -> dict[str, Any] | None:
    media: Media | None = arrival.item.media
    if media is None:
        return None
    return {
        "id": new_id(),
        "tenant_id": current_tenant_id(),
        "lead_id": arrival.person.lead_id,
        "channel_id": arrival.told.channel.id,
        "kind": media.kind if media.kind in FILE_KINDS else "other",
        "name": media.filename or "",
        "mime": media.mime or "application/octet-stream",
        "sha256": None,
        "provider_id": media.provider_id,
        "provider_url": media.url,
        "state": "pending",
        "fetch_after": arrival.told.received_at,
    }


def _write_reactions(arrivals: list[Arrival], locked: dict[uuid.UUID, Thread]) -> list[Arrival]:
    """Keep each author's newest word on each message; the message itself counts as changed.

    Returns all of them: an emoji that was taken back since was still the last thing that happened in its time.
    """
    newest: dict[tuple[Any, str], Arrival] = {}
    for arrival in sorted(arrivals, key=lambda a: (a.at, a.item.external_id)):
        newest[arrival.conversation_id, arrival.item.target] = arrival
    if newest:
        reactions.keep([reactions.row_of(a.item, a.conversation_id, a.at) for a in newest.values()])  # type: ignore[arg-type]
        _touch_targets(list(newest.values()), locked)
    return arrivals


def _touch_targets(arrivals: list[Arrival], locked: dict[uuid.UUID, Thread]) -> None:
    db.session.execute(
        sa.text(
            "UPDATE messages m SET version = t.version FROM unnest(CAST(:conversations AS uuid[]),"
            " CAST(:targets AS text[]), CAST(:versions AS bigint[])) AS t(conversation, target, version)"
            " WHERE m.tenant_id = :tenant AND m.conversation_id = t.conversation AND m.external_id = t.target"
        ),
        {
            "tenant": current_tenant_id(),
            "conversations": [a.conversation_id for a in arrivals],
            "targets": [a.item.target for a in arrivals],
            "versions": [locked[a.conversation_id].next for a in arrivals if a.conversation_id],
        },
    )


@dataclass
class Tally:
    """What a batch adds to one conversation."""

    messages: int = 0
    unread: int = 0
    first_inbound: datetime | None = None
    last_inbound: datetime | None = None
    last_request: datetime | None = None
    last_outbound: datetime | None = None
    last: tuple[datetime, str, str, str, str] | None = None

    def add(self, arrival: Arrival) -> None:
        item, at = arrival.item, arrival.at
        self.messages += 1
        if arrival.is_echo:
            self.last_outbound = max(self.last_outbound or at, at)
        elif item.kind != "system":
            self.first_inbound = min(self.first_inbound or at, at)
            self.last_inbound = max(self.last_inbound or at, at)
            if not satisfaction.rating_in(item, arrival.conversation_id):
                self.unread += 1
                self.last_request = max(self.last_request or at, at)
        self.show(at, item.kind, preview_of(item.kind, item.body, item.payload), arrival.is_echo)

    def show(self, at: datetime, kind: str, preview: str, outbound: bool) -> None:
        direction, status = ("outbound", "sent") if outbound else ("inbound", "received")
        if self.last is None or at >= self.last[0]:
            self.last = (at, kind, preview, direction, status)


def _count(written: list[Arrival], reacted: list[Arrival], locked: dict[uuid.UUID, Thread]) -> None:
    tallies: dict[uuid.UUID, Tally] = defaultdict(Tally)
    for arrival in written:
        tallies[arrival.conversation_id].add(arrival)  # type: ignore[index]
    for arrival in reacted:
        tally = tallies[arrival.conversation_id]  # type: ignore[index]
        if arrival.item.emoji:
            tally.show(arrival.at, "reaction", arrival.item.emoji, outbound=False)
    if tallies:
        db.session.execute(_COUNT, {"tenant": current_tenant_id(), **_columns(tallies)})
    _count_for_channels(written)


def _columns(tallies: dict[uuid.UUID, Tally]) -> dict[str, list[Any]]:
    some = list(tallies.values())
    return {
        "ids": list(tallies),
        "messages": [t.messages for t in some],
        "unread": [t.unread for t in some],
        "first_in": [t.first_inbound for t in some],
        "last_in": [t.last_inbound for t in some],
        "request": [t.last_request for t in some],
        "last_out": [t.last_outbound for t in some],
        "at": [t.last and t.last[0] for t in some],
        "kind": [t.last and t.last[1] for t in some],
        "preview": [t.last and t.last[2] for t in some],
        "direction": [t.last and t.last[3] for t in some],
        "status": [t.last and t.last[4] for t in some],
    }


# A late event never lowers a time; a customer who writes to a closed conversation opens it again, and one of ours or of
# theirs wakes a snoozed one. Who only answers the satisfaction question asks for nothing. A conversation that
# began with something nobody sees (an emoji taken back) has nothing to show yet, and takes whatever comes first.
_COUNT = sa.text(
    """
    UPDATE conversations c SET
        version = c.version + 1,
        updated_at = clock_timestamp(),
        message_count = c.message_count + t.messages,
        unread_count = c.unread_count + t.unread,
        first_inbound_at = least(c.first_inbound_at, t.first_in),
        last_inbound_at = greatest(c.last_inbound_at, t.last_in),
        last_outbound_at = greatest(c.last_outbound_at, t.last_out),
        waiting_since = (SELECT m.occurred_at FROM messages m
            WHERE m.tenant_id = c.tenant_id AND m.conversation_id = c.id AND m.direction = 'inbound'
              AND m.occurred_at > coalesce(greatest(c.last_outbound_at, t.last_out), '-infinity')
              AND NOT (m.kind = 'choice' AND m.payload ->> 'id' LIKE 'rating:%')
            ORDER BY m.occurred_at LIMIT 1),
        is_open = c.is_open OR coalesce(t.request > c.closed_at, false),
        status = CASE WHEN (NOT c.is_open AND t.request > c.closed_at) OR t.wakes
            THEN CASE WHEN c.assigned_to IS NULL THEN 'new' ELSE 'assigned' END ELSE c.status END,
        snoozed_until = CASE WHEN NOT t.wakes THEN c.snoozed_until END,
        snoozed_by = CASE WHEN NOT t.wakes THEN c.snoozed_by END,
        last_message_at = CASE WHEN t.is_last THEN t.at ELSE c.last_message_at END,
        last_message_kind = CASE WHEN t.is_last THEN t.kind ELSE c.last_message_kind END,
        last_message_preview = CASE WHEN t.is_last THEN t.preview ELSE c.last_message_preview END,
        last_message_direction = CASE WHEN t.is_last THEN t.direction ELSE c.last_message_direction END,
        last_message_status = CASE WHEN t.is_last THEN t.status ELSE c.last_message_status END,
        last_message_by = CASE WHEN t.is_last THEN NULL ELSE c.last_message_by END,
        last_message_id = CASE WHEN t.is_last THEN NULL ELSE c.last_message_id END
    FROM (SELECT g.*, g.at >= k.last_message_at OR (g.at IS NOT NULL AND k.message_count = 0
        AND k.last_message_preview = '') AS is_last,
        k.status = 'snoozed' AND coalesce(g.request, g.last_out) IS NOT NULL AS wakes
        FROM unnest(CAST(:ids AS uuid[]), CAST(:messages AS int[]), CAST(:unread AS int[]),
        CAST(:first_in AS timestamptz[]), CAST(:last_in AS timestamptz[]), CAST(:request AS timestamptz[]),
        CAST(:last_out AS timestamptz[]),
        CAST(:at AS timestamptz[]), CAST(:kind AS text[]), CAST(:preview AS text[]), CAST(:direction AS text[]),
        CAST(:status AS text[])) AS g(id, messages, unread, first_in, last_in, request, last_out, at, kind,
        preview, direction, status) JOIN conversations k ON k.tenant_id = :tenant AND k.id = g.id) AS t
    WHERE c.tenant_id = :tenant AND c.id = t.id
    """
)


def _count_for_channels(written: list[Arrival]) -> None:
    counts: dict[uuid.UUID, int] = defaultdict(int)
    for arrival in written:
        if not arrival.is_echo:
            counts[arrival.told.channel.id] += 1
    for channel_id, count in sorted(counts.items()):
        db.session.execute(
            sa.text(
                "UPDATE channels SET messages_received = messages_received + :count, last_message_at = now()"
                " WHERE tenant_id = :tenant AND id = :id"
            ),
            {"tenant": current_tenant_id(), "id": channel_id, "count": count},
        )

"""Telling a history in any order, and what is left of it in the end: the database without ids, versions and arrival times.

Many afternoons happen side by side, each on a number of Acme's of its own and with people of its own, so that one batch
of events belongs to many of them. In the end each must look as if it had been told alone and in order.
"""

from __future__ import annotations

import json
import random
import re
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
import time_machine

from crm_web.channels.adapters.meta.split import split
from crm_web.channels.normal import OutgoingMessage, ProviderError, SendResult
from crm_web.core.db import Base, db
from crm_web.core.effects import commit
from crm_web.core.tenancy import as_tenant
from crm_web.inbox import outbox
from crm_web.inbox.jobs import retry_waiting
from crm_web.inbox.operations import process_events, send_message
from crm_web.models import Channel, Conversation, OutboxItem, User
from crm_web.webhooks.ledger import Ledger, Proven
from tests.cast import ACME_NUMBER, ACME_WABA, connected
from tests.inbox import history

Fact = tuple[int, int]
KEPT = (
    "channels", "leads", "lead_identities", "files", "conversations", "messages", "message_reactions", "outbox",
    "inbound_events",
)  # fmt: skip
# What names an afternoon's people, numbers and messages: each ends in the afternoon's five digits.
NAMES = {
    ACME_NUMBER: "1000000000", ACME_WABA: "2000000000", history.ANA: "5731055", history.BETO: "5731555",
    history.ANA_ID: "CO.ana", history.LUZ: "CO.luz", history.LUZ_LATER: "CO.moved", "wamid.": "wamid.",
}  # fmt: skip
OWN = re.compile(f"({'|'.join(re.escape(name) for name in NAMES.values())})(\\d{{5}})")


def tell(entries: Sequence[history.Entry]) -> None:
    """One POST with these entries, from the moment its signature held until it is durable."""
    Ledger("meta").store(
        [Proven(item) for item in split({"object": "whatsapp_business_account", "entry": list(entries)})]
    )


class Afternoon:
    """One number of Acme's, after two of our messages were handed to the courier."""

    def __init__(self, number: int) -> None:
        self.number = number
        channel = connected(
            f"Número {number}", f"+57300{number:07d}", self.own(ACME_NUMBER), self.own(ACME_WABA)
        )
        commit()
        tell(self._mine([history.text(1, history.ANA, "a0", "Ana", "Hola")]))
        process_events()
        self.parcels = [_handed_over(channel, 20 + place, f"Respuesta {place}") for place in (0, 1)]
        first, second = (str(parcel.message_id) for parcel in self.parcels)
        self.facts = self._mine(history.afternoon((first, second)))
        self.told = len(self.facts) + len(self.parcels)

    def own(self, name: str) -> str:
        return f"{NAMES[name]}{self.number:05d}"

    def _mine(self, entries: list[history.Entry]) -> list[history.Entry]:
        text = json.dumps(entries)
        for name in NAMES:
            text = text.replace(name, self.own(name) + ("-" if name == "wamid." else ""))
        mine: list[history.Entry] = json.loads(text)
        return mine

    def heard(self, place: int) -> outbox.Sent:
        """What the courier brings: the provider's id of the first message, nothing from the second."""
        external_id = f"{self.own('wamid.')}-{history.OURS[0].removeprefix('wamid.')}"
        lost = ProviderError("no answer", reaction="unknown")
        given: dict[str, Any] = {"error": lost} if place else {"result": SendResult(external_id)}
        return outbox.Sent(self.parcels[place], **given)

    def shuffled(self, chance: random.Random) -> list[int]:
        """Everything in any order, and some facts up to three times. What our courier brings comes once."""
        order = [*range(self.told), *(chance.randrange(len(self.facts)) for _ in range(12))]
        chance.shuffle(order)
        return order


def columns(table: str) -> str:
    """What is written into a table; what the database works out by itself is left to it."""
    return ", ".join(column.name for column in Base.metadata.tables[table].columns if column.computed is None)


class Afternoons:
    """Many of them, which can be told again and again."""

    def __init__(self, tenant_id: uuid.UUID, connection: sa.Connection, count: int) -> None:
        self.tenant_id, self.connection = tenant_id, connection
        with as_tenant(tenant_id):
            self.all = [Afternoon(100 + number) for number in range(count)]
        for table in KEPT:
            connection.exec_driver_sql(
                f"CREATE TEMP TABLE kept_{table} AS SELECT {columns(table)} FROM {table}"
            )

    def begin_again(self) -> None:
        undone = [f"DELETE FROM {table};" for table in reversed(KEPT)]
        redone = [f"INSERT INTO {table} ({columns(table)}) TABLE kept_{table};" for table in KEPT]
        self.connection.exec_driver_sql("".join(undone + redone))

    def tell_in_order(self) -> list[str]:
        """The story of the first one as it happened, fact by fact."""
        self.begin_again()
        first = self.all[0]
        for fact in first.facts:
            tell([fact])
            self.work()
        outbox.record([first.heard(0), first.heard(1)])
        return self.ends()[first.number]

    def tell_shuffled(self, chance: random.Random) -> dict[int, list[str]]:
        """Every story in an order of its own, mixed, cut into POSTs and worked off at random moments."""
        self.begin_again()
        post: list[history.Entry] = []
        heard: list[outbox.Sent] = []
        for afternoon, fact in _mixed([(each, each.shuffled(chance)) for each in self.all], chance):
            if fact >= len(afternoon.facts):
                heard.append(afternoon.heard(fact - len(afternoon.facts)))
            else:
                post.append(afternoon.facts[fact])
            if chance.random() < 0.03:
                tell(post)
                post = []
            if chance.random() < 0.008:
                self.work(chance.choice((1, 10, 100, 200)))
                outbox.record(heard)
                heard = []
        tell(post)
        outbox.record(heard)
        return self.ends()

    def work(self, limit: int = 200) -> int:
        with as_tenant(self.tenant_id):
            return process_events(limit)

    def ends(self) -> dict[int, list[str]]:
        """Everything worked off, and then the state of each, in words that are the same for all."""
        while self.work():
            pass
        retry_waiting()
        while self.work():
            pass
        found = defaultdict(list)
        for row in self.connection.scalars(STATE, {"kept": _UNIMPORTANT}):
            if (owner := OWN.search(row)) and owner[2] >= "00100":
                found[int(owner[2])].append(OWN.sub(r"\1", row))
        return {number: sorted(rows) for number, rows in found.items()}


def _mixed(
    stories: list[tuple[Afternoon, list[int]]], chance: random.Random
) -> Iterator[tuple[Afternoon, int]]:
    turns = [afternoon for afternoon, order in stories for _ in order]
    chance.shuffle(turns)
    left = {afternoon.number: iter(order) for afternoon, order in stories}
    return ((afternoon, next(left[afternoon.number])) for afternoon in turns)


def _handed_over(channel: Channel, at: int, body: str) -> outbox.Parcel:
    """A message of ours, written at that second and claimed by a courier who is on the way."""
    with time_machine.travel(history.NOON + at, tick=False):
        conversation = db.session.scalars(
            sa.select(Conversation).where(Conversation.channel_id == channel.id)
        ).one()
        seller = db.session.scalars(sa.select(User).where(User.email == "seller@acme.test")).one()
        message = send_message(conversation, body=body, by=seller)
        db.session.flush()
        item = db.session.scalars(sa.select(OutboxItem).where(OutboxItem.message_id == message.id)).one()
        item.state, item.fence = "sending", uuid.uuid4()
        parcel = outbox.Parcel(
            message.tenant_id, message.channel_id, conversation.id, item.id, message.id, item.fence, 1, "meta", "", "",
            OutgoingMessage(str(message.id), None, None, "text"),
        )  # fmt: skip
        commit()
        return parcel


@contextmanager
def side_by_side(tenant_id: uuid.UUID, owner: sa.Engine, count: int) -> Iterator[Afternoons]:
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield Afternoons(tenant_id, connection, count)
        for table in KEPT:
            connection.exec_driver_sql(f"DROP TABLE kept_{table}")


# Ids are replaced by names of the thing they mean, below; the rest is derived, or says when, how and where it came.
_UNIMPORTANT = (
    "id tenant_id lead_id channel_id conversation_id message_id file_id author_id assigned_to last_message_id last_message_by"
    " last_connected_at version created_at updated_at received_at processed_at fetch_after name address credentials"
    " fence search"
).split()

STATE = sa.text(
    """
    WITH names AS (
        SELECT l.id, (SELECT string_agg(i.kind || '=' || i.value || '/' || i.raw, ' ' ORDER BY i.kind, i.value)
                      FROM lead_identities i WHERE i.lead_id = l.id) AS lead FROM leads l
    ), talks AS (
        SELECT c.*, n.lead || ' at ' || k.account_id AS who FROM conversations c JOIN names n ON n.id = c.lead_id
        JOIN channels k ON k.id = c.channel_id
    )
    SELECT 'lead ' || n.lead || (to_jsonb(l) - CAST(:kept AS text[]))::text FROM leads l JOIN names n USING (id)
    UNION ALL
    SELECT 'conversation ' || t.who || coalesce((SELECT ' last:' || m.body FROM messages m WHERE m.id = t.last_message_id), '')
        || (to_jsonb(t) - CAST(:kept AS text[]) - 'who')::text FROM talks t
    UNION ALL SELECT 'message ' || t.who || (to_jsonb(m) - CAST(:kept AS text[]))::text
        FROM messages m JOIN talks t ON t.id = m.conversation_id
    UNION ALL SELECT 'file ' || n.lead || (to_jsonb(f) - CAST(:kept AS text[]))::text
        FROM files f JOIN names n ON n.id = f.lead_id
    UNION ALL SELECT 'reaction ' || t.who || (to_jsonb(r) - CAST(:kept AS text[]))::text
        FROM message_reactions r JOIN talks t ON t.id = r.conversation_id
    UNION ALL SELECT 'outbox ' || t.who || (to_jsonb(o) - CAST(:kept AS text[]))::text
        FROM outbox o JOIN talks t ON t.id = o.conversation_id
    UNION ALL SELECT 'event ' || e.account || e.kind || e.state || coalesce(e.error, '')
        || CASE WHEN e.kind = 'account' THEN '' ELSE e.dedupe_key END FROM inbound_events e
    UNION ALL SELECT 'channel ' || (to_jsonb(k) - CAST(:kept AS text[]) - 'last_message_at')::text FROM channels k
    """
)


def as_table(state: list[str], kind: str) -> list[dict[str, Any]]:
    """The rows of one kind as dictionaries, to look into."""
    return [json.loads(row[row.index("{") :]) for row in state if row.startswith(kind)]

"""A product's years of conversations, by COPY: one big tenant and a few small ones, words as people use them.

Words follow Zipf's law; one is in every twentieth message, one in twenty messages of all, names and telephones are as in
Colombia. A conversation's messages lie close together, the table is in the order of time, and one thread is very long.
"""

from __future__ import annotations

import itertools
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg
import uuid_utils.compat

PER_CONVERSATION = 10
DAYS = 400
COMMON, RARE = "cotización", "xilófono"
RARE_MESSAGES = 20
TABLES = ("leads", "conversations", "messages")
FIRST = (
    "Ana María Luisa Carlos Jorge Paola Andrés Felipe Marcela Hernán Yesenia Íngrid Óscar Sofía Camilo Daniela Julián"
    " Natalia Ramón Zoe"
).split()
LAST = (
    "Restrepo Pérez Gómez Mora Díaz Uribe Ospina Castaño Arango Zapata Cárdenas Nuñez Peña Ruiz Vélez".split()
)
SYLLABLES = [a + b for a in "bcdfglmnprstv" for b in "aeiou"]


@dataclass(frozen=True)
class Place:
    """Whose data is made: the tenant, its channel, the people conversations may belong to, and how many of them."""

    tenant: uuid.UUID
    channel: uuid.UUID
    people: list[uuid.UUID]
    conversations: int


@dataclass
class Talk:
    id: uuid.UUID
    lead: uuid.UUID
    owner: uuid.UUID | None
    count: int = 0
    last_at: datetime | None = None
    last_id: uuid.UUID | None = None
    inbound: bool = True
    words: str = ""


def load(owner_dsn: str, places: list[Place]) -> None:
    """Fill the tables without their indexes, then build these, as a restore does."""
    with psycopg.connect(owner_dsn) as connection:
        connection.execute("SET maintenance_work_mem = '1GB'")
        connection.execute("SET synchronous_commit = off")
        rebuild = _strip(connection)
        for place in places:
            _fill(connection, place)
        for statement in rebuild:
            connection.execute(statement.encode())
        connection.commit()
        connection.autocommit = True
        for table in TABLES:
            connection.execute(f"VACUUM ANALYZE {table}".encode())


def _strip(connection: psycopg.Connection) -> list[str]:
    """Take foreign keys and plain indexes away; what makes them again."""
    keys = connection.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)",
        (list(TABLES),),
    ).fetchall()
    indexes = connection.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index i"
        " WHERE indrelid::regclass::text = ANY(%s)"
        " AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)",
        (list(TABLES),),
    ).fetchall()
    for table, name, _definition in keys:
        connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}".encode())
    for name, _definition in indexes:
        connection.execute(f"DROP INDEX {name}".encode())
    again = [f"ALTER TABLE {table} ADD CONSTRAINT {name} {text} NOT VALID" for table, name, text in keys]
    return [definition for _name, definition in indexes] + again


def _fill(connection: psycopg.Connection, place: Place) -> None:
    chance = random.Random(place.conversations)
    talks = [
        Talk(_id(), _id(), chance.choice([*place.people, None, None])) for _ in range(place.conversations)
    ]
    _copy(connection, "leads (id, tenant_id, first_name, last_name, phone, profile_name, opt_in, is_blocked, last_activity_at)",
          _leads(place, talks, chance))  # fmt: skip
    _copy(connection, "messages (id, tenant_id, conversation_id, channel_id, direction, kind, sender, author_id, body, payload,"
          " status, version, occurred_at, retry_count)", _messages(place, talks, chance))  # fmt: skip
    _copy(connection, "conversations (id, tenant_id, lead_id, channel_id, assigned_to, status, is_open, priority, version,"
          " message_count, unread_count, last_message_id, last_message_at, last_message_kind, last_message_preview,"
          " last_message_direction, last_message_status, last_inbound_at, waiting_since, transfer_count,"
          " requires_attention, pair_backoff)", _conversations(place, talks, chance))  # fmt: skip


def _copy(connection: psycopg.Connection, table: str, lines: Iterator[str]) -> None:
    with connection.cursor().copy(f"COPY {table} FROM STDIN".encode()) as copy:
        while chunk := list(itertools.islice(lines, 2000)):
            copy.write("".join(chunk))


def _id() -> uuid.UUID:
    return uuid_utils.compat.uuid7()


def _leads(place: Place, talks: list[Talk], chance: random.Random) -> Iterator[str]:
    for number, talk in enumerate(talks):
        first, last = chance.choice(FIRST), f"{chance.choice(LAST)} {chance.choice(LAST)}"
        phone = f"+573{100_000_000 + (number * 7919) % 900_000_000:09d}"
        yield f"{talk.lead}\t{place.tenant}\t{first}\t{last}\t{phone}\t{first}\tt\tf\t{_now()}\n"


def sentences(count: int = 20_000) -> list[str]:
    """Sentences of four to fourteen words that follow Zipf's law."""
    chance = random.Random(7)
    words = [COMMON if n == 12 else "".join(chance.choices(SYLLABLES, k=2 + n % 3)) for n in range(6000)]
    weights = list(itertools.accumulate(1 / (rank + 8) for rank in range(len(words))))
    return [
        " ".join(chance.choices(words, cum_weights=weights, k=chance.randint(4, 14))) for _ in range(count)
    ]


def _messages(place: Place, talks: list[Talk], chance: random.Random) -> Iterator[str]:
    """Messages in the order of time; every conversation has its season, and the middle one never ends."""
    total = place.conversations * PER_CONVERSATION
    start, step = _now() - timedelta(days=DAYS), timedelta(days=DAYS) / total
    pool, wide, long = sentences(), max(1, min(4000, place.conversations // 4)), talks[len(talks) // 2]
    rare = max(1, total // RARE_MESSAGES)
    for number in range(total):
        near = number // PER_CONVERSATION + chance.randint(-wide, wide)
        talk = long if number % 997 == 0 else talks[min(max(near, 0), place.conversations - 1)]
        words = pool[chance.randrange(len(pool))]
        if number % rare == rare // 2:
            words += f" {RARE}"
        if number % 5 == 0:
            words += f" pedido {number}"
        yield _message(place, talk, start + step * number, words, inbound=chance.random() < 0.6)


def _message(place: Place, talk: Talk, at: datetime, words: str, *, inbound: bool) -> str:
    message_id, direction = _id(), "inbound" if inbound else "outbound"
    talk.count += 1
    talk.last_at, talk.last_id, talk.inbound, talk.words = at, message_id, inbound, words[:140]
    author = "\\N" if inbound or talk.owner is None else str(talk.owner)
    sender, status = ("customer", "received") if inbound else ("user", "read")
    return (
        f"{message_id}\t{place.tenant}\t{talk.id}\t{place.channel}\t{direction}\ttext\t{sender}\t{author}\t{words}\t{{}}\t"
        f"{status}\t{talk.count}\t{at}\t0\n"
    )


def _conversations(place: Place, talks: list[Talk], chance: random.Random) -> Iterator[str]:
    for number, talk in enumerate(talks):
        at = talk.last_at or _now() - timedelta(days=DAYS)
        is_open = chance.random() < 0.8
        waits = at if is_open and talk.inbound and chance.random() < 0.5 else "\\N"
        unread = chance.randint(1, 5) if waits != "\\N" else 0
        status = "closed" if not is_open else "active" if talk.owner else "queued"
        yield (
            f"{talk.id}\t{place.tenant}\t{talk.lead}\t{place.channel}\t{talk.owner or chr(92) + 'N'}\t{status}\t{is_open}\t"
            f"{('normal', 'high')[number % 9 == 0]}\t{talk.count}\t{talk.count}\t{unread}\t{talk.last_id or chr(92) + 'N'}\t"
            f"{at}\ttext\t{talk.words}\t{'inbound' if talk.inbound else 'outbound'}\t"
            f"{'received' if talk.inbound else 'read'}\t{at}\t{waits}\t0\tf\t0\n"
        )


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)

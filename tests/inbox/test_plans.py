"""What the database does for a page, as the application's role: never a whole table, never a whole tenant.

Row-level security keeps operators like `@@` from their index, which shows only with much data. So there is much data
here, of two houses. A page's statements are explained; what a function does inside shows in the rows its transaction read.
"""

from __future__ import annotations

import re
from contextlib import contextmanager

import psycopg
import pytest
import sqlalchemy as sa

from crm_web.core.db import db
from crm_web.core.tenancy import as_tenant
from crm_web.models import Message

CONVERSATIONS, MESSAGES = 2_000, 16_000
TABLES = ("messages", "conversations", "leads")
FILL = """
INSERT INTO leads (id, tenant_id, first_name, last_name, profile_name, phone, opt_in, is_blocked)
SELECT md5('lead{tag}' || n)::uuid, :tenant, (ARRAY['Ana', 'Íngrid', 'Óscar', 'Zoe'])[1 + n % 4], 'Ruiz' || n % 97, '',
    '+57310' || lpad(n::text, 7, '0'), true, false FROM generate_series(1, {conversations}) n;
INSERT INTO conversations (id, tenant_id, lead_id, channel_id, assigned_to, status, is_open, priority, version, message_count,
    unread_count, last_message_at, last_message_kind, last_message_preview, last_message_direction, last_message_status,
    transfer_count, requires_attention, pair_backoff)
SELECT md5('talk{tag}' || n)::uuid, :tenant, md5('lead{tag}' || n)::uuid, :channel,
    (SELECT id FROM users WHERE tenant_id = :tenant AND email LIKE 'seller@%'), 'active', n % 5 > 0, 'normal', 10, 10, 0,
    now() - n * interval '1 hour', 'text', '', 'inbound', 'received', 0, false, 0 FROM generate_series(1, {conversations}) n;
INSERT INTO messages (id, tenant_id, conversation_id, channel_id, direction, kind, sender, body, payload, status, version,
    occurred_at, retry_count)
SELECT gen_random_uuid(), :tenant, md5('talk{tag}' || CASE WHEN n % 40 = 0 THEN 7 ELSE 1 + n % {conversations} END)::uuid,
    :channel, 'inbound', 'text', 'customer', 'cotización número ' || n || CASE WHEN n % 8000 = 7 THEN ' xilófono' ELSE '' END,
    '{{}}', 'received', n, now() - n * interval '12 minutes', 0 FROM generate_series(1, {messages}) n;
"""


@pytest.fixture
def big(acme, rival_house, owner):
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for tag, house, share in (("a", acme, 1), ("r", rival_house, 8)):
            given = {"tenant": house.id, "channel": house.channel_id}
            text = FILL.format(tag=tag, conversations=CONVERSATIONS // share, messages=MESSAGES // share)
            for statement in filter(str.strip, text.split(";\n")):
                connection.execute(sa.text(statement), given)
        for table in TABLES:
            connection.execute(sa.text(f"VACUUM ANALYZE {table}"))
    return acme


@pytest.fixture
def as_application(big, servers):
    """A connection of the application's role, in Acme's house."""
    with psycopg.connect(
        servers.database_url.replace("postgresql+psycopg://", "postgresql://")
    ) as connection:
        connection.execute("SELECT set_config('app.tenant_id', %s, false)", (str(big.id),))
        connection.execute(
            "SET random_page_cost = 1.1"
        )  # all of it is in memory, as in production what is read often
        connection.commit()
        yield connection


def rows_read(connection: psycopg.Connection, statement: str) -> dict[str, int]:
    """The rows a statement read of each table, whole reads refused."""
    before = _counts(connection)
    connection.execute(statement.encode())
    after = _counts(connection)
    connection.rollback()
    assert all(scans == before[table][0] for table, (scans, _rows) in after.items()), (statement, after)
    return {table: rows - before[table][1] for table, (_scans, rows) in after.items()}


def _counts(connection: psycopg.Connection) -> dict[str, tuple[int, int]]:
    """Whole reads and rows fetched by index, per table, of this connection so far."""
    rows = connection.execute(
        "SELECT relname, seq_scan, coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables WHERE relname = ANY(%s)",
        (list(TABLES),),
    )
    return {table: (scans, fetched) for table, scans, fetched in rows}


NOBODY = "'00000000-0000-0000-0000-000000000000'"


WORDS = ("xilofono", "cotizacion", "cotizacion xilofono", "numero coti", "15999", "camello", "1599")
PLACES = (
    f"NULL, NULL, NULL, NULL, {NOBODY}, true, true, NULL, NULL",
    f"NULL, NULL, NULL, NULL, {NOBODY}, false, true, NULL, NULL",
    f"NULL, NULL, NULL, NULL, {NOBODY}, false, false, NULL, NULL",
    f"NULL, NULL, NULL, NULL, {NOBODY}, true, true, now() - interval '90 days', {NOBODY}",
    f"now() - interval '90 days', now() - interval '80 days', NULL, NULL, {NOBODY}, true, true, NULL, NULL",
)
PEOPLE = ("0143", "3100000143", "ruiz12", "ingrid ruiz12", "camello")


def array_of(words: str) -> str:
    listed = ", ".join(f"'{word}'" for word in words.split())
    return f"ARRAY[{listed}]"


def test_searching_messages_reads_a_part(as_application):
    for words in WORDS:
        for place in PLACES:
            given = f"{array_of(words)}, '{{}}', NULL, NULL, {place}, 31"
            read = rows_read(as_application, f"SELECT * FROM search_messages({given})")
            assert read["messages"] < MESSAGES // 3, (words, place, read)
            assert read["conversations"] < CONVERSATIONS // 4, (words, place, read)


def test_searching_people_reads_a_part(as_application):
    for words in PEOPLE:
        given = f"{array_of(words)}, {NOBODY}, true, true, NULL, NULL, NULL, 9"
        read = rows_read(as_application, f"SELECT * FROM search_people({given})")
        assert read["leads"] < CONVERSATIONS // 10, (words, read)
        assert read["conversations"] < CONVERSATIONS // 10, (words, read)
        assert read["messages"] == 0


@contextmanager
def statements():
    """What the application's engine runs inside the block, with what it was given."""
    seen: list[tuple[str, dict]] = []

    def note(_conn, _cursor, statement, parameters, *_rest):
        seen.append((statement, parameters))

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def busy(big):
    """The longest thread of the house, and a message in its middle."""
    with as_tenant(big.id):
        count = sa.func.count()
        thread = db.session.scalar(
            sa.select(Message.conversation_id)
            .group_by(Message.conversation_id)
            .order_by(count.desc())
            .limit(1)
        )
        middle = db.session.scalar(
            sa.select(Message.id)
            .where(Message.conversation_id == thread)
            .order_by(Message.occurred_at)
            .offset(200)
            .limit(1)
        )
        db.session.rollback()
    return thread, middle


def test_pages_of_the_inbox_and_of_a_long_thread_read_a_part(seller, busy, as_application):
    thread, middle = busy
    around = seller.get(f"/inbox/{thread}/thread?message={middle}").text
    before = re.search(r"before=([\w-]+)", around).group(1)
    after = re.search(r"after=([\w-]+)", around).group(1)
    pages = (
        "/inbox/rows", f"/inbox/{thread}/thread", f"/inbox/{thread}/thread?message={middle}",
        f"/inbox/{thread}/messages?before={before}", f"/inbox/{thread}/messages?after={after}",
        f"/inbox/{thread}/messages?since=9000000",
        "/inbox/search/messages?q=cotizacion", "/inbox/search/people?q=ruiz12",
    )  # fmt: skip
    for page in pages:
        with statements() as seen:
            seller.get(page)
        for statement, given in seen:
            if statement.lstrip().startswith("SELECT") and "set_config" not in statement:
                plan = as_application.execute(("EXPLAIN " + statement).encode(), given).fetchall()
                text = "\n".join(line for (line,) in plan)
                assert not re.search(r"Seq Scan on (messages|conversations|leads)", text), (page, text)
    as_application.rollback()

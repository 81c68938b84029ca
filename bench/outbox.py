"""Sending: messages per second through the outbox, against what the same client reaches with nothing around it."""

from __future__ import annotations

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import psycopg

from bench.harness import Bench, Row, against, quiet
from crm_web.channels.adapters.meta.client import GraphClient
from crm_web.channels.normal import OutgoingMessage
from crm_web.core.db import new_id
from tests.cast import ACME_NUMBER
from tests.product import Product

FILL = (
    "UPDATE channels SET rate_limit_per_minute = 6000000 WHERE tenant_id = %(t)s",
    """INSERT INTO leads (id, tenant_id, first_name, last_name, profile_name, opt_in, is_blocked)
        SELECT l, %(t)s, 'Bench', '', '', true, false FROM unnest(%(leads)s::uuid[]) l""",
    """INSERT INTO lead_identities (id, tenant_id, lead_id, kind, scope, value, raw)
        SELECT i, %(t)s, l, 'phone', '', (573100000000 + n)::text, (573100000000 + n)::text
        FROM unnest(%(identities)s::uuid[], %(leads)s::uuid[]) WITH ORDINALITY AS u(i, l, n)""",
    """INSERT INTO conversations (id, tenant_id, lead_id, channel_id, status, is_open, priority, version,
            message_count, unread_count, last_message_at, last_message_kind, last_message_preview,
            last_message_direction, last_message_status, last_inbound_at, transfer_count, requires_attention,
            pair_backoff, last_message_id)
        SELECT c, %(t)s, l, %(ch)s, 'active', true, 'normal', 1, 1, 0, now(), 'text', 'Hola', 'outbound', 'queued',
            now(), 0, false, 0, m
        FROM unnest(%(conversations)s::uuid[], %(leads)s::uuid[], %(messages)s::uuid[]) u(c, l, m)""",
    """INSERT INTO messages (id, tenant_id, conversation_id, channel_id, direction, kind, sender, body, payload,
            status, version, occurred_at, retry_count)
        SELECT m, %(t)s, c, %(ch)s, 'outbound', 'text', 'user', 'Hola', '{}', 'queued', 1, now(), 0
        FROM unnest(%(messages)s::uuid[], %(conversations)s::uuid[]) u(m, c)""",
    """INSERT INTO outbox (id, tenant_id, channel_id, conversation_id, message_id, state, send_after, attempts)
        SELECT o, %(t)s, %(ch)s, c, m, 'queued', now() + interval '3 seconds', 0
        FROM unnest(%(outbox)s::uuid[], %(conversations)s::uuid[], %(messages)s::uuid[]) u(o, c, m)""",
)
LASTED = """SELECT extract(epoch FROM max(sent_at) - min(sent_at)) FROM messages WHERE status = 'sent'"""


IN_FLIGHT = 100  # what the courier gives to a number that is alone


def fill(product: Product, count: int) -> None:
    """`count` conversations, each with one message waiting in the outbox, made by the database itself."""
    tenant, channel = product.house.id, product.house.channel_id
    ids = [[new_id() for _ in range(count)] for _ in range(5)]
    names = ("leads", "identities", "conversations", "messages", "outbox")
    given = {"t": tenant, "ch": channel, **dict(zip(names, ids, strict=True))}
    with psycopg.connect(product.owner_dsn) as connection:
        for statement in FILL:
            connection.execute(statement, given)
        connection.commit()
        connection.autocommit = True
        connection.execute("ANALYZE")


def drained(product: Product, count: int) -> float:
    """Messages per second from the first sent to the last, by the database's own times."""
    product.until("SELECT count(*) FROM messages WHERE status = 'sent'", count)
    return count / float(product.look(LASTED))


def bare_loop(product: Product, count: int, in_flight: int) -> float:
    """The same client, the same number in flight, and nothing else: no database, no claims, no records."""
    client = GraphClient(f"{product.meta}/sandbox/graph")

    def send(number: int) -> None:
        outgoing = OutgoingMessage(str(uuid.uuid4()), f"5732{number:08d}", None, "text", "Hola")
        client.send(ACME_NUMBER, "token", outgoing)

    with ThreadPoolExecutor(in_flight) as pool:
        list(pool.map(send, range(in_flight)))
        start = time.perf_counter()
        list(pool.map(send, range(count)))
        return count / (time.perf_counter() - start)


def slow_provider(count: int = 6000) -> list[Row]:
    """A provider that takes 150 ms, a hundred requests in flight: the ideal is 100 / 0.15 s."""
    with Product(latency_ms=150) as product:
        fill(product, count)
        value = drained(product, count)
        ideal = IN_FLIGHT / 0.150
        bare = bare_loop(product, 2000, IN_FLIGHT)
        return [
            against(
                "outbox sends, provider 150 ms",
                value,
                "/s",
                ideal,
                f"{IN_FLIGHT} in flight; the bare client reaches {bare:,.0f}/s",
            )
        ]


def fast_provider(count: int = 8000) -> list[Row]:
    """A provider that answers at once, against a bare loop of the same client."""
    with Product(latency_ms=0) as product:
        bare = bare_loop(product, 4000, IN_FLIGHT)
        quiet()
        fill(product, count)
        value = drained(product, count)
        return [
            against(
                "outbox sends, provider 0 ms",
                value,
                "/s",
                bare,
                f"{count} messages, each in its own conversation",
            )
        ]


BENCHES = (Bench("outbox-150ms", slow_provider), Bench("outbox-0ms", fast_provider))

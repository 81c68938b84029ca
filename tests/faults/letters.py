"""Messages to people whose numbers ask the stand-in for trouble, and what became of them on both sides."""

from __future__ import annotations

import itertools
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
import urllib3

from crm_web.core.db import new_id
from tests.cast import ACME_NUMBER
from tests.product import Product

HTTP = urllib3.PoolManager(retries=False, timeout=10)
OTHER_NUMBER, OTHER_WABA = "100000000000099", "200000000000099"
GONE = ("sent", "delivered", "read", "played")
# Numbers whose last digits ask for nothing.
_numbers = itertools.count(573_225_000_000)

WRITE = (
    """INSERT INTO leads (id, tenant_id, first_name, last_name, profile_name, opt_in, is_blocked)
        SELECT l, %(tenant)s, 'Luz', '', '', true, false FROM unnest(%(leads)s::uuid[]) l""",
    """INSERT INTO lead_identities (id, tenant_id, lead_id, kind, scope, value, raw)
        SELECT gen_random_uuid(), %(tenant)s, l, 'phone', '', p, p
        FROM unnest(%(leads)s::uuid[], %(phones)s::text[]) u(l, p)""",
    """INSERT INTO conversations (id, tenant_id, lead_id, channel_id, status, is_open, priority, version,
            message_count, unread_count, last_message_at, last_message_kind, last_message_preview,
            last_message_direction, last_message_status, last_inbound_at, transfer_count, requires_attention,
            pair_backoff)
        SELECT c, %(tenant)s, l, %(channel)s, 'active', true, 'normal', 1, 0, 0, now(), 'text', '', 'outbound', 'queued',
            now(), 0, false, 0
        FROM unnest(%(conversations)s::uuid[], %(leads)s::uuid[]) u(c, l)""",
    """INSERT INTO messages (id, tenant_id, conversation_id, channel_id, direction, kind, sender, body, payload,
            status, version, occurred_at, retry_count)
        SELECT m, %(tenant)s, c, %(channel)s, 'outbound', 'text', 'user', 'Hola', '{}', 'queued', 1, now(), 0
        FROM unnest(%(messages)s::uuid[], %(threads)s::uuid[]) u(m, c)""",
    """INSERT INTO outbox (id, tenant_id, channel_id, conversation_id, message_id, state, send_after, attempts)
        SELECT o, %(tenant)s, %(channel)s, c, m, 'queued', now(), 0
        FROM unnest(%(items)s::uuid[], %(threads)s::uuid[], %(messages)s::uuid[]) u(o, c, m)""",
)


def turn(product: Product, **knobs: Any) -> None:
    calm = {
        "latency_ms": 0,
        "jitter_ms": 0,
        "hang_ms": 30_000,
        "endings": True,
        "sent_ms": 20,
        "delivered_ms": 60,
    }
    assert HTTP.request("POST", f"{product.meta}/sandbox/knobs", json={**calm, **knobs}).status == 200


def write(
    product: Product, people: int, each: int, *, number: str = ACME_NUMBER, ending: str = ""
) -> list[str]:
    """`each` messages to each of so many new people, all in the outbox at one moment; the messages' ids in order."""
    phones = [
        f"57{phone[-3:]}{ending}" if ending else phone
        for phone in (str(next(_numbers)) for _ in range(people))
    ]
    conversations = [new_id() for _ in phones]
    threads = conversations * each
    messages = [new_id() for _ in threads]
    given = {
        "tenant": product.house.id,
        "channel": product.look("SELECT id FROM channels WHERE account_id = %s", number),
        "leads": [new_id() for _ in phones],
        "phones": phones,
        "conversations": conversations,
        "threads": threads,
        "messages": messages,
        "items": [new_id() for _ in threads],
    }
    with psycopg.connect(product.owner_dsn) as connection:
        for statement in WRITE:
            connection.execute(statement, given)
    return [str(one) for one in messages]


def set_rate(product: Product, per_minute: int) -> None:
    with psycopg.connect(product.owner_dsn) as connection:
        connection.execute("UPDATE channels SET rate_limit_per_minute = %s", [per_minute])


def connect_other_number(product: Product) -> None:
    """A second number of Acme's, like the first, at the stand-in too."""
    order = {"phone_number_id": OTHER_NUMBER, "waba_id": OTHER_WABA, "display_phone_number": "+573000000099"}
    assert HTTP.request("POST", f"{product.meta}/sandbox/numbers", json=order).status == 200
    with psycopg.connect(product.owner_dsn) as connection:
        connection.execute(
            "INSERT INTO channels SELECT (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(),"
            " 'account_id', %s::text, 'business_id', %s::text))).* FROM channels c WHERE account_id = %s",
            (OTHER_NUMBER, OTHER_WABA, ACME_NUMBER),
        )


def log(product: Product, messages: Sequence[str]) -> list[dict[str, Any]]:
    """What the stand-in accepted of these messages, in order; its log cannot be changed."""
    rows = HTTP.request("GET", f"{product.meta}/sandbox/log?limit=100000").json()
    wanted = set(messages)
    return [row for row in rows if row["biz_opaque_callback_data"] in wanted]


@dataclass(frozen=True)
class Verdict:
    """What the provider has of some messages, and what we believe."""

    accepted: Counter[str]
    status: dict[str, str]

    @property
    def gone(self) -> set[str]:
        return {ref for ref, state in self.status.items() if state in GONE}

    @property
    def unconfirmed(self) -> set[str]:
        return {ref for ref, state in self.status.items() if state == "unconfirmed"}

    @property
    def flaws(self) -> dict[str, object]:
        """Whatever must never be. That something is unconfirmed is said honestly, and no flaw."""
        found = {
            "twice": [ref for ref, times in self.accepted.items() if times > 1],
            "lost": set(self.accepted) - self.gone,
            "dreamt": self.gone - set(self.accepted),
            "neither": set(self.status) - self.gone - self.unconfirmed,
        }
        return {name: refs for name, refs in found.items() if refs}

    def __str__(self) -> str:
        counts = f"{len(self.status)} messages: {len(self.gone)} sent, {self.accepted.total()} accepted"
        return f"{counts}, {len(self.unconfirmed)} unconfirmed, flaws {self.flaws}"


def judge(product: Product, messages: Sequence[str]) -> Verdict:
    ids = [uuid.UUID(one) for one in messages]
    status = product.look("SELECT json_object_agg(id, status) FROM messages WHERE id = ANY(%s)", ids)
    return Verdict(Counter(row["biz_opaque_callback_data"] for row in log(product, messages)), status)


def settle(product: Product) -> None:
    """Until nothing is to leave, no webhook to come, and no event to be worked off."""
    product.until("SELECT (NOT EXISTS (SELECT FROM outbox))::int", 1, seconds=120)
    while HTTP.request("GET", f"{product.meta}/sandbox/deliveries?state=pending&limit=1").json()["pending"]:
        pass
    product.until(
        "SELECT (NOT EXISTS (SELECT FROM inbound_events WHERE state = 'pending'))::int", 1, seconds=60
    )

"""What survives when processes and servers die at random instants. The stand-in's append-only log is the oracle.

Real processes on ports of their own: gunicorn, workers, scheduler, an embedded PostgreSQL and Redis, the stand-in for Meta.
`FAULT_ROUNDS` raises the number of kills.
"""

from __future__ import annotations

import json
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator

import pytest
import urllib3

from bench.load import Wire, webhook
from bench.outbox import fill
from tests.product import Product

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "12"))
HTTP = urllib3.PoolManager(retries=False, timeout=10)
pytestmark = pytest.mark.xdist_group("faults")


@pytest.fixture
def product() -> Iterator[Product]:
    with Product(latency_ms=20, statuses=True, scheduler=True, OUTBOX_LEASE_SECONDS="3") as running:
        yield running


class Sender:
    """Meta as a sender: posts every webhook again until it is answered 200, and keeps what it was told."""

    def __init__(self, product: Product, count: int) -> None:
        self.product, self.answers = product, Counter()
        self.waiting = [webhook(n, f"5730{n % 40:08d}") for n in range(count)]
        self.thread = threading.Thread(target=self._send)
        self.thread.start()

    def _send(self) -> None:
        while self.waiting:
            status = self._ask(self.waiting[0])
            self.answers[status] += 1
            if status == 200:
                self.waiting.pop(0)
            else:
                time.sleep(0.05)

    def _ask(self, request: bytes) -> int:
        try:
            wire = Wire(self.product.web_port)
            wire.socket.settimeout(15)
            try:
                return wire.ask(request)
            finally:
                wire.socket.close()
        except OSError:
            return 0


def messages_from(product: Product, seconds: float = 60) -> Counter:
    """How often each provider id is a message, once nothing is pending any more."""
    ends_at = time.monotonic() + seconds
    while product.look(
        "SELECT count(*) FROM inbound_events WHERE state = 'pending' AND tenant_id IS NOT NULL"
    ):
        assert time.monotonic() < ends_at, "events are still pending"
        time.sleep(0.1)
    listed = product.look("SELECT json_agg(external_id) FROM messages WHERE direction = 'inbound'")
    return Counter(listed or [])


def check_every_webhook_is_one_message(product: Product, count: int) -> None:
    found = messages_from(product)
    assert len(found) == count, f"{count - len(found)} lost"
    assert set(found.values()) == {1}
    assert product.look("SELECT count(*) FROM conversations") == min(count, 40)


def test_senders_killed_at_random_lose_nothing_and_send_nothing_twice(product):
    count = ROUNDS * 50
    fill(product, count)
    for _ in range(ROUNDS):
        time.sleep(random.uniform(0.2, 1.0))
        product.kill("work")
        product.start("work")
    settled = "SELECT count(*) FROM messages WHERE status NOT IN ('queued', 'sending')"
    product.until(settled, count, seconds=120)
    accepted = Counter(one["biz_opaque_callback_data"] for one in the_log(product))
    product.until(
        "SELECT count(*) FROM messages WHERE status IN ('sent', 'delivered', 'read')", len(accepted), 60
    )
    fates = dict(product.look("SELECT json_object_agg(id, status) FROM messages"))
    unconfirmed = [key for key, fate in fates.items() if fate == "unconfirmed"]
    print(f"{ROUNDS} kills, {count} messages, {len(accepted)} accepted, {len(unconfirmed)} unconfirmed")
    assert max(accepted.values()) == 1, "a message was sent twice"
    assert {key for key, fate in fates.items() if fate in ("sent", "delivered", "read")} == set(accepted)
    assert set(fates) == set(accepted) | set(unconfirmed), "a message was lost"
    assert product.look("SELECT count(*) FROM outbox") == 0


def the_log(product: Product) -> list[dict]:
    """Everything the stand-in ever accepted, oldest first."""
    found, after = [], 0
    while page := HTTP.request("GET", f"{product.meta}/sandbox/log?after={after}&limit=500").json():
        rows = page["items"] if isinstance(page, dict) else page
        if not rows:
            break
        found += rows
        after = rows[-1]["id"]
    return found


def test_the_web_killed_under_load_repeats_nothing(product):
    sender = Sender(product, 400)
    for _ in range(4):
        time.sleep(0.5)
        product.kill("web")
        product.start("web")
    sender.thread.join(120)
    assert sender.answers[200] == 400
    check_every_webhook_is_one_message(product, 400)


def test_the_ingest_worker_killed_in_the_middle_repeats_nothing(product):
    sender = Sender(product, 400)
    for _ in range(4):
        time.sleep(0.4)
        product.kill("ingest")
        product.start("ingest")
    sender.thread.join(120)
    check_every_webhook_is_one_message(product, 400)


def test_redis_killed_and_flushed_delays_and_loses_nothing(product):
    sender = Sender(product, 400)
    time.sleep(0.3)
    product.servers.stop_redis("kill")
    time.sleep(1.5)
    product.servers.start_redis()
    product.flush_redis()
    sender.thread.join(120)
    assert set(sender.answers) == {200}, sender.answers
    check_every_webhook_is_one_message(product, 400)


def test_a_worker_that_starts_while_redis_is_away_works_all_the_same(product):
    product.servers.stop_redis("kill")
    product.kill("ingest")
    product.start("ingest")
    Sender(product, 20).thread.join(30)
    check_every_webhook_is_one_message(product, 20)
    assert product.running["ingest"].poll() is None
    product.servers.start_redis()


def test_postgresql_stopped_under_load_is_never_pretended_away(product):
    sender = Sender(product, 400)
    time.sleep(0.4)
    product.servers.stop_postgres("immediate")
    time.sleep(1.0)
    product.servers.start_postgres()
    back = time.monotonic()
    sender.thread.join(120)
    assert set(sender.answers) == {200, 503}, sender.answers
    check_every_webhook_is_one_message(product, 400)
    print(
        json.dumps({str(k): v for k, v in sender.answers.items()}),
        f"whole again after {time.monotonic() - back:.1f} s",
    )

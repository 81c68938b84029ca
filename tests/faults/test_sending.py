"""Messages on their way while the provider misbehaves, workers are replaced, and Redis or PostgreSQL is gone."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from crm_web.channels.adapters.meta.transport import READ_SECONDS
from tests.faults import letters
from tests.product import Product

pytestmark = pytest.mark.xdist_group("faults")
MISCHIEF = {
    "0009999": "reset after accept", "0008888": "30 s hang", "0007777": "broken JSON", "0130429": "429, twice",
    "0000500": "500, twice",
}  # fmt: skip


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with Product(statuses=True, scheduler=True, OUTBOX_LEASE_SECONDS="3") as running:
        letters.connect_other_number(running)
        yield running


def wait_until(holds, seconds=60):
    ends_at = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends_at, "still not so"
        time.sleep(0.05)


def listens(product, part):
    """Whether a worker has begun to work: it would notice being asked to end."""
    caught = Path(f"/proc/{product.running[part].pid}/status").read_text().partition("SigCgt:")[2].split()[0]
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)


def replace_worker(product, messages):
    """As a new release does, while some of these are on their way; the exit code."""
    wait_until(lambda: listens(product, "work"))
    left = len(letters.log(product, messages))
    wait_until(lambda: len(letters.log(product, messages)) > left)
    time.sleep(random.random() * 0.3)
    product.running["work"].terminate()
    code = product.running["work"].wait(60)
    product.start("work")
    return code


def test_every_misbehaviour_of_the_provider_ends_well_and_holds_up_no_other_number(product):
    letters.turn(product, jitter_ms=400)
    letters.set_rate(product, 1200)
    hurt = {words: letters.write(product, 12, 2, ending=ending) for ending, words in MISCHIEF.items()}
    spared = letters.write(product, 50, 4, number=letters.OTHER_NUMBER)
    letters.settle(product)
    at = [row["at"] for row in letters.log(product, spared)]
    print("".join(f"\n{words}: {letters.judge(product, messages)}" for words, messages in hurt.items()))
    print(
        f"the other number: {letters.judge(product, spared)}; {len(at) / (at[-1] - at[0]):.1f} of 20 a second"
    )
    verdict = letters.judge(product, [*chain(*hurt.values()), *spared])
    assert (verdict.flaws, verdict.unconfirmed) == ({}, set())
    assert at[-1] < letters.log(product, hurt["30 s hang"])[0]["at"] + READ_SECONDS


def test_a_worker_that_is_asked_to_stop_finishes_what_is_under_way(product):
    letters.turn(product, latency_ms=300, jitter_ms=300)
    letters.set_rate(product, 1200)
    messages = letters.write(product, 40, 5)
    codes = [replace_worker(product, messages) for _ in range(4)]
    letters.set_rate(product, 60_000)
    letters.settle(product)
    verdict = letters.judge(product, messages)
    print(f"\n4 x SIGTERM: {verdict}")
    assert (codes, verdict.flaws, verdict.unconfirmed) == ([0] * 4, {}, set())


def test_messages_leave_while_redis_is_away(product):
    letters.turn(product, latency_ms=100)
    letters.set_rate(product, 1200)
    messages = letters.write(product, 30, 4)
    wait_until(lambda: letters.log(product, messages) != [])
    product.servers.stop_redis("kill")
    left = len(letters.log(product, messages))
    wait_until(lambda: len(letters.log(product, messages)) > left + 40)
    product.servers.start_redis()
    letters.settle(product)
    verdict = letters.judge(product, messages)
    print(f"\nRedis killed while sending: {verdict}")
    assert (verdict.flaws, verdict.unconfirmed) == ({}, set())


def test_postgresql_gone_while_messages_are_on_their_way_sends_nothing_twice(product):
    letters.turn(product, latency_ms=150, jitter_ms=150)
    letters.set_rate(product, 1200)
    messages = letters.write(product, 40, 4)
    for _ in range(2):
        left = len(letters.log(product, messages))
        wait_until(lambda left=left: len(letters.log(product, messages)) > left + 20)
        product.servers.stop_postgres("immediate")
        time.sleep(1)
        product.servers.start_postgres()
    letters.settle(product)
    verdict = letters.judge(product, messages)
    print(f"\nPostgreSQL stopped twice while sending: {verdict}")
    assert verdict.flaws == {}

"""Webhooks: how many are wholly processed per second, how soon one is answered, how soon its words are seen."""

from __future__ import annotations

import re
import subprocess
import time

from playwright.sync_api import Page, sync_playwright

from bench.harness import Bench, Row, against, latencies, quiet
from bench.load import closed_loop, open_loop, webhook
from crm_web.ops.embedded import postgres_bin
from tests.browser import launch
from tests.cast import PASSWORD
from tests.product import Product

CUSTOMERS = 500
BARE = """
\\set c random(1, 500)
BEGIN;
INSERT INTO bare_messages (id, conversation, external, body) VALUES (gen_random_uuid(), :c, gen_random_uuid()::text, 'Hola')
    ON CONFLICT (external) DO NOTHING;
UPDATE bare_conversations SET last_at = now(), preview = 'Hola', unread = unread + 1 WHERE id = :c;
COMMIT;
"""
SCHEMA = """
CREATE TABLE bare_conversations (id int PRIMARY KEY, last_at timestamptz, preview text, unread int DEFAULT 0);
INSERT INTO bare_conversations SELECT n FROM generate_series(1, 500) n;
CREATE TABLE bare_messages (id uuid PRIMARY KEY, conversation int REFERENCES bare_conversations,
    external text UNIQUE, body text, at timestamptz DEFAULT now());
CREATE INDEX ON bare_messages (conversation, at, id);
"""


def bare_ingest(product: Product, seconds: int = 8) -> float:
    """Bare ingest transactions per second: one message (three indexes) and its conversation, durable, eight clients."""
    tools = postgres_bin()
    subprocess.run([tools / "psql", product.owner_dsn, "-qc", SCHEMA], check=True)
    script = product.folder / "bare.sql"
    script.write_text(BARE)
    out = subprocess.run(
        [tools / "pgbench", "-n", "-M", "prepared", "-c", "8", "-j", "2", "-T", str(seconds), "-f", script, product.owner_dsn],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return float(re.search(r"tps = ([\d.]+)", out).group(1))  # type: ignore[union-attr]


def throughput(count: int = 6000) -> list[Row]:
    """Signed webhooks accepted and wholly processed per second, isolation on, against the bare transaction."""
    with Product(webs=2) as product:
        _warm_up(product)
        limit = bare_ingest(product)
        quiet()
        requests = [webhook(n, f"5730{n % CUSTOMERS:08d}") for n in range(count)]
        before = product.look("SELECT count(*) FROM messages")
        start = time.monotonic()
        statuses = closed_loop(product.web_port, requests, connections=32)
        accepted = time.monotonic() - start
        done = product.until("SELECT count(*) FROM messages", before + count) - start
        refused = sum(status != 200 for status in statuses)
        note = f"{count} webhooks, {refused} refused; accepted alone at {count / accepted:,.0f}/s"
        return [against("webhooks wholly processed", count / done, "/s", limit, note)]


def _warm_up(product: Product) -> None:
    closed_loop(
        product.web_port, [webhook(900_000 + n, f"5731{n % 50:08d}") for n in range(300)], connections=8
    )
    product.until("SELECT count(*) FROM messages", 300)


def acknowledgement(seconds: int = 30, per_second: int = 100) -> list[Row]:
    """How soon a webhook is answered at 100 per second, arrivals on their own clock."""
    with Product() as product:
        _warm_up(product)
        quiet()
        requests = [webhook(n, f"5730{n % CUSTOMERS:08d}") for n in range(seconds * per_second)]
        took, statuses = open_loop(product.web_port, requests, per_second)
        errors = sum(status != 200 for status in statuses)
        return latencies(
            "webhook answered at 100/s", took, {"p50": 10, "p99": 50}, f"{len(took)} sent, {errors} errors"
        )


def to_the_browser(count: int = 120) -> list[Row]:
    """From the webhook's first byte to its text in a seller's open thread, in a real Chromium."""
    with Product() as product, sync_playwright() as driver:
        _warm_up(product)
        page = launch(driver).new_page()
        _open_thread(page, product)
        took = [_seen_after(page, product, 10_000 + number) for number in range(count)]
        return latencies(
            "webhook to text in Chromium",
            took[5:],
            {"p50": 60, "p95": 150},
            f"{len(took) - 5} messages, 4 per second",
        )


def _open_thread(page: Page, product: Product) -> None:
    closed_loop(product.web_port, [webhook(9_999, "573000000099")], connections=1)
    product.until("SELECT count(*) FROM messages", 301)
    page.goto(f"{product.web}/login")
    page.fill("[name=email]", "seller@acme.test")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.get_by_text("Cliente 573000000099").first.click()
    page.get_by_text("Hola 9999").last.wait_for()
    page.wait_for_timeout(1000)


def _seen_after(page: Page, product: Product, number: int) -> float:
    """Seconds until the page's own observer saw the words; clocks are the machine's one clock."""
    watching = page.evaluate_handle(
        """words => ({seen: new Promise(done => {
            const look = () => { if (document.querySelector('#thread')?.textContent.includes(words)) done(Date.now()) };
            new MutationObserver(look).observe(document.body, {childList: true, subtree: true, characterData: true}); look();
        })})""",
        f"Hola {number}",
    )
    start = time.time()
    closed_loop(product.web_port, [webhook(number, "573000000099")], connections=1)
    seen = page.evaluate(
        "watch => Promise.race([watch.seen, new Promise(r => setTimeout(() => r(0), 5000))])", watching
    )
    page.wait_for_timeout(250)
    if not seen:
        raise RuntimeError(f"message {number} never appeared in the page")
    return float(seen) / 1000 - start


BENCHES = (
    Bench("ingest", throughput),
    Bench("ack", acknowledgement),
    Bench("browser", to_the_browser),
)

"""The inbox on a big history: how long the server works for a page, against the same rows with nothing around them.

Pages are asked of the application in this process, by a signed-in person, with row-level security on; the limits are
the page's bare rows by the same role, and a bare Flask page that writes the same rows with Jinja.
"""

from __future__ import annotations

import contextvars
import gc
import os
import re
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
from cryptography.fernet import Fernet
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from flask_migrate import upgrade

from bench import history
from bench.harness import Bench, Row, against, latencies, percentile, quiet
from crm_web import create_app
from crm_web.config import Settings
from crm_web.inbox.queries.orders import cursor_after
from crm_web.ops.embedded import Embedded
from tests.cast import PASSWORD, TOKEN, House, build_acme, build_rival

WHOLE = 1_000_000
SMALL = 10_000
ROUNDS = 60

# Every way the list is asked for: its words in the table, and its address. Filters and orders are added here.
LISTS = {
    "all": "/inbox/list",
    "mine": "/inbox/list?tab=mine",
    "unassigned": "/inbox/list?tab=unassigned",
    "closed": "/inbox/list?state=closed",
    "unread": "/inbox/list?unread=1",
    "unanswered": "/inbox/list?unanswered=1",
    "of one channel": "/inbox/list?channel={channel}",
    "of one tag": "/inbox/list?tag=Visita",
    "of one colleague": "/inbox/list?assignee={assignee}",
    "of high priority": "/inbox/list?priority=high",
    "window closing": "/inbox/list?closing=6",
    "longest waiting first": "/inbox/list?sort=waiting",
    "by priority": "/inbox/list?sort=priority",
    "by window": "/inbox/list?sort=window",
}
SEARCHES = {
    "a rare word": history.RARE,
    "a common word": history.COMMON,
    "a common and a rare word": f"{history.COMMON} {history.RARE}",
    "a beginning": "coti",
    "a number": "pedido 4005",
    "a name's beginning": "marc",
    "a common name": "ana",
    "telephone digits": "+57 310 000 7919",
    "last four": "7919",
    "nothing there": "camellos",
}
BARE = """
<ol>{% for row in rows %}<li id="row-{{ row.id }}"><a href="/inbox/{{ row.id }}"><b>{{ row.first_name }} {{ row.last_name }}</b>
<time>{{ row.last_message_at }}</time> <span>{{ row.last_message_preview }}</span> {{ row.unread_count }}</a></li>
{% endfor %}</ol>
"""
LIST_SQL = (
    "SELECT c.id, c.last_message_at, c.last_message_preview, c.unread_count, l.first_name, l.last_name"
    " FROM conversations c JOIN leads l ON l.id = c.lead_id WHERE c.tenant_id = %s AND c.is_open AND c.deleted_at IS NULL"
    " ORDER BY c.last_message_at DESC, c.id DESC LIMIT 31"
)
THREAD_SQL = (
    "SELECT * FROM messages WHERE tenant_id = %s AND conversation_id = %s AND deleted_at IS NULL"
    " ORDER BY occurred_at DESC, id DESC LIMIT 41"
)

TAGS = """
    INSERT INTO conversation_tags (id, tenant_id, conversation_id, tag)
    SELECT gen_random_uuid(), tenant_id, id, 'Visita' FROM conversations WHERE hashtext(id::text) % 20 = 0
"""


@dataclass
class Desk:
    """A loaded product in this process, and somebody signed in at it."""

    app: Flask
    client: FlaskClient
    house: House
    application: psycopg.Connection

    @property
    def assignee(self) -> uuid.UUID:
        """Somebody who takes care of many."""
        return self.scalar(
            "SELECT assigned_to FROM conversations WHERE tenant_id = %s AND assigned_to IS NOT NULL LIMIT 1"
        )

    def scalar(self, sql: str, *more: Any) -> Any:
        """The first column of the first row, None without one. The first parameter is this tenant."""
        row = self.application.execute(sql.encode(), (self.house.id, *more)).fetchone()
        return row[0] if row else None

    def ask(self, url: str) -> str:
        answer = contextvars.Context().run(self.client.get, url)
        if answer.status_code != 200:
            raise RuntimeError(f"{url} answered {answer.status_code}")
        return answer.text

    def timed(self, url: str, rounds: int = ROUNDS) -> list[float]:
        """Seconds per request, after a few to warm up; collections of garbage wait until the end."""
        for _ in range(5):
            self.ask(url)
        gc.collect()
        gc.disable()
        took = [_took(lambda: self.ask(url)) for _ in range(rounds)]
        gc.enable()
        return took

    def busy(self, url: str, rounds: int = 20) -> float:
        """Seconds of processor time per request in this process, whatever else the machine does."""
        start = time.process_time()
        for _ in range(rounds):
            self.ask(url)
        return (time.process_time() - start) / rounds

    def query(self, statement: str, *given: Any, rounds: int = ROUNDS) -> float:
        """The median of a bare statement by the application's role, in seconds."""

        def run() -> None:
            self.application.execute(statement.encode(), given).fetchall()

        for _ in range(8):
            run()
        return percentile(sorted(_took(run) for _ in range(rounds)), 0.5)


def _took(act: Callable[[], Any]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


@contextmanager
def desk(conversations: int) -> Iterator[Desk]:
    """A product with that many conversations of one tenant, and a tenth as many of another."""
    with tempfile.TemporaryDirectory(prefix="crm-bench-") as folder:
        Path(folder).chmod(0o755)
        with Embedded(Path(folder) / "servers") as servers:
            app = create_app(_settings(servers, Path(folder)))
            house = _furnish(app, servers, conversations)
            with psycopg.connect(_plain(servers.database_url), autocommit=True) as application:
                application.execute("SELECT set_config('app.tenant_id', %s, false)", (str(house.id),))
                yield Desk(app, _signed_in(app), house, application)


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def _settings(servers: Embedded, folder: Path) -> Settings:
    return Settings(
        crm_env="development", crm_data_dir=folder, database_url=servers.database_url, database_owner_url=servers.owner_url,
        redis_url=servers.redis_url, secret_key=uuid.uuid4().hex, crm_encryption_keys=Fernet.generate_key().decode(),
        socketio_async_mode="threading", log_level="ERROR",
    )  # fmt: skip


def _furnish(app: Flask, servers: Embedded, conversations: int) -> House:
    with app.app_context():
        upgrade()
        house, rival = build_acme(), build_rival()
    owner = _plain(servers.owner_url)
    places = [
        history.Place(house.id, house.channel_id, _people(owner, house.id), conversations),
        history.Place(rival.id, rival.channel_id, _people(owner, rival.id), max(conversations // 10, 10)),
    ]
    took = _took(lambda: history.load(owner, places))
    with psycopg.connect(owner) as connection:
        connection.execute(TAGS)
    messages = conversations * history.PER_CONVERSATION
    print(f"  {conversations:,} conversations, {messages:,} messages loaded in {took:.0f} s", flush=True)
    quiet()
    return house


def _people(owner: str, tenant_id: uuid.UUID) -> list[uuid.UUID]:
    with psycopg.connect(owner) as connection:
        rows = connection.execute(
            "SELECT u.id FROM users u JOIN roles r ON r.id = u.role_id WHERE u.tenant_id = %s"
            " AND r.name IN ('seller', 'setter')",
            (tenant_id,),
        )
        return [row[0] for row in rows]


def _signed_in(app: Flask) -> FlaskClient:
    client = app.test_client()

    def enter() -> None:
        page = client.get("/login").text
        token = next(group for group in TOKEN.search(page).groups() if group)  # type: ignore[union-attr]
        answer = client.post(
            "/login", data={"csrf_token": token, "email": "seller@acme.test", "password": PASSWORD}
        )
        if answer.status_code != 303:
            raise RuntimeError(f"sign-in answered {answer.status_code}")

    contextvars.Context().run(enter)
    return client


def bare_page(desk: Desk) -> float:
    """The median of a Flask page that writes the list's rows and does nothing else."""
    bare = Flask("bare")

    @bare.get("/")
    def page() -> str:
        cursor = desk.application.cursor(row_factory=psycopg.rows.namedtuple_row)
        return render_template_string(
            BARE, rows=cursor.execute(LIST_SQL.encode(), (desk.house.id,)).fetchall()
        )

    client = bare.test_client()
    for _ in range(8):
        client.get("/")
    return percentile(sorted(_took(lambda: client.get("/")) for _ in range(ROUNDS)), 0.5)


def deepest(desk: Desk, most: int = 4000) -> tuple[str, int]:
    """The address of page `most`, or of the last whole one, and which it is."""
    place = "SELECT last_message_at, id FROM conversations WHERE tenant_id = %s AND is_open AND deleted_at IS NULL"
    order = "ORDER BY last_message_at DESC, id DESC OFFSET %s LIMIT 1"
    count = desk.scalar(f"SELECT count(*) FROM ({place}) s")
    page = min(most, max(count // 30 - 1, 1))
    named = desk.application.cursor(row_factory=psycopg.rows.namedtuple_row)
    row = named.execute(f"{place} {order}".encode(), (desk.house.id, (page - 1) * 30 - 1)).fetchone()
    return f"/inbox/rows?cursor={cursor_after('activity', row)}", page  # type: ignore[arg-type]


def longest_thread(desk: Desk) -> uuid.UUID:
    return desk.scalar(
        "SELECT id FROM conversations WHERE tenant_id = %s ORDER BY message_count DESC LIMIT 1"
    )


def page_rows(
    name: str, desk: Desk, url: str, targets: dict[str, float], sql: float, page: float | None = None
) -> list[Row]:
    took = desk.timed(url)
    rows = latencies(name, took, targets)
    middle = percentile(sorted(took), 0.5)
    rows[
        0
    ].note = (
        f"{middle / sql:.1f} x its bare SQL ({sql * 1000:.2f} ms), {desk.busy(url) * 1000:.1f} ms of Python"
    )
    if page:
        rows[0].note += f", {middle / page:.1f} x a bare Flask page ({page * 1000:.2f} ms)"
    return [rows[0], rows[2]]


def pages(desk: Desk, size: str) -> list[Row]:
    """List, thread and searches of one loaded product."""
    bare_sql = desk.query(LIST_SQL, desk.house.id)
    bare = bare_page(desk)
    rows = []
    for name, address in LISTS.items():
        url = address.format(channel=desk.house.channel_id, assignee=desk.assignee)
        rows += page_rows(f"list {name}, {size}", desk, url, {"p50": 5}, bare_sql, bare)
    rows += page_rows(f"list page 2, {size}", desk, deepest(desk, 2)[0], {"p50": 5}, bare_sql, bare)
    deep, number = deepest(desk)
    rows += page_rows(f"list page {number:,}, {size}", desk, deep, {"p50": 5}, bare_sql, bare)
    rows += threads(desk, size)
    for name, words in SEARCHES.items():
        url = "/inbox/search?" + _encoded(words)
        rows += page_rows(f"search {name}, {size}", desk, url, {"p99": 50}, _door(desk, words))
    return rows


def threads(desk: Desk, size: str) -> list[Row]:
    thread = longest_thread(desk)
    sql = desk.query(THREAD_SQL, desk.house.id, thread)
    page = desk.ask(f"/inbox/{thread}/thread")
    older = re.search(r"before=([\w-]+)", page).group(1)  # type: ignore[union-attr]
    rows = page_rows(f"thread open, {size}", desk, f"/inbox/{thread}/thread", {"p50": 8}, sql)
    rows += page_rows(f"thread up, {size}", desk, f"/inbox/{thread}/messages?before={older}", {"p50": 8}, sql)
    in_thread = "SELECT id FROM messages WHERE tenant_id = %s AND conversation_id = %s"
    message = desk.scalar(f"{in_thread} ORDER BY occurred_at OFFSET 500 LIMIT 1", thread)
    if message:
        rows += page_rows(
            f"thread jump, {size}", desk, f"/inbox/{thread}/thread?message={message}", {"p50": 8}, sql
        )
    return rows


def _encoded(words: str) -> str:
    return urlencode({"q": words})


def _door(desk: Desk, words: str) -> float:
    """The median of the two doors alone, by the application's role."""
    nobody = uuid.UUID(int=0)
    chunks = words.split()
    messages = desk.query(
        "SELECT * FROM search_messages(%s::text[], '{}', NULL, NULL, NULL, NULL, NULL, NULL, %s, true, true, NULL, NULL, 31)",
        chunks, nobody,
    )  # fmt: skip
    people = desk.query(
        "SELECT * FROM search_people(%s::text[], %s, true, true, NULL, NULL, NULL, 9)", chunks, nobody
    )
    return messages + people


def inbox() -> list[Row]:
    """Every page at a small and at the chosen size, and how flat it is between them. `CRM_BENCH_SCALE` chooses."""
    size = int(WHOLE * float(os.environ.get("CRM_BENCH_SCALE", "0.1")))
    with desk(SMALL) as few:
        small = pages(few, f"{SMALL:,}")
    with desk(size) as many:
        big = pages(many, f"{size:,}")
    flat = [
        against(
            f"{here.name.removesuffix(f', {size:,} p50')}, {size:,} against {SMALL:,}",
            here.value / there.value,
            "x",
            1.3,
        )
        for here, there in zip(big, small, strict=False)
        if "p50" in here.name and not re.search(r"page [\d,]{3,}", here.name)
    ]
    return [*small, *big, *flat]


BENCHES = (Bench("inbox", inbox),)

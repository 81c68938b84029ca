"""What the database does for a first page, as the application's role: it walks one index, and never a whole tenant.

Row-level security keeps some operators from their index, and a small table hides it; so there are sixty thousand
conversations here, and as many of Rival's.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import sqlalchemy as sa

from crm_web.core.db import db
from crm_web.core.tenancy import as_tenant
from tests.cast import Person, build_acme, build_rival
from tests.inbox.lists import fill, user_id

COUNT = 60_000
# A part of a tenant may be sorted when an index found exactly that part; this is far less than a tenant.
SORTED = 6_000
READ = 25_000

FIRST_PAGES = [
    "", "tab=mine", "tab=unassigned", "tab=mentions", "state=closed", "state=snoozed", "unread=1", "unanswered=1",
    "status=new", "priority=urgent", "closing=4", "sort=waiting", "sort=priority", "sort=window", "tag=vip", "tag=norte",
    "tab=mine&sort=waiting", "tab=mine&unread=1", "tab=unassigned&sort=priority", "unread=1&sort=window",
    "channel={channel}", "assignee={other}", "channel={channel}&sort=priority", "assignee={other}&sort=window",
]  # fmt: skip


@pytest.fixture(scope="module")
def big(app, owner, servers):
    """Two big houses, made once for this file."""
    with owner.begin() as connection:
        tables = connection.scalar(
            sa.text(
                "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables WHERE schemaname = 'public'"
                " AND tablename NOT IN ('alembic_version', 'permissions')"
            )
        )
        connection.execute(sa.text(f"TRUNCATE {tables} CASCADE"))
    with app.app_context():
        acme, rival = build_acme(), build_rival()
        fill(owner, acme, COUNT)
        fill(owner, rival, COUNT, tag="r", team="rival")
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))
    return acme


@pytest.fixture
def sofia(app, big):
    """Sofía at the inbox."""
    with app.app_context():
        yield Person(app, "seller@acme.test")


def walk(node: dict[str, Any]):
    yield node
    for child in node.get("Plans", []):
        yield from walk(child)


def plans_of(person: Person, url: str, tenant_id) -> list[tuple[str, dict[str, Any]]]:
    """The plans of the statements about conversations that a page ran, run again in the same role and house."""
    said: list[tuple[str, Any]] = []

    def note(_connection, _cursor, statement, parameters, *_rest):
        if "conversations" in statement and statement.lstrip().startswith(("SELECT", "WITH")):
            said.append((statement, parameters))

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        person.get(url)
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)
    with as_tenant(tenant_id):
        connection = db.session.connection()
        connection.exec_driver_sql("SET LOCAL random_page_cost = 1.1")  # what is read often is in memory
        found = [
            (
                statement,
                connection.exec_driver_sql(
                    f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters
                ).scalar(),
            )
            for statement, parameters in said
        ]
        db.session.rollback()
    return [
        (statement, (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])
        for statement, plan in found
    ]


@pytest.mark.parametrize("query", FIRST_PAGES)
def test_a_first_page_walks_an_index(sofia, big, owner, query):
    query = query.format(channel=big.channel_id, other=user_id(owner, "seller2@acme.test"))
    plans = plans_of(sofia, f"/inbox/list?{query}", big.id)
    assert len(plans) >= 2
    for statement, plan in plans:
        for node in walk(plan):
            read = node["Actual Rows"] * node["Actual Loops"] + node.get("Rows Removed by Filter", 0)
            if node.get("Relation Name") in ("conversations", "leads", "conversation_tags", "messages"):
                assert node["Node Type"] != "Seq Scan", (query, statement, node)
                assert read < READ, (query, statement, node)
            if node["Node Type"] in ("Sort", "Incremental Sort"):
                assert node["Plans"][0]["Actual Rows"] <= SORTED, (query, statement, node)


def test_a_far_page_costs_what_page_one_does(sofia, big):
    for sort in ("activity", "priority"):
        place = f"sort={sort}&" if sort != "activity" else ""
        cursor = None
        for _page in range(12):
            page = sofia.get(f"/inbox/rows?{place}" + (f"cursor={cursor}" if cursor else "")).text
            cursor = re.search(r"cursor=([\w-]+)", page).group(1)
        for statement, plan in plans_of(sofia, f"/inbox/rows?{place}cursor={cursor}", big.id):
            scans = [node for node in walk(plan) if node.get("Relation Name") == "conversations"]
            assert sum(node["Actual Rows"] * node["Actual Loops"] for node in scans) < 200, (statement, plan)

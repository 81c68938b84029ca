"""Filters and orders of the list: each finds exactly its own, page after page, and nothing anybody writes breaks it."""

from __future__ import annotations

import uuid

import pytest
import sqlalchemy as sa
from werkzeug.datastructures import MultiDict

from crm_web.inbox.filters import InboxFilter
from tests.inbox.lists import all_names, counts, fill, names, revoke, user_id
from tests.inbox.test_pages import counted_queries

COUNT = 200
OPEN = [n for n in range(1, COUNT + 1) if n % 10 != 9 and n % 20 != 8]


@pytest.fixture
def many(acme, owner):
    fill(owner, acme, COUNT)
    return acme


CASES = {
    "": lambda n: True,
    "tab=mine": lambda n: n % 3 == 0,
    "tab=unassigned": lambda n: n % 3 == 1,
    "unread=1": lambda n: n % 4 == 0,
    "unanswered=1": lambda n: n % 5 == 0,
    "status=new": lambda n: n % 3 == 1,
    "status=new,active": lambda n: True,
    "tag=vip": lambda n: n % 200 == 0,
    "tag=norte": lambda n: n % 5 == 0 and n % 200,
    "priority=urgent": lambda n: n % 50 == 0,
    "priority=urgent&priority=high": lambda n: n % 50 == 0 or n % 7 == 0,
    "unread=1&unanswered=1&tab=mine": lambda n: n % 60 == 0,
    "tab=mentions": lambda n: False,
}


@pytest.mark.parametrize("query", CASES)
def test_each_filter_finds_its_own_page_after_page(many, seller, query):
    assert all_names(seller, query) == [n for n in OPEN if CASES[query](n)]


def test_states(many, seller):
    assert all_names(seller, "state=snoozed") == [n for n in range(1, COUNT + 1) if n % 20 == 8]
    assert all_names(seller, "state=closed&sort=waiting") == [n for n in range(1, COUNT + 1) if n % 10 == 9]


def test_by_person_and_channel(many, seller, owner):
    other = user_id(owner, "seller2@acme.test")
    assert all_names(seller, f"assignee={other}") == [n for n in OPEN if n % 3 == 2]
    assert all_names(seller, f"channel={many.channel_id}") == OPEN


def test_the_longest_waiting_come_first(many, seller):
    assert all_names(seller, "sort=waiting") == [n for n in reversed(OPEN) if n % 5 == 0]


def test_the_most_urgent_come_first(many, seller):
    def rank(n):
        return 3 if n % 50 == 0 else 2 if n % 7 == 0 else 0 if n % 11 == 0 else 1

    assert all_names(seller, "sort=priority") == sorted(OPEN, key=lambda n: (-rank(n), n))


def test_the_fewest_minutes_come_first_and_closed_windows_not_at_all(many, seller, owner):
    with owner.begin() as connection:
        connection.execute(
            sa.text(
                "UPDATE conversations c SET last_inbound_at = now() - interval '10 min' * l.last_name::int"
                " FROM leads l WHERE l.id = c.lead_id"
            )
        )
    inside = [n for n in OPEN if n * 10 < 24 * 60]
    assert all_names(seller, "sort=window") == inside[::-1]
    assert all_names(seller, "closing=6") == [n for n in inside if n * 10 >= 18 * 60]
    assert all_names(seller, "closing=6&sort=window") == [n for n in inside if n * 10 >= 18 * 60][::-1]


def test_rows_of_one_moment_are_not_lost_between_pages(many, seller, owner):
    with owner.begin() as connection:
        connection.execute(
            sa.text(
                "UPDATE conversations SET last_message_at = now(), last_inbound_at = now(), priority = 'high',"
                " waiting_since = CASE WHEN is_open THEN now() END"
            )
        )
    for sort in ("activity", "waiting", "priority", "window"):
        found = all_names(seller, f"sort={sort}")
        assert len(found) == len(set(found)) == len(OPEN), sort


def test_a_cursor_of_another_order_is_not_found(many, seller):
    cursor = seller.get("/inbox/list").text.split("cursor=")[1].split('"')[0]
    seller.get(f"/inbox/rows?cursor={cursor}")
    for sort in ("waiting", "priority", "window"):
        seller.get(f"/inbox/rows?sort={sort}&cursor={cursor}", expect=404)


@pytest.mark.parametrize(
    "query",
    [
        "tab=yours", "sort=size", "state=lost", "status=zombie", "priority=9", "closing=-1", "closing=soon", "channel=x",
        "assignee=%00", "tag=" + "a" * 900, "unread=perhaps", "tab=&state=&status=,,", "tag=%00",
    ],
)  # fmt: skip
def test_words_that_mean_nothing_are_told_and_the_rest_works(many, seller, query):
    page = seller.get(f"/inbox/list?unanswered=1&{query}").text
    assert names(page) == [n for n in OPEN if n % 5 == 0][:30]
    assert ("No entendimos" in page) == (query != "tab=&state=&status=,,")


def test_what_was_not_understood_stays_told_when_the_list_is_drawn_anew(many, seller):
    page = seller.get("/inbox/list?status=zombie&unread=1").text
    again = page.split('data-query="')[1].split('"')[0].replace("&amp;", "&")
    assert again == "unread=1&ignored=zombie"
    assert "zombie" in seller.get(f"/inbox/list?{again}").text.split("No entendimos")[1]


def test_what_is_gone_is_said_and_does_not_count(many, seller):
    gone = uuid.uuid4()
    page = seller.get(f"/inbox/list?unanswered=1&channel={gone}&assignee={gone}&tag=perdida").text
    assert names(page) == [n for n in OPEN if n % 5 == 0][:30]
    assert page.count("(ya no existe)") == 3
    assert "perdida" in page


def test_a_query_survives_its_own_writing():
    words = MultiDict(
        [("tab", "mine"), ("status", "new,active"), ("priority", "high"), ("priority", "urgent"), ("closing", "4"),
         ("tag", "á&b=c"), ("channel", str(uuid.uuid4())), ("unread", "1"), ("sort", "window")]
    )  # fmt: skip
    asked, ignored = InboxFilter.read(words)
    assert (InboxFilter.read(asked.query), ignored) == ((asked, []), [])
    assert InboxFilter().query == {}


def test_the_whole_filter_travels_with_every_link(many, seller):
    page = seller.get("/inbox/list?tab=all&unanswered=1&priority=normal&sort=waiting").text
    rows = [part.split('"')[0] for part in page.split('class="row-link" href="')[1:]]
    assert all("unanswered=1" in row and "priority=normal" in row and "sort=waiting" in row for row in rows)
    assert (
        "unanswered=1"
        in seller.get("/inbox/list?unanswered=1").text.split('data-tab="mine" href="')[1].split('"')[0]
    )


def test_tabs_count_what_the_filter_finds(many, seller):
    found = counts(seller.get("/inbox/list?unanswered=1").text)
    waiting = [n for n in OPEN if n % 5 == 0]
    assert found["all"] == str(len(waiting))
    assert found["mine"] == str(len([n for n in waiting if n % 3 == 0]))


def test_rival_sees_none_of_it(many, rival, owner):
    other = user_id(owner, "seller2@acme.test")
    for query in ("", f"assignee={other}", f"channel={many.channel_id}", "tag=vip", "sort=waiting"):
        page = rival.get(f"/inbox/list?{query}").text
        assert names(page) == []
        assert "Simón" not in page
        assert "WhatsApp principal" not in page


def test_who_sees_only_their_own_counts_only_their_own(many, seller, owner):
    revoke(owner, "seller@acme.test", "conversations.all", "conversations.unassigned")
    mine = [n for n in OPEN if n % 3 == 0]
    assert all_names(seller) == mine
    assert all_names(seller, "tab=unassigned") == []
    assert all_names(seller, f"assignee={user_id(owner, 'seller2@acme.test')}") == []
    assert counts(seller.get("/inbox/list").text) == {
        "mine": str(len(mine)),
        "unassigned": "0",
        "all": str(len(mine)),
    }


@pytest.mark.parametrize(
    ("query", "most"), [("", 5), ("unread=1&sort=priority", 5), ("tag=vip", 6), ("sort=waiting&closing=3", 5)]
)
def test_a_filter_costs_the_same_queries(many, seller, query, most):
    seller.get("/inbox/list")
    with counted_queries() as seen:
        seller.get(f"/inbox/list?{query}")
    assert len(seen) <= most, seen

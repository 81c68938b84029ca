"""A found message in its place: the page around it, older and newer pages, no gap and nothing twice."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from crm_web.core.db import db, new_id
from crm_web.core.tenancy import as_tenant
from crm_web.models import Conversation, Message
from tests.inbox.test_pages import counted_queries
from tests.inbox.test_search import Archive

LINES = 150


@pytest.fixture
def long(acme) -> Conversation:
    """A conversation of a hundred and fifty lines, the last three unread."""
    archive = Archive(acme)
    return archive.talk(
        "Eva Ruiz", "+573001112233", *[f"línea {n:03d}." for n in range(LINES)], unread_count=3
    )


@pytest.fixture
def line(acme, long):
    """The id of a line by its number."""

    def find(number: int):
        with as_tenant(acme.id):
            found = db.session.scalar(sa.select(Message.id).where(Message.body == f"línea {number:03d}."))
            db.session.rollback()
            return found

    return find


def lines(page: str) -> list[int]:
    """The numbers of the lines a page shows, in its order, less what the list quotes."""
    thread = page.partition('id="messages"')[2] or page
    return [int(number) for number in re.findall(r"línea (\d+)\.", thread)]


def link(page: str, way: str) -> str | None:
    found = re.search(rf'data-{way}="([^"]+)"', page)
    return found.group(1).replace("&amp;", "&") if found else None


@pytest.mark.parametrize("number", [0, 1, 19, 20, 75, 129, 130, 149])
def test_from_any_message_the_whole_thread_is_reached_once(seller, long, line, number):
    page = seller.get(f"/inbox/{long.id}/thread?message={line(number)}").text
    shown = lines(page)
    assert number in shown
    assert f'data-target="message-{line(number)}"' in page
    older, newer = link(page, "older"), link(page, "newer")
    while older:
        page = seller.get(older).text
        shown = lines(page) + shown
        older = link(page, "older")
    while newer:
        page = seller.get(newer).text
        shown += lines(page)
        newer = link(page, "newer")
    assert shown == list(range(LINES))


def test_the_address_of_a_message_shows_it_without_javascript(seller, long, line):
    page = seller.get(f"/inbox/{long.id}?message={line(75)}").text
    assert lines(page) == list(range(55, 95))
    following = re.search(r'href="([^"]+after=[^"]+)"', page).group(1)
    assert lines(seller.get(following).text)[0] == 95


def test_what_is_new_stays_unread_until_it_is_seen(seller, long, line, only):
    page = seller.get(f"/inbox/{long.id}/thread?message={line(10)}").text
    assert 'id="unread-line"' not in page
    assert only(Conversation).unread_count == 3
    seller.get(f"/inbox/{long.id}/thread?message={line(148)}")
    assert only(Conversation).unread_count == 0


def test_a_message_of_another_conversation_or_of_none_is_not_found(acme, seller, long, line):
    other = Archive(acme).talk("Zoe Díaz", "+573009998877", "hola")
    for message in (line(5), new_id(), "x"):
        seller.get(f"/inbox/{other.id}?message={message}", expect=404)
        seller.get(f"/inbox/{other.id}/thread?message={message}", expect=404)


def test_rival_jumps_nowhere(rival, long, line):
    rival.get(f"/inbox/{long.id}?message={line(75)}", expect=404)
    rival.get(f"/inbox/{long.id}/thread?message={line(75)}", expect=404)
    rival.get(f"/inbox/{long.id}/messages?after=AAAA", expect=404)


def test_forged_places_are_not_found(seller, long):
    for cursor in ("x", "AAAA", "MjAyNg"):
        seller.get(f"/inbox/{long.id}/messages?after={cursor}", expect=404)
        seller.get(f"/inbox/{long.id}?after={cursor}", expect=404)


def test_a_jump_costs_the_same_queries_however_long_the_thread(seller, long, line):
    url = f"/inbox/{long.id}/thread?message={line(75)}"
    seller.get(url)
    with counted_queries() as seen:
        seller.get(url)
    assert len(seen) <= 11, seen

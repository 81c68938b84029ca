"""Who else is here and who is writing: shown to colleagues, never to oneself, forgotten by itself."""

from __future__ import annotations

import pytest

from crm_web.core import jobs
from crm_web.inbox import company
from tests.cast import Person
from tests.inbox.test_pages import counted_queries


@pytest.fixture
def two(listen, seller, seller2, conversation):
    """Sofía and Simón with the same conversation open."""
    sofia, simon = listen(seller), listen(seller2)
    sofia.open(conversation.id)
    simon.open(conversation.id)
    return sofia, simon


def page_of(person: Person, conversation) -> str:
    return person.get(f"/inbox/{conversation.id}/company").text


def test_each_sees_the_other_and_nobody_themselves(two, seller, seller2, conversation):
    assert "Simón Díaz" in page_of(seller, conversation)
    assert "Sofía Ríos" not in page_of(seller, conversation)
    assert "Sofía Ríos" in page_of(seller2, conversation)


def test_coming_and_going_is_told(two, seller, conversation):
    sofia, simon = two
    assert sofia.hears("company") == {"id": str(conversation.id)}
    sofia.forget()
    simon.client.call("unwatch", {"conversation_id": str(conversation.id)}, timeout=5)
    assert sofia.hears("company") is not None
    assert "Simón" not in page_of(seller, conversation)


def test_a_closed_browser_is_gone(two, seller, conversation):
    sofia, simon = two
    sofia.forget()
    simon.client.disconnect()
    assert sofia.hears("company") is not None
    assert "Simón" not in page_of(seller, conversation)


def test_writing_is_shown_with_its_kind_and_ends(two, seller, conversation):
    sofia, simon = two
    simon.says("writing", "reply")
    assert sofia.hears("company") is not None
    assert sofia.hears("writing")["id"] == str(conversation.id)
    assert "Simón está escribiendo" in page_of(seller, conversation)
    assert "ya le está respondiendo" in page_of(seller, conversation)
    sofia.forget()
    simon.says("writing", "")
    assert sofia.hears("company") is not None
    assert "escribiendo" not in page_of(seller, conversation)


def test_a_note_warns_nobody(two, seller, conversation):
    sofia, simon = two
    simon.says("writing", "note")
    assert sofia.hears("company") is not None
    assert "escribiendo" in page_of(seller, conversation)
    assert "respondiendo" not in page_of(seller, conversation)


@pytest.mark.parametrize("kind", [None, 7, {"x": 1}, "reply; DROP", "x" * 9000])
def test_nonsense_writes_nothing(two, seller, conversation, kind):
    two[1].says("writing", kind)
    two[1].says("here", kind)
    assert "escribiendo" not in page_of(seller, conversation)


def test_who_does_not_look_writes_nothing(listen, seller, seller2, conversation):
    ear = listen(seller2)
    ear.says("writing", "reply")
    ear.client.call("unwatch", {"conversation_id": str(conversation.id)}, timeout=5)
    assert "Simón" not in page_of(seller, conversation)


def test_company_costs_three_queries(two, seller, conversation):
    page_of(seller, conversation)
    with counted_queries() as seen:
        page_of(seller, conversation)
    assert len(seen) <= 3, seen


def test_rival_sees_no_company(two, rival, conversation):
    rival.get(f"/inbox/{conversation.id}/company", expect=404)


def test_what_a_dead_process_left_ends_by_itself(two, seller, conversation):
    client = jobs.redis_client()
    for key in client.keys("company:*"):
        for entry in client.zrange(key, 0, -1):
            client.zadd(key, {entry: 1})
    assert "Simón" not in page_of(seller, conversation)


def test_a_dead_redis_shows_nobody(app, seller, conversation, monkeypatch):
    import redis

    monkeypatch.setitem(
        app.extensions, "redis", redis.Redis(port=1, socket_connect_timeout=0.1, socket_timeout=0.1)
    )
    assert "viewers" in page_of(seller, conversation)
    assert not company.here(conversation.id, conversation.id, "x")
    company.gone(conversation.id, conversation.id, "x")

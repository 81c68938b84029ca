"""How much a conversation presses, and marking it as unread."""

from __future__ import annotations

import pytest

from crm_web.models import Conversation, Message
from tests.inbox.colleagues import give, sees_only_own
from tests.inbox.ears import Listener


@pytest.fixture
def url(conversation) -> str:
    return f"/inbox/{conversation.id}"


def test_a_priority_is_set_and_said(seller, url, only, rows):
    head = seller.post(f"{url}/priority", priority="urgent", fragment=True).text
    assert (only(Conversation).priority, only(Conversation).priority_rank) == ("urgent", 3)
    assert (rows(Message)[-1].payload["event"], rows(Message)[-1].payload["priority"]) == (
        "priority",
        "urgent",
    )
    assert "Prioridad urgente" in head


def test_saying_it_again_says_it_once(seller, url, rows):
    for _ in range(2):
        seller.post(f"{url}/priority", priority="high")
    assert len([message for message in rows(Message) if message.kind == "system"]) == 1


def test_an_unknown_priority_is_refused_in_words(seller, url, only):
    answer = seller.post(f"{url}/priority", priority="now", expect=422, fragment=True)
    assert "Elige una prioridad" in answer.text
    assert only(Conversation).priority == "normal"


def test_everybody_with_the_list_open_hears(live_server, seller, url, conversation):
    ear = Listener(live_server, seller)
    ear.watch(conversation.id)
    seller.post(f"{url}/priority", priority="low")
    assert ear.hears("inbox") is not None
    assert ear.hears("conversation")["id"] == str(conversation.id)
    ear.client.disconnect()


def test_reading_is_not_handling(quality, auditor, rival, url, only):
    quality.post(f"{url}/priority", priority="high", expect=403)
    auditor.post(f"{url}/unread", expect=403)
    rival.post(f"{url}/priority", priority="high", expect=404)
    assert only(Conversation).priority == "normal"


def test_who_sees_only_their_own_is_blind(seller2, url, conversation, owner):
    sees_only_own(owner, "seller2@acme.test")
    seller2.post(f"{url}/priority", priority="high", expect=404)
    seller2.post(f"{url}/unread", expect=404)
    give(owner, conversation.id, "seller2@acme.test")
    seller2.post(f"{url}/priority", priority="high")


def test_marked_as_unread_it_is_unread_for_everybody(seller, url, only):
    seller.get(url)
    assert only(Conversation).unread_count == 0
    seller.post(f"{url}/unread", fragment=True)
    assert only(Conversation).unread_count == 1
    assert seller.post(f"{url}/unread", expect=303).location.endswith("/inbox")
    assert "is-unread" in seller.get("/inbox/list").text

"""Handing a conversation over with a note: what is kept, who hears of it, and whom nobody can be given to."""

from __future__ import annotations

import pytest

from crm_web.models import Conversation, Message, Transfer
from tests.inbox.colleagues import id_of, leaves, sees_only_own
from tests.inbox.ears import Listener


@pytest.fixture
def hand_over(owner, conversation):
    def post(person, email, note="Quiere ver el 301 el jueves", **more):
        url = f"/inbox/{conversation.id}/assignment"
        return person.post(url, user_id=str(id_of(owner, email)), note=note, **more)

    return post


@pytest.fixture
def simon_listens(live_server, seller2):
    listener = Listener(live_server, seller2)
    yield listener
    listener.client.disconnect()


def test_a_transfer_is_kept_with_its_note(seller, conversation, hand_over, owner, only, rows):
    seller.post(f"/inbox/{conversation.id}/assignment", user_id="me")
    hand_over(seller, "seller2@acme.test")
    kept, talk = only(Transfer), only(Conversation)
    sofia, simon = id_of(owner, "seller@acme.test"), id_of(owner, "seller2@acme.test")
    assert (kept.from_user_id, kept.to_user_id, kept.created_by) == (sofia, simon, sofia)
    assert (talk.assigned_to, talk.transfer_count, kept.note) == (simon, 1, "Quiere ver el 301 el jueves")
    note = next(message for message in rows(Message) if message.kind == "note")
    assert (note.body, note.direction, note.author_id) == (kept.note, "internal", sofia)


def test_whoever_is_handed_it_hears_and_is_told_who_and_why(
    seller, seller2, conversation, hand_over, simon_listens
):
    hand_over(seller, "seller2@acme.test")
    assert simon_listens.hears("transferred") == {"id": str(conversation.id)}
    told = seller2.get(f"/inbox/{conversation.id}/transfer").text
    assert "Sofía te pasó la conversación con Ana Restrepo: Quiere ver el 301 el jueves" in told


def test_who_left_is_refused_in_words_and_nothing_changes(seller, hand_over, owner, only, rows):
    leaves(owner, "seller2@acme.test")
    answer = hand_over(seller, "seller2@acme.test", expect=422, fragment=True)
    assert "Simón Díaz ya no está en el equipo" in answer.text
    assert (only(Conversation).assigned_to, rows(Transfer)) == (None, [])


def test_who_may_not_answer_is_refused_in_words(seller, hand_over, only):
    answer = hand_over(seller, "auditor@acme.test", expect=422, fragment=True)
    assert "Aura Torres no puede atender conversaciones" in answer.text
    assert only(Conversation).assigned_to is None


def test_nobody_is_handed_what_they_have(seller, hand_over, rows):
    hand_over(seller, "seller2@acme.test")
    answer = hand_over(seller, "seller2@acme.test", expect=422, fragment=True)
    assert "ya tiene esta conversación" in answer.text
    assert len(rows(Transfer)) == 1


def test_a_note_of_a_whole_book_is_refused(seller, hand_over, rows):
    hand_over(seller, "seller2@acme.test", note="x" * 2001, expect=422)
    assert rows(Transfer) == []


def test_who_sees_only_their_own_sees_what_they_are_handed(seller, seller2, conversation, hand_over, owner):
    sees_only_own(owner, "seller2@acme.test")
    seller2.get(f"/inbox/{conversation.id}", expect=404)
    seller2.get(f"/inbox/{conversation.id}/transfer", expect=404)
    hand_over(seller, "seller2@acme.test")
    seller2.get(f"/inbox/{conversation.id}")


def test_who_gives_away_what_they_see_no_longer_is_taken_to_the_list(
    seller, seller2, conversation, hand_over, owner, only
):
    sees_only_own(owner, "seller2@acme.test")
    hand_over(seller, "seller2@acme.test")
    answer = hand_over(seller2, "seller@acme.test", fragment=True)
    assert answer.headers["HX-Redirect"] == "/inbox"
    assert only(Conversation).assigned_to == id_of(owner, "seller@acme.test")
    seller2.get(f"/inbox/{conversation.id}", expect=404)
    hand_over(seller, "seller2@acme.test", note="Otra vez")
    assert hand_over(seller2, "seller@acme.test", expect=303).location == "/inbox"


def test_those_who_only_read_and_strangers_hand_over_nothing(auditor, rival, hand_over, rows):
    hand_over(auditor, "seller2@acme.test", expect=403)
    hand_over(rival, "seller2@acme.test", expect=404)
    assert rows(Transfer) == []


def test_taking_it_is_one_word(seller, conversation, owner, only):
    seller.post(f"/inbox/{conversation.id}/assignment", user_id="me")
    assert only(Conversation).assigned_to == id_of(owner, "seller@acme.test")

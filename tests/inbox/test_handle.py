"""Assigning, closing, reopening, reading: who may, what it says in the thread, and what everybody hears."""

from __future__ import annotations

from crm_web.models import Conversation, Message
from tests import meta


def lines(rows) -> list[str]:
    return [message.payload["event"] for message in rows(Message) if message.kind == "system"]


def test_assigning_says_who_to_whom(seller, conversation, id_of, only, rows):
    seller.post(f"/inbox/{conversation.id}/assignment", user_id=str(id_of("seller2@acme.test")))
    assert only(Conversation).assigned_to == id_of("seller2@acme.test")
    assert only(Conversation).status == "assigned"
    assert (rows(Message)[-1].payload["by"], rows(Message)[-1].payload["to"]) == ("Sofía Ríos", "Simón Díaz")


def test_assigning_twice_says_it_once(seller, conversation, id_of, rows):
    for _ in range(2):
        seller.post(f"/inbox/{conversation.id}/assignment", user_id=str(id_of("seller2@acme.test")))
    assert lines(rows) == ["assigned"]


def test_taking_it_from_everybody(seller, conversation, id_of, only, rows):
    seller.post(f"/inbox/{conversation.id}/assignment", user_id=str(id_of("seller@acme.test")))
    seller.post(f"/inbox/{conversation.id}/assignment", user_id="")
    assert (only(Conversation).assigned_to, only(Conversation).status) == (None, "new")


def test_closing_needs_a_reason(seller, conversation, only):
    seller.post(f"/inbox/{conversation.id}/closure", reason="because", expect=422)
    assert only(Conversation).is_open


def test_a_closed_conversation_takes_no_answer_until_reopened(seller, conversation, only, rows):
    seller.post(f"/inbox/{conversation.id}/closure", reason="resolved", notes="Compró")
    assert (only(Conversation).status, only(Conversation).close_notes) == ("closed", "Compró")
    seller.post(f"/inbox/{conversation.id}/messages", body="hola", fragment=True, expect=422)
    seller.post(f"/inbox/{conversation.id}/reopening")
    seller.post(f"/inbox/{conversation.id}/messages", body="hola")
    assert lines(rows) == ["closed", "reopened"]


def test_the_customer_opens_it_again_by_writing(seller, conversation, deliver, run_jobs, only, owner):
    seller.post(f"/inbox/{conversation.id}/closure", reason="resolved")
    with owner.begin() as connection:
        connection.exec_driver_sql("UPDATE conversations SET closed_at = now() - interval '1 hour'")
    deliver(meta.said(meta.text("¿Siguen ahí?")))
    run_jobs()
    after = only(Conversation)
    assert (after.is_open, after.status, after.unread_count) == (True, "new", 1)


def test_reading_clears_the_count_only_for_who_may_answer(auditor, seller, conversation, only):
    auditor.get(f"/inbox/{conversation.id}")
    assert only(Conversation).unread_count == 1
    seller.get(f"/inbox/{conversation.id}")
    assert only(Conversation).unread_count == 0


def test_those_who_only_read_change_nothing(auditor, conversation, only):
    auditor.post(f"/inbox/{conversation.id}/assignment", user_id="", expect=403)
    auditor.post(f"/inbox/{conversation.id}/closure", reason="resolved", expect=403)
    assert only(Conversation).is_open


def test_a_stranger_to_the_team_cannot_be_given_it(seller, conversation, only):
    seller.post(
        f"/inbox/{conversation.id}/assignment", user_id="00000000-0000-7000-8000-000000000000", expect=404
    )
    seller.post(f"/inbox/{conversation.id}/assignment", user_id="nobody", expect=422)

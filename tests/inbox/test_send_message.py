"""A seller answers, and the customer receives it."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from crm_web.core.clock import now
from crm_web.models import Conversation, Message, OutboxItem
from tests import meta


def messages_url(conversation) -> str:
    return f"/inbox/{conversation.id}/messages"


def sent_by_us(rows) -> list[Message]:
    return [message for message in rows(Message) if message.direction == "outbound"]


def test_a_seller_answers_and_the_customer_receives_it(seller, telephone, only, run_jobs):
    telephone.says("Hola, ¿sigue disponible?")
    seller.post(messages_url(only(Conversation)), body="Claro que sí")
    telephone.settle()
    assert telephone.last()["text"] == "Claro que sí"


def test_the_ticks_move_forward_as_the_telephone_says(seller, telephone, only, rows):
    telephone.says("Hola")
    seller.post(messages_url(only(Conversation)), body="Buenas tardes")
    telephone.settle()
    assert sent_by_us(rows)[0].status in ("delivered", "read")
    assert sent_by_us(rows)[0].sent_at is not None


def test_the_message_and_its_outbox_row_are_one_transaction(seller, conversation, rows, only):
    seller.post(messages_url(conversation), body="Va")
    assert sent_by_us(rows)[0].status == "queued"
    assert only(OutboxItem).message_id == sent_by_us(rows)[0].id


def test_a_double_click_is_one_message(seller, conversation, rows):
    click = str(uuid.uuid4())
    for _ in range(2):
        seller.post(messages_url(conversation), body="Una vez", client_id=click)
    assert len(sent_by_us(rows)) == len(rows(OutboxItem)) == 1


def test_answering_ends_the_waiting(seller, conversation, only):
    assert only(Conversation).waiting_since is not None
    seller.post(messages_url(conversation), body="Aquí estoy")
    after = only(Conversation)
    assert (after.waiting_since, after.unread_count, after.status) == (None, 0, "active")
    assert after.last_message_preview == "Aquí estoy"
    assert after.first_response_at is not None


def close_window(owner) -> None:
    with owner.begin() as connection:
        connection.execute(
            sa.text("UPDATE conversations SET last_inbound_at = :at"), {"at": now() - timedelta(hours=25)}
        )


def test_after_24_hours_the_server_refuses_and_says_why(seller, conversation, owner, rows):
    close_window(owner)
    answer = seller.post(messages_url(conversation), body="¿Sigues ahí?", fragment=True, expect=422)
    assert "24 h" in answer.text
    assert sent_by_us(rows) == rows(OutboxItem) == []


def test_a_note_needs_no_window_and_never_leaves(seller, conversation, owner, rows, only):
    close_window(owner)
    seller.post(messages_url(conversation), body="Llamarla el lunes", kind="note")
    assert rows(Message)[-1].is_private
    assert rows(OutboxItem) == []
    assert only(Conversation).last_message_preview != "Llamarla el lunes"


@pytest.mark.parametrize("body", ["", "   \n ", "x" * 4097])
def test_what_cannot_be_sent_is_refused(seller, conversation, rows, body):
    seller.post(messages_url(conversation), body=body, fragment=True, expect=422)
    assert sent_by_us(rows) == []


def test_four_thousand_and_ninety_six_characters_with_emoji_go(seller, conversation, rows):
    body = ("🏡" + "x" * 63) * 64
    seller.post(messages_url(conversation), body=body)
    assert sent_by_us(rows)[0].body == body


def test_html_and_script_are_shown_as_words(seller, deliver, acme, run_jobs, only):
    deliver(
        meta.said(
            meta.text("<script>alert(1)</script><img src=x onerror=alert(1)>"), name="<b>Ana</b><script>"
        )
    )
    run_jobs()
    page = seller.get(f"/inbox/{only(Conversation).id}").text
    assert not any(markup in page for markup in ("<script>alert", "<img src=x", "<b>Ana"))
    assert "&lt;script&gt;alert(1)" in page


def test_a_viewer_cannot_answer(auditor, conversation, rows):
    auditor.post(messages_url(conversation), body="hola", expect=404)
    auditor.post(messages_url(conversation), body="hola", kind="note", expect=404)
    assert len(rows(Message)) == 1


def test_quality_may_note_but_not_answer(quality, conversation, rows):
    quality.post(messages_url(conversation), body="Bien atendida", kind="note")
    quality.post(messages_url(conversation), body="hola", expect=404)
    assert [message.kind for message in rows(Message)] == ["text", "note"]


def test_rival_finds_nothing(rival, conversation, rows):
    rival.post(messages_url(conversation), body="hola", expect=404)
    assert len(rows(Message)) == 1


def test_the_page_answers_with_the_message_it_wrote(seller, conversation):
    answer = seller.post(messages_url(conversation), body="Hola de nuevo", fragment=True, expect=201)
    assert "Hola de nuevo" in answer.text
    assert answer.text.count("data-version") == 1


def test_no_text_and_no_secret_reach_the_log(seller, conversation, run_jobs, capfd):
    seller.post(messages_url(conversation), body="secreto-del-cliente")
    run_jobs()
    written = capfd.readouterr()
    assert "secreto-del-cliente" not in written.err + written.out
    assert "test-token-" not in written.err + written.out

"""A reply waits before it leaves, and its author can take it back; whoever locks first, wins."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from crm_web.core import jobs
from crm_web.core.clock import now
from crm_web.core.db import db
from crm_web.core.effects import commit
from crm_web.core.tenancy import as_tenant
from crm_web.inbox import operations, outbox
from crm_web.inbox.operations.undo import TooLate
from crm_web.models import Conversation, Message, OutboxItem, User
from tests.inbox.crowd import together
from tests.inbox.desk import Desk
from tests.inbox.sending import let_undo, make_template, ours


@pytest.fixture
def patient(acme, seller):
    """Sofía's replies wait half a minute."""
    let_undo(acme, 30)
    return seller


def write(person, conversation, **form):
    return person.post(f"/inbox/{conversation.id}/messages", **{"body": "Va", **form})


def undo(person, message, **more):
    return person.post(f"/inbox/messages/{message.id}/undo", **more)


def test_a_reply_waits_as_long_as_its_author_likes(patient, conversation, rows, only):
    answer = write(patient, conversation, fragment=True)
    [message] = ours(rows)
    assert message.is_held
    assert timedelta(seconds=25) < only(OutboxItem).send_after - now() < timedelta(seconds=31)
    assert only(OutboxItem).send_after == message.held_until
    assert "Deshacer" in answer.text
    assert "Deshacer" in patient.get(f"/inbox/{conversation.id}").text


def test_five_seconds_unless_told_otherwise(acme, seller, conversation, rows, owner):
    with owner.begin() as connection:
        connection.execute(sa.text("UPDATE users SET preferences = '{}'"))
    write(seller, conversation)
    assert timedelta(seconds=3) < ours(rows)[0].held_until - now() < timedelta(seconds=6)


def test_nobody_carries_it_before_its_time(patient, telephone, only, rows, owner):
    telephone.says("Hola")
    write(patient, only(Conversation))
    assert jobs.drain_all("inbox.outbox") == 0
    with owner.begin() as connection:
        connection.execute(sa.text("UPDATE outbox SET send_after = now()"))
    jobs.drain_all("inbox.outbox")
    assert ours(rows)[0].status == "sent"


def test_a_note_is_never_held(patient, conversation, rows):
    write(patient, conversation, kind="note")
    assert rows(Message)[-1].held_until is None


def test_what_is_taken_back_never_happened(patient, conversation, rows, only):
    before = only(Conversation)
    write(patient, conversation)
    [message] = ours(rows)
    answer = undo(patient, message, fragment=True)
    after = only(Conversation)
    assert (ours(rows), rows(OutboxItem)) == ([], [])
    assert 'data-body="Va"' in answer.text
    for name in ("message_count", "last_message_preview", "last_message_direction", "last_message_at", "last_message_id",
                 "last_outbound_at", "first_response_at", "waiting_since"):  # fmt: skip
        assert getattr(after, name) == getattr(before, name), name
    assert after.version > before.version
    page = patient.get(f"/inbox/{conversation.id}").text
    assert f"message-{message.id}" not in page


def test_everybodys_thread_drops_the_bubble(patient, seller2, conversation, rows, only):
    write(patient, conversation)
    since = only(Conversation).version
    [message] = ours(rows)
    undo(patient, message)
    changes = seller2.get(f"/inbox/{conversation.id}/messages?since={since}").text
    assert re.search(rf'id="message-{message.id}" data-gone', changes)
    assert "Va" not in changes


def test_an_earlier_reply_of_ours_stays_the_last(patient, conversation, rows, only, owner, acme):
    let_undo(acme, 0)
    write(patient, conversation, body="primero")
    first = only(Conversation)
    let_undo(acme, 30)
    write(patient, conversation, body="segundo")
    undo(patient, ours(rows)[-1])
    after = only(Conversation)
    assert (after.last_message_preview, after.last_outbound_at) == ("primero", first.last_outbound_at)
    assert (after.first_response_at, after.waiting_since) == (first.first_response_at, None)


def test_a_colleague_who_may_answer_may_take_it_back_and_nobody_else(
    patient, seller2, auditor, conversation, rows
):
    write(patient, conversation)
    [message] = ours(rows)
    undo(auditor, message, expect=403)
    undo(seller2, message)
    assert ours(rows) == []


def test_rival_is_blind(patient, rival, conversation, rows):
    write(patient, conversation)
    undo(rival, ours(rows)[0], expect=404)
    assert len(ours(rows)) == 1


def test_what_left_is_not_taken_back(patient, conversation, rows, owner):
    write(patient, conversation)
    [message] = ours(rows)
    with owner.begin() as connection:
        connection.execute(sa.text("UPDATE outbox SET send_after = now()"))
    assert len(outbox.claim(10)) == 1
    assert "ya salió" in undo(patient, message, fragment=True, expect=409).text
    assert len(ours(rows)) == 1


def test_twice_is_once(patient, conversation, rows, only):
    write(patient, conversation)
    [message] = ours(rows)
    undo(patient, message)
    count = only(Conversation).message_count
    undo(patient, message, fragment=True, expect=409)
    assert only(Conversation).message_count == count


def test_the_click_that_wrote_it_does_not_write_it_again(patient, conversation, rows):
    write(patient, conversation, client_id="one-click")
    undo(patient, ours(rows)[0])
    again = write(patient, conversation, client_id="one-click", fragment=True)
    assert "data-gone" in again.text
    assert ours(rows) == []


def test_the_courier_and_the_author_at_once(app, acme, stand_in, owner, run_jobs):
    desk = Desk(acme, stand_in, owner, run_jobs)
    outcomes = set()
    for _ in range(12):
        [written] = desk.write(*desk.customers())
        back, parcels = together(app, [partial(_take_back, acme, written), partial(outbox.claim, 10)])
        message = desk.message(written)
        assert back == (message.deleted_at is not None) == (len(parcels) == 0)
        outcomes.add(back)
        outbox.record([outbox.Sent(one, result=outbox.courier.deliver(one).result) for one in parcels])
    print(f"\nthe author won in some, the courier in others: {outcomes}")


def _take_back(house, message_id) -> bool:
    with as_tenant(house.id):
        message = db.session.get_one(Message, message_id)
        conversation = db.session.get_one(Conversation, message.conversation_id)
        by = db.session.scalars(sa.select(User).where(User.email == "seller@acme.test")).one()
        try:
            operations.take_back(message, conversation, by=by)
        except TooLate:
            return False
        commit()
        return True


def test_the_order_inside_a_conversation_stays(patient, seller2, telephone, only, rows):
    telephone.says("Hola")
    conversation = only(Conversation)
    write(patient, conversation, body="primero")
    write(seller2, conversation, body="segundo")
    assert jobs.drain_all("inbox.outbox") == 0
    undo(patient, ours(rows)[0])
    jobs.drain_all("inbox.outbox")
    assert [(one.body, one.status) for one in ours(rows)] == [("segundo", "sent")]


def test_its_words_come_back_without_javascript(patient, conversation, rows):
    write(patient, conversation, body="con <b>palabras</b>\ny líneas")
    page = patient.get(f"/inbox/{conversation.id}").text
    [message] = ours(rows)
    assert f'action="/inbox/messages/{message.id}/undo"' in page
    answer = undo(patient, message, expect=303)
    back = patient.get(answer.location).text
    assert "con &lt;b&gt;palabras&lt;/b&gt;\ny líneas</textarea>" in back


def test_of_a_file_it_is_said(patient, conversation, rows):
    write(
        patient, conversation, file=(io.BytesIO(b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"), "a.pdf")
    )
    assert "adjuntar" in undo(patient, ours(rows)[0], fragment=True).text


def test_a_template_is_held_and_taken_back_too(patient, conversation, acme, rows):
    write(
        patient,
        conversation,
        template_id=make_template(acme, "Hola, {{1}}. Va."),
        **{"variable-body-1": "Ana"},
    )
    [message] = ours(rows)
    assert message.is_held
    answer = undo(patient, message, fragment=True)
    assert ('data-body=""' in answer.text, ours(rows)) == (True, [])

"""The question after closing: through the stand-in to the telephone, and back without opening anything."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from crm_web.core.clock import now
from crm_web.core.db import db
from crm_web.core.effects import commit
from crm_web.core.tenancy import as_tenant
from crm_web.inbox.settings import InboxSettings, Satisfaction, change_settings, own_tenant
from crm_web.models import Conversation, Message, OutboxItem
from tests import meta


@pytest.fixture
def wanted(acme):
    with as_tenant(acme.id):
        change_settings(own_tenant(), InboxSettings(satisfaction=Satisfaction(enabled=True)))
        commit()


@pytest.fixture
def url(conversation) -> str:
    return f"/inbox/{conversation.id}"


@pytest.fixture
def closed(seller, url, wanted, owner):
    """Closed twenty minutes ago, and asked."""
    seller.post(f"{url}/closure", reason="resolved")
    with owner.begin() as connection:
        connection.execute(
            sa.text(
                "UPDATE conversations SET closed_at = closed_at - interval '20 minutes',"
                " satisfaction_asked_at = satisfaction_asked_at - interval '20 minutes'"
            )
        )


def tap(conversation_id, stars: int, **more):
    reply = {"id": f"rating:{conversation_id}:{stars}", "title": f"{stars} · Excelente"}
    return meta.message(**more, type="interactive", interactive={"type": "list_reply", "list_reply": reply})


@pytest.fixture
def taps(conversation, deliver, run_jobs):
    def tell(*messages):
        deliver(meta.said(*messages))
        run_jobs()

    return tell


def asked(rows) -> list[Message]:
    return [message for message in rows(Message) if message.kind == "interactive"]


def test_the_question_reaches_the_telephone_and_the_tap_comes_back(
    telephone, seller, wanted, acme, only, rows
):
    telephone.says("Hola")
    url = f"/inbox/{only(Conversation).id}"
    seller.post(f"{url}/closure", reason="resolved")
    telephone.settle()
    assert "¿Cómo te pareció la atención que recibiste?" in str(telephone.last())
    assert only(Conversation).status == "closed"
    [question] = asked(rows)
    assert (question.sender, question.status in ("sent", "delivered", "read")) == ("flow", True)
    options = question.payload["action"]["sections"][0]["rows"]
    assert [row["id"][-1] for row in options] == ["5", "4", "3", "2", "1"]
    assert all(len(row["title"]) <= 24 for row in options)
    telephone.says("", choice=options[1])
    talk = only(Conversation)
    assert (talk.satisfaction_rating, talk.status) == (4, "closed")


def test_it_is_not_asked_unless_wanted(seller, url, rows):
    seller.post(f"{url}/closure", reason="resolved")
    assert asked(rows) == []


def test_spam_is_not_asked(seller, url, wanted, rows):
    seller.post(f"{url}/closure", reason="spam")
    assert asked(rows) == []


def test_outside_the_window_nobody_is_asked(seller, url, wanted, owner, rows):
    with owner.begin() as connection:
        connection.execute(sa.text("UPDATE conversations SET last_inbound_at = now() - interval '25 hours'"))
    seller.post(f"{url}/closure", reason="resolved")
    assert (asked(rows), rows(OutboxItem)) == ([], [])


def test_once_a_day(seller, url, wanted, owner, rows):
    for _ in range(2):
        seller.post(f"{url}/closure", reason="resolved")
        seller.post(f"{url}/reopening")
    assert len(asked(rows)) == 1
    with owner.begin() as connection:
        connection.execute(
            sa.text(
                "UPDATE conversations SET satisfaction_asked_at = now() - interval '25 hours', satisfaction_rating = 2"
            )
        )
    seller.post(f"{url}/closure", reason="resolved")
    assert len(asked(rows)) == 2


def test_the_tap_is_kept_and_opens_nothing(conversation, closed, taps, only, rows, seller, url):
    before = only(Conversation).last_inbound_at
    taps(tap(conversation.id, 4))
    talk = only(Conversation)
    assert (talk.satisfaction_rating, talk.status, talk.is_open) == (4, "closed", False)
    assert (talk.unread_count, talk.waiting_since) == (0, None)
    assert talk.last_inbound_at >= before
    [line] = [m for m in rows(Message) if m.payload.get("event") == "rated"]
    assert line.payload["rating"] == 4
    assert "calificó la atención: 4 de 5" in seller.get(url).text
    assert "4 de 5" in seller.get(f"{url}/customer").text


def test_words_right_after_are_the_comment_and_are_not_lost(conversation, closed, taps, only):
    at = int(now().timestamp())
    taps(tap(conversation.id, 5, at=at - 30))
    taps(meta.text("Muy amables, gracias", at=at - 20))
    talk = only(Conversation)
    assert (talk.satisfaction_rating, talk.satisfaction_comment) == (5, "Muy amables, gracias")
    assert (talk.is_open, talk.unread_count) == (True, 1)


def test_words_much_later_are_no_comment(conversation, closed, taps, only):
    at = int(now().timestamp())
    taps(tap(conversation.id, 5, at=at - 800), meta.text("Otra pregunta", at=at - 100))
    assert only(Conversation).satisfaction_comment is None


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_whatever_order_it_is_told_in_the_newest_tap_counts(conversation, closed, taps, only, order):
    at = int(now().timestamp())
    told = [
        tap(conversation.id, 1, at=at - 303),
        tap(conversation.id, 5, at=at - 302),
        meta.text("Todo bien", at=at - 301),
    ]
    for place in order:
        taps(told[place])
        taps(told[place])
    talk = only(Conversation)
    assert (talk.satisfaction_rating, talk.satisfaction_comment) == (5, "Todo bien")


def test_a_tap_for_another_conversation_is_a_choice_like_any_other(closed, taps, only):
    taps(tap("00000000-0000-7000-8000-000000000000", 1))
    talk = only(Conversation)
    assert (talk.satisfaction_rating, talk.is_open, talk.unread_count) == (None, True, 1)


def test_a_tap_wakes_nothing_that_was_put_aside(conversation, closed, taps, seller, url, only):
    seller.post(f"{url}/reopening")
    seller.post(f"{url}/snooze", until="tomorrow")
    taps(tap(conversation.id, 3))
    assert (only(Conversation).status, only(Conversation).satisfaction_rating) == ("snoozed", 3)


def test_the_question_is_asked_in_the_tenants_words_and_language(acme, seller, url, rows):
    with as_tenant(acme.id):
        tenant = own_tenant()
        tenant.locale = "pt"
        change_settings(
            tenant, InboxSettings(satisfaction=Satisfaction(enabled=True, text="¿Qué tal <b>nosotros</b>?"))
        )
        commit()
        db.session.remove()
    seller.post(f"{url}/closure", reason="resolved")
    assert asked(rows)[0].body == "¿Qué tal <b>nosotros</b>?"
    assert "&lt;b&gt;nosotros" in seller.get(url).text

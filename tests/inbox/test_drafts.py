"""Drafts: one per person and conversation, the newest typed wins, gone when sent."""

from __future__ import annotations

import html

import pytest

from crm_web.core.db import db
from crm_web.core.tenancy import as_tenant
from crm_web.models import Conversation, Draft
from crm_web.team.models import User
from crm_web.team.operations import decide_permission
from tests.cast import Person
from tests.inbox.ears import Listener
from tests.inbox.test_pages import counted_queries


def draft_url(conversation) -> str:
    return f"/inbox/{conversation.id}/draft"


def write(person, conversation, body, **more):
    return person.post(draft_url(conversation), body=body, **more)


def shown(person, conversation) -> str:
    return html.unescape(person.get(f"/inbox/{conversation.id}").text)


def test_it_is_shown_in_every_browser_of_the_person(app, seller, conversation):
    write(seller, conversation, "Hola,\n*Ana*", kind="reply")
    elsewhere = Person(app, "seller@acme.test")
    assert 'data-body="Hola,\n*Ana*"' in shown(elsewhere, conversation)
    assert "Hola,\n*Ana*" in html.unescape(elsewhere.get(f"/inbox/{conversation.id}/thread").text)
    assert elsewhere.get("/inbox/drafts").json == {str(conversation.id): "Hola, *Ana*"}


def test_it_is_nobody_elses(seller, seller2, conversation):
    write(seller, conversation, "solo mía")
    assert "solo mía" not in shown(seller2, conversation)
    assert seller2.get("/inbox/drafts").json == {}
    assert "solo mía" not in seller2.get(draft_url(conversation)).text


def test_it_is_written_over_not_doubled(seller, conversation, only):
    for body in ("H", "Ho", "Hola"):
        write(seller, conversation, body, kind="note", reply_to="wamid.1")
    assert (only(Draft).body, only(Draft).kind, only(Draft).reply_to) == ("Hola", "note", "wamid.1")


def test_the_newest_typed_wins_whatever_comes_first(seller, conversation, only):
    write(seller, conversation, "nuevo")
    answer = write(seller, conversation, "viejo", age="60000")
    assert only(Draft).body == "nuevo"
    assert 'data-body="nuevo"' in answer.text
    write(seller, conversation, "", age="60000")
    assert only(Draft).body == "nuevo"
    write(seller, conversation, "más nuevo", age="0")
    assert only(Draft).body == "más nuevo"


@pytest.mark.parametrize("age", ["-5000", "99999999999999", "x"])
def test_an_odd_age_harms_nothing(seller, conversation, age):
    answer = seller.open(
        draft_url(conversation),
        method="PUT",
        data={"csrf_token": seller.token, "body": "hola", "kind": "reply", "age": age},
        headers={"X-Requested-With": "fetch"},
    )
    assert answer.status_code in (200, 422)


def test_emptied_it_is_gone(seller, conversation, rows):
    write(seller, conversation, "Hola")
    answer = write(seller, conversation, "  \n")
    assert "data-body" not in answer.text
    assert rows(Draft) == []


def test_sent_it_is_gone(seller, conversation, rows):
    write(seller, conversation, "Hola, Ana\n")
    seller.post(f"/inbox/{conversation.id}/messages", body="Hola, Ana")
    assert rows(Draft) == []


def test_what_was_typed_since_stays(seller, conversation, only):
    write(seller, conversation, "otra cosa")
    seller.post(f"/inbox/{conversation.id}/messages", body="Hola, Ana")
    assert only(Draft).body == "otra cosa"


def test_a_refused_message_keeps_its_draft(seller, conversation, only):
    write(seller, conversation, "x" * 5000)
    seller.post(f"/inbox/{conversation.id}/messages", body="x" * 5000, fragment=True, expect=422)
    assert len(only(Draft).body) == 5000


def test_the_persons_other_browsers_hear_of_it(live_server, seller, seller2, conversation):
    ears = [Listener(live_server, seller), Listener(live_server, seller2)]
    write(seller, conversation, "secreto")
    assert ears[0].hears("draft") == {"id": str(conversation.id)}
    assert ears[1].hears("draft", timeout=0.5) is None
    assert "secreto" not in str(ears[0].heard)
    for ear in ears:
        ear.client.disconnect()


def test_who_may_only_read_keeps_none(auditor, conversation, rows):
    write(auditor, conversation, "hola", expect=404)
    assert rows(Draft) == []


def test_rival_is_blind(rival, seller, conversation, only):
    write(seller, conversation, "de Acme")
    rival.get(draft_url(conversation), expect=404)
    write(rival, conversation, "de Rival", expect=404)
    assert rival.get("/inbox/drafts").json == {}
    assert only(Draft).body == "de Acme"


def test_what_may_not_be_seen_any_more_is_not_listed(seller, conversation, acme):
    write(seller, conversation, "hola")
    with as_tenant(acme.id):
        person = db.session.scalars(db.select(User).where(User.email == "seller@acme.test")).one()
        decide_permission(person, "conversations.all", "revoke")
        decide_permission(person, "conversations.unassigned", "revoke")
        db.session.commit()
    assert seller.get("/inbox/drafts").json == {}
    write(seller, conversation, "hola", expect=404)
    seller.get(f"/inbox/{conversation.id}", expect=404)


@pytest.mark.parametrize("kind", ["", "sms", "reply'; --"])
def test_nonsense_is_refused(seller, conversation, rows, kind):
    write(seller, conversation, "hola", kind=kind, expect=422)
    assert rows(Draft) == []


def test_markup_stays_words(seller, conversation):
    write(seller, conversation, '"><script>alert(1)</script>')
    assert "<script>alert" not in seller.get(f"/inbox/{conversation.id}").text


def test_the_list_of_drafts_is_one_query(seller, conversation, only):
    write(seller, conversation, "hola")
    with counted_queries() as seen:
        seller.get("/inbox/drafts")
    assert len(seen) <= 2, seen
    assert only(Conversation).version == conversation.version

"""What rings, the number in the title, and marking unread: through the doors, and nothing twice."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from crm_web.core.db import db
from crm_web.core.effects import commit
from crm_web.core.tenancy import as_tenant
from crm_web.models import Conversation, Mention, Message, User
from tests import meta
from tests.inbox.test_pages import counted_queries


def news(person, since):
    return person.get("/inbox/notices", query_string={"since": since}).json


def test_a_first_look_counts_and_rings_for_nothing(seller, conversation):
    first = seller.get("/inbox/notices").json
    assert (first["unread"], first["news"]) == (1, [])


def test_what_came_since_is_told_with_its_words(seller, conversation, says):
    since = seller.get("/inbox/notices").json["since"]
    says("¿Siguen abiertos?")
    answer = news(seller, since)
    assert [one["words"] for one in answer["news"]] == ["¿Siguen abiertos?"]
    assert answer["news"][0]["url"] == f"/inbox/{conversation.id}"
    assert news(seller, since)["news"][0]["key"] == answer["news"][0]["key"]


def test_a_colleagues_conversation_rings_for_the_colleague(seller, seller2, conversation, give, says):
    since = seller.get("/inbox/notices").json["since"]
    give("seller2@acme.test")
    says("para Simón")
    assert news(seller, since)["news"] == []
    assert news(seller, since)["unread"] == 0
    assert news(seller2, since)["unread"] == 1


def test_who_sees_only_their_own_is_told_nothing_of_nobodys(own_only, conversation, says):
    since = own_only.get("/inbox/notices").json["since"]
    says("¿hay alguien?")
    assert news(own_only, since) | {"since": ""} == {"unread": 0, "since": "", "news": []}


@pytest.mark.parametrize("since", ["x", "2026-01-01", "0", "\u0000", "9" * 400])
def test_nonsense_rings_for_nothing(seller, conversation, since):
    assert news(seller, since)["news"] == []


def test_a_mention_rings(seller, seller2, conversation, acme, rows):
    since = seller.get("/inbox/notices").json["since"]
    seller2.post(f"/inbox/{conversation.id}/messages", kind="note", body="@Sofía mira esto")
    with as_tenant(acme.id):
        sofia = db.session.scalar(sa.select(User.id).where(User.email == "seller@acme.test"))
        note = next(message for message in rows(Message) if message.kind == "note")
        db.session.add(
            Mention(tenant_id=acme.id, conversation_id=conversation.id, message_id=note.id, user_id=sofia)
        )
        commit()
    told = news(seller, since)["news"]
    assert any("Simón te mencionó" in one["title"] and "mira esto" in one["words"] for one in told)
    assert not any("mencionó" in one["title"] for one in news(seller2, since)["news"])


@pytest.mark.parametrize(
    ("address", "most"),
    [("/inbox/notices?since=2026-01-01T00:00:00%2B00:00", 4), ("/palette?q=cliente", 3)],
)
def test_what_pages_ask_for_often_costs_the_same_queries_however_much(
    seller, conversation, deliver, run_jobs, address, most
):
    for number in range(12):
        deliver(meta.said(meta.text("hola", f"5730011155{number:02d}"), name=f"Cliente {number}"))
    run_jobs()
    seller.get(address)
    with counted_queries() as seen:
        seller.get(address)
    assert len(seen) <= most, seen


def test_rival_is_told_nothing(rival, conversation, says):
    since = rival.get("/inbox/notices").json["since"]
    says("para Acme")
    assert news(rival, since) | {"since": ""} == {"unread": 0, "since": "", "news": []}


def test_the_rail_counts_what_waits(seller, conversation):
    assert 'pill-accent">1<' in seller.get("/me/sessions").text
    seller.get(f"/inbox/{conversation.id}")
    assert 'pill-accent">' not in seller.get("/me/sessions").text


def test_marking_unread(seller, listen, conversation, only):
    seller.get(f"/inbox/{conversation.id}")
    assert only(Conversation).unread_count == 0
    ear = listen(seller)
    seller.post(f"/inbox/{conversation.id}/unread", fragment=True)
    assert only(Conversation).unread_count == 1
    assert ear.hears("inbox") is not None
    seller.post(f"/inbox/{conversation.id}/unread", expect=303)
    assert only(Conversation).unread_count == 1


def test_marking_unread_is_for_who_answers(quality, rival, conversation):
    quality.post(f"/inbox/{conversation.id}/unread", expect=403)
    rival.post(f"/inbox/{conversation.id}/unread", expect=404)


def test_the_palette_finds_by_name_and_telephone(seller, rival, conversation, deliver, run_jobs):
    deliver(meta.said(meta.text("hola", "573001112233"), name="Zoila 100% Pérez"))
    run_jobs()
    assert "Ana Restrepo" in seller.get("/palette?q=rest").text
    assert "Ana Restrepo" in seller.get("/palette?q=0142").text
    assert "Zoila" in seller.get("/palette?q=100%25").text
    for nothing in ("%25", "_", "zzz", "\\", ""):
        assert "data-found" not in seller.get(f"/palette?q={nothing}").text
    assert "data-found" not in rival.get("/palette?q=ana").text


def test_the_palette_remembers_only_what_one_may_see(seller, own_only, conversation, rival):
    address = f"/palette?recent=x,{conversation.id}"
    assert "data-found" not in own_only.get(address).text
    assert "data-found" not in own_only.get("/palette?q=ana").text
    assert "data-found" not in rival.get(address).text


def test_the_palette_shows_what_was_opened_last(seller, conversation):
    assert "Ana Restrepo" in seller.get(f"/palette?recent={conversation.id}").text

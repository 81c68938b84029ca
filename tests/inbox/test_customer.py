"""The customer's pane: what it shows, to whom, and what it costs."""

from __future__ import annotations

import re

import sqlalchemy as sa

from crm_web.core.db import db
from crm_web.core.effects import commit
from crm_web.core.tenancy import as_tenant
from crm_web.models import Conversation, File, LeadNote, Message
from tests.cast import connected
from tests.inbox.colleagues import give, id_of, sees_only_own
from tests.inbox.test_pages import counted_queries


def second_conversation(acme, lead_id, *, preview="Desde el otro número"):
    """The same person on another number of Acme's."""
    with as_tenant(acme.id):
        channel = connected("Otro número", "+573000000077", "100000000000077", "200000000000077")
        talk = Conversation(
            tenant_id=acme.id, lead_id=lead_id, channel_id=channel.id, last_message_preview=preview
        )
        db.session.add(talk)
        commit()
        return talk.id


def send_files(acme, conversation, count: int) -> None:
    with as_tenant(acme.id):
        for number in range(count):
            kind = "image" if number % 2 else "document"
            file = File(
                tenant_id=acme.id, lead_id=conversation.lead_id, kind=kind, name=f"archivo-{number:02d}.pdf",
                state="ready", key="k", size=1000, mime="image/png" if number % 2 else "application/pdf",
            )  # fmt: skip
            db.session.add(file)
            db.session.flush()
            db.session.add(
                Message(
                    tenant_id=acme.id, conversation_id=conversation.id, channel_id=conversation.channel_id,
                    direction="inbound", kind=kind, sender="customer", status="received", file_id=file.id,
                )
            )  # fmt: skip
        commit()


def test_the_pane_shows_everything_of_this_person(acme, seller, conversation):
    second_conversation(acme, conversation.lead_id)
    send_files(acme, conversation, 3)
    seller.post(f"/leads/{conversation.lead_id}/notes", words="Llamar después de las 6")
    pane = seller.get(f"/inbox/{conversation.id}/customer").text.replace("\u00a0", " ")
    for words in ("Llamar después de las 6", "Desde el otro número", "archivo-02.pdf", "+57 310 555 0142"):
        assert words in pane


def test_the_first_page_brings_a_pane_that_asks_for_the_rest(seller, conversation):
    page = seller.get(f"/inbox/{conversation.id}").text
    assert f'hx-get="/inbox/{conversation.id}/customer"' in page
    assert f'href="/leads/{conversation.lead_id}"' in page


def test_the_newest_eight_files_and_the_rest_by_pages(acme, seller, conversation):
    send_files(acme, conversation, 30)
    pane = seller.get(f"/inbox/{conversation.id}/customer").text
    assert len(set(re.findall(r"archivo-\d\d", pane))) == 8
    first = seller.get(f"/inbox/{conversation.id}/files").text
    older = first.split("before=")[1].split('"')[0]
    second = seller.get(f"/inbox/{conversation.id}/files?before={older}").text
    names = {f"archivo-{n:02d}" for n in range(30)}
    assert {name for name in names if name in first + second} == names
    assert not {name for name in names if name in first and name in second}
    seller.get(f"/inbox/{conversation.id}/files?before=forged", expect=404)


def test_who_sees_only_their_own_finds_nothing_of_the_others(acme, seller2, conversation, owner):
    other = second_conversation(acme, conversation.lead_id, preview="Secreto de otro")
    give(owner, other, "seller@acme.test")
    give(owner, conversation.id, "seller2@acme.test")
    with as_tenant(acme.id):
        talk = db.session.get_one(Conversation, other)
        send_files(acme, talk, 1)
    sees_only_own(owner, "seller2@acme.test")
    pane = seller2.get(f"/inbox/{conversation.id}/customer").text
    assert "Secreto de otro" not in pane
    assert "archivo-00" not in pane
    assert "archivo-00" not in seller2.get(f"/inbox/{conversation.id}/files").text
    seller2.get(f"/inbox/{other}/customer", expect=404)
    seller2.get(f"/inbox/{other}/files", expect=404)


def test_it_costs_the_same_queries_however_much_there_is(acme, seller, conversation, owner):
    send_files(acme, conversation, 20)
    with as_tenant(acme.id):
        seller_id = id_of(owner, "seller@acme.test")
        for number in range(30):
            note = LeadNote(
                tenant_id=acme.id, lead_id=conversation.lead_id, author_id=seller_id, body=f"n{number}"
            )
            db.session.add(note)
        commit()
    seller.get(f"/inbox/{conversation.id}/customer")
    with counted_queries() as seen:
        seller.get(f"/inbox/{conversation.id}/customer")
    assert len(seen) <= 7, seen


def test_the_lead_page_asks_the_inbox_for_what_it_knows(acme, seller, conversation, rival):
    url = f"/inbox/leads/{conversation.lead_id}"
    assert url in seller.get(f"/leads/{conversation.lead_id}").text
    assert f"/inbox/{conversation.id}" in seller.get(url, headers={"HX-Request": "true"}).text
    assert seller.get(url, expect=302).location.endswith(f"/inbox/{conversation.id}")
    rival.get(url, expect=404)
    rival.get(f"/inbox/{conversation.id}/customer", expect=404)


def test_a_thread_whose_customer_was_rated_and_sold_to_says_so(seller, conversation, owner):
    with owner.begin() as connection:
        connection.execute(
            sa.text(
                "UPDATE conversations SET outcome = 'sale', outcome_value = 1850000, satisfaction_rating = 2,"
                " satisfaction_comment = '<b>Regular</b>', satisfaction_asked_at = now()"
            )
        )
    pane = seller.get(f"/inbox/{conversation.id}/customer").text
    assert "2 de 5" in pane
    assert "&lt;b&gt;Regular" in pane
    assert "1.850.000" in pane

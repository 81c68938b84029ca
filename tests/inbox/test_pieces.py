"""Kept rows and bubbles are never older than what they show: each page is compared with itself, drawn anew."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from crm_web.core import fragments
from crm_web.models import Conversation
from tests import meta

OWN = re.compile(
    r'(name="(csrf_token|client_id)" value|data-age|content)="[^"]*"|hx-headers:inherited=\'[^\']*\''
)


def check_drawn_alike(person, conversation):
    """What is kept says what a page drawn without anything kept says."""
    for url in ("/inbox/list", f"/inbox/{conversation.id}/thread"):
        kept = person.get(url).text
        fragments.forget()
        assert OWN.sub("", kept) == OWN.sub("", person.get(url).text)


@pytest.fixture
def look(auditor, conversation):
    """Looks as somebody who leaves no trace."""
    check_drawn_alike(auditor, conversation)
    return lambda: check_drawn_alike(auditor, conversation)


def test_what_is_done_with_it_is_seen_at_once(seller, boss, conversation, look, id_of):
    url = f"/inbox/{conversation.id}"
    boss.post(f"{url}/assignment", user_id=id_of("seller2@acme.test"))
    look()
    seller.post(f"{url}/priority", priority="urgent")
    seller.post(f"{url}/tags", tag="Visita, VIP")
    look()
    seller.post(f"{url}/messages", body="Claro que sí")
    look()
    seller.post(f"{url}/messages", body="ojo con este", kind="note")
    seller.post(f"{url}/unread")
    look()
    seller.post(f"{url}/closure", reason="resolved")
    look()


def test_what_the_customer_and_the_provider_say_is_seen_at_once(telephone, seller, auditor, only):
    telephone.says("Hola")
    conversation = only(Conversation)
    check_drawn_alike(auditor, conversation)
    seller.post(f"/inbox/{conversation.id}/messages", body="Buenas")
    check_drawn_alike(auditor, conversation)
    telephone.settle()
    check_drawn_alike(auditor, conversation)
    telephone.says("¿Y la foto?")
    check_drawn_alike(auditor, conversation)


def test_reactions_and_names_are_seen_at_once(conversation, look, deliver, run_jobs, owner):
    deliver(meta.said(meta.message(type="reaction", reaction={"message_id": "wamid.none", "emoji": "🔥"})))
    run_jobs()
    look()
    for statement in (
        "UPDATE leads SET first_name = 'Otra'",
        "UPDATE users SET first_name = 'Nueva' WHERE email = 'seller@acme.test'",
        "UPDATE channels SET name = 'Otro canal'",
    ):
        with owner.begin() as connection:
            connection.execute(sa.text(statement))
        look()


def test_each_reads_their_own_language(seller, seller2, conversation, owner):
    seller.get("/inbox/list")
    with owner.begin() as connection:
        connection.execute(sa.text("UPDATE users SET locale = 'en' WHERE email = 'seller2@acme.test'"))
    assert "Unassigned" in seller2.get("/inbox/list").text
    assert "Sin asignar" in seller.get("/inbox/list").text


def test_nobody_gets_the_form_of_somebody_else(seller, seller2, conversation, owner):
    seller.post(f"/inbox/{conversation.id}/messages", body="No llega")
    with owner.begin() as connection:
        connection.execute(sa.text("UPDATE messages SET status = 'failed' WHERE direction = 'outbound'"))
    first = seller.get(f"/inbox/{conversation.id}").text
    assert "data-retry" in first
    tokens = set(re.findall(r'name="csrf_token" value="([^"]+)"', first))
    others = set(
        re.findall(r'name="csrf_token" value="([^"]+)"', seller2.get(f"/inbox/{conversation.id}").text)
    )
    assert tokens.isdisjoint(others)

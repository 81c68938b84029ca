"""Macros: made, kept, shared, and run wholly or not at all."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from crm_web.models import Conversation, ConversationTag, Macro, Message, OutboxItem
from tests.inbox.colleagues import id_of, leaves

PAGE = "/settings/macros"
ALL = {
    "do-0": "send", "text-0": "Hola, {{first_name}}: te escribe {{agent}}.",
    "do-1": "note", "text-1": "Revisar",
    "do-2": "tag", "text-2": "VIP",
    "do-3": "assign:me",
    "do-4": "priority:high",
    "do-5": "close:sale",
}  # fmt: skip


@pytest.fixture
def make(owner):
    def post(person, name="Atender", key="1", **steps):
        person.post(PAGE, name=name, key=key, **(steps or ALL))
        with owner.connect() as connection:
            return connection.scalar(sa.text("SELECT id FROM macros WHERE name = :name"), {"name": name})

    return post


@pytest.fixture
def url(conversation) -> str:
    return f"/inbox/{conversation.id}"


def test_it_does_everything_in_its_order(seller, make, url, owner, only, rows):
    macro = make(seller)
    head = seller.post(f"{url}/macros/{macro}", fragment=True).text
    talk = only(Conversation)
    assert (talk.status, talk.close_reason, talk.priority) == ("closed", "sale", "high")
    assert talk.assigned_to == id_of(owner, "seller@acme.test")
    bodies = [m.body for m in rows(Message) if m.direction != "inbound" and m.body]
    assert bodies == ["Hola, Ana: te escribe Sofía Ríos.", "Revisar"]
    assert [tag.tag for tag in rows(ConversationTag)] == ["VIP"]
    assert "Cerrada" in head


def test_by_its_key(seller, make, url, only):
    make(seller, key="7", **{"do-0": "priority:urgent"})
    seller.post(f"{url}/macros/keys/7", fragment=True)
    assert only(Conversation).priority == "urgent"
    answer = seller.post(f"{url}/macros/keys/3", fragment=True, expect=404)
    assert "Ninguna macro tiene la tecla 3" in answer.text


def test_when_a_step_cannot_be_done_none_is(seller, make, url, owner, only, rows):
    macro = make(
        seller, **{"do-0": "priority:urgent", "do-1": "tag", "text-1": "X", "do-2": "send", "text-2": "Hola"}
    )
    with owner.begin() as connection:
        connection.execute(sa.text("UPDATE conversations SET last_inbound_at = now() - interval '2 days'"))
    answer = seller.post(f"{url}/macros/{macro}", fragment=True, expect=422).text
    assert "La macro no se ejecutó. Acción 3: La ventana de 24 h está cerrada" in answer
    assert (only(Conversation).priority, rows(ConversationTag), rows(OutboxItem)) == ("normal", [], [])
    assert [m.kind for m in rows(Message)] == ["text"]


def test_a_person_who_left_stops_it_in_words(seller, make, url, owner, only):
    macro = make(seller, **{"do-0": "priority:high", "do-1": f"assign:{id_of(owner, 'seller2@acme.test')}"})
    leaves(owner, "seller2@acme.test")
    answer = seller.post(f"{url}/macros/{macro}", fragment=True, expect=422).text
    assert "Acción 2: la persona elegida ya no está en el equipo" in answer
    assert only(Conversation).priority == "normal"


def test_nobody_does_by_macro_what_they_may_not(seller, make, url, owner, only):
    macro = make(seller, **{"do-0": "priority:high", "do-1": "close:sale"})
    with owner.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO user_permissions (id, tenant_id, user_id, permission, effect) SELECT gen_random_uuid(),"
                " tenant_id, id, 'conversations.close', 'revoke' FROM users WHERE email = 'seller@acme.test'"
            )
        )
    assert "permisos" in seller.post(f"{url}/macros/{macro}", fragment=True, expect=422).text
    assert only(Conversation).priority == "normal"


def test_one_is_private_until_it_is_shared(manager, seller, seller2, make, url, only):
    mine = make(seller, name="Solo mía")
    seller2.post(f"{url}/macros/{mine}", expect=404)
    assert "Solo mía" not in seller2.get(f"{url}/macros").text
    assert "Solo mía" not in seller2.get(PAGE).text
    shared = make(manager, name="De todos", is_shared="y", **{"do-0": "priority:low"})
    seller2.post(f"{url}/macros/{shared}")
    assert only(Conversation).priority == "low"
    for path in ("", "/removal"):
        seller2.post(f"{PAGE}/{shared}{path}", name="x", expect=404)
    seller2.get(f"{PAGE}/{shared}", expect=404)


def test_sharing_needs_the_permission(seller, make, only):
    make(seller, is_shared="y", **{"do-0": "priority:low"})
    assert not only(Macro).is_shared


def test_ones_own_key_comes_before_a_shared_one(manager, seller, make, url, only):
    make(manager, name="De todos", key="5", is_shared="y", **{"do-0": "priority:low"})
    make(seller, name="Mía", key="5", **{"do-0": "priority:urgent"})
    seller.post(f"{url}/macros/keys/5")
    assert only(Conversation).priority == "urgent"


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"name": "Vacía"}, "al menos una acción"),
        ({"name": "", "do-0": "assign:me"}, "Ponle un nombre"),
        ({"name": "x", "do-0": "send", "text-0": "  "}, "La acción 1 está incompleta"),
        (
            {"name": "x", "do-0": "assign:me", "do-1": "tag", "text-1": "y" * 51},
            "La acción 2 está incompleta",
        ),
        ({"name": "x", "do-0": "priority:now"}, "La acción 1 está incompleta"),
        ({"name": "x", "do-0": "explode:all"}, "La acción 1 está incompleta"),
        ({"name": "x", **{f"do-{n}": "assign:me" for n in range(11)}}, "hasta 10 acciones"),
    ],
)
def test_what_cannot_be_a_macro_is_refused_and_stays_on_the_page(seller, rows, form, sentence):
    page = seller.post(PAGE, expect=422, **form).text
    assert sentence in page
    assert rows(Macro) == []


def test_two_of_ones_own_may_not_share_a_key(seller, make, rows):
    make(seller, name="Una")
    assert "otra macro con la tecla 1" in seller.post(PAGE, name="Dos", key="1", expect=422, **ALL).text
    assert len(rows(Macro)) == 1


def test_it_is_changed_and_deleted_by_its_maker(seller, make, only, rows):
    macro = make(seller)
    page = seller.get(f"{PAGE}/{macro}").text
    assert 'value="close:sale" selected' in page
    assert "te escribe {{agent}}" in page
    seller.post(
        f"{PAGE}/{macro}", name="Otra", key="", **{"do-4": "note", "text-4": "a", "do-2": "snooze:reply"}
    )
    assert (only(Macro).name, only(Macro).key) == ("Otra", None)
    assert [step["do"] for step in only(Macro).actions] == ["snooze", "note"]
    seller.post(f"{PAGE}/{macro}/removal")
    assert rows(Macro) == []


def test_rival_and_readers_run_nothing(seller, auditor, rival, make, url, only):
    macro = make(seller, **{"do-0": "priority:low"})
    auditor.post(f"{url}/macros/{macro}", expect=403)
    auditor.get(PAGE, expect=403)
    rival.post(f"{url}/macros/{macro}", expect=404)
    rival.post(f"{url}/macros/keys/1", expect=404)
    rival.get(f"{PAGE}/{macro}", expect=404)
    assert only(Conversation).priority == "normal"


def test_without_javascript_the_macros_of_a_conversation_are_a_page(seller, make, url):
    macro = make(seller, name="<i>Mía</i>")
    page = seller.get(f"{url}/macros").text
    assert f'action="{url}/macros/{macro}"' in page
    assert "&lt;i&gt;Mía" in page

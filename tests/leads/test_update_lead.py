"""Correcting what is known of a person: in place, with words beside what cannot be, heard by everybody."""

from __future__ import annotations

import pytest

from crm_web.models import Lead
from tests.inbox.colleagues import give, sees_only_own
from tests.inbox.ears import Listener


@pytest.fixture
def lead(conversation) -> str:
    return f"/leads/{conversation.lead_id}"


@pytest.mark.parametrize(
    ("field", "written", "kept"),
    [
        ("first_name", "  Ana   María ", "Ana María"), ("last_name", "Restrepo", "Restrepo"), ("first_name", "", ""),
        ("email", "ana@correo.co", "ana@correo.co"), ("email", "", None), ("company", "Café & Té", "Café & Té"),
        ("city", "Bogotá\x00", "Bogotá"), ("country", "Colombia", "Colombia"),
    ],
)  # fmt: skip
def test_each_is_kept(seller, lead, only, field, written, kept):
    answer = seller.post(f"{lead}/fields/{field}", value=written, fragment=True)
    assert getattr(only(Lead), field) == kept
    assert f'id="lead-{field}"' in answer.text


@pytest.mark.parametrize(
    ("field", "written", "sentence"),
    [
        ("email", "ana@correo", "Escribe un correo completo"), ("email", "a b@c.co", "Escribe un correo completo"),
        ("first_name", "x" * 81, "Hasta 80 caracteres"), ("company", "x" * 121, "Hasta 120 caracteres"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_beside_it_with_what_was_written(seller, lead, only, field, written, sentence):
    before = getattr(only(Lead), field)
    for fragment in (True, False):
        answer = seller.post(f"{lead}/fields/{field}", value=written, fragment=fragment, expect=422).text
        assert sentence in answer
        assert f'value="{written}"' in answer
    assert getattr(only(Lead), field) == before


def test_nothing_else_can_be_written(seller, lead, only):
    before = only(Lead).phone
    for field in ("phone", "tenant_id", "assigned_to", "search", "__class__"):
        seller.post(f"{lead}/fields/{field}", value="x", expect=404)
    assert only(Lead).phone == before


def test_everybody_who_has_the_person_open_hears_an_id_and_no_words(
    live_server, seller, seller2, lead, conversation
):
    ear = Listener(live_server, seller2)
    seller.post(f"{lead}/fields/first_name", value="Palabra-secreta")
    assert ear.hears("lead") == {"id": str(conversation.lead_id)}
    assert "secreta" not in str(ear.heard)
    ear.client.disconnect()


def test_who_may(auditor, rival, seller2, lead, conversation, owner, only):
    auditor.post(f"{lead}/fields/city", value="x", expect=403)
    auditor.get(lead)
    assert "lead-city" not in auditor.get(lead).text
    rival.post(f"{lead}/fields/city", value="x", expect=404)
    rival.get(lead, expect=404)
    sees_only_own(owner, "seller2@acme.test")
    seller2.get(lead, expect=404)
    seller2.post(f"{lead}/fields/city", value="x", expect=404)
    give(owner, conversation.id, "seller2@acme.test")
    seller2.post(f"{lead}/fields/city", value="Cali")
    assert only(Lead).city == "Cali"


def test_without_javascript_one_is_back_where_one_was(seller, lead):
    assert seller.post(f"{lead}/fields/city", value="Cali", expect=303).location.endswith(lead)


def test_a_name_is_words_whatever_is_in_it(seller, lead):
    seller.post(f"{lead}/fields/first_name", value="<script>alert(1)</script>")
    assert "<script>alert(1)" not in seller.get(lead).text

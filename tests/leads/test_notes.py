"""Notes about a person: everybody reads them, each writes, changes and takes away their own."""

from __future__ import annotations

import pytest

from crm_web.models import LeadNote
from tests.inbox.colleagues import sees_only_own
from tests.inbox.ears import Listener


@pytest.fixture
def lead(conversation) -> str:
    return f"/leads/{conversation.lead_id}"


@pytest.fixture
def note(seller, lead, only):
    seller.post(f"{lead}/notes", words="Prefiere llamadas\r\ndespués de las 6")
    return only(LeadNote)


def test_a_note_is_kept_and_shown(seller, seller2, lead, note):
    assert note.body == "Prefiere llamadas\ndespués de las 6"
    shown = seller2.get(f"{lead}/notes").text
    assert "Prefiere llamadas" in shown
    assert "Sofía Ríos" in shown
    assert "editada" not in shown


@pytest.mark.parametrize(("body", "sentence"), [("  ", "Escribe algo"), ("x" * 5001, "demasiado larga")])
def test_what_is_no_note_is_refused_in_words(seller, lead, rows, body, sentence):
    assert sentence in seller.post(f"{lead}/notes", words=body, fragment=True, expect=422).text
    assert rows(LeadNote) == []


def test_its_writer_changes_it_and_takes_it_away(seller, lead, note, only, owner):
    with owner.begin() as connection:
        connection.exec_driver_sql("UPDATE lead_notes SET created_at = created_at - interval '1 minute'")
    assert "editada" in seller.post(f"/leads/notes/{note.id}", words="Otra cosa", fragment=True).text
    assert only(LeadNote).body == "Otra cosa"
    assert "Otra cosa" not in seller.post(f"/leads/notes/{note.id}/removal", fragment=True).text
    assert only(LeadNote).deleted_at is not None
    seller.post(f"/leads/notes/{note.id}", words="zombi", expect=404)


def test_nobody_else_does(boss, rival, auditor, note, only):
    for path in ("", "/removal"):
        boss.post(f"/leads/notes/{note.id}{path}", words="x", expect=404)
        rival.post(f"/leads/notes/{note.id}{path}", words="x", expect=404)
        auditor.post(f"/leads/notes/{note.id}{path}", words="x", expect=403)
    assert (only(LeadNote).body, only(LeadNote).deleted_at) == (note.body, None)


def test_who_sees_only_their_own_reads_none_of_others(seller2, owner, lead, note):
    sees_only_own(owner, "seller2@acme.test")
    seller2.get(f"{lead}/notes", expect=404)
    seller2.post(f"{lead}/notes", words="x", expect=404)


def test_the_others_hear_of_it(live_server, seller, seller2, lead, conversation):
    ear = Listener(live_server, seller2)
    seller.post(f"{lead}/notes", words="Nota-secreta")
    assert ear.hears("lead") == {"id": str(conversation.lead_id)}
    assert "secreta" not in str(ear.heard)
    ear.client.disconnect()


def test_tags_in_a_note_are_words(seller, lead):
    seller.post(f"{lead}/notes", words="<img src=x onerror=alert(1)>")
    assert "<img src=x" not in seller.get(f"{lead}/notes").text

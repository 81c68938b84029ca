"""Quick replies: kept in settings, found by `/`, filled for the conversation, sent with their file."""

from __future__ import annotations

import html
from io import BytesIO

import pytest

from crm_web.models import File, Message, QuickReply
from tests.files import corpus
from tests.inbox.test_pages import counted_queries

SETTINGS = "/settings/quick-replies"


def keep(person, expect=303, **given):
    words = {"shortcut": "saludo", "title": "Saludo", "body": "Hola {{first_name|cliente}}", **given}
    return person.post(SETTINGS, expect=expect, **words)


def offered(person, conversation, text="") -> str:
    return html.unescape(person.get(f"/inbox/{conversation.id}/quick-replies?q={text}").text)


def test_it_is_offered_with_its_gaps_filled(seller, conversation):
    keep(seller, body="Hola {{first_name|cliente}}, soy {{agent}} de {{tenant}}")
    found = offered(seller, conversation, "sal")
    assert 'data-body="Hola Ana, soy Sofía Ríos de Nogal Finca Raíz"' in found
    assert 'data-left=""' in found


def test_a_gap_nobody_can_fill_stays_and_is_told(seller, conversation):
    keep(seller, body="Nos vemos en {{city}}, {{precio}}")
    found = offered(seller, conversation)
    assert 'data-body="Nos vemos en {{city}}, {{precio}}"' in found
    assert 'data-left="{{city}}\n{{precio}}"' in found


@pytest.mark.parametrize("text", ["ven", "VENTÁ", "visita", "cita previa", ""])
def test_it_is_found_by_shortcut_title_and_words(seller, conversation, text):
    keep(seller, shortcut="ventas", title="Agendar una visita", body="Con cita previa")
    keep(seller, shortcut="otra", title="Otra", body="Nada que ver")
    found = offered(seller, conversation, text)
    assert "/ventas" in found
    assert ("/otra" in found) is (text == "")


def test_shortcuts_come_before_titles_and_words(seller, conversation):
    keep(seller, shortcut="b", title="precio de todo", body="x")
    keep(seller, shortcut="a", title="x", body="el precio")
    keep(seller, shortcut="precio", title="x", body="x")
    found = offered(seller, conversation, "precio")
    places = [found.index(f"<kbd>/{shortcut}</kbd>") for shortcut in ("precio", "b", "a")]
    assert places == sorted(places)


def test_use_is_counted_and_what_is_used_comes_first(seller, conversation, rows):
    for shortcut in ("aaa", "bbb"):
        keep(seller, shortcut=shortcut)
    second = rows(QuickReply)[1]
    seller.post(f"/inbox/quick-replies/{second.id}/uses", expect=204)
    assert rows(QuickReply)[1].usage_count == 1
    found = offered(seller, conversation)
    assert found.index("/bbb") < found.index("/aaa")


def test_its_file_goes_along_without_another_upload(seller, conversation, telephone, rows, run_jobs, only):
    keep(seller, file=(BytesIO(corpus.PDF), "lista.pdf", "application/pdf"))
    reply = only(QuickReply)
    assert f'data-quick="{reply.id}"' in offered(seller, conversation)
    seller.post(f"/inbox/{conversation.id}/messages", body="Aquí está", quick_reply=str(reply.id))
    sent = [message for message in rows(Message) if message.direction == "outbound"]
    assert [(one.kind, one.body) for one in sent] == [("document", "Aquí está")]
    kept, lent = rows(File)
    assert (lent.key, lent.lead_id, lent.name) == (kept.key, conversation.lead_id, "lista.pdf")
    assert kept.lead_id is None


def test_one_shortcut_is_one_reply(seller, rows):
    keep(seller)
    answer = keep(seller, shortcut="/SALUDO", body="otra cosa", expect=422)
    assert "Ya tienes una respuesta con el atajo /saludo." in answer.text
    assert "otra cosa" in answer.text
    assert len(rows(QuickReply)) == 1


def test_but_everybodys_and_ones_own_may_share_it(manager, seller, conversation, rows):
    keep(manager, shared="y", body="la de todos")
    keep(seller, body="la mía")
    assert "El equipo ya tiene" in keep(manager, shared="y", expect=422).text
    found = offered(seller, conversation)
    assert found.index("la mía") < found.index("la de todos")


def test_a_deleted_one_frees_its_shortcut(seller, conversation, only):
    keep(seller)
    seller.post(f"{SETTINGS}/{only(QuickReply).id}/deletion")
    assert "/saludo" not in offered(seller, conversation)
    keep(seller)


def test_it_is_changed_with_its_file(seller, only, rows):
    keep(seller, file=(BytesIO(corpus.PDF), "lista.pdf", "application/pdf"))
    url = f"{SETTINGS}/{only(QuickReply).id}"
    assert "lista.pdf" in seller.get(url).text
    seller.post(url, shortcut="hola", title="Hola", body="Buenas")
    assert (only(QuickReply).shortcut, only(QuickReply).file_id) == ("hola", rows(File)[0].id)
    seller.post(url, shortcut="hola", title="Hola", body="Buenas", drop_file="y")
    assert only(QuickReply).file_id is None


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"shortcut": "con espacio"}, "sin espacios"),
        ({"shortcut": ""}, "sin espacios"),
        ({"shortcut": "x" * 33}, "hasta 32"),
        ({"shortcut": "<script>"}, "sin espacios"),
        ({"title": " "}, "título"),
        ({"title": "x" * 81}, "título"),
        ({"body": "  "}, "Escribe el texto"),
        ({"body": "x" * 4097}, "4096"),
        ({"body": "x" * 20_001}, "demasiado largo"),
        (
            {"file": (BytesIO(b"MZ\x90\x00" + bytes(600)), "a.exe", "application/pdf")},
            "ejecuta código",
        ),
    ],
)
def test_what_cannot_be_kept_is_said_and_nothing_is_lost(seller, rows, given, sentence):
    answer = keep(seller, **{"title": "Mi título", "body": "Mi texto", **given}, expect=422)
    text = html.unescape(answer.text)
    assert sentence in text
    assert ("Mi texto" in text) is ("body" not in given)
    assert rows(QuickReply) == []


def test_only_who_may_share_makes_one_for_everybody(seller, manager, rows):
    answer = keep(seller, shared="y", expect=422)
    assert "No tienes permiso para compartir" in answer.text
    keep(manager, shared="y")
    assert [reply.owner_id for reply in rows(QuickReply)] == [None]


def test_everybodys_is_used_by_all_and_changed_by_who_shares(seller, manager, conversation, only):
    keep(manager, shared="y")
    url = f"{SETTINGS}/{only(QuickReply).id}"
    assert "/saludo" in offered(seller, conversation)
    seller.get(url, expect=404)
    seller.post(url, shortcut="x", title="x", body="x", expect=404)
    seller.post(f"{url}/deletion", expect=404)
    assert url not in seller.get(SETTINGS).text
    assert "Saludo" in seller.get(SETTINGS).text


def test_ones_own_is_nobody_elses(seller, seller2, conversation, only):
    keep(seller)
    reply = only(QuickReply)
    assert "/saludo" not in offered(seller2, conversation)
    assert "Saludo" not in seller2.get(SETTINGS).text
    seller2.get(f"{SETTINGS}/{reply.id}", expect=404)
    seller2.post(f"/inbox/quick-replies/{reply.id}/uses", expect=404)
    seller2.post(f"/inbox/{conversation.id}/messages", body="x", quick_reply=str(reply.id), expect=404)


def test_rival_finds_none(rival, seller, conversation, only):
    keep(seller, body="apartamento")
    reply = only(QuickReply)
    rival.get(f"/inbox/{conversation.id}/quick-replies", expect=404)
    rival.get(f"{SETTINGS}/{reply.id}", expect=404)
    rival.post(f"/inbox/quick-replies/{reply.id}/uses", expect=404)
    assert "apartamento" not in rival.get(SETTINGS).text


def test_who_does_not_answer_has_none(auditor, conversation):
    auditor.get(SETTINGS, expect=403)
    auditor.get(f"/inbox/{conversation.id}/quick-replies", expect=403)


def test_markup_stays_words(seller, conversation, only):
    keep(seller, title="<img src=x onerror=1>", body='"><script>alert(1)</script> {{name}}')
    pages = [
        seller.get(SETTINGS),
        seller.get(f"{SETTINGS}/{only(QuickReply).id}"),
        seller.get(f"/inbox/{conversation.id}/quick-replies"),
        seller.post(f"{SETTINGS}/preview", body="<script>alert(1)</script>"),
    ]
    for page in pages:
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text


def test_the_preview_is_what_a_customer_gets(seller):
    answer = seller.post(f"{SETTINGS}/preview", body="Hola {{first_name}}, *gracias*. {{x}}")
    assert "Hola Ana, <strong>gracias</strong>" in answer.text
    assert "Quedan sin llenar: {{x}}" in answer.text


def test_the_list_costs_the_same_queries_however_long(seller, conversation):
    for number in range(25):
        keep(seller, shortcut=f"r{number}")
    with counted_queries() as seen:
        answer = seller.get(f"/inbox/{conversation.id}/quick-replies")
    assert answer.text.count('role="option"') == 20
    assert len(seen) <= 3, seen
    with counted_queries() as seen:
        seller.get(SETTINGS)
    assert len(seen) <= 3, seen  # one for the rail


def test_settings_lead_there(seller, auditor):
    assert SETTINGS in seller.get("/settings").text
    assert SETTINGS not in auditor.get("/settings").text

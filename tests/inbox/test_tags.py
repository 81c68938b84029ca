"""Tags: put on and taken off, spelled as before, twenty at most, fifty letters each."""

from __future__ import annotations

import pytest

from crm_web.models import ConversationTag, Message
from tests import meta
from tests.inbox.colleagues import sees_only_own


@pytest.fixture
def url(conversation) -> str:
    return f"/inbox/{conversation.id}/tags"


def words(rows) -> list[str]:
    return sorted(tag.tag for tag in rows(ConversationTag))


def test_tags_are_put_on_and_said(seller, url, rows):
    shown = seller.post(url, tag="VIP, Usaquén", fragment=True).text
    assert words(rows) == ["Usaquén", "VIP"]
    assert rows(Message)[-1].payload["tags"] == ["VIP", "Usaquén"]
    assert "Quitar la etiqueta VIP" in shown


def test_words_that_differ_by_case_or_blanks_are_one(seller, url, rows):
    seller.post(url, tag="Segunda   visita")
    seller.post(url, tag="SEGUNDA VISITA, segunda visita")
    assert words(rows) == ["Segunda visita"]
    assert len([message for message in rows(Message) if message.kind == "system"]) == 1


def test_a_word_is_spelled_as_the_team_spelled_it_elsewhere(seller, url, rows, deliver, run_jobs):
    seller.post(url, tag="VIP")
    deliver(meta.said(meta.text("Hola", "573009990000"), name="Beto"))
    run_jobs()
    other = seller.get("/inbox/list").text.split('data-conversation="')
    ids = {part[:36] for part in other[1:]}
    (beto,) = ids - {url.split("/")[2]}
    seller.post(f"/inbox/{beto}/tags", tag="vip")
    assert words(rows) == ["VIP", "VIP"]


def test_taking_one_off_leaves_the_others(seller, url, rows):
    seller.post(url, tag="uno, dos")
    seller.post(f"{url}/removal", tag="UNO")
    assert words(rows) == ["dos"]
    assert rows(Message)[-1].payload == {"event": "untagged", "by": "Sofía Ríos", "tags": ["uno"]}
    seller.post(f"{url}/removal", tag="never")


@pytest.mark.parametrize(
    ("tag", "sentence"),
    [
        (", ".join(f"etiqueta {n}" for n in range(300)), "hasta 20 etiquetas"),
        ("x" * 51, "hasta 50 caracteres"),
        (" , ", "Escribe una etiqueta"),
    ],
    ids=["three hundred", "too long", "none"],
)
def test_what_cannot_be_a_tag_is_refused_in_words(seller, url, rows, tag, sentence):
    seller.post(url, tag="primera")
    assert sentence in seller.post(url, tag=tag, expect=422, fragment=True).text
    assert words(rows) == ["primera"]


def test_the_twenty_first_is_refused_whole(seller, url, rows):
    seller.post(url, tag=", ".join(f"e{n}" for n in range(19)))
    seller.post(url, tag="a, b", expect=422)
    seller.post(url, tag="a, e1")
    assert len(words(rows)) == 20


def test_used_words_are_offered_and_rivals_are_not(seller, rival, url, rows):
    seller.post(url, tag="<b>Chapinero</b>")
    assert '<option value="&lt;b&gt;Chapinero&lt;/b&gt;">' in seller.get(url).text
    rival.get(url, expect=404)
    rival.post(url, tag="x", expect=404)
    rival.post(f"{url}/removal", tag="<b>Chapinero</b>", expect=404)
    assert words(rows) == ["<b>Chapinero</b>"]


def test_who_may(auditor, seller2, url, owner, rows):
    auditor.post(url, tag="x", expect=403)
    auditor.post(f"{url}/removal", tag="x", expect=403)
    sees_only_own(owner, "seller2@acme.test")
    seller2.post(url, tag="x", expect=404)
    assert words(rows) == []

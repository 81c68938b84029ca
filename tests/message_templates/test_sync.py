"""Our copy of the templates follows Meta's: all of it, page by page, whatever it holds; an error changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from crm_web.channels.adapters.meta.client import GraphClient
from crm_web.channels.normal import ProviderError
from crm_web.core.clock import now
from crm_web.core.db import db
from crm_web.core.effects import commit
from crm_web.core.tenancy import as_tenant
from crm_web.message_templates.jobs import sync_stale
from crm_web.message_templates.operations import sync_templates
from crm_web.models import Channel, MessageTemplate
from tests import meta
from tests.cast import ACME_WABA
from tests.channels.meta_server import TOKEN, answer, graph_server


@pytest.fixture
def sync(acme, stand_in):
    def run() -> bool:
        with as_tenant(acme.id):
            works = sync_templates(ACME_WABA)
            commit()
            return works

    return run


@pytest.fixture
def told(monkeypatch):
    """Have Meta say exactly this."""

    def say(*templates) -> None:
        monkeypatch.setattr(GraphClient, "templates", lambda *_: list(templates))

    return say


def named(rows) -> dict[str, MessageTemplate]:
    return {one.name: one for one in rows(MessageTemplate) if one.deleted_at is None}


def one(name="aviso", **more) -> dict:
    return {"id": "1", "name": name, "language": "es", "status": "APPROVED", "category": "UTILITY",
            "components": [{"type": "BODY", "text": "Hola"}], **more}  # fmt: skip


def test_the_stand_ins_templates_become_ours(sync, rows):
    assert sync()
    found = named(rows)
    assert {"bienvenida_contacto", "encuesta_visita", "oferta_relampago"} <= set(found)
    assert (found["encuesta_visita"].status, found["oferta_relampago"].rejected_reason) == (
        "PENDING",
        "PROMOTIONAL",
    )
    assert found["seguimiento_visita"].parameter_format == "named"
    assert found["bienvenida_contacto"].is_approved
    assert rows(Channel)[0].templates_synced_at is not None


def test_asking_again_changes_nothing_of_theirs(sync, rows):
    sync()
    before = {name: (row.id, row.status, row.components) for name, row in named(rows).items()}
    sync()
    assert {name: (row.id, row.status, row.components) for name, row in named(rows).items()} == before


def test_every_page_is_read():
    pages = []

    def behave(request):
        number = len(pages) + 1
        pages.append(request.path)
        paging = {"cursors": {"after": f"after{number}"}, **({"next": "https://…"} if number < 3 else {})}
        answer({"data": [one(f"t{number}"), "nonsense"], "paging": paging})(request)

    with graph_server() as server:
        server.behave = behave
        found = GraphClient(server.url).templates("200000000000001", TOKEN)
    assert [row["name"] for row in found] == ["t1", "t2", "t3"]
    assert ["after=after" in path for path in pages] == [False, True, True]


@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": {"name": "x"}}])
def test_an_answer_without_a_list_is_no_empty_list(body):
    with graph_server() as server:
        server.behave = answer(body)
        with pytest.raises(ProviderError):
            GraphClient(server.url).templates("200000000000001", TOKEN)


def test_unknown_words_and_parts_are_kept(sync, told, rows):
    odd = [{"type": "HOLOGRAM", "depth": 3}, "?", {"type": "BODY", "text": "Hola"}]
    told(
        one(status="FROZEN", category="POETRY", components=odd, quality_score="SPARKLING"),
        {"id": "2"},
        one("", id="3"),
    )
    sync()
    [row] = rows(MessageTemplate)
    assert (row.status, row.category, row.quality, row.components) == ("FROZEN", "POETRY", "SPARKLING", odd)


def test_a_name_in_two_languages_is_two_and_twice_in_one_is_one(sync, told, rows):
    told(one(), one(language="en"), one(status="PAUSED"))
    sync()
    assert {(row.language, row.status) for row in rows(MessageTemplate)} == {
        ("es", "PAUSED"),
        ("en", "APPROVED"),
    }


def test_what_disappeared_is_put_away_and_comes_back_as_itself(sync, told, rows):
    told(one("a"), one("b"))
    sync()
    kept = named(rows)["b"].id
    told(one("a"))
    sync()
    assert set(named(rows)) == {"a"}
    assert len(rows(MessageTemplate)) == 2
    told(one("a"), one("b"))
    sync()
    assert named(rows)["b"].id == kept


def test_the_button_asks_meta_and_says_what_it_said(boss, stand_in, acme, rows):
    boss.post("/templates/sync", expect=303)
    assert "Bienvenida contacto" in boss.get("/templates").text
    before = rows(Channel)[0].templates_synced_at
    with as_tenant(acme.id):
        db.session.scalars(sa.select(Channel)).one().credentials = {"token": "expired-1"}
        commit()
    boss.post("/templates/sync", expect=303)
    [channel] = rows(Channel)
    assert channel.templates_synced_at == before
    assert channel.health["templates"]["error"]
    page = boss.get("/templates").text
    assert channel.health["templates"]["error"] in page
    assert "Bienvenida contacto" in page


def test_who_may_see_and_who_may_ask(seller, quality, rows, stand_in):
    assert "Todavía no hay plantillas" in seller.get("/templates").text
    assert "Sincronizar" not in seller.get("/templates").text
    seller.post("/templates/sync", expect=403)
    quality.get("/templates", expect=403)
    assert rows(MessageTemplate) == []


def test_rival_sees_their_own_alone(sync, rival):
    sync()
    assert "Bienvenida contacto" not in rival.get("/templates").text


def test_the_clock_asks_every_six_hours(acme, stand_in, rows, owner):
    sync_stale()
    first = rows(Channel)[0].templates_synced_at
    sync_stale()
    assert rows(Channel)[0].templates_synced_at == first
    with owner.begin() as connection:
        connection.execute(
            sa.text("UPDATE channels SET templates_synced_at = :at"), {"at": now() - timedelta(hours=7)}
        )
    sync_stale()
    assert rows(Channel)[0].templates_synced_at > first


def test_a_failure_is_given_a_rest(acme, rows, monkeypatch):
    asked = []

    def refuse(*_given):
        asked.append(1)
        raise ProviderError("no", reaction="retry", sentence="Meta no responde.")

    monkeypatch.setattr(GraphClient, "templates", refuse)
    for _ in range(3):
        sync_stale()
    assert (len(asked), rows(Channel)[0].health["templates"]["error"]) == (1, "Meta no responde.")


def test_news_about_a_template_makes_the_copy_stale(sync, deliver, run_jobs, rows):
    sync()
    value = {"event": "PAUSED", "message_template_id": 1, "message_template_name": "bienvenida_contacto",
             "message_template_language": "es", "reason": "NONE"}  # fmt: skip
    deliver(meta.envelope(value, field="message_template_status_update"))
    run_jobs()
    assert rows(Channel)[0].templates_synced_at is None

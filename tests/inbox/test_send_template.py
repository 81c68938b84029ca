"""Outside the 24 hours an approved template goes out, filled in, and nothing else does."""

from __future__ import annotations

import io
import re
import uuid

import pytest
import sqlalchemy as sa

from crm_web.models import Conversation, Message, MessageTemplate, OutboxItem
from tests import meta
from tests.cast import RIVAL_WABA
from tests.inbox.sending import close_window, learn_templates, make_template, ours

FILLED = {"variable-body-1": "Ana", "variable-body-2": "mañana"}


def url(conversation) -> str:
    return f"/inbox/{conversation.id}/messages"


def test_it_reaches_the_telephone_as_it_was_shown(seller, telephone, acme, owner, only, rows):
    telephone.says("Hola")
    close_window(owner)
    welcome = learn_templates(acme)["bienvenida_contacto"]
    answer = seller.post(url(only(Conversation)), template_id=welcome.id, fragment=True, expect=201,
                         **{"variable-body-1": "Ana", "variable-body-2": "el <b>apto</b>"})  # fmt: skip
    assert "Quiero agendar visita" in answer.text
    assert "&lt;b&gt;apto" in answer.text
    telephone.settle()
    assert ours(rows)[0].status in ("delivered", "read")
    assert "Recibimos tu solicitud sobre el <b>apto</b>." in str(telephone.last())
    assert ours(rows)[0].payload["buttons"][0]["text"] == "Quiero agendar visita"


def test_named_variables_and_addresses_reach_it_too(seller, telephone, acme, owner, only):
    telephone.says("Hola")
    close_window(owner)
    follow_up = learn_templates(acme)["seguimiento_visita"]
    seller.post(url(only(Conversation)), template_id=follow_up.id, **{
        "variable-body-nombre": "Ana", "variable-body-inmueble": "la casa", "variable-body-asesor": "Sofía"})  # fmt: skip
    telephone.settle()
    assert "Gracias por visitar la casa con Sofía." in str(telephone.last())


def test_a_header_with_a_document_goes_with_its_file(seller, telephone, acme, owner, only, rows):
    telephone.says("Hola")
    close_window(owner)
    proposal = learn_templates(acme)["propuesta_lista"]
    given = {
        "template_id": proposal.id,
        "variable-body-1": "Ana",
        "variable-body-2": "$ 1",
        "variable-body-3": "hoy",
    }
    refused = seller.post(url(only(Conversation)), **given, fragment=True, expect=422)
    assert "documento" in refused.text
    pdf = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"
    seller.post(url(only(Conversation)), **given, file=(io.BytesIO(pdf), "propuesta.pdf"))
    telephone.settle()
    assert ours(rows)[0].status in ("delivered", "read"), ours(rows)[0].error_text
    assert "propuesta por $ 1" in str(telephone.last())


def test_it_is_a_message_like_any_other(seller, conversation, acme, owner, only, rows):
    close_window(owner)
    template = make_template(acme)
    click = str(uuid.uuid4())
    for _ in range(2):
        seller.post(url(conversation), template_id=template, client_id=click, **FILLED)
    [message] = ours(rows)
    assert (message.kind, message.body) == ("template", "Hola, Ana. Va mañana.")
    assert only(OutboxItem).message_id == message.id
    after = only(Conversation)
    assert (after.last_message_kind, after.last_message_preview) == ("template", "Hola, Ana. Va mañana.")


def test_it_may_go_while_the_window_is_open_as_well(seller, conversation, acme, rows):
    seller.post(url(conversation), template_id=make_template(acme), **FILLED)
    assert ours(rows)[0].kind == "template"


@pytest.mark.parametrize("changes", [{"status": "PENDING"}, {"status": "PAUSED"}, {"status": "REJECTED"},
                                     {"category": "AUTHENTICATION"}, {"business_id": RIVAL_WABA}])  # fmt: skip
def test_what_may_not_be_sent_is_refused_in_words(seller, conversation, acme, owner, rows, changes):
    close_window(owner)
    template = make_template(acme, **changes)
    answer = seller.post(url(conversation), template_id=template, **FILLED, fragment=True, expect=422)
    assert re.search(r"plantilla", answer.text)
    assert ours(rows) == rows(OutboxItem) == []


@pytest.mark.parametrize("value", ["", "con\nsalto", "x" * 1100])
def test_wrong_variables_are_refused_in_words(seller, conversation, acme, rows, value):
    given = {**FILLED, "variable-body-2": value}
    answer = seller.post(
        url(conversation), template_id=make_template(acme), **given, fragment=True, expect=422
    )
    assert re.search(r"Variable 2|1024", answer.text)
    assert ours(rows) == []


def test_a_closed_conversation_must_be_reopened_first(seller, conversation, acme, rows):
    seller.post(f"/inbox/{conversation.id}/closure", reason="resolved")
    seller.post(url(conversation), template_id=make_template(acme), **FILLED, fragment=True, expect=422)
    assert ours(rows) == []


def test_free_text_stays_refused(seller, conversation, owner, rows):
    close_window(owner)
    assert "24 h" in seller.post(url(conversation), body="hola", fragment=True, expect=422).text
    assert ours(rows) == []


def test_a_note_is_a_note_whatever_else_the_form_carries(seller, conversation, acme, owner, rows):
    close_window(owner)
    seller.post(url(conversation), kind="note", body="ojo", template_id=make_template(acme), **FILLED)
    assert [one.kind for one in rows(Message)] == ["text", "note"]


def test_who_may_not_answer_sends_no_template(quality, auditor, conversation, acme, rows):
    template = make_template(acme)
    for person in (quality, auditor):
        person.post(url(conversation), template_id=template, **FILLED, expect=404)
        person.get(f"/inbox/{conversation.id}/templates", expect=403)
    assert ours(rows) == []


def test_rival_is_blind(rival, rival_house, conversation, acme, rows):
    template = make_template(acme)
    rival.post(url(conversation), template_id=template, **FILLED, expect=404)
    rival.get(f"/inbox/{conversation.id}/templates?template={template}", expect=404)
    assert ours(rows) == []


def test_a_template_of_another_tenant_does_not_exist(seller, conversation, rival_house, rows):
    theirs = make_template(rival_house)
    seller.post(url(conversation), template_id=theirs, **FILLED, expect=404)
    assert ours(rows) == []


def test_the_composer_offers_them_with_the_name_filled_in(seller, conversation, acme, owner):
    make_template(acme, "Hola, {{1}}. Va {{2}}.")
    assert "data-send-template" not in seller.get(f"/inbox/{conversation.id}").text
    close_window(owner)
    page = seller.get(f"/inbox/{conversation.id}").text
    assert "data-send-template" in page
    assert re.search(r'name="variable-body-1"[^>]*value="Ana"', page)
    assert re.search(r'data-slot="body-1"[^>]*>Ana<', page)


def test_only_what_can_go_is_offered(seller, conversation, acme, owner, rows):
    good = make_template(acme)
    for changes in ({"status": "PENDING"}, {"business_id": RIVAL_WABA}, {"category": "AUTHENTICATION"}):
        make_template(acme, **changes)
    page = seller.get(f"/inbox/{conversation.id}/templates").text
    assert re.findall(r'data-template="([0-9a-f-]+)"', page) == [str(good)]
    assert len(rows(MessageTemplate)) == 4


def test_without_any_the_composer_says_so(seller, conversation, owner):
    close_window(owner)
    assert "no tiene plantillas aprobadas" in seller.get(f"/inbox/{conversation.id}").text


def test_it_works_without_javascript(seller, conversation, acme, owner, rows):
    make_template(acme, name="aaa")
    wanted = make_template(acme, "Buenas, {{1}}.", name="bbb")
    close_window(owner)
    page = seller.get(f"/inbox/{conversation.id}").text
    link = re.search(rf'href="([^"#]*template={wanted})#composer"', page).group(1).replace("&amp;", "&")
    chosen = seller.get(link).text
    assert f'name="template_id" value="{wanted}"' in chosen
    assert f'formaction="/inbox/{conversation.id}/messages"' in chosen
    answer = seller.post(url(conversation), template_id=wanted, **{"variable-body-1": "Ana"}, expect=303)
    assert "Buenas, Ana." in seller.get(answer.location).text
    assert ours(rows)[0].kind == "template"


def test_a_failed_template_can_be_sent_again_when_the_window_is_closed(
    seller, conversation, acme, owner, rows
):
    close_window(owner)
    seller.post(url(conversation), template_id=make_template(acme), **FILLED)
    [message] = ours(rows)
    with owner.begin() as connection:
        connection.exec_driver_sql("UPDATE messages SET status = 'failed' WHERE direction = 'outbound'")
        connection.exec_driver_sql("DELETE FROM outbox")
    seller.post(f"/inbox/messages/{message.id}/retry")
    assert ours(rows)[0].status == "queued"


def test_a_number_opens_no_more_conversations_a_day_than_it_may(
    seller, conversation, deliver, run_jobs, acme, owner, rows
):
    deliver(meta.said(meta.text("Hola", "573001112233"), name="Otra"))
    run_jobs()
    close_window(owner)
    template = make_template(acme)
    with owner.begin() as connection:
        connection.execute(sa.text("UPDATE channels SET daily_message_limit = 1"))
    first, second = rows(Conversation)
    for _ in range(2):
        seller.post(url(first), template_id=template, **FILLED)
    refused = seller.post(url(second), template_id=template, **FILLED, fragment=True, expect=422)
    assert "ya abrió 1 conversaciones en 24 h" in refused.text
    assert {message.conversation_id for message in ours(rows)} == {first.id}

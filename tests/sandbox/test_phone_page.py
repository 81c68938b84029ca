"""The telephone's page: pick a person up, write, press, and see what the business answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crm_web.sandbox import routes
from tests.sandbox.bare import bare_app
from tests.sandbox.stage import ACME

ANA = {"person": "573061110001", "number": ACME}


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[FlaskClient]:
    app = bare_app(tmp_path)
    yield app.test_client()
    app.extensions["sandbox"].state.close()


def send(phone: FlaskClient, **order: object) -> str:
    answer = phone.post("/sandbox/phone/send", query_string=ANA, json=order)
    assert answer.status_code == 200, answer.text
    return answer.text


def business_sends(phone: FlaskClient, **message: object) -> str:
    body = {"messaging_product": "whatsapp", "to": "+573061110001", **message}
    answer = phone.post(
        f"/sandbox/graph/v26.0/{ACME}/messages", json=body, headers={"Authorization": "Bearer x"}
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json["messages"][0]["id"])


def thread(phone: FlaskClient) -> str:
    return phone.get("/sandbox/phone/thread", query_string=ANA).text


def test_every_route_is_public_and_only_the_page_wants_csrf() -> None:
    app = Flask("routes")
    app.register_blueprint(routes.bp)
    views = {name: view for name, view in app.view_functions.items() if name.startswith("sandbox.")}
    assert all(view.public for view in views.values())
    free = {name for name, view in views.items() if not view.csrf}
    assert free == {"sandbox.graph", "sandbox.media", "sandbox.controls", "sandbox.knobs"}


def test_an_empty_page_invites(phone: FlaskClient) -> None:
    answer = phone.get("/sandbox/phone")
    assert "Elige una persona o crea una" in answer.text
    assert "<script>" not in answer.text
    assert " style=" not in answer.text


def test_a_new_person_gets_a_chat(phone: FlaskClient) -> None:
    form = {"name": "Ana Restrepo", "phone": "+57 306 111 0001", "number": ACME}
    answer = phone.post("/sandbox/phone/people", data=form, follow_redirects=True)
    assert answer.request.args["person"] == "573061110001"
    assert "Ana Restrepo" in answer.text
    assert "Escribe el primer mensaje" in answer.text


def test_a_person_without_a_number(phone: FlaskClient) -> None:
    form = {"name": "Luz", "phone": "", "username": "@luz.m", "number": ACME}
    answer = phone.post("/sandbox/phone/people", data=form, follow_redirects=True)
    assert answer.request.args["person"].startswith("CO.")
    assert "@luz.m" in answer.text


def test_a_wrong_number_is_explained(phone: FlaskClient) -> None:
    answer = phone.post("/sandbox/phone/people", data={"phone": "12", "number": ACME}, follow_redirects=True)
    assert "no parece de teléfono" in answer.text


def test_writing_shows_the_bubble_and_escapes_it(phone: FlaskClient) -> None:
    shown = send(phone, text="Hola <b>negocio</b>")
    assert "Hola &lt;b&gt;negocio&lt;/b&gt;" in shown
    assert 'aria-label="Enviado"' in shown


def test_the_answer_appears_and_is_unread_until_read(phone: FlaskClient) -> None:
    send(phone, text="Hola")
    business_sends(phone, text={"body": "Buenas, Ana"})
    assert "Buenas, Ana" in thread(phone)
    assert "data-unread" in thread(phone)
    assert "tel-unread" in phone.get("/sandbox/phone/chats", query_string=ANA).text
    assert phone.post("/sandbox/phone/read", query_string=ANA).status_code == 204
    assert "data-unread" not in thread(phone)
    assert phone.get("/sandbox/messages", query_string={"to": "573061110001"}).json[0]["status"] == "read"


def test_what_the_business_offers_can_be_pressed(phone: FlaskClient) -> None:
    send(phone, text="Hola")
    rows = [{"id": "9", "title": "9:00 a. m."}]
    action = {"button": "Horarios", "sections": [{"title": "Hoy", "rows": rows}]}
    wamid = business_sends(
        phone, type="interactive", interactive={"type": "list", "body": {"text": "¿Cuál?"}, "action": action}
    )
    shown = thread(phone)
    assert "Horarios" in shown
    order = {"choice": {"id": "9", "title": "9:00 a. m."}, "reply_to": wamid}
    assert json.dumps(rows[0]["title"])[1:-1] in shown
    assert "<blockquote>" in send(phone, **order)


def test_reactions_and_deletions_are_folded_in(phone: FlaskClient) -> None:
    send(phone, text="Se va")
    wamid = business_sends(phone, text={"body": "Hola"})
    assert "👍</span>" in send(phone, reaction={"message_id": wamid, "emoji": "👍"})
    own = phone.application.extensions["sandbox"].state.one(
        "SELECT wamid FROM messages WHERE direction = 'in'"
    )["wamid"]
    shown = send(phone, message={"type": "revoke", "revoke": {"original_message_id": own}})
    assert "Eliminaste este mensaje" in shown
    assert "Se va" not in shown


def test_files_and_samples(phone: FlaskClient) -> None:
    form = {"order": json.dumps({"type": "document"}), "file": (BytesIO(b"<html>"), "x.html", "text/html")}
    assert "x.html" in phone.post("/sandbox/phone/send", query_string=ANA, data=form).text
    for sample in ("image", "document", "audio"):
        shown = send(phone, sample=sample)
    assert "<audio" in shown
    assert "<img" in shown
    rows = phone.application.extensions["sandbox"].state.all("SELECT id, mime_type FROM media")
    answers = {row["mime_type"]: phone.get(f"/sandbox/phone/media/{row['id']}") for row in rows}
    assert answers["text/html"].headers["Content-Disposition"].startswith("attachment")
    assert answers["image/jpeg"].headers["Content-Disposition"].startswith("inline")


def test_a_broken_recording_is_said(phone: FlaskClient) -> None:
    form = {"order": "{}", "file": (BytesIO(b"nothing"), "nota.webm", "audio/webm")}
    assert phone.post("/sandbox/phone/send", query_string=ANA, data=form).status_code == 422


def test_typing_and_reading_are_seen(phone: FlaskClient) -> None:
    send(phone, text="Hola")
    own = phone.application.extensions["sandbox"].state.one("SELECT wamid FROM messages")["wamid"]
    body = {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": own,
        "typing_indicator": {"type": "text"},
    }
    phone.post(f"/sandbox/graph/v26.0/{ACME}/messages", json=body, headers={"Authorization": "Bearer x"})
    assert "está escribiendo" in thread(phone)
    assert "Leído" in thread(phone)


def test_a_card_with_ones_own_number(phone: FlaskClient) -> None:
    assert "573061110001" in send(phone, share_contact=True)


def test_strangers_addresses_are_not_found(phone: FlaskClient) -> None:
    assert (
        phone.get("/sandbox/phone/thread", query_string={"person": "573061110001", "number": "9"}).status_code
        == 404
    )
    assert phone.get("/sandbox/phone/thread").status_code == 404
    assert phone.get("/sandbox/phone/media/1").status_code == 404
    assert phone.get("/sandbox/nothing").status_code == 404

"""Files both ways, people without a phone, and what comes when a session ends in the middle of a page."""

from __future__ import annotations

import base64
from io import BytesIO

from PIL import Image

from crm_web.models import Conversation, File, Lead, Message
from tests.conftest import HTTP


def picture() -> bytes:
    kept = BytesIO()
    Image.new("RGB", (1200, 900), "#0f766e").save(kept, "JPEG")
    return kept.getvalue()


def test_a_picture_arrives_is_kept_and_thumbnailed(seller, telephone, only):
    telephone.says("", type="image", bytes=base64.b64encode(picture()).decode(), mime_type="image/jpeg")
    file = only(File)
    assert (file.state, file.width, file.height, file.kind) == ("ready", 1200, 900, "image")
    assert file.key.startswith(f"{file.tenant_id}/clients/{only(Lead).id}/media/images/")
    assert seller.get(f"/files/{file.id}").data == picture()
    assert Image.open(BytesIO(seller.get(f"/files/{file.id}/thumbnail").data)).width <= 640
    assert f"/files/{file.id}/thumbnail" in seller.get(f"/inbox/{only(Conversation).id}").text


def test_a_file_goes_out_with_its_caption(seller, telephone, only):
    telephone.says("¿Tienes fotos?")
    url = f"/inbox/{only(Conversation).id}/messages"
    seller.post(url, body="La fachada", file=(BytesIO(picture()), "fachada.jpg", "image/jpeg"))
    telephone.settle()
    assert telephone.last()["type"] == "image"
    assert "La fachada" in str(telephone.last())


def test_several_files_are_several_messages(seller, conversation, rows):
    files = [(BytesIO(picture()), f"{n}.jpg", "image/jpeg") for n in range(3)]
    seller.post(f"/inbox/{conversation.id}/messages", body="Mira", file=files, client_id="c1")
    sent = [message for message in rows(Message) if message.direction == "outbound"]
    assert [message.body for message in sent] == ["Mira", "", ""]


def test_a_file_that_is_not_what_it_says_is_refused_in_words(seller, conversation, rows):
    page = (BytesIO(b"<html><script>alert(1)</script></html>"), "foto.jpg", "image/jpeg")
    answer = seller.post(f"/inbox/{conversation.id}/messages", body="", file=page, fragment=True, expect=422)
    assert len(answer.text) > 20
    assert [message.direction for message in rows(Message)] == ["inbound"]


def test_a_90_mb_video_is_refused_with_its_size_and_the_limit(seller, conversation, rows):
    film = BytesIO(b"\x00\x00\x00\x18ftypmp42" + bytes(90_000_000))
    answer = seller.post(
        f"/inbox/{conversation.id}/messages",
        body="",
        file=(film, "recorrido.mp4", "video/mp4"),
        fragment=True,
        expect=422,
    )
    answer.request.environ["wsgi.input"].close()  # what the test client spooled to disk
    assert "90" in answer.text
    assert "16 MB" in answer.text
    assert [message.direction for message in rows(Message)] == ["inbound"]


def test_rival_opens_no_file(rival, telephone, only):
    telephone.says("", type="image", bytes=base64.b64encode(picture()).decode(), mime_type="image/jpeg")
    rival.get(f"/files/{only(File).id}", expect=404)
    rival.get(f"/files/{only(File).id}/thumbnail", expect=404)


def test_who_has_no_phone_is_answered_by_their_id(seller, telephone, stand_in, only):
    body = {
        "bsuid": "CO.1029384756abc",
        "hide_phone": True,
        "name": "Luz",
        "username": "luz.m",
        "text": "sin número",
    }
    assert HTTP.request("POST", f"{stand_in}/sandbox/messages", json=body).status < 300
    telephone.settle()
    assert (only(Lead).phone, only(Lead).username) == (None, "luz.m")
    seller.post(f"/inbox/{only(Conversation).id}/messages", body="Hola, Luz")
    telephone.settle()
    log = HTTP.request("GET", f"{stand_in}/sandbox/messages?to=CO.1029384756abc").json()
    assert log[-1]["text"] == "Hola, Luz"


def test_a_session_that_ends_mid_page_is_said_and_loses_nothing(seller, conversation, rows):
    seller.client.delete_cookie("crm_session", domain="localhost")
    answer = seller.open(
        f"/inbox/{conversation.id}/messages",
        method="POST",
        data={"body": "¿?"},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code in (400, 401)
    assert "sesión" in answer.get_data(as_text=True)
    assert len(rows(Message)) == 1

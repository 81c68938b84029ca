"""Files: uploaded by the business, sent by a customer, fetched by an address that does not last."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator

import pytest

from tests.sandbox.stage import ACME, RIVAL, Meta, stand_in, wamid

PICTURE = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40 + b"\r\n--\r\n"


@pytest.fixture(scope="module")
def meta(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Meta]:
    with stand_in(tmp_path_factory.mktemp("media"), None, "--no-window") as meta:
        yield meta


def upload(
    meta: Meta, content: bytes = PICTURE, mime_type: str = "image/jpeg", number: str = ACME
) -> dict[str, str]:
    fields = {"messaging_product": "whatsapp", "type": mime_type, "file": ("año.jpg", content, mime_type)}
    answer = meta.ask("POST", f"graph/v26.0/{number}/media", fields=fields)
    return dict(answer.json())


def test_a_file_comes_back_as_it_went(meta: Meta) -> None:
    media_id = upload(meta)["id"]
    facts = meta.get(f"graph/v26.0/{media_id}", phone_number_id=ACME)
    assert facts["sha256"] == hashlib.sha256(PICTURE).hexdigest()
    assert (facts["mime_type"], facts["file_size"]) == ("image/jpeg", str(len(PICTURE)))
    assert facts["url"].startswith(meta.url + "/sandbox/media/")
    answer = meta.http.request("GET", facts["url"], headers={"Authorization": "Bearer token"})
    assert (answer.data, answer.headers["Content-Type"]) == (PICTURE, "image/jpeg")


def test_an_address_needs_the_token_and_its_time(meta: Meta) -> None:
    url = meta.get(f"graph/v26.0/{upload(meta)['id']}")["url"]
    assert meta.http.request("GET", url).status == 401
    bearer = {"Authorization": "Bearer token"}
    assert meta.http.request("GET", url.split("?")[0], headers=bearer).status == 404
    late = url.replace("ext=1", "ext=9")
    assert meta.http.request("GET", late, headers=bearer).status == 404


def test_a_file_is_sent_by_its_own_number_only(meta: Meta) -> None:
    media_id = upload(meta)["id"]
    wamid(meta.send("+573031110001", type="image", image={"id": media_id, "caption": "Mira"}))
    assert meta.get("messages", to="573031110001")[0]["media"]["id"] == media_id
    assert meta.code(meta.send("+573031110001", number=RIVAL, type="image", image={"id": media_id})) == 100
    assert meta.code(meta.send("+573031110001", type="document", document={"id": media_id})) == 131053


def test_a_template_s_picture_must_be_there(meta: Meta) -> None:
    media_id = upload(meta)["id"]
    words = [{"type": "text", "text": word} for word in ("Ana", "casa", "Cedritos", "$ 1")]
    link = {
        "type": "button",
        "sub_type": "url",
        "index": "0",
        "parameters": [{"type": "text", "text": "apto-1"}],
    }
    for image, code in (({"id": media_id}, 0), ({"id": "404"}, 100)):
        header = {"type": "header", "parameters": [{"type": "image", "image": image}]}
        components = [header, {"type": "body", "parameters": words}, link]
        content = {"name": "nuevo_inmueble_para_ti", "language": {"code": "es"}, "components": components}
        answer = meta.send("+573031110002", type="template", template=content)
        assert (meta.code(answer) if answer.status != 200 else 0) == code
    button = meta.get("messages", to="573031110002")[0]["buttons"][0]
    assert button["url"] == "https://nogal.example/inmuebles/apto-1"


@pytest.mark.parametrize(
    "content, mime_type, code",
    [
        (b"x", "application/x-msdownload", 100),
        (b"", "image/png", 131053),
        (b"x" * (5 * 1024 * 1024 + 1), "image/png", 131053),
        (b"x" * 5000, "audio/ogg; codecs=opus", 0),
    ],
)
def test_kinds_and_sizes(meta: Meta, content: bytes, mime_type: str, code: int) -> None:
    answer = upload(meta, content, mime_type)
    assert (answer["error"]["code"] if "error" in answer else 0) == code  # type: ignore[index]


def test_a_deleted_file_is_gone(meta: Meta) -> None:
    media_id = upload(meta)["id"]
    assert meta.ask("DELETE", f"graph/v26.0/{media_id}").json() == {"success": True}
    assert meta.get(f"graph/v26.0/{media_id}")["error"]["error_subcode"] == 33


def test_a_customer_s_file_can_be_fetched(meta: Meta) -> None:
    said = meta.say("573031110003", "", bytes=base64.b64encode(PICTURE).decode(), mime_type="image/jpeg")
    content = said["message"]["image"]
    url = meta.get(f"graph/v26.0/{content['id']}")["url"]
    fetched = meta.http.request("GET", url, headers={"Authorization": "Bearer token"}).data
    assert hashlib.sha256(fetched).hexdigest() == content["sha256"]

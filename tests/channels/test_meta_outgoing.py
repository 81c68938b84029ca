"""What is sent has Meta's shape, and what Meta would refuse is told beforehand."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_web.channels.adapters.meta.outgoing import (
    CAPABILITIES,
    MEDIA_LIMITS,
    WRITERS,
    media_limit,
    request_body,
    validate,
)
from crm_web.channels.normal import OutgoingMessage

calm = settings(deadline=None)  # a busy machine is not a failure
MB = 1024 * 1024


def outgoing(kind="text", body="", phone="573105550142", bsuid=None, **more):
    return OutgoingMessage("0193a7c2-0001", phone, bsuid, kind, body, **more)


def buttons(*replies, body="¿Agendamos?", **payload):
    action = {"buttons": [{"type": "reply", "reply": reply} for reply in replies]}
    return outgoing("interactive", body, payload={"type": "button", "action": action, **payload})


def listed(*sections, button="Ver zonas", body="Elija una zona"):
    action = {"button": button, "sections": list(sections)}
    return outgoing("interactive", body, payload={"type": "list", "action": action})


def row(key, title="Chapinero", **more):
    return {"id": key, "title": title, **more}


def test_a_text():
    assert request_body(outgoing(body="Claro que sí", reply_to="wamid.Q")) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+573105550142",
        "type": "text",
        "text": {"body": "Claro que sí", "preview_url": False},
        "context": {"message_id": "wamid.Q"},
        "biz_opaque_callback_data": "0193a7c2-0001",
    }


@pytest.mark.parametrize("phone", ["573105550142", "+573105550142", "+57 310 555 0142"])
def test_the_number_goes_out_with_a_plus(phone):
    assert request_body(outgoing(body="Hola", phone=phone))["to"] == "+573105550142"


@pytest.mark.parametrize("phone", ["5215512345678", "553187654321", "5491123456789"])
def test_the_number_goes_out_as_the_provider_spelled_it(phone):
    assert request_body(outgoing(body="Hola", phone=phone))["to"] == "+" + phone


def test_without_a_phone_it_goes_to_the_user_id():
    body = request_body(outgoing(body="Hola", phone=None, bsuid="CO.77120000001"))
    assert body["recipient"] == "CO.77120000001"
    assert "to" not in body


def test_files():
    picture = outgoing("image", "La fachada", media_id="77")
    assert request_body(picture)["image"] == {"id": "77", "caption": "La fachada"}
    contract = outgoing("document", media_id="78", filename="Promesa.pdf")
    assert request_body(contract)["document"] == {"id": "78", "filename": "Promesa.pdf"}
    voice = outgoing("audio", media_id="79", payload={"voice": True})
    assert request_body(voice)["audio"] == {"id": "79", "voice": True}
    linked = outgoing("video", payload={"link": "https://nogal.example/v.mp4"})
    assert request_body(linked)["video"] == {"link": "https://nogal.example/v.mp4"}


def test_a_template():
    components = [{"type": "body", "parameters": [{"type": "text", "text": "Ana"}]}]
    message = outgoing(
        "template", payload={"name": "bienvenida_v2", "language": "es_MX", "components": components}
    )
    assert request_body(message)["template"] == {
        "name": "bienvenida_v2",
        "language": {"code": "es_MX"},
        "components": components,
    }
    assert validate(message) == []


def test_a_reaction_and_taking_it_back():
    thumb = outgoing("reaction", "👍", payload={"message_id": "wamid.Q"})
    assert request_body(thumb)["reaction"] == {"message_id": "wamid.Q", "emoji": "👍"}
    back = request_body(outgoing("reaction", reply_to="wamid.Q"))
    assert back["reaction"] == {"message_id": "wamid.Q", "emoji": ""}
    assert "context" not in back


def test_a_place_a_card_and_options():
    place = outgoing("location", payload={"latitude": 4.6, "longitude": -74.0, "name": "Sala", "x": 1})
    assert request_body(place)["location"] == {"latitude": 4.6, "longitude": -74.0, "name": "Sala"}
    card = {"name": {"formatted_name": "Luis Pardo", "first_name": "Luis"}}
    assert request_body(outgoing("contacts", payload={"contacts": [card]}))["contacts"] == [card]
    options = request_body(buttons({"id": "si", "title": "Sí"}))["interactive"]
    assert options["body"] == {"text": "¿Agendamos?"}
    assert options["action"]["buttons"][0]["reply"] == {"id": "si", "title": "Sí"}


def test_what_cannot_be_encoded_is_replaced():
    assert request_body(outgoing(body="a\x00b\ud83d"))["text"]["body"] == "ab\ufffd"


GOOD = {
    "text": outgoing(body="x" * 4096),
    "image": outgoing("image", "x" * 1024, media_id="1"),
    "audio": outgoing("audio", media_id="1"),
    "sticker": outgoing("sticker", media_id="1"),
    "reaction": outgoing("reaction", "👍", reply_to="wamid.Q"),
    "location": outgoing("location", payload={"latitude": "4.6", "longitude": -74.0}),
    "contacts": outgoing(
        "contacts", payload={"contacts": [{"name": {"formatted_name": "A", "first_name": "A"}}]}
    ),
    "buttons": buttons(*({"id": str(n), "title": "x" * 20} for n in range(3)), footer={"text": "x" * 60}),
    "list": listed(
        {"title": "A", "rows": [row("1")]}, {"title": "B", "rows": [row("2", description="x" * 72)]}
    ),
    "link": outgoing(
        "interactive",
        "Ver",
        payload={
            "type": "cta_url",
            "action": {
                "name": "cta_url",
                "parameters": {"display_text": "Abrir", "url": "https://nogal.example"},
            },
        },
    ),
}
BAD = {
    "nobody": outgoing(body="Hola", phone=None),
    "a user id as phone": outgoing(body="Hola", phone="CO.77120000001"),
    "no reference": OutgoingMessage("", "573105550142", None, "text", "Hola"),
    "unknown kind": outgoing("hologram", "Hola"),
    "blank": outgoing(body="  "),
    "long": outgoing(body="x" * 4097),
    "no file": outgoing("image", "La fachada"),
    "long caption": outgoing("image", "x" * 1025, media_id="1"),
    "audio with text": outgoing("audio", "Hola", media_id="1"),
    "no template": outgoing("template", payload={"language": "es"}),
    "no language": outgoing("template", payload={"name": "bienvenida_v2"}),
    "line break in a variable": outgoing(
        "template",
        payload={
            "name": "a",
            "language": "es",
            "components": [{"type": "body", "parameters": [{"type": "text", "text": "Ana\nMaría"}]}],
        },
    ),
    "code to a hidden number": outgoing(
        "template",
        phone=None,
        bsuid="CO.1",
        payload={"name": "a", "language": "es", "category": "AUTHENTICATION"},
    ),
    "reaction to nothing": outgoing("reaction", "👍"),
    "off the map": outgoing("location", payload={"latitude": 91, "longitude": 0}),
    "no map": outgoing("location", payload={"latitude": "norte"}),
    "nameless card": outgoing("contacts", payload={"contacts": [{"name": {"formatted_name": "A"}}]}),
    "no card": outgoing("contacts"),
    "no options": outgoing("interactive", "Hola", payload={"type": "button"}),
    "no words": buttons({"id": "1", "title": "Sí"}, body=""),
    "four buttons": buttons(*({"id": str(n), "title": "x"} for n in range(4))),
    "twin buttons": buttons({"id": "1", "title": "Sí"}, {"id": "1", "title": "No"}),
    "long button": buttons({"id": "1", "title": "x" * 21}),
    "long words": buttons({"id": "1", "title": "Sí"}, body="x" * 1025),
    "long footer": buttons({"id": "1", "title": "Sí"}, footer={"text": "x" * 61}),
    "eleven rows": listed({"title": "A", "rows": [row(str(n)) for n in range(11)]}),
    "twin rows": listed({"title": "A", "rows": [row("1"), row("1")]}),
    "long row": listed({"rows": [row("1", "x" * 25)]}),
    "long description": listed({"rows": [row("1", description="x" * 73)]}),
    "untitled sections": listed({"rows": [row("1")]}, {"rows": [row("2")]}),
    "no list button": listed({"rows": [row("1")]}, button=""),
    "bad link": outgoing(
        "interactive",
        "Ver",
        payload={
            "type": "cta_url",
            "action": {"parameters": {"display_text": "Abrir", "url": "javascript:alert(1)"}},
        },
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_meta_accepts_has_no_problem(name):
    assert validate(GOOD[name]) == []


@pytest.mark.parametrize("name", BAD)
def test_what_meta_refuses_has_one(name):
    (problem,) = validate(BAD[name])
    assert problem.endswith(".")


@calm
@given(st.sampled_from(sorted(WRITERS)), st.text(), st.dictionaries(st.text(), st.integers() | st.text()))
def test_every_message_can_be_checked_and_written(kind, body, payload):
    message = outgoing(kind, body, payload=payload)
    validate(message)
    json.dumps(request_body(message)).encode()


def test_every_kind_can_be_written_and_checked():
    assert WRITERS.keys() == CAPABILITIES["kinds"]


@pytest.mark.parametrize(
    ("mime", "limit"),
    [
        ("image/jpeg", ("image", 5 * MB)),
        ("image/webp", ("sticker", 500 * 1024)),
        ("audio/ogg; codecs=opus", ("audio", 16 * MB)),
        ("Video/MP4", ("video", 16 * MB)),
        ("application/pdf", ("document", 100 * MB)),
        ("image/tiff", ("document", 100 * MB)),
        ("", ("document", 100 * MB)),
    ],
)
def test_a_file_goes_out_as_what_meta_takes_it_for(mime, limit):
    assert media_limit(mime) == limit
    assert all(size <= 100 * MB for _, size in MEDIA_LIMITS.values())

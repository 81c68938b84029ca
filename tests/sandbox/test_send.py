"""What Meta accepts and refuses, and what it answers."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import urllib3

from tests.sandbox.stage import ACME, ACME_WABA, Meta, stand_in, wamid


@pytest.fixture(scope="module")
def meta(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Meta]:
    with stand_in(tmp_path_factory.mktemp("send"), None, "--no-window") as meta:
        yield meta


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Meta]:
    with stand_in(tmp_path_factory.mktemp("strict"), None) as meta:
        yield meta


def template(*words: str, name: str = "recordatorio_visita", **more: object) -> dict[str, object]:
    parameters = [{"type": "text", "text": word} for word in words]
    content = {
        "name": name,
        "language": {"code": "es"},
        "components": [{"type": "body", "parameters": parameters}],
    }
    return {"type": "template", "template": content | more}


def test_a_text_is_accepted_and_stands_on_the_telephone(meta: Meta) -> None:
    answer = meta.send("+573001110001", text={"body": "Sí, ñandú"}, biz_opaque_callback_data="mine-1").json()
    assert answer["contacts"][0] | {"user_id": ""} == {
        "input": "+573001110001", "wa_id": "573001110001", "user_id": "",
    }  # fmt: skip
    received = meta.get("messages", to="573001110001")
    assert [(item["text"], item["from"], item["status"]) for item in received] == [
        ("Sí, ñandú", "573000000001", "delivered")
    ]
    assert received[0]["id"] == answer["messages"][0]["id"]
    assert received[0]["biz_opaque_callback_data"] == "mine-1"


@pytest.mark.parametrize(
    "to, wa_id",
    [
        ("+525512345678", "5215512345678"),
        ("+5215512345678", "5215512345678"),
        ("+541123456789", "5491123456789"),
        ("+5531987654321", "553187654321"),
        ("+5511987654321", "5511987654321"),
        ("+573001112233", "573001112233"),
    ],
)
def test_numbers_are_answered_as_whatsapp_knows_them(meta: Meta, to: str, wa_id: str) -> None:
    assert meta.send(to).json()["contacts"][0]["wa_id"] == wa_id
    assert meta.get("messages", to=to)[-1]["to"] == wa_id


def test_a_person_without_a_number_is_reached_by_user_id(meta: Meta) -> None:
    user_id = meta.say("", "hola", bsuid="CO.998877")["message"]["from_user_id"]
    body = {"messaging_product": "whatsapp", "recipient": user_id, "text": {"body": "Hola"}}
    answer = meta.post(f"graph/v26.0/{ACME}/messages", **body)
    assert answer["contacts"] == [{"input": "CO.998877", "user_id": "CO.998877"}]
    assert meta.get("messages", to="CO.998877")[0]["text"] == "Hola"


BUTTON = {"type": "reply", "reply": {"id": "a", "title": "Sí"}}


def interactive(**content: object) -> dict[str, object]:
    return {"type": "interactive", "interactive": {"body": {"text": "¿Cuál?"}, **content}}


def buttons(count: int, title: str = "Opción") -> dict[str, object]:
    replies = [
        {"type": "reply", "reply": {"id": str(place), "title": f"{title} {place}"}} for place in range(count)
    ]
    return interactive(type="button", action={"buttons": replies})


def rows(count: int) -> dict[str, object]:
    found = [{"id": str(place), "title": f"Fila {place}"} for place in range(count)]
    return interactive(type="list", action={"button": "Ver", "sections": [{"title": "Todo", "rows": found}]})


@pytest.mark.parametrize(
    "message, code",
    [
        ({"type": "text", "text": {"body": "x" * 4096}}, 0),
        ({"type": "text", "text": {"body": "x" * 4097}}, 131009),
        ({"type": "text", "text": {}}, 131008),
        ({"type": "text"}, 131008),
        ({"type": "hologram"}, 100),
        ({"type": "image", "image": {"link": "https://x.test/a.jpg", "caption": "x" * 1025}}, 131009),
        ({"type": "image", "image": {"link": "https://x.test/a.jpg"}}, 0),
        ({"type": "image", "image": {}}, 131008),
        ({"type": "image", "image": {"id": "404"}}, 100),
        ({"type": "audio", "audio": {"link": "https://x.test/a.ogg", "caption": "no"}}, 131009),
        ({"type": "location", "location": {"latitude": "4.6", "longitude": -74.1}}, 0),
        ({"type": "location", "location": {"latitude": 4.6}}, 131008),
        ({"type": "contacts", "contacts": [{"name": {"formatted_name": "Ana"}}]}, 131008),
        ({"type": "reaction", "reaction": {"message_id": "wamid.x", "emoji": ""}}, 0),
        (buttons(3), 0),
        (buttons(4), 131009),
        (buttons(1, "x" * 20), 131009),
        (rows(10), 0),
        (rows(11), 131009),
        ({"type": "text", "text": {"body": "x"}, "recipient_type": "group"}, 131059),
        ({"type": "text", "text": {"body": "x"}, "biz_opaque_callback_data": "x" * 513}, 131009),
    ],
)
def test_shapes_and_limits(meta: Meta, message: dict[str, object], code: int) -> None:
    answer = meta.send("+573001110002", **message)
    assert (0 if answer.status == 200 else meta.code(answer)) == code


@pytest.mark.parametrize(
    "message",
    [
        {"type": "interactive", "interactive": {"type": "button", "body": "hola", "action": []}},
        {
            "type": "interactive",
            "interactive": {"type": "list", "body": {"text": "x"}, "action": {"sections": ["x"]}},
        },
        {
            "type": "template",
            "template": {"name": "propuesta_lista", "language": {"code": 7}, "components": "x"},
        },
        {"type": "contacts", "contacts": ["Ana"]},
        {"type": ["text"]},
    ],
)
def test_nonsense_is_refused_not_stumbled_over(meta: Meta, message: dict[str, object]) -> None:
    assert meta.send("+573001110013", **message).status == 400
    assert meta.ask("POST", "messages", json={"from": "573001110013", "button": "x"}).status == 400


def test_a_refusal_has_metas_shape(meta: Meta) -> None:
    answer = meta.send("+573001110002", type="text", text={"body": ""})
    error = answer.json()["error"]
    assert answer.status == 400
    assert error["message"] == "(#131008) Required parameter is missing"
    assert error["type"] == "OAuthException"
    assert error["error_data"]["messaging_product"] == "whatsapp"
    assert error["fbtrace_id"]


@pytest.mark.parametrize(
    "token, http, code", [("expired-1", 401, 190), ("forbidden", 403, 200), ("", 401, 190)]
)
def test_tokens(meta: Meta, token: str, http: int, code: int) -> None:
    answer = meta.send("+573001110003", token=token)
    assert (answer.status, meta.code(answer)) == (http, code)


def test_an_unknown_number_or_path_is_said_so(meta: Meta) -> None:
    error = meta.send("+573001110003", number="999").json()["error"]
    assert (error["code"], error["error_subcode"]) == (100, 33)
    assert meta.get("graph/v26.0/999")["error"]["error_subcode"] == 33
    assert meta.get(f"graph/v26.0/{ACME}/nothing")["error"]["code"] == 2500
    assert meta.ask("POST", f"graph/v26.0/{ACME}/messages", body=b"{not json").status == 400


def test_a_template_is_shown_with_its_words(meta: Meta) -> None:
    payload = {"type": "button", "sub_type": "quick_reply", "index": 0, "parameters": [{"payload": "c1:7"}]}
    message = template("Ana", "jueves", "10:00", "la Carrera 7")
    message["template"]["components"].append(payload)  # type: ignore[index]
    assert meta.send("+573001110004", **message).json()["messages"][0]["message_status"] == "accepted"
    shown = meta.get("messages", to="573001110004")[0]
    assert shown["text"].startswith("Hola, Ana. Te esperamos el jueves a las 10:00 en la Carrera 7.")
    assert shown["title"] == "Tu visita de mañana"
    assert [button.get("payload") for button in shown["buttons"]] == [
        "c1:7",
        "Cambiar la hora",
        "No puedo ir",
    ]


@pytest.mark.parametrize(
    "message, code",
    [
        (template("Ana"), 132000),
        (template("Ana", name="no_existe"), 132001),
        (template("Ana", "b", "c", "d", language={"code": "en"}), 132001),
        (template("Ana\nMaría", "b", "c", "d"), 132018),
        (template("Ana", "b", "c", "x" * 1000), 132005),
        (template("a", "b", "c", "d", name="nuevo_inmueble_para_ti"), 132012),
        (template("Ana", "la casa", "Luis", name="seguimiento_visita"), 132012),
    ],
)
def test_templates_that_do_not_fit(meta: Meta, message: dict[str, object], code: int) -> None:
    assert meta.code(meta.send("+573001110005", **message)) == code


def test_named_parameters_find_their_places(meta: Meta) -> None:
    names = {"nombre": "Ana", "asesor": "Luis", "inmueble": "la casa"}
    parameters = [{"type": "text", "parameter_name": name, "text": text} for name, text in names.items()]
    message = template(name="seguimiento_visita", components=[{"type": "body", "parameters": parameters}])
    wamid(meta.send("+573001110006", **message))
    assert "Gracias por visitar la casa con Luis" in meta.get("messages", to="573001110006")[0]["text"]


def test_a_paused_template_is_refused(meta: Meta) -> None:
    meta.post("templates", waba_id=ACME_WABA, name="retomar_busqueda", status="PAUSED")
    assert meta.code(meta.send("+573001110007", **template("a", "b", name="retomar_busqueda"))) == 132015


def test_only_templates_pass_when_the_window_is_closed(strict: Meta) -> None:
    assert strict.code(strict.send("+573001120001")) == 131047
    wamid(strict.send("+573001120001", **template("Ana", "b", "c", "d")))
    strict.say("573001120001")
    wamid(strict.send("+573001120001"))
    assert strict.code(strict.send("+573001120001", number="100000000000002")) == 131047


def test_a_window_can_be_registered_and_is_a_day_long(strict: Meta) -> None:
    day = 24 * 3600
    items = [
        {"phone_number_id": ACME, "from": "+57 300 112 0002", "at": time.time() - day + 60},
        {"phone_number_id": ACME, "from": "573001120003", "at": time.time() - day - 60},
    ]
    assert strict.post("windows", items=items) == {"registered": 2}
    wamid(strict.send("+573001120002"))
    assert strict.code(strict.send("+573001120003")) == 131047


@pytest.mark.parametrize("ending, code", [("0131047", 131047), ("0131048", 131048), ("0000190", 190)])
def test_endings_that_are_always_refused(meta: Meta, ending: str, code: int) -> None:
    for _ in range(3):
        assert meta.code(meta.send(f"+5730{ending}")) == code


@pytest.mark.parametrize(
    "ending, http, code", [("0130429", 400, 130429), ("0131056", 400, 131056), ("0000500", 500, 131000)]
)
def test_endings_that_are_refused_twice(meta: Meta, ending: str, http: int, code: int) -> None:
    for _ in range(2):
        answers = [meta.send(f"+5731{ending}") for _ in range(3)]
        assert [answer.status for answer in answers] == [http, http, 200]
        assert [meta.code(answer) for answer in answers[:2]] == [code, code]
    assert len(meta.get("messages", to=f"5731{ending}")) == 2


def test_the_answer_may_be_cut_broken_or_late_though_the_send_was_accepted(meta: Meta) -> None:
    meta.post("knobs", hang_ms=300)
    with pytest.raises(urllib3.exceptions.ProtocolError):
        meta.send("+57300009999", biz_opaque_callback_data="cut")
    broken = meta.send("+57300007777", biz_opaque_callback_data="broken")
    assert broken.status == 200
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        broken.json()
    began = time.monotonic()
    assert meta.send("+57300008888", biz_opaque_callback_data="hang").status == 200
    assert time.monotonic() - began >= 0.3
    mishaps = {row["biz_opaque_callback_data"]: row["mishap"] for row in meta.get("log") if row["mishap"]}
    assert mishaps == {"cut": "cut", "broken": "broken", "hang": "hang"}


def test_the_next_sends_can_be_made_to_fail(meta: Meta) -> None:
    meta.post("knobs", fail_next=[{"code": 131057, "http": 503, "times": 2}])
    assert [meta.send("+573001110010").status for _ in range(3)] == [503, 503, 200]
    assert meta.get("knobs")["fail_next"] == []


def test_reading_and_typing_are_answered(meta: Meta) -> None:
    said = meta.say("573001110011")
    read = {"messaging_product": "whatsapp", "status": "read", "message_id": said["id"]}
    path = f"graph/v26.0/{ACME}/messages"
    assert meta.post(path, **read, typing_indicator={"type": "text"}) == {"success": True}
    assert meta.post(path, **read | {"message_id": "wamid.unknown"})["error"]["code"] == 131009


def test_more_numbers_can_be_added(meta: Meta) -> None:
    number = {
        "phone_number_id": "100000000000077",
        "waba_id": "200000000000077",
        "display_phone_number": "573000000077",
    }
    assert meta.post("numbers", **number) == {"added": 1}
    wamid(meta.send("+573001110012", number="100000000000077", **template("a", "b", "c", "d")))
    assert meta.get("graph/v26.0/100000000000077")["display_phone_number"] == "+57 300 0000077"

"""Variables: what there is to fill in, what is refused, what is read and what is written."""

from __future__ import annotations

import pytest

from crm_web.message_templates import rendering
from crm_web.message_templates.models import MessageTemplate
from crm_web.message_templates.rendering import WrongVariables


def template(*components, named: bool = False, **more) -> MessageTemplate:
    given = {"name": "aviso", "language": "es", "status": "APPROVED", "category": "UTILITY", **more}
    return MessageTemplate(
        components=list(components), parameter_format="named" if named else "positional", **given
    )


def body(text: str, *examples: str) -> dict:
    return {
        "type": "BODY",
        "text": text,
        **({"example": {"body_text": [list(examples)]}} if examples else {}),
    }


def button(**given) -> dict:
    return {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Sí"}, given]}


def test_a_greeting_is_followed_by_the_name():
    found = rendering.variables(template(body("Hola, {{1}}. Tu cita es {{2}}.", "Ana", "hoy")))
    assert [(one.key, one.example, one.is_name) for one in found] == [
        ("body-1", "Ana", True),
        ("body-2", "hoy", False),
    ]


def test_a_named_variable_is_known_by_its_name_and_only_the_first_is_the_customers():
    words = "Buenas. {{cita}} de {{nombre}} con {{cliente}}."
    found = rendering.variables(template(body(words), named=True))
    assert [one.name for one in found if one.is_name] == ["nombre"]
    assert rendering.suggest(template(body(words), named=True), "Ana") == {"body-nombre": "Ana"}


def test_positional_parameters_go_by_number_wherever_they_stand():
    filled = rendering.fill(
        template(body("Para {{2}}: hola {{1}} y {{2}}.")), {"body-1": "uno", "body-2": "dos"}
    )
    assert filled.body == "Para dos: hola uno y dos."
    assert filled.components == [
        {"type": "body", "parameters": [{"type": "text", "text": "uno"}, {"type": "text", "text": "dos"}]}
    ]


def test_named_parameters_carry_their_names():
    filled = rendering.fill(template(body("Hola {{nombre}}, va."), named=True), {"body-nombre": "Ana"})
    assert filled.components[0]["parameters"] == [{"type": "text", "text": "Ana", "parameter_name": "nombre"}]


def test_what_has_no_variables_is_not_written():
    filled = rendering.fill(
        template(body("Hola"), {"type": "FOOTER", "text": "pie"}, button(type="PHONE_NUMBER")), {}
    )
    assert (filled.components, filled.footer) == ([], "pie")


def test_the_end_of_an_address_and_a_code_are_filled_in():
    link = button(type="URL", text="Ver", url="https://a.example/{{1}}", example=["x"])
    filled = rendering.fill(template(body("Hola"), link), {"button-1": "casa-7"})
    assert filled.buttons[1]["url"] == "https://a.example/casa-7"
    assert filled.components == [
        {
            "type": "button",
            "sub_type": "url",
            "index": "1",
            "parameters": [{"type": "text", "text": "casa-7"}],
        }
    ]
    code = rendering.fill(
        template(body("Hola"), button(type="COPY_CODE", example="ABC")), {"button-1": "PROMO"}
    )
    assert code.components[0]["parameters"] == [{"type": "coupon_code", "coupon_code": "PROMO"}]


def test_a_header_with_a_file_waits_for_it():
    filled = rendering.fill(template({"type": "HEADER", "format": "IMAGE"}, body("Hola")), {})
    assert filled.components == [{"type": "header", "parameters": [{"type": "image", "image": {}}]}]


@pytest.mark.parametrize("value", ["", "   ", "a\nb", "a\tb", "a    b"])
def test_what_whatsapp_refuses_in_a_variable(value):
    with pytest.raises(WrongVariables):
        rendering.fill(template(body("Hola {{1}}, va.")), {"body-1": value})


def test_three_spaces_go():
    assert rendering.fill(template(body("Hola {{1}}, va.")), {"body-1": "a   b"}).body == "Hola a   b, va."


def test_lengths_count_after_the_variables_are_in():
    header = {"type": "HEADER", "format": "TEXT", "text": "Para {{1}}"}
    whole = template(header, body("Va {{1}}."))
    most = {"header-1": "x" * 55, "body-1": "x" * 1020}
    assert (len(rendering.fill(whole, most).header), len(rendering.fill(whole, most).body)) == (60, 1024)
    for key, value in most.items():
        with pytest.raises(WrongVariables):
            rendering.fill(whole, {**most, key: value + "x"})


@pytest.mark.parametrize(
    "odd",
    [
        template(body("Hola"), status="PENDING"),
        template(body("Hola"), category="AUTHENTICATION"),
        template(body("Hola"), {"type": "HEADER", "format": "LOCATION"}),
        template(body("Hola"), button(type="FLOW", text="Ir")),
        template(body("Hola"), {"type": "CAROUSEL", "cards": []}),
        template({"type": "FOOTER", "text": "solo pie"}),
        template("nonsense", 7),
    ],
    ids=["pending", "code", "place", "flow", "carousel", "no body", "nonsense"],
)
def test_what_a_conversation_cannot_send_is_said(odd):
    assert rendering.obstacle(odd)


def test_text_is_shown_in_pieces():
    found = rendering.pieces(template(body("Hola {{1}}, <b>va</b>.")), "BODY")
    assert [tuple(one) for one in found] == [("Hola ", None), ("{{1}}", "body-1"), (", <b>va</b>.", None)]

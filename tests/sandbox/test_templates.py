"""The account's templates: the demo's, listed in pages, made, changed and removed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.stage import ACME, ACME_WABA, Meta, stand_in, until

TEMPLATES = f"graph/v26.0/{ACME_WABA}/message_templates"


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Meta]:
    """A world these tests do not change."""
    with stand_in(tmp_path_factory.mktemp("settled")) as meta:
        yield meta


@pytest.fixture
def meta(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Meta]:
    with stand_in(tmp_path_factory.mktemp("templates")) as meta:
        meta.post("knobs", review_ms=30)
        yield meta


def body(text: str, *examples: str) -> dict[str, Any]:
    return {
        "type": "BODY",
        "text": text,
        **({"example": {"body_text": [list(examples)]}} if examples else {}),
    }


def create(meta: Meta, *components: dict[str, Any], name: str = "aviso_nuevo", **more: Any) -> dict[str, Any]:
    new = {"name": name, "language": "es", "category": "UTILITY", "components": list(components)}
    return dict(meta.post(TEMPLATES, **new | more))


def test_pages_lead_from_the_first_template_to_the_last(settled: Meta) -> None:
    names, after = [], None
    while True:
        page = settled.get(TEMPLATES, limit=4, fields="name,status", **({"after": after} if after else {}))
        names += [item["name"] for item in page["data"]]
        assert set(page["data"][0]) == {"id", "name", "status"}
        if "next" not in page["paging"]:
            break
        after = page["paging"]["cursors"]["after"]
    assert len(names) == len(set(names)) == 8


def test_filters(settled: Meta) -> None:
    assert [item["name"] for item in settled.get(TEMPLATES, name="propuesta_lista")["data"]] == [
        "propuesta_lista"
    ]
    assert {item["category"] for item in settled.get(TEMPLATES, category="MARKETING")["data"]} == {
        "MARKETING"
    }


def test_approved_after_a_moment_and_then_sendable(meta: Meta) -> None:
    made = create(meta, body("Hola, {{1}}, ya está listo.", "Ana"))
    until(lambda: meta.get(f"graph/v26.0/{made['id']}")["status"] == "APPROVED")
    content = {"name": "aviso_nuevo", "language": {"code": "es"}}
    content["components"] = [{"type": "body", "parameters": [{"type": "text", "text": "Ana"}]}]
    assert meta.send("+573041110001", type="template", template=content).status == 200


def test_a_name_that_asks_for_it_is_rejected(meta: Meta) -> None:
    made = create(meta, body("Gana dinero ya mismo"), name="oferta_rechazada")
    until(lambda: meta.get(f"graph/v26.0/{made['id']}", fields="status")["status"] == "REJECTED")
    assert (
        meta.get(f"graph/v26.0/{made['id']}", fields="rejected_reason")["rejected_reason"] == "INVALID_FORMAT"
    )


@pytest.mark.parametrize(
    "components, subcode",
    [
        ([{"type": "FOOTER", "text": "solo pie"}], 2388072),
        ([body("Hola, {{1}}, ya está.")], 2388072),
        ([body("Hola, {{2}}, ya está.", "x")], 2388072),
        ([body("{{1}}, ya está todo listo.", "x")], 2388299),
        ([body("a {{1}} {{2}} {{3}} b", "x", "y", "z")], 2388293),
        ([body("x" * 1025)], 2388040),
        ([body("Hola"), {"type": "FOOTER", "text": "x" * 61}], 2388073),
        ([body("Hola"), {"type": "HEADER", "format": "IMAGE"}], 2388047),
        (
            [body("Hola"), {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "x"}] * 11}],
            2388060,
        ),
    ],
)
def test_what_meta_would_not_take(settled: Meta, components: list[dict[str, Any]], subcode: int) -> None:
    error = create(settled, *components)["error"]
    assert (error["code"], error["error_subcode"]) == (100, subcode)


def test_a_name_and_language_exist_once(settled: Meta) -> None:
    assert create(settled, body("Hola"), name="propuesta_lista")["error"]["error_subcode"] == 2388024
    assert create(settled, body("Hola"), name="Con Espacios")["error"]["code"] == 100


def test_editing_sends_it_to_review_again(meta: Meta) -> None:
    found = meta.get(TEMPLATES, name="bienvenida_contacto")["data"][0]
    assert meta.post(f"graph/v26.0/{found['id']}", components=[body("Hola de nuevo")]) == {"success": True}
    until(lambda: meta.get(f"graph/v26.0/{found['id']}")["status"] == "APPROVED")
    assert meta.get(f"graph/v26.0/{found['id']}")["components"] == [body("Hola de nuevo")]
    refused = meta.post(f"graph/v26.0/{found['id']}", category="MARKETING")
    assert refused["error"]["error_subcode"] == 2388003


def test_deleting_by_name(meta: Meta) -> None:
    assert meta.ask("DELETE", f"{TEMPLATES}?name=propuesta_lista").json() == {"success": True}
    assert meta.get(TEMPLATES, name="propuesta_lista")["data"] == []
    assert meta.ask("DELETE", f"{TEMPLATES}?name=propuesta_lista").status == 404


def test_facts_about_numbers_and_accounts(meta: Meta) -> None:
    fields = "verified_name,quality_rating,status,platform_type,throughput,health_status{can_send_message}"
    number = meta.get(f"graph/v26.0/{ACME}", fields=fields)
    assert (number["status"], number["quality_rating"]) == ("CONNECTED", "GREEN")
    assert number["health_status"]["can_send_message"] == "AVAILABLE"
    assert [item["id"] for item in meta.get(f"graph/v26.0/{ACME_WABA}/phone_numbers")["data"]] == [ACME]
    assert meta.post(f"graph/v26.0/{ACME_WABA}/subscribed_apps") == {"success": True}
    assert len(meta.get(f"graph/v26.0/{ACME_WABA}/subscribed_apps")["data"]) == 1
    assert meta.post(f"graph/v26.0/{ACME}/register", messaging_product="whatsapp", pin="123456") == {
        "success": True
    }
    assert meta.post(f"graph/v26.0/{ACME}/whatsapp_business_profile", about="Vivienda") == {"success": True}
    assert meta.get(f"graph/v26.0/{ACME}/whatsapp_business_profile")["data"][0]["about"] == "Vivienda"


def test_samples_are_uploaded_in_two_steps(settled: Meta) -> None:
    session = settled.post("graph/v26.0/600000000000001/uploads?file_length=3&file_type=image/jpeg")["id"]
    assert settled.ask("POST", f"graph/v26.0/{session}", body=b"abc").json()["h"].startswith("4::")


def test_knobs_are_checked(meta: Meta) -> None:
    for wrong in ({"latency": 1}, {"latency_ms": -1}, {"shuffle": 1}, {"fail_next": [{}]}):
        assert meta.ask("POST", "knobs", json=wrong).status == 400
    assert meta.post("knobs", latency_ms=5, shuffle=True)["latency_ms"] == 5

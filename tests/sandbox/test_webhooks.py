"""What the business is told: signed, in order, again until it answers, and wrongly when asked."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from itertools import count

import pytest

from tests.sandbox.stage import ACME, ACME_WABA, Business, Meta, stage, stand_in, until, wamid

numbers = (f"57301{place:07d}" for place in count(1000))


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Meta, Business]]:
    with stage(tmp_path_factory.mktemp("webhooks"), "--no-window") as sides:
        yield sides


@pytest.fixture
def business(sides: tuple[Meta, Business]) -> Business:
    sides[1].posts.clear()
    return sides[1]


@pytest.fixture
def meta(sides: tuple[Meta, Business], business: Business) -> Iterator[Meta]:
    meta = sides[0]
    yield meta
    business.answers.clear()
    meta.post(
        "knobs", duplicate=0, batch=1, shuffle=False, auto_read=False, statuses=True, delay_ms=0, fail_next=[]
    )
    until(lambda: meta.get("deliveries")["pending"] == 0)


def test_statuses_follow_in_order_with_our_own_data(meta: Meta, business: Business) -> None:
    sent = wamid(meta.send("+573011110001", biz_opaque_callback_data="row-7"))
    until(lambda: business.path_of(sent) == ["sent", "delivered"])
    first = business.statuses(sent)[0]
    assert (first["recipient_id"], first["biz_opaque_callback_data"]) == ("573011110001", "row-7")
    assert first["recipient_user_id"].startswith("CO.")
    assert first["pricing"]["category"] == "service"
    assert first["timestamp"].isdigit()
    assert business.values()[0]["contacts"][0]["wa_id"] == "573011110001"
    assert business.values()[0]["metadata"] == {
        "display_phone_number": "573000000001",
        "phone_number_id": ACME,
    }
    assert business.genuine()


def test_read_follows_when_the_chat_is_opened(meta: Meta, business: Business) -> None:
    number = next(numbers)
    sent = wamid(meta.send(f"+{number}"))
    assert meta.post("read", **{"from": number}) == {"read": 1}
    until(lambda: business.path_of(sent) == ["sent", "delivered", "read"])
    assert meta.get("messages", to=number)[0]["status"] == "read"
    assert meta.post("read", **{"from": number}) == {"read": 0}


def test_read_follows_by_itself_with_auto_read(meta: Meta, business: Business) -> None:
    meta.post("knobs", auto_read=True)
    sent = wamid(meta.send(f"+{next(numbers)}"))
    until(lambda: business.path_of(sent) == ["sent", "delivered", "read"])


@pytest.mark.parametrize("code", [131026, 131049, 131050, 130472])
def test_undeliverable_numbers_fail_after_they_were_accepted(
    meta: Meta, business: Business, code: int
) -> None:
    number = f"5730{code:07d}"
    sent = wamid(meta.send(f"+{number}", biz_opaque_callback_data="lost"))
    failed = until(lambda: business.statuses(sent))
    assert [(item["status"], item["errors"][0]["code"]) for item in failed] == [("failed", code)]
    assert "contacts" not in business.values()[0]
    assert "recipient_user_id" not in failed[0]
    assert meta.get("messages", to=number) == []


def test_no_statuses_when_turned_off(meta: Meta, business: Business) -> None:
    meta.post("knobs", statuses=False)
    wamid(meta.send(f"+{next(numbers)}"))
    meta.say(next(numbers), "después")
    until(business.messages)
    assert not any("statuses" in value for value in business.values())


def test_a_customer_s_message_arrives_as_meta_sends_it(meta: Meta, business: Business) -> None:
    said = meta.say("+57 301 111 0002", "¿Sigue disponible? ñ", name="Ana Restrepo")
    (message,) = until(business.messages)
    value = business.values()[0]
    assert message == said["message"]
    assert message["text"] == {"body": "¿Sigue disponible? ñ"}
    assert value["contacts"][0] == {
        "profile": {"name": "Ana Restrepo"}, "user_id": message["from_user_id"], "wa_id": "573011110002",
    }  # fmt: skip
    assert b"\\u00bfSigue disponible? \\u00f1" in business.posts[0][1]
    assert business.genuine()


def test_somebody_who_hides_the_number_is_known_by_user_id_alone(meta: Meta, business: Business) -> None:
    meta.say("573011110003", "hola", name="Luz", username="luz.m", hide_phone=True)
    (message,) = until(business.messages)
    contact = business.values()[0]["contacts"][0]
    assert "from" not in message
    assert "wa_id" not in contact
    assert contact["profile"] == {"name": "Luz", "username": "luz.m"}
    sent = wamid(meta.ask("POST", f"graph/v26.0/{ACME}/messages", json={
        "messaging_product": "whatsapp", "recipient": message["from_user_id"], "text": {"body": "Hola"}}))  # fmt: skip
    assert "recipient_id" not in until(lambda: business.statuses(sent))[0]
    assert [item["text"] for item in meta.get("messages", to="573011110003")] == ["Hola"]


def test_two_businesses_know_a_person_by_different_ids(meta: Meta, business: Business) -> None:
    number = next(numbers)
    first = meta.say(number)["message"]
    again = meta.say(number)["message"]
    other = meta.say(number, phone_number_id="100000000000002")["message"]
    assert first["from_user_id"] == again["from_user_id"] != other["from_user_id"]


def test_pressing_buttons(meta: Meta, business: Business) -> None:
    number = next(numbers)
    sent = wamid(meta.send(f"+{number}"))
    meta.say(number, "", button={"payload": "c1:7", "text": "Confirmo", "context": sent})
    meta.say(number, "", button={"id": "si", "title": "Sí"}, reply_to=sent)
    meta.say(number, "", choice={"id": "9", "title": "9:00 a. m.", "description": "Con Ana"}, reply_to=sent)
    meta.say(number, "", flow={"token": "t", "answers": {"ciudad": "Bogotá"}})
    button, reply, choice, flow = until(lambda: len(business.messages()) == 4 and business.messages())
    assert button["button"] == {"payload": "c1:7", "text": "Confirmo"}
    assert button["context"] == {"from": "573000000001", "id": sent}
    assert reply["interactive"] == {"type": "button_reply", "button_reply": {"id": "si", "title": "Sí"}}
    assert choice["interactive"]["list_reply"]["description"] == "Con Ana"
    assert (
        flow["interactive"]["nfm_reply"]["response_json"] == '{"flow_token": "t", "ciudad": "Bogot\\u00e1"}'
    )


def test_sending_other_things(meta: Meta, business: Business) -> None:
    number = next(numbers)
    picture = base64.b64encode(b"\xff\xd8picture").decode()
    meta.say(number, "", bytes=picture, mime_type="image/jpeg", caption="Mira")
    meta.say(number, "", bytes=picture, mime_type="audio/ogg; codecs=opus")
    meta.say(number, "", location={"latitude": 4.6, "longitude": -74.1})
    meta.say(number, "", reaction={"message_id": "wamid.x", "emoji": "👍"})
    meta.say(
        number, "hola", referral={"source_type": "ad", "source_id": "1", "source_url": "https://fb.me/x"}
    )
    meta.say(number, "", message={"type": "unsupported", "errors": [{"code": 131051}]})
    arrived = until(lambda: len(business.messages()) == 6 and business.messages())
    assert [item["type"] for item in arrived] == [
        "image",
        "audio",
        "location",
        "reaction",
        "text",
        "unsupported",
    ]
    assert arrived[0]["image"]["caption"] == "Mira"
    assert arrived[1]["audio"]["voice"] is True
    assert arrived[4]["referral"]["source_id"] == "1"
    assert arrived[5]["errors"] == [{"code": 131051}]


def test_what_cannot_be_sent_is_said(meta: Meta) -> None:
    answer = meta.ask("POST", "messages", json={"from": "57", "text": "hola"})
    assert (answer.status, "telephone number" in answer.json()["error"]) == (400, True)
    assert meta.ask("POST", "messages", json={"from": "573011110009"}).status == 400
    assert (
        meta.ask(
            "POST", "messages", json={"from": "573011110009", "text": "x", "phone_number_id": "9"}
        ).status
        == 400
    )


def test_a_webhook_is_repeated_until_it_is_taken(meta: Meta, business: Business) -> None:
    business.answers += [503, 500]
    said = meta.say(next(numbers), "otra vez")["id"]
    until(lambda: len(business.posts) == 3)
    assert len({raw for _, raw, _ in business.posts}) == 1
    first, second, third = (at for at, _, _ in business.posts)
    assert (second - first, third - second) >= (0.45, 0.95)
    until(lambda: meta.get("deliveries")["pending"] == 0)
    row = next(row for row in meta.get("deliveries")["deliveries"] if row["inbound"] == said)
    assert (row["attempts"], row["last_status"], row["state"]) == (3, 200, "done")


def test_nobody_at_home_is_tried_again(tmp_path_factory: pytest.TempPathFactory) -> None:
    with stand_in(tmp_path_factory.mktemp("alone")) as meta:
        meta.say(next(numbers))
        until(lambda: meta.get("deliveries")["deliveries"][0]["last_error"])
        assert meta.get("deliveries")["pending"] == 1


def test_a_late_one_does_not_hold_up_the_others(meta: Meta, business: Business) -> None:
    number = next(numbers)
    business.answers += [503]
    first, second = meta.say(number, "uno")["id"], meta.say(number, "dos")["id"]
    until(lambda: len(business.posts) == 3)
    assert [message["id"] for message in business.messages()] == [first, second, first]


def test_duplicates_on_demand(meta: Meta, business: Business) -> None:
    meta.post("knobs", duplicate=2)
    sent = wamid(meta.send(f"+{next(numbers)}"))
    until(lambda: sorted(business.path_of(sent)) == ["delivered"] * 3 + ["sent"] * 3)


def test_disorder_on_demand(meta: Meta, business: Business) -> None:
    meta.post("knobs", shuffle=True)
    sent = [wamid(meta.send(f"+{next(numbers)}")) for _ in range(12)]
    until(lambda: sum(len(business.path_of(one)) for one in sent) == 24)
    assert any(business.path_of(one) == ["delivered", "sent"] for one in sent)


def test_batches_on_demand(meta: Meta, business: Business) -> None:
    meta.post("knobs", batch=50, delay_ms=300)
    sent = [wamid(meta.send(f"+{next(numbers)}")) for _ in range(10)]
    until(lambda: all(business.path_of(one) == ["sent", "delivered"] for one in sent))
    assert len(business.posts) < 20
    assert business.genuine()


def test_any_payload_can_be_posted_signed_or_not(meta: Meta, business: Business) -> None:
    assert meta.post("webhooks", payload={"object": "ñ", "entry": []})["status"] == 200
    assert business.genuine()
    assert meta.post("webhooks", payload='{"entry": [', sign=False)["status"] == 200
    assert business.posts[-1][1] == b'{"entry": ['
    assert not business.genuine()


def test_the_handshake(meta: Meta) -> None:
    assert meta.post("verify")["verified"] is True
    assert meta.post("verify", verify_token="wrong")["verified"] is False


def test_a_number_may_have_an_address_of_its_own(meta: Meta, business: Business) -> None:
    other = Business()
    try:
        where = {"override_callback_uri": other.url, "verify_token": "x"}
        assert meta.post("graph/v26.0/100000000000002", webhook_configuration=where) == {"success": True}
        meta.say(next(numbers), "para la clínica", phone_number_id="100000000000002")
        until(other.messages)
        assert business.messages() == []
    finally:
        meta.post("graph/v26.0/100000000000002", webhook_configuration={"override_callback_uri": ""})
        other.close()


def test_a_created_template_is_reviewed_after_a_moment(meta: Meta, business: Business) -> None:
    body = {"type": "BODY", "text": "Hola, {{1}}, te esperamos mañana.", "example": {"body_text": [["Ana"]]}}
    made = meta.post(
        f"graph/v26.0/{ACME_WABA}/message_templates",
        name="prueba_nueva", language="es", category="UTILITY", components=[body],
    )  # fmt: skip
    assert made["status"] == "PENDING"
    (event,) = until(business.values)
    assert (event["event"], event["message_template_id"]) == ("APPROVED", int(made["id"]))
    assert meta.get(f"graph/v26.0/{made['id']}")["status"] == "APPROVED"

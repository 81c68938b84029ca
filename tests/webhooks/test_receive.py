"""What Meta tells us becomes conversations: once, whole, whatever comes with it."""

from __future__ import annotations

from io import BytesIO

from crm_web.models import Conversation, InboundEvent, Lead, LeadIdentity, Message
from crm_web.ops.metrics import exposition
from tests import meta
from tests.cast import RIVAL_NUMBER, RIVAL_WABA, Person


def test_a_message_becomes_lead_conversation_and_message(acme, deliver, run_jobs, only):
    deliver(meta.said(meta.text("Hola, ¿sigue disponible?")))
    run_jobs()
    lead, conversation, message = only(Lead), only(Conversation), only(Message)
    assert (lead.name, lead.phone) == ("Ana Restrepo", "+573105550142")
    assert (conversation.lead_id, conversation.unread_count, conversation.status) == (lead.id, 1, "new")
    assert (message.body, message.direction, message.sender) == (
        "Hola, ¿sigue disponible?",
        "inbound",
        "customer",
    )
    assert conversation.last_message_preview == "Hola, ¿sigue disponible?"
    assert conversation.window_is_open()


def test_the_same_webhook_again_changes_nothing(acme, deliver, run_jobs, rows):
    body = meta.said(meta.text("Hola"))
    for _ in range(3):
        deliver(body)
        run_jobs()
    assert len(rows(InboundEvent)) == len(rows(Message)) == 1
    assert rows(Conversation)[0].message_count == rows(Conversation)[0].unread_count == 1


def test_nothing_is_stored_before_its_signature_holds(acme, deliver, owner):
    body = meta.said(meta.text("Hola"))
    for forged in (
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        meta.signature(b"other"),
        meta.signature(meta.raw(body), "x"),
    ):
        deliver(body, signature=forged, expect=403)
    with owner.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM inbound_events").scalar() == 0


def test_the_signature_is_over_the_raw_bytes(acme, deliver, run_jobs, only):
    raw = meta.raw(meta.said(meta.text("Añejo 🥃 \u202e\u05e9\u05dc")))
    assert b"\\u00f1" in raw
    deliver(raw)
    run_jobs()
    assert only(Message).body == "Añejo 🥃 \u202e\u05e9\u05dc"


def test_one_post_may_speak_to_many_tenants(acme, rival_house, deliver, run_jobs, only, owner):
    ours = meta.said(meta.text("para Acme"))
    theirs = meta.said(meta.text("para Rival"), number=RIVAL_NUMBER, waba=RIVAL_WABA)
    deliver({**ours, "entry": ours["entry"] + theirs["entry"]})
    run_jobs()
    assert only(Message).body == "para Acme"
    with owner.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(DISTINCT tenant_id) FROM messages").scalar() == 2


def test_events_of_unknown_numbers_are_kept_for_nobody(acme, deliver, run_jobs, rows, owner):
    deliver(meta.said(meta.text("¿quién?"), number="999999999999999", waba="1"))
    run_jobs()
    assert rows(InboundEvent) == rows(Message) == []
    with owner.connect() as connection:
        assert (
            connection.exec_driver_sql("SELECT count(*) FROM inbound_events WHERE tenant_id IS NULL").scalar()
            == 1
        )


def test_a_person_without_a_phone_is_a_lead(acme, deliver, run_jobs, only):
    one = {k: v for k, v in meta.text("sin teléfono").items() if k != "from"} | {"from_user_id": "CO.abc123"}
    contacts = [{"profile": {"name": "Luz", "username": "luz.m"}, "user_id": "CO.abc123"}]
    deliver(meta.envelope(meta.value(contacts=contacts, messages=[one])))
    run_jobs()
    assert (only(Lead).name, only(Lead).phone, only(Lead).username) == ("Luz", None, "luz.m")
    assert (only(LeadIdentity).kind, only(LeadIdentity).value) == ("bsuid", "CO.abc123")


def test_two_spellings_of_a_number_are_one_person(acme, deliver, run_jobs, rows):
    for sender in (
        "5215512345678",
        "525512345678",
        "5511987654321",
        "551187654321",
        "5491122334455",
        "541122334455",
    ):
        deliver(meta.said(meta.text("hola", sender), name="Alguien"))
    run_jobs()
    assert len(rows(Lead)) == len(rows(Conversation)) == 3


def test_an_unknown_type_is_shown_and_its_siblings_survive(acme, deliver, run_jobs, rows):
    strange = meta.message(type="hologram", hologram={"depth": 3})
    deliver(meta.said(meta.text("antes"), strange, meta.text("después")))
    run_jobs()
    assert [m.kind for m in rows(Message)] == ["text", "unsupported", "text"]


def test_a_body_that_is_no_json_is_kept(acme, deliver, owner):
    for raw in (b'{"object": "whatsapp_bus', b"\xff\xfe\x00", b"", b"[" * 100_000, b'"\\u0000\\ud800"'):
        deliver(raw)
    with owner.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM inbound_events").scalar() == 5


def test_four_megabytes_are_too_many(acme, deliver):
    deliver(b"x" * (4 * 1024 * 1024 + 1), expect=413)


def test_the_handshake_needs_our_token(anonymous):
    asked = {
        "hub.mode": "subscribe",
        "hub.verify_token": "sandbox-verify-token",
        "hub.challenge": "1158201444",
    }
    assert anonymous.get("/webhooks/meta", query_string=asked).text == "1158201444"
    anonymous.get("/webhooks/meta", query_string={**asked, "hub.verify_token": "guess"}, expect=403)


def test_a_body_of_unknown_length_is_received_all_the_same(acme, app, run_jobs, rows):
    raw = meta.raw(meta.said(meta.text("Hola")))
    answer = Person(app).open(
        "/webhooks/meta",
        method="POST",
        input_stream=BytesIO(raw),
        headers={"X-Hub-Signature-256": meta.signature(raw), "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    run_jobs()
    assert (answer.status_code, len(rows(Message))) == (200, 1)


def test_the_express_lane_and_the_route_are_counted_as_one(acme, deliver):
    deliver(meta.said(meta.text("Hola")))
    deliver(meta.said(meta.text("Hola")), signature="sha256=00", expect=403)
    told = exposition().decode()
    for status in (200, 403):
        assert f'endpoint="webhooks.receive_meta",method="POST",status="{status}"' in told

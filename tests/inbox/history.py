"""One afternoon of Acme's, as Meta would tell it: the facts, each a webhook entry of its own, in the order they happened.

Ana is known by phone and user id, Beto by his phone alone, Luz by her user id alone. We wrote to Ana twice: the
answer to the first request arrived, the answer to the second was lost. Every fact has a second of its own.
"""

from __future__ import annotations

import time
from typing import Any

from tests import meta
from tests.cast import ACME_WABA

NOON = int(time.time()) - 3 * 3600
OURS = ("wamid.ours-first", "wamid.ours-second")
ANA, BETO, LUZ = "573105550142", "573155550143", "CO.luz123"
ANA_ID, LUZ_LATER = "CO.ana123", "CO.luz456"
USERNAMES = {"Luz": "luz.m", "Luz Mora": "luz.mora"}
Entry = dict[str, Any]


def _entry(value: dict[str, Any], field: str = "messages", **more: Any) -> Entry:
    return {"id": ACME_WABA, "changes": [{"field": field, "value": value}], **more}


def _who(person: str, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The sender's keys of a message, and the contact beside it."""
    profile = {"name": name, **({"username": USERNAMES[name]} if name in USERNAMES else {})}
    if person == LUZ:
        return {"from_user_id": LUZ}, {"profile": profile, "user_id": LUZ}
    if person == ANA:
        return {"from": ANA, "from_user_id": ANA_ID}, {"profile": profile, "wa_id": ANA, "user_id": ANA_ID}
    return {"from": person}, {"profile": profile, "wa_id": person}


def said(at: int, person: str, key: str, name: str, /, **parts: Any) -> Entry:
    """A person does something: a message, a reaction, an edit, a revocation."""
    sender, contact = _who(person, name)
    kind = next(iter(parts))
    one = {**sender, "id": f"wamid.{key}", "timestamp": str(NOON + at), "type": kind, **parts}
    return _entry(meta.value(contacts=[contact], messages=[one]))


def text(at: int, person: str, key: str, name: str, body: str, **more: Any) -> Entry:
    return said(at, person, key, name, text={"body": body}, **more)


def reacts(at: int, person: str, key: str, name: str, target: str, emoji: str) -> Entry:
    return said(at, person, key, name, reaction={"message_id": target, "emoji": emoji})


def edits(at: int, person: str, key: str, name: str, target: str, body: str) -> Entry:
    new = {"type": "text", "text": {"body": body}}
    return said(at, person, key, name, edit={"original_message_id": target, "message": new})


def revokes(at: int, person: str, key: str, name: str, target: str) -> Entry:
    return said(at, person, key, name, revoke={"original_message_id": target})


def from_our_phone(at: int, person: str, key: str, **parts: Any) -> Entry:
    """The business does something on its own telephone."""
    sender, contact = _who(person, "")
    to = {name.replace("from", "to"): value for name, value in sender.items()}
    one = {
        "from": "573000000001",
        **to,
        "id": f"wamid.{key}",
        "timestamp": str(NOON + at),
        "type": next(iter(parts)),
    }
    contact = {key: value for key, value in contact.items() if key != "profile"}
    return _entry(meta.value(contacts=[contact], message_echoes=[{**one, **parts}]), "smb_message_echoes")


def status(at: int, target: str, state: str, ref: str | None = None, **more: Any) -> Entry:
    one = meta.status(target, state, at=NOON + at, ref=ref, **more)
    return _entry(meta.value(statuses=[one]))


def account(at: int, field: str, **value: Any) -> Entry:
    return _entry(value, field, time=NOON + at)


def wish(at: int, person: str, value: str) -> Entry:
    """`stop` or `resume` of commercial messages."""
    sender, contact = _who(person, "Quien sea")
    keys = {"from": "wa_id", "from_user_id": "user_id"}
    one = {keys[name]: given for name, given in sender.items()}
    one |= {"category": "marketing_messages", "value": value, "timestamp": NOON + at}
    return _entry(
        {"messaging_product": "whatsapp", "contacts": [contact], "user_preferences": [one]},
        "user_preferences",
    )


def new_user_id(at: int, old: str, new: str) -> Entry:
    news = {
        "body": "User ID changed",
        "type": "user_changed_user_id",
        "user_id": new,
        "previous_user_id": old,
    }
    one = {"id": f"wamid.moved-{new}", "timestamp": str(NOON + at), "type": "system", "system": news}
    return _entry(meta.value(messages=[one]))


AD = {"source_url": "https://fb.me/x", "source_id": "1", "source_type": "ad", "headline": "Chapinero"}
PRICE = {"billable": True, "pricing_model": "PMP", "category": "service", "type": "regular"}
UNDELIVERABLE = [
    {"code": 131026, "title": "Message undeliverable", "error_data": {"details": "Not on WhatsApp"}}
]


def afternoon(refs: tuple[str, str]) -> list[Entry]:
    """Every fact once, in order. `refs` are our own ids of the two messages we sent."""
    first, second = refs
    return [
        text(10, ANA, "a1", "Ana", "¿Sigue disponible?"),
        text(12, BETO, "b1", "Beto", "Buenas"),
        text(14, LUZ, "l1", "Luz", "Vi el anuncio", referral=AD),
        said(15, BETO, "b-odd", "Beto", hologram={"depth": 3}),
        from_our_phone(16, BETO, "e2", text={"body": "Hola, Beto, desde el celular"}),
        status(21, OURS[0], "sent", first, pricing=PRICE),
        status(22, OURS[0], "delivered"),
        status(23, OURS[1], "sent", second, pricing=PRICE),
        status(24, OURS[1], "delivered", pricing={**PRICE, "billable": False}),
        status(25, OURS[0], "read", first),
        status(26, OURS[0], "played"),
        status(27, OURS[1], "failed", second, errors=UNDELIVERABLE),
        text(30, BETO, "b2", "Beto R.", "¿Y el precio?", context={"id": "wamid.e2"}),
        edits(33, BETO, "b1-edit", "Beto R.", "wamid.b1", "Buenas tardes"),
        from_our_phone(34, BETO, "e2-heart", reaction={"message_id": "wamid.b1", "emoji": "❤️"}),
        revokes(35, BETO, "b2-gone", "Beto R.", "wamid.b2"),
        from_our_phone(36, BETO, "e2-gone", revoke={"original_message_id": "wamid.e2"}),
        text(40, ANA, "a2", "Ana María", "Me interesa", context={"id": OURS[0]}),
        edits(41, ANA, "a1-edit", "Ana María", "wamid.a1", "¿Sigue disponible el 301?"),
        edits(43, ANA, "a1-again", "Ana María", "wamid.a1", "¿Sigue disponible el 302?"),
        reacts(45, ANA, "a-like", "Ana María", OURS[0], "👍"),
        reacts(46, ANA, "a-love", "Ana María", OURS[0], "❤️"),
        reacts(47, ANA, "a-none", "Ana María", OURS[0], ""),
        revokes(48, ANA, "a2-gone", "Ana María", "wamid.a2"),
        said(
            50, ANA, "a3", "Ana María", image={"id": "m1", "mime_type": "image/jpeg", "caption": "La fachada"}
        ),
        from_our_phone(55, ANA, "e1", text={"body": "Te llamo en un momento"}),
        status(56, "wamid.e1", "delivered"),
        status(57, "wamid.e1", "read"),
        wish(58, ANA, "stop"),
        wish(59, BETO, "resume"),
        text(60, LUZ, "l2", "Luz Mora", "¿Hay parqueadero?"),
        reacts(61, LUZ, "l-like", "Luz Mora", "wamid.e3", "🙏"),
        from_our_phone(62, LUZ, "e3", text={"body": "Sí, dos"}),
        edits(63, LUZ, "l2-edit", "Luz Mora", "wamid.l2", "¿Hay parqueadero cubierto?"),
        said(70, BETO, "b3", "Beto R.", location={"latitude": 4.6, "longitude": -74.1, "name": "Mi casa"}),
        reacts(80, BETO, "b-fire", "Beto R.", "wamid.e2", "🔥"),
        reacts(81, BETO, "b-none", "Beto R.", "wamid.e2", ""),
        new_user_id(90, LUZ, LUZ_LATER),
        account(100, "phone_number_quality_update", display_phone_number="573000000001", event="ONBOARDING"),
        account(110, "business_capability_update", max_daily_conversations_per_business=2000),
        account(
            120,
            "phone_number_quality_update",
            display_phone_number="573000000001",
            event="THROUGHPUT_UPGRADE",
        ),
        account(130, "account_update", event="ACCOUNT_VIOLATION", violation_info={"violation_type": "SPAM"}),
    ]

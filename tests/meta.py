"""What Meta would send, written by hand to the documented shapes, and the signature over its raw bytes."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from typing import Any

from tests.cast import ACME_NUMBER, ACME_WABA

SECRET = "sandbox-app-secret"
_numbers = itertools.count(1)


def signature(raw: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def wamid() -> str:
    return f"wamid.test{next(_numbers):08d}"


def envelope(*values: dict[str, Any], waba: str = ACME_WABA, field: str = "messages") -> dict[str, Any]:
    changes = [{"field": field, "value": value} for value in values]
    return {"object": "whatsapp_business_account", "entry": [{"id": waba, "changes": changes}]}


def value(number: str = ACME_NUMBER, **parts: Any) -> dict[str, Any]:
    metadata = {"display_phone_number": "573000000001", "phone_number_id": number}
    return {"messaging_product": "whatsapp", "metadata": metadata, **parts}


def message(
    sender: str = "573105550142", *, at: int | None = None, id: str | None = None, **parts: Any
) -> dict[str, Any]:
    """One inbound message; a plain text unless `type` and its object are given."""
    given = parts or {"type": "text", "text": {"body": "Hola"}}
    return {"from": sender, "id": id or wamid(), "timestamp": str(at or int(time.time())), **given}


def text(body: str, sender: str = "573105550142", **more: Any) -> dict[str, Any]:
    return message(sender, **more, type="text", text={"body": body})


def said(
    *messages: dict[str, Any], name: str = "Ana Restrepo", number: str = ACME_NUMBER, waba: str = ACME_WABA
) -> dict[str, Any]:
    """A webhook body with these messages and the contacts they come from."""
    senders = {one["from"] for one in messages if one.get("from")}
    contacts = [{"profile": {"name": name}, "wa_id": sender} for sender in sorted(senders)]
    return envelope(value(number, contacts=contacts, messages=list(messages)), waba=waba)


def status(
    target: str, state: str, *, at: int | None = None, ref: str | None = None, **more: Any
) -> dict[str, Any]:
    one = {
        "id": target,
        "status": state,
        "timestamp": str(at or int(time.time())),
        "recipient_id": "573105550142",
        **more,
    }
    return {**one, "biz_opaque_callback_data": ref} if ref else one


def reported(*statuses: dict[str, Any], number: str = ACME_NUMBER, waba: str = ACME_WABA) -> dict[str, Any]:
    return envelope(value(number, statuses=list(statuses)), waba=waba)


def raw(body: Any) -> bytes:
    """Bytes as Meta makes them: non-ASCII escaped."""
    return body if isinstance(body, bytes) else json.dumps(body).encode()

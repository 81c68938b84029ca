"""`/webhooks/meta`: the handshake, and events for every number of every tenant.

The signature is checked over the raw bytes before anything is parsed. A tenant with an app of its own signs with
that app's secret, and is believed only about the channels that carry it.
"""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
import structlog
from flask import Blueprint, abort, current_app, request

from crm_web.channels.adapters.meta.signature import verify_signature
from crm_web.channels.adapters.meta.split import read_body, split
from crm_web.channels.normal import RawItem
from crm_web.core.crypto import CannotDecrypt, open_json
from crm_web.core.db import db
from crm_web.core.limits import limiter
from crm_web.core.permissions import public
from crm_web.webhooks.ledger import Ledger, Proven

MOST_BYTES = 4 * 1024 * 1024
bp = Blueprint("webhooks", __name__, url_prefix="/webhooks")
limiter.exempt(bp)  # whoever signs is let through; whoever does not costs one HMAC
log = structlog.get_logger(__name__)
ledger = Ledger("meta")


@bp.get("/meta")
@public(csrf=False)
def verify_meta() -> Any:
    """Meta's handshake: the challenge comes back as plain text when the verify token is ours."""
    given = request.args.get("hub.verify_token", "")
    ours = current_app.config["META_VERIFY_TOKEN"]
    asks = request.args.get("hub.mode") == "subscribe"
    if not (asks and ours and hmac.compare_digest(given.encode(), ours.encode())):
        abort(403)
    return request.args.get("hub.challenge", ""), 200, {"Content-Type": "text/plain; charset=utf-8"}


@bp.post("/meta")
@public(csrf=False)
def receive_meta() -> Any:
    """200 only when every event is durable; 403 and nothing stored when the signature is wrong."""
    request.max_content_length = MOST_BYTES
    raw = request.get_data(cache=True)
    signature = request.headers.get("X-Hub-Signature-256")
    if is_ours(raw, signature):
        store(raw)
    else:
        ledger.store(_signed_by_a_channel(raw, signature))
    return "", 200


def is_ours(raw: bytes, signature: str | None) -> bool:
    """Whether the app of this installation signed the body."""
    return verify_signature(current_app.config["META_APP_SECRET"], raw, signature)


def store(raw: bytes) -> None:
    """Return once every fact of a body signed by our app is durable."""
    ledger.store([Proven(item) for item in _split(raw)])


def _split(raw: bytes) -> list[RawItem]:
    """The facts of a signed body; what is no JSON is kept as it came, under its own hash."""
    return split(read_body(raw))


def _signed_by_a_channel(raw: bytes, signature: str | None) -> list[Proven]:
    """Items about channels whose own app secret signed this body; 403 when there is none."""
    if not signature:
        abort(403)
    items = _split(raw)
    proofs = {
        row.account: row.channel_id
        for row in _secrets({item.account for item in items})
        if verify_signature(_app_secret(row.credentials), raw, signature)
    }
    if not proofs:
        abort(403)
    return [Proven(item, proofs[item.account]) for item in items if item.account in proofs]


def _secrets(accounts: set[str]) -> Sequence[Any]:
    rows = db.session.execute(
        sa.text(
            "SELECT account, channel_id, credentials FROM channel_secrets('meta', CAST(:accounts AS text[]))"
        ),
        {"accounts": sorted(accounts)},
    ).all()
    db.session.rollback()
    return rows


def _app_secret(credentials: bytes | None) -> str:
    try:
        return str(open_json(bytes(credentials)).get("app_secret") or uuid.uuid4()) if credentials else ""
    except CannotDecrypt:
        log.error("credentials_unreadable")
        return ""

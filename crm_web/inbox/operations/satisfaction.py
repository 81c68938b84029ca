"""How it was: the question after a closing, and what the customer answers, in whatever order it is told.

The answer is a message like any other, so nothing is lost; what the conversation says of it is read off the messages:
the newest tap counts, and the first words within ten minutes of it are its comment.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from crm_web.core.clock import now
from crm_web.core.db import db
from crm_web.core.tenancy import current_tenant_id
from crm_web.core.text import N_
from crm_web.inbox.models import Conversation, Message
from crm_web.inbox.operations import automatic, threads
from crm_web.inbox.settings import QUESTION, own_tenant, settings_of
from crm_web.tenants.models import Tenant

if TYPE_CHECKING:
    from crm_web.inbox.operations.arrivals import Arrival

EVERY = timedelta(days=1)
UNASKED = ("spam",)
# Best first: who is content taps the first row.
DEGREES = {
    5: N_("Excelente"), 4: N_("Buena"), 3: N_("Regular"), 2: N_("Mala"), 1: N_("Muy mala"),
}  # fmt: skip
_TAP = re.compile(r"rating:([0-9a-f-]{36}):([1-5])")


def ask(conversation: Conversation, thread: threads.Thread) -> Message | None:
    """Ask the customer of a conversation closed this moment; None where it is not wanted, or not possible.

    At most once a day, inside WhatsApp's window alone, and never who was closed as spam.
    """
    tenant = own_tenant()
    wanted = settings_of(tenant).satisfaction
    asked_at, at = conversation.satisfaction_asked_at, now()
    if not wanted.enabled or conversation.close_reason in UNASKED or (asked_at and asked_at > at - EVERY):
        return None
    db.session.refresh(conversation, ["channel"])
    if not automatic.can_write_to(conversation):
        return None
    conversation.satisfaction_asked_at = at
    conversation.satisfaction_rating = conversation.satisfaction_comment = None
    question = wanted.text or automatic.in_words_of(tenant, QUESTION)
    return automatic.write(
        conversation, thread, kind="interactive", body=question, payload=_choices(conversation.id, tenant)
    )


def _choices(conversation_id: uuid.UUID, tenant: Tenant) -> dict[str, Any]:
    """A list of five (WhatsApp has room for three buttons only), as Meta's interactive object without its body."""
    rows = [
        {
            "id": f"rating:{conversation_id}:{stars}",
            "title": f"{stars} · {automatic.in_words_of(tenant, word)}",
        }
        for stars, word in DEGREES.items()
    ]
    button = automatic.in_words_of(tenant, N_("Calificar"))
    return {"type": "list", "action": {"button": button, "sections": [{"rows": rows}]}}


def rating_in(item: Any, conversation_id: uuid.UUID | None) -> int | None:
    """The degree this message gives to this conversation, if that is what it does."""
    found = _TAP.fullmatch(str(item.payload.get("id") or "")) if item.kind == "choice" else None
    return int(found[2]) if found and found[1] == str(conversation_id) else None


def hear(arrivals: Sequence[Arrival], locked: dict[uuid.UUID, threads.Thread]) -> None:
    """Write what customers say of conversations they were asked about, and a line for each tap."""
    ids = {arrival.conversation_id for arrival in arrivals if not arrival.is_echo}
    if ids:
        db.session.execute(_RATE, {"tenant": current_tenant_id(), "ids": list(ids)})
    lines = [
        _line(arrival, degree, locked[arrival.conversation_id])  # type: ignore[index]
        for arrival in arrivals
        if not arrival.is_echo and (degree := rating_in(arrival.item, arrival.conversation_id))
    ]
    if lines:
        db.session.execute(pg.insert(Message).on_conflict_do_nothing(), lines)


def _line(arrival: Arrival, degree: int, thread: threads.Thread) -> dict[str, Any]:
    return {
        "tenant_id": current_tenant_id(), "conversation_id": thread.id, "channel_id": thread.channel_id,
        "direction": "internal", "kind": "system", "sender": "system", "status": "recorded", "body": "",
        "payload": {"event": "rated", "rating": degree}, "client_id": f"rating-{arrival.item.external_id}",
        "version": thread.next, "occurred_at": arrival.at + timedelta(microseconds=1),
    }  # fmt: skip


_RATE = sa.text(
    """
    UPDATE conversations c SET satisfaction_rating = r.rating, satisfaction_comment = (
        SELECT left(w.body, 2000) FROM messages w WHERE w.tenant_id = c.tenant_id AND w.conversation_id = c.id
          AND w.direction = 'inbound' AND w.kind = 'text' AND w.occurred_at > r.at
          AND w.occurred_at <= r.at + interval '10 minutes' ORDER BY w.occurred_at, w.external_id LIMIT 1)
    FROM conversations k CROSS JOIN LATERAL (
        SELECT CAST(right(m.payload ->> 'id', 1) AS int) AS rating, m.occurred_at AS at FROM messages m
        WHERE m.tenant_id = :tenant AND m.conversation_id = k.id AND m.direction = 'inbound' AND m.kind = 'choice'
          AND m.payload ->> 'id' ~ ('^rating:' || k.id || ':[1-5]$')
          AND m.occurred_at >= date_trunc('second', k.satisfaction_asked_at)
        ORDER BY m.occurred_at DESC, m.external_id DESC LIMIT 1) AS r
    WHERE k.tenant_id = :tenant AND k.id = ANY(CAST(:ids AS uuid[])) AND k.satisfaction_asked_at IS NOT NULL
      AND c.tenant_id = k.tenant_id AND c.id = k.id
    """
)

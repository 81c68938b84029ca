"""What the product writes to a customer by itself: marked as automatic, and no answer of a person's."""

from __future__ import annotations

from typing import Any

from flask_babel import force_locale, gettext

from crm_web.core.clock import now
from crm_web.core.db import db
from crm_web.core.facts import announce
from crm_web.inbox.models import Conversation, Message, OutboxItem
from crm_web.inbox.operations import threads
from crm_web.inbox.preview import preview_of
from crm_web.inbox.variables import fill, values_of
from crm_web.leads.models import Lead
from crm_web.tenants.models import Tenant


def can_write_to(conversation: Conversation) -> bool:
    """Whether WhatsApp's window is open and the number may send; takes a conversation with its channel."""
    return conversation.window_is_open() and conversation.channel.can_send


def write(
    conversation: Conversation,
    thread: threads.Thread,
    *,
    kind: str,
    body: str,
    payload: dict[str, Any] | None = None,
) -> Message:
    """Queue a message of the business itself. Who waits for a person goes on waiting."""
    message = Message(
        tenant_id=conversation.tenant_id, conversation_id=conversation.id, channel_id=conversation.channel_id,
        direction="outbound", kind=kind, sender="flow", status="queued", body=body, payload=payload or {},
        version=thread.next, occurred_at=now(),
    )  # fmt: skip
    db.session.add(message)
    db.session.flush()
    db.session.add(
        OutboxItem(
            tenant_id=message.tenant_id, channel_id=message.channel_id, conversation_id=conversation.id,
            message_id=message.id,
        )
    )  # fmt: skip
    _show(conversation, message)
    conversation.version = thread.next
    announce("message.queued")
    threads.tell_changed([thread])
    return message


def _show(conversation: Conversation, message: Message) -> None:
    conversation.message_count += 1
    conversation.last_message_id = message.id
    conversation.last_message_at = conversation.last_outbound_at = message.occurred_at
    conversation.last_message_kind = message.kind
    conversation.last_message_preview = preview_of(message.kind, message.body, message.payload)
    conversation.last_message_direction = "outbound"
    conversation.last_message_status = message.status
    conversation.last_message_by = None


def in_words_of(tenant: Tenant, sentence: str) -> str:
    """The sentence in the language the business speaks to its customers, whoever is signed in."""
    with force_locale(tenant.locale):
        return str(gettext(sentence))


def fill_in(text: str, lead: Lead) -> str:
    """The text with its gaps filled; what is not known of the customer is left out, with the comma that waits for it."""
    filled = fill(text, values_of(lead))
    words = filled.words
    for gap in filled.left:
        words = words.replace(gap, "")
    return _tidy(words) if filled.left else words


def _tidy(words: str) -> str:
    return words.replace(" ,", ",").replace(", .", ".").replace("  ", " ").strip()

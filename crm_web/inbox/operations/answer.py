"""Writing to a customer, or about them: messages with their outbox row, private notes, retries."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from crm_web.core.clock import now
from crm_web.core.db import db
from crm_web.core.errors import DomainError
from crm_web.core.facts import announce
from crm_web.core.sentences import lazy
from crm_web.core.tenancy import current_tenant_id
from crm_web.core.text import N_
from crm_web.files.models import File
from crm_web.inbox.models import CLOSED, Conversation, Message, OutboxItem
from crm_web.inbox.operations import threads
from crm_web.inbox.preview import preview_of
from crm_web.team.models import User

MAX_BODY = 4096
MAX_CAPTION = 1024
MAX_NOTE = 20_000


class WindowClosed(DomainError):
    """WhatsApp's 24 hours since the customer's last message are over: only an approved template may be sent."""


class ConversationClosed(DomainError):
    """Somebody closed the conversation; it must be reopened before it is answered."""


class Unsendable(DomainError):
    """The words or the file cannot be sent as they are; the sentence says what to change."""


def send_message(
    conversation: Conversation,
    *,
    body: str,
    by: User,
    client_id: str | None = None,
    file: File | None = None,
    reply_to: str | None = None,
    voice: bool = False,
    hold: timedelta = timedelta(0),
) -> Message:
    """Write the message and its outbox row; the channel carries it after the commit, and after `hold` has passed.

    A `voice` note is played, not saved. The same `client_id` returns the message already written, so a double click is
    one message. Raises ConversationClosed, WindowClosed when WhatsApp's 24 hours are over, or Unsendable.
    """
    thread = threads.lock_one(conversation)
    if (already := find_one_sent(conversation, client_id)) is not None:
        return already
    _require_sendable(conversation, body, file)
    return write_outgoing(
        conversation,
        thread,
        hold=hold,
        kind=file.kind if file else "text",
        body=body,
        author_id=by.id,
        client_id=client_id,
        file_id=file.id if file else None,
        reply_to=reply_to,
        payload={"voice": True} if voice else {},
    )


def write_outgoing(
    conversation: Conversation, thread: threads.Thread, *, hold: timedelta = timedelta(0), **values: Any
) -> Message:
    """Write a message of ours with its outbox row; until `hold` has passed it can be taken back."""
    leaves_at = now() + hold
    message = _write(
        conversation,
        thread,
        direction="outbound",
        status="queued",
        held_until=leaves_at if hold else None,
        **values,
    )
    db.session.add(
        OutboxItem(
            tenant_id=message.tenant_id,
            channel_id=conversation.channel_id,
            conversation_id=conversation.id,
            message_id=message.id,
            send_after=leaves_at,
        )
    )
    _answered(conversation, message)
    announce("message.queued")
    return message


def send_messages(
    conversation: Conversation,
    *,
    body: str,
    files: Sequence[File],
    by: User,
    client_id: str | None = None,
    reply_to: str | None = None,
    voice: bool = False,
    hold: timedelta = timedelta(0),
) -> list[Message]:
    """Send words with any number of files: one message each, the words as caption of the first.

    A recording carries no caption, so words beside it go before it as a message of their own. Raises as `send_message`.
    """
    parts: list[tuple[str, File | None]] = [("", file) for file in files] or [(body, None)]
    if files and body.strip():
        parts[:1] = [(body, None), ("", files[0])] if files[0].kind == "audio" else [(body, files[0])]
    return [
        send_message(
            conversation,
            body=words,
            file=file,
            by=by,
            client_id=f"{client_id}-{number}" if client_id and number else client_id,
            reply_to=None if number else reply_to,
            voice=voice and file is not None,
            hold=hold,
        )
        for number, (words, file) in enumerate(parts)
    ]


def find_sent(conversation: Conversation, client_id: str | None) -> list[Message]:
    """What a click already wrote; empty when it is new."""
    first = find_one_sent(conversation, client_id)
    if first is None:
        return []
    rest = sa.select(Message).where(
        Message.tenant_id == current_tenant_id(),
        Message.conversation_id == conversation.id,
        Message.client_id.like(f"{client_id}-%"),
    )
    return [first, *db.session.scalars(rest.order_by(Message.id))]


def write_note(
    conversation: Conversation,
    *,
    body: str,
    by: User,
    client_id: str | None = None,
    mentions: Sequence[dict[str, str]] = (),
) -> Message:
    """Write a private note that only the team sees. Raises Unsendable when it is empty or too long.

    `mentions` are the ids and names of colleagues it shows as named; `operations.mentions` tells them.
    """
    thread = threads.lock_one(conversation)
    if (already := find_one_sent(conversation, client_id)) is not None:
        return already
    if not body.strip():
        raise Unsendable(lazy(N_("Escribe algo antes de guardar la nota.")))
    if len(body) > MAX_NOTE:
        raise Unsendable(lazy(N_("La nota es demasiado larga: hasta %(most)s caracteres."), most=MAX_NOTE))
    return _write(
        conversation, thread, direction="internal", kind="note", status="recorded", body=body,
        author_id=by.id, client_id=client_id, payload={"mentions": list(mentions)} if mentions else {},
    )  # fmt: skip


def write_line(
    conversation: Conversation, thread: threads.Thread, event: str, *, by: User | None, **facts: Any
) -> Message:
    """Write the system line that says who did what to the conversation; nobody when it happened by itself."""
    payload = {"event": event, "by": by.name if by else None, **facts}
    return _write(
        conversation, thread, direction="internal", kind="system", sender="system", status="recorded",
        payload=payload, author_id=by.id if by else None,
    )  # fmt: skip


def retry_message(message: Message, conversation: Conversation, *, by: User) -> Message:
    """Send again what failed, or what nobody could confirm: a person's decision, never the machine's.

    Raises Unsendable when there is nothing to retry, WindowClosed when it is too late.
    """
    thread = threads.lock_one(conversation)
    db.session.refresh(message)
    if not message.can_retry:
        raise Unsendable(lazy(N_("Este mensaje ya salió; no hay nada que reintentar.")))
    if message.kind == "template":
        require_open(conversation)
    else:
        _require_sendable(
            conversation, message.body, message.file_id and db.session.get(File, message.file_id)
        )
    message.status = "queued"
    message.external_id = None
    message.error_code = message.error_text = message.failed_at = None
    message.retry_count += 1
    message.author_id = message.author_id or by.id
    message.version = thread.next
    conversation.version = thread.next
    db.session.execute(sa.delete(OutboxItem).where(OutboxItem.message_id == message.id))
    db.session.add(
        OutboxItem(
            tenant_id=message.tenant_id,
            channel_id=message.channel_id,
            conversation_id=conversation.id,
            message_id=message.id,
        )
    )
    if conversation.last_message_id == message.id:
        conversation.last_message_status = "queued"
    announce("message.queued")
    threads.tell_changed([thread])
    return message


def find_one_sent(conversation: Conversation, client_id: str | None) -> Message | None:
    """What a click already wrote, if it has a name and did."""
    if not client_id:
        return None
    return db.session.scalar(
        sa.select(Message).where(
            Message.tenant_id == current_tenant_id(),
            Message.conversation_id == conversation.id,
            Message.client_id == client_id,
        )
    )


def require_open(conversation: Conversation) -> None:
    """Raises ConversationClosed."""
    if conversation.status in CLOSED:
        raise ConversationClosed(lazy(N_("La conversación está cerrada. Reábrela para responder.")))


def _require_sendable(conversation: Conversation, body: str, file: File | uuid.UUID | None) -> None:
    require_open(conversation)
    if not conversation.window_is_open():
        raise WindowClosed(
            lazy(
                N_(
                    "La ventana de 24 h está cerrada: WhatsApp solo acepta plantillas hasta que el cliente escriba."
                )
            )
        )
    require_words(body, file)


def require_words(body: str, file: File | uuid.UUID | None) -> None:
    """Raises Unsendable when there is nothing to send, or too much of it."""
    if not body.strip() and file is None:
        raise Unsendable(lazy(N_("Escribe un mensaje o adjunta un archivo.")))
    most = MAX_CAPTION if file is not None else MAX_BODY
    if len(body) > most:
        raise Unsendable(
            lazy(
                N_("El mensaje tiene %(length)s caracteres; el máximo es %(most)s."),
                length=len(body),
                most=most,
            )
        )


def _write(conversation: Conversation, thread: threads.Thread, **values: Any) -> Message:
    message = Message(
        tenant_id=conversation.tenant_id,
        conversation_id=conversation.id,
        channel_id=conversation.channel_id,
        version=thread.next,
        occurred_at=now(),
        **{"payload": {}, **values},
    )
    db.session.add(message)
    db.session.flush()
    conversation.version = thread.next
    threads.tell_changed([thread])
    return message


def _answered(conversation: Conversation, message: Message) -> None:
    """The customer waits no longer; the list shows our words."""
    conversation.message_count += 1
    conversation.last_message_id = message.id
    conversation.last_message_at = message.occurred_at
    conversation.last_message_kind = message.kind
    conversation.last_message_preview = preview_of(message.kind, message.body, message.payload)
    conversation.last_message_direction = "outbound"
    conversation.last_message_status = message.status
    conversation.last_message_by = message.author_id
    conversation.last_outbound_at = message.occurred_at
    conversation.first_response_at = conversation.first_response_at or message.occurred_at
    conversation.waiting_since = None
    conversation.unread_count = 0
    conversation.read_at = message.occurred_at
    conversation.snoozed_until = conversation.snoozed_by = None
    if conversation.status in ("new", "queued", "assigned", "pending", "snoozed"):
        conversation.status = "active"

"""Taking back what has not left yet: a reply waits a few seconds in the outbox before the courier may have it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from crm_web.core.clock import now
from crm_web.core.db import db
from crm_web.core.errors import Conflict
from crm_web.core.sentences import lazy
from crm_web.core.tenancy import current_tenant_id
from crm_web.core.text import N_
from crm_web.inbox.models import Conversation, Draft, Message, OutboxItem
from crm_web.inbox.operations import threads
from crm_web.inbox.preview import preview_of
from crm_web.team.models import User


class TooLate(Conflict):
    """The courier was faster: the message is on its way, or has been taken back already."""


def take_back(message: Message, conversation: Conversation, *, by: User) -> Message:
    """Keep a waiting message from leaving: it goes from the outbox and from everybody's thread. Raises TooLate.

    The courier leases under the lock of the conversation too, so one of the two finds nothing left to take. Its words
    wait for `by` as a draft.
    """
    thread = threads.lock_one(conversation)
    waiting = sa.delete(OutboxItem).where(
        OutboxItem.tenant_id == current_tenant_id(),
        OutboxItem.message_id == message.id,
        OutboxItem.state == "queued",
    )
    if db.session.execute(waiting.returning(OutboxItem.id)).first() is None:
        raise TooLate(lazy(N_("El mensaje ya salió; no se puede deshacer.")))
    db.session.refresh(message)
    message.deleted_at = now()
    message.version = thread.next
    conversation.version = thread.next
    db.session.flush()
    _as_if_never_written(conversation, message)
    if message.kind != "template":
        _keep_words(conversation, message, by)
    threads.tell_changed([thread])
    return message


def _as_if_never_written(conversation: Conversation, message: Message) -> None:
    """What the conversation's row repeats of its messages, without this one."""
    conversation.message_count -= 1
    ours = _last(conversation, "outbound")
    conversation.last_outbound_at = ours.occurred_at if ours else None
    if conversation.first_response_at == message.occurred_at:
        conversation.first_response_at = _first_response(conversation)
    conversation.waiting_since = _waiting_since(conversation)
    if conversation.last_message_id == message.id:
        _show_last(conversation)
    if not ours and conversation.status == "active":
        conversation.status = "assigned" if conversation.assigned_to else "new"


def _show_last(conversation: Conversation) -> None:
    """The list shows the message before it; a conversation that has none shows no words."""
    last = _last(conversation, "inbound", "outbound")
    ours = last is not None and last.direction == "outbound"
    conversation.last_message_id = last.id if last and ours else None
    conversation.last_message_at = last.occurred_at if last else conversation.created_at
    conversation.last_message_kind = last.kind if last else "text"
    conversation.last_message_preview = preview_of(last.kind, last.body, last.payload) if last else ""
    conversation.last_message_direction = last.direction if last else "inbound"
    conversation.last_message_status = last.status if last else "received"
    conversation.last_message_by = last.author_id if last and ours else None


def _of(conversation: Conversation) -> list[sa.ColumnElement[bool]]:
    return [
        Message.tenant_id == conversation.tenant_id,
        Message.conversation_id == conversation.id,
        Message.deleted_at.is_(None),
    ]


def _last(conversation: Conversation, *directions: str) -> Message | None:
    newest = (Message.occurred_at.desc(), Message.id.desc())
    query = sa.select(Message).where(*_of(conversation), Message.direction.in_(directions))
    return db.session.scalar(query.order_by(*newest).limit(1))


def _first_response(conversation: Conversation) -> datetime | None:
    """The earliest answer of a person of ours that is left."""
    return db.session.scalar(
        sa.select(sa.func.min(Message.occurred_at)).where(
            *_of(conversation), Message.direction == "outbound", Message.sender == "user"
        )
    )


def _waiting_since(conversation: Conversation) -> datetime | None:
    """The customer waits since their first message after our last."""
    where = [*_of(conversation), Message.direction == "inbound"]
    if conversation.last_outbound_at:
        where.append(Message.occurred_at > conversation.last_outbound_at)
    return db.session.scalar(sa.select(sa.func.min(Message.occurred_at)).where(*where))


def _keep_words(conversation: Conversation, message: Message, by: User) -> None:
    """The words as this person's draft, above whatever they had begun meanwhile."""
    mine = (Draft.conversation_id == conversation.id, Draft.user_id == by.id)
    draft = db.session.scalar(
        sa.select(Draft).where(Draft.tenant_id == current_tenant_id(), *mine).with_for_update()
    )
    if draft is None:
        draft = Draft(
            tenant_id=conversation.tenant_id, conversation_id=conversation.id, user_id=by.id, body=""
        )
        db.session.add(draft)
    begun = draft.body if draft.kind == "reply" and draft.body != message.body else ""
    draft.kind, draft.reply_to = "reply", message.reply_to
    draft.body = "\n".join(words for words in (message.body, begun) if words.strip())

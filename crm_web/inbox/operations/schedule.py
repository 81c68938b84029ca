"""Messages written now and sent later: exactly once, by the clock, unless somebody or the customer changes that."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog

from crm_web.core.clock import now
from crm_web.core.db import db
from crm_web.core.effects import commit, rollback
from crm_web.core.errors import Conflict, DomainError
from crm_web.core.live import conversation_room, tell
from crm_web.core.sentences import lazy
from crm_web.core.tenancy import current_tenant_id
from crm_web.core.text import N_
from crm_web.files.models import File
from crm_web.inbox.models import Conversation, Message, ScheduledMessage
from crm_web.inbox.operations import answer, templates, threads
from crm_web.message_templates import rendering
from crm_web.message_templates.models import MessageTemplate
from crm_web.team.models import User

FURTHEST = timedelta(days=366)
MOST_WAITING = 50
AT_ONCE = 100
# Why a scheduled message did not become one: what is stored, and what is read.
REASONS = {
    "answered": N_("El cliente respondió antes."),
    "window": N_("La ventana de 24 h estaba cerrada y WhatsApp solo aceptaba plantillas."),
    "closed": N_("La conversación estaba cerrada."),
    "template": N_("La plantilla ya no se podía enviar."),
    "author": N_("Quien lo programó ya no trabaja en la cuenta."),
    "error": N_("No pudimos enviarlo por una falla nuestra."),
}
log = structlog.get_logger(__name__)


class BadMoment(DomainError):
    """The time is in the past, or too far away."""


class AlreadyDone(Conflict):
    """It was sent, skipped or cancelled meanwhile."""


def schedule_message(
    conversation: Conversation,
    *,
    send_at: datetime,
    by: User,
    body: str = "",
    file: File | None = None,
    template: MessageTemplate | None = None,
    variables: Mapping[str, str] | None = None,
    only_if_unanswered: bool = False,
) -> ScheduledMessage:
    """Write down what is to be sent at `send_at`. Raises BadMoment, ConversationClosed, or what sending it now would
    raise of its words or its template; whether the window is open is judged when the time has come.
    """
    thread = threads.lock_one(conversation)
    answer.require_open(conversation)
    _require_moment(send_at)
    _require_room(conversation)
    if template is not None:
        templates.require_usable(conversation, template, file)
        body = rendering.fill(template, variables or {}).body
    else:
        answer.require_words(body, file)
    scheduled = ScheduledMessage(
        tenant_id=conversation.tenant_id,
        conversation_id=conversation.id,
        author_id=by.id,
        body=body,
        file_id=file.id if file else None,
        template_id=template.id if template else None,
        variables=dict(variables or {}),
        send_at=send_at,
        only_if_unanswered=only_if_unanswered,
    )
    db.session.add(scheduled)
    _tell(thread)
    return scheduled


def edit_scheduled(
    scheduled: ScheduledMessage,
    conversation: Conversation,
    *,
    body: str,
    send_at: datetime,
    only_if_unanswered: bool,
) -> None:
    """Change the words (not a template's), the time, the condition. Raises AlreadyDone, BadMoment or Unsendable."""
    _lock(scheduled)
    thread = threads.lock_one(conversation)
    _require_moment(send_at)
    if scheduled.template_id is None:
        answer.require_words(body, scheduled.file_id)
        scheduled.body = body
    scheduled.send_at, scheduled.only_if_unanswered = send_at, only_if_unanswered
    _tell(thread)


def cancel_scheduled(scheduled: ScheduledMessage, conversation: Conversation) -> None:
    """Take it off the list: what waits is never sent, what failed or was skipped is seen. Raises AlreadyDone."""
    _lock(scheduled, "pending", "failed", "skipped")
    thread = threads.lock_one(conversation)
    if scheduled.state == "failed":
        conversation.requires_attention = False
    scheduled.state = "cancelled"
    _tell(thread)


def send_scheduled_now(scheduled: ScheduledMessage, conversation: Conversation, *, author: User) -> Message:
    """Do not wait for its time. Raises AlreadyDone, or what sending it raises; then it stays as it was."""
    _lock(scheduled, "pending", "failed", "skipped")
    message = _become_message(scheduled, conversation, author)
    if scheduled.state == "failed":
        conversation.requires_attention = False
    scheduled.state, scheduled.message_id, scheduled.reason = "sent", message.id, None
    _tell(threads.lock_one(conversation))
    return message


def send_due() -> int:
    """Send what is due of the current tenant, each in a transaction of its own; how many were settled."""
    for settled in range(AT_ONCE):
        scheduled = _next_due()
        if scheduled is None:
            rollback()
            return settled
        _settle_safely(scheduled)
    return AT_ONCE


def _next_due() -> ScheduledMessage | None:
    """The row first, the conversation after it, as everybody here does; two schedulers never hold the same row."""
    return db.session.scalar(
        sa.select(ScheduledMessage)
        .where(
            ScheduledMessage.tenant_id == current_tenant_id(),
            ScheduledMessage.state == "pending",
            ScheduledMessage.send_at <= now(),
        )
        .order_by(ScheduledMessage.send_at, ScheduledMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )


def _settle_safely(scheduled: ScheduledMessage) -> None:
    """A failure of ours is written down too: one bad row must neither be lost nor stand before the others."""
    scheduled_id = scheduled.id
    try:
        _settle(scheduled)
        commit()
    except sa.exc.OperationalError:
        raise
    except Exception as error:
        rollback()
        log.exception("schedule_failed", scheduled_id=str(scheduled_id), error=type(error).__name__)
        again = db.session.get_one(ScheduledMessage, scheduled_id, with_for_update=True)
        again.state, again.reason = "failed", "error"
        commit()


def _settle(scheduled: ScheduledMessage) -> None:
    conversation = db.session.get_one(Conversation, scheduled.conversation_id)
    thread = threads.lock_one(conversation)
    if scheduled.only_if_unanswered and _answered_since(conversation, scheduled.created_at):
        scheduled.state, scheduled.reason = "skipped", "answered"
    else:
        _send_or_fail(scheduled, conversation)
    _tell(thread)


def _answered_since(conversation: Conversation, moment: datetime) -> bool:
    """Whether something of the customer's arrived since; their own clock counts in whole seconds, so ours decides."""
    arrived = sa.select(Message.id).where(
        Message.tenant_id == current_tenant_id(),
        Message.conversation_id == conversation.id,
        Message.direction == "inbound",
        Message.occurred_at > moment - timedelta(hours=1),
        Message.created_at > moment,
    )
    return db.session.scalar(arrived.limit(1)) is not None


def _send_or_fail(scheduled: ScheduledMessage, conversation: Conversation) -> None:
    author = db.session.get_one(User, scheduled.author_id)
    try:
        if not author.is_active:
            raise _Gone
        message = _become_message(scheduled, conversation, author)
    except DomainError as error:
        scheduled.state, scheduled.reason = "failed", _reason(error)
        conversation.requires_attention = True
    else:
        scheduled.state, scheduled.message_id = "sent", message.id


class _Gone(DomainError):
    """Whoever scheduled it may not send any more."""


def _reason(error: DomainError) -> str:
    known: dict[type[DomainError], str] = {
        answer.WindowClosed: "window",
        answer.ConversationClosed: "closed",
        templates.UnusableTemplate: "template",
        rendering.WrongVariables: "template",
        _Gone: "author",
    }
    return known.get(type(error), "error")


def _become_message(scheduled: ScheduledMessage, conversation: Conversation, author: User) -> Message:
    """The name it is written under makes a second one impossible, whatever happens to the row."""
    client_id = f"scheduled-{scheduled.id}"
    file = db.session.get(File, scheduled.file_id) if scheduled.file_id else None
    if scheduled.template_id is None:
        return answer.send_message(
            conversation, body=scheduled.body, file=file, by=author, client_id=client_id
        )
    template = db.session.get_one(MessageTemplate, scheduled.template_id)
    return templates.send_template(
        conversation, template, scheduled.variables, by=author, file=file, client_id=client_id
    )


def _lock(scheduled: ScheduledMessage, *states: str) -> None:
    db.session.refresh(scheduled, with_for_update={"of": ScheduledMessage})
    if scheduled.state not in (states or ("pending",)):
        raise AlreadyDone(lazy(N_("Ese mensaje programado ya salió o se canceló.")))


def _require_moment(send_at: datetime) -> None:
    if send_at <= now():
        raise BadMoment(lazy(N_("Esa hora ya pasó. Elige una que esté por venir.")))
    if send_at > now() + FURTHEST:
        raise BadMoment(lazy(N_("Elige una fecha dentro del próximo año.")))


def _require_room(conversation: Conversation) -> None:
    waiting = sa.select(sa.func.count()).where(
        ScheduledMessage.tenant_id == current_tenant_id(),
        ScheduledMessage.conversation_id == conversation.id,
        ScheduledMessage.state == "pending",
    )
    if (db.session.scalar(waiting) or 0) >= MOST_WAITING:
        raise DomainError(lazy(N_("Ya hay demasiados mensajes programados en esta conversación.")))


def _tell(thread: threads.Thread) -> None:
    """Whoever has the conversation open sees the list of what is scheduled anew."""
    tell("scheduled", {"id": str(thread.id)}, conversation_room(thread.id))

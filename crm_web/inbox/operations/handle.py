"""Who takes care of a conversation, and when it is over."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa

from crm_web.core.clock import now
from crm_web.core.db import db
from crm_web.core.errors import DomainError
from crm_web.core.sentences import lazy
from crm_web.core.tenancy import current_tenant_id
from crm_web.core.text import N_
from crm_web.inbox.models import CLOSE_REASONS, CLOSED, OUTCOMES, Conversation
from crm_web.inbox.operations import satisfaction, threads
from crm_web.inbox.operations.answer import write_line
from crm_web.team.models import User

MOST_VALUE = Decimal(10) ** 12


class UnknownReason(DomainError):
    """A conversation is closed for one of the known reasons."""


def assign(conversation: Conversation, to: User | None, *, by: User) -> None:
    """Give the conversation to `to`, or to nobody. Giving it to whoever has it changes nothing."""
    thread = threads.lock_one(conversation)
    if conversation.assigned_to == (to.id if to else None):
        return
    conversation.assigned_to = to.id if to else None
    conversation.assigned_at = now() if to else None
    if conversation.is_open and conversation.status in ("new", "queued", "assigned"):
        conversation.status = "assigned" if to else "new"
    threads.tell_moved(thread, conversation.assigned_to)
    write_line(conversation, thread, "assigned" if to else "unassigned", by=by, to=to.name if to else None)


class UnknownOutcome(DomainError):
    """What came of a conversation is one of the known outcomes, and is worth nothing or more."""


def close(
    conversation: Conversation,
    *,
    reason: str,
    notes: str = "",
    outcome: str | None = None,
    value: Decimal | None = None,
    by: User,
) -> None:
    """Close the conversation; the customer's next message opens it again. Who closes it second changes nothing.

    `value` is in the tenant's currency. Raises UnknownReason or UnknownOutcome.
    """
    _require_known(reason, outcome, value)
    thread = threads.lock_one(conversation)
    if conversation.status in CLOSED:
        return
    conversation.status, conversation.is_open = "closed", False
    conversation.closed_at, conversation.closed_by = now(), by.id
    conversation.close_reason, conversation.close_notes = reason, notes.strip() or None
    conversation.outcome, conversation.outcome_value = outcome, value
    conversation.waiting_since = None
    conversation.snoozed_until = conversation.snoozed_by = None
    conversation.unread_count = 0
    write_line(
        conversation, thread, "closed", by=by, reason=reason, notes=conversation.close_notes, outcome=outcome
    )
    satisfaction.ask(conversation, thread)


def _require_known(reason: str, outcome: str | None, value: Decimal | None) -> None:
    if reason not in CLOSE_REASONS:
        raise UnknownReason(lazy(N_("Elige por qué se cierra la conversación.")))
    if outcome is not None and outcome not in OUTCOMES:
        raise UnknownOutcome(lazy(N_("Elige uno de los resultados de la lista.")))
    if value is not None and not (value.is_finite() and 0 <= value < MOST_VALUE):
        raise UnknownOutcome(lazy(N_("El valor es un número desde 0, sin letras.")))


def reopen(conversation: Conversation, *, by: User) -> None:
    """Open a closed conversation again, for whoever had it."""
    thread = threads.lock_one(conversation)
    if conversation.status not in CLOSED:
        return
    conversation.is_open = True
    conversation.status = "assigned" if conversation.assigned_to else "new"
    conversation.closed_at = conversation.closed_by = conversation.close_reason = None
    write_line(conversation, thread, "reopened", by=by)


def mark_read(conversation: Conversation) -> bool:
    """Nothing is unread any more; True when something was."""
    if conversation.unread_count == 0:
        return False
    changed = db.session.scalar(
        sa.update(Conversation)
        .where(
            Conversation.tenant_id == current_tenant_id(),
            Conversation.id == conversation.id,
            Conversation.unread_count > 0,
        )
        .values(unread_count=0, read_at=now())
        .returning(Conversation.id)
    )
    if changed:
        threads.tell_inbox([conversation.assigned_to])
    return bool(changed)


def mark_unread(conversation: Conversation) -> None:
    """Something in it is unread again, so that the list says there is something left to do."""
    threads.lock_one(conversation)
    if conversation.unread_count == 0:
        conversation.unread_count = 1
        threads.tell_inbox([conversation.assigned_to])

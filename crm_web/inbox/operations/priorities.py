"""How much a conversation presses."""

from __future__ import annotations

from crm_web.core.errors import DomainError
from crm_web.core.sentences import lazy
from crm_web.core.text import N_
from crm_web.inbox.models import PRIORITIES, Conversation
from crm_web.inbox.operations import threads
from crm_web.inbox.operations.answer import write_line
from crm_web.team.models import User


class UnknownPriority(DomainError):
    """A priority is low, normal, high or urgent."""


def set_priority(conversation: Conversation, priority: str, *, by: User) -> None:
    """Say how much it presses; saying it again changes nothing. Raises UnknownPriority."""
    if priority not in PRIORITIES:
        raise UnknownPriority(lazy(N_("Elige una prioridad de la lista.")))
    thread = threads.lock_one(conversation)
    if conversation.priority != priority:
        conversation.priority = priority
        conversation.requires_attention = priority == "urgent"
        write_line(conversation, thread, "priority", by=by, priority=priority)

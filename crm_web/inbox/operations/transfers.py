"""Handing a conversation over, with what the other one should know."""

from __future__ import annotations

from crm_web.core import live
from crm_web.core.db import db
from crm_web.core.errors import DomainError
from crm_web.core.sentences import lazy
from crm_web.core.text import N_
from crm_web.inbox.models import Conversation, Transfer
from crm_web.inbox.operations import threads
from crm_web.inbox.operations.answer import write_note
from crm_web.inbox.operations.handle import assign
from crm_web.team.models import User
from crm_web.team.queries import list_colleagues

MOST_NOTE = 2000


class CannotTakeOver(DomainError):
    """That person left, or may not answer customers; or there is nothing to hand over."""


def require_able(to: User) -> None:
    """Raises CannotTakeOver unless this colleague is still here and may answer."""
    if not to.is_active:
        raise CannotTakeOver(
            lazy(N_("%(name)s ya no está en el equipo. Elige a otra persona."), name=to.name)
        )
    if to.id not in {one.id for one in list_colleagues("conversations.reply")}:
        raise CannotTakeOver(
            lazy(N_("%(name)s no puede atender conversaciones. Elige a otra persona."), name=to.name)
        )


def transfer(conversation: Conversation, to: User, *, note: str, by: User) -> Transfer:
    """Give the conversation to `to` with a private note, and tell them. Raises CannotTakeOver, Unsendable."""
    require_able(to)
    threads.lock_one(conversation)
    if conversation.assigned_to == to.id:
        raise CannotTakeOver(lazy(N_("%(name)s ya tiene esta conversación."), name=to.name))
    if len(note) > MOST_NOTE:
        raise CannotTakeOver(lazy(N_("La nota tiene hasta %(most)s caracteres."), most=MOST_NOTE))
    before = conversation.assigned_to
    assign(conversation, to, by=by)
    if note.strip():
        write_note(conversation, body=note.strip(), by=by)
    conversation.transfer_count += 1
    made = Transfer(
        tenant_id=conversation.tenant_id, conversation_id=conversation.id, from_user_id=before, to_user_id=to.id,
        created_by=by.id, note=note.strip(),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    if to.id != by.id:
        live.tell("transferred", {"id": str(conversation.id)}, live.user_room(to.id))
    return made

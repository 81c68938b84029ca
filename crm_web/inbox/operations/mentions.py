"""Colleagues named in a private note: written down, told, and seen when they open the conversation."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from crm_web.core import live
from crm_web.core.clock import now
from crm_web.core.db import db
from crm_web.core.tenancy import current_tenant_id
from crm_web.inbox.models import Conversation, Mention, Message
from crm_web.inbox.operations.answer import write_note
from crm_web.inbox.queries.mentions import list_who_may_see, unseen_by
from crm_web.team.models import User


class Noted(NamedTuple):
    """The note, and how many of those it named could not be reached."""

    message: Message
    ignored: int


def write_note_to(
    conversation: Conversation,
    *,
    body: str,
    people: Sequence[uuid.UUID],
    by: User,
    client_id: str | None = None,
) -> Noted:
    """Write a private note and tell whom it names. Raises Unsendable as `write_note`.

    Whoever has left, is of another business or may not see the conversation is ignored and counted; whose name the words do
    not hold any more was taken out again, and is neither.
    """
    if not people:
        return Noted(write_note(conversation, body=body, by=by, client_id=client_id), 0)
    known = {user.id: user for user in list_who_may_see(conversation)}
    named = [known[one] for one in dict.fromkeys(people) if one in known and is_named(known[one].name, body)]
    faces = [{"id": str(user.id), "name": user.name} for user in named]
    message = write_note(conversation, body=body, by=by, client_id=client_id, mentions=faces)
    _tell(message, [user for user in named if user.id != by.id])
    return Noted(message, len(set(people) - set(known)))


def is_named(name: str, body: str) -> bool:
    """Whether the words hold `@Nombre Apellido`, and not only the beginning of a longer name."""
    return re.search(rf"@{re.escape(name)}(?!\w)", body) is not None


def mark_mentions_seen(conversation: Conversation, *, by: User) -> None:
    """This person has the conversation in front of them; their other pages count anew."""
    seen = (
        sa.update(Mention)
        .where(*unseen_by(by), Mention.conversation_id == conversation.id)
        .values(seen_at=now())
        .returning(Mention.id)
    )
    if db.session.scalars(seen).all():
        live.tell("inbox", {"id": str(by.tenant_id)}, live.user_room(by.id))


def _tell(message: Message, people: Sequence[User]) -> None:
    """A note written twice by one click mentions once."""
    if not people:
        return
    rows = [
        {
            "tenant_id": current_tenant_id(),
            "conversation_id": message.conversation_id,
            "message_id": message.id,
            "user_id": user.id,
        }
        for user in people
    ]
    fresh = pg.insert(Mention).values(rows).on_conflict_do_nothing().returning(Mention.user_id)
    for user_id in db.session.scalars(fresh):
        live.tell("mention", {"id": str(message.conversation_id)}, live.user_room(user_id))

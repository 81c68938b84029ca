"""Words that group conversations: put on, taken off, spelled as the tenant has spelled them before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from crm_web.core.db import db
from crm_web.core.errors import DomainError
from crm_web.core.sentences import lazy
from crm_web.core.tenancy import current_tenant_id
from crm_web.core.text import N_
from crm_web.inbox.models import Conversation, ConversationTag
from crm_web.inbox.operations import threads
from crm_web.inbox.operations.answer import write_line
from crm_web.team.models import User

MOST_ON_ONE, LONGEST = 20, 50


class BadTag(DomainError):
    """The word cannot be a tag, or there are too many; the sentence says which."""


def split_tags(text: str) -> list[str]:
    """The tags in what somebody typed, separated by commas; each once, whatever its case."""
    words = (" ".join(word.replace("\x00", "").split()) for word in text.split(","))
    return list({word.casefold(): word for word in reversed([*filter(None, words)])}.values())[::-1]


def tag(conversation: Conversation, tags: Iterable[str], *, by: User) -> None:
    """Put tags on; those it has already stay as they are. All or none. Raises BadTag."""
    wanted = split_tags(",".join(tags))
    require_short(wanted)
    thread = threads.lock_one(conversation)
    known = {word.casefold() for word in _tags_of(conversation)}
    fresh = [word for word in _as_spelled_before(wanted) if word.casefold() not in known]
    if len(known) + len(fresh) > MOST_ON_ONE:
        raise BadTag(lazy(N_("Una conversación lleva hasta %(most)s etiquetas."), most=MOST_ON_ONE))
    if fresh:
        _add(conversation, fresh, by)
        write_line(conversation, thread, "tagged", by=by, tags=fresh)


def untag(conversation: Conversation, tags: Iterable[str], *, by: User) -> None:
    """Take tags off, whatever their case; those it does not have are no matter."""
    gone = {word.casefold() for word in tags}
    thread = threads.lock_one(conversation)
    found = [word for word in _tags_of(conversation) if word.casefold() in gone]
    if found:
        db.session.execute(
            sa.delete(ConversationTag).where(*_of(conversation), ConversationTag.tag.in_(found))
        )
        write_line(conversation, thread, "untagged", by=by, tags=found)


def require_short(tags: Sequence[str]) -> None:
    """Raises BadTag when there is none, too many, or one too long."""
    if not tags:
        raise BadTag(lazy(N_("Escribe una etiqueta.")))
    if len(tags) > MOST_ON_ONE:
        raise BadTag(lazy(N_("Una conversación lleva hasta %(most)s etiquetas."), most=MOST_ON_ONE))
    if any(len(word) > LONGEST for word in tags):
        raise BadTag(lazy(N_("Una etiqueta tiene hasta %(most)s caracteres."), most=LONGEST))


def _of(conversation: Conversation) -> list[sa.ColumnElement[bool]]:
    return [
        ConversationTag.tenant_id == current_tenant_id(),
        ConversationTag.conversation_id == conversation.id,
    ]


def _tags_of(conversation: Conversation) -> list[str]:
    return list(db.session.scalars(sa.select(ConversationTag.tag).where(*_of(conversation))))


def _as_spelled_before(tags: list[str]) -> list[str]:
    """Each as the tenant has it already, if it has: `vip` becomes `VIP`."""
    spellings = (
        sa.select(ConversationTag.tag)
        .distinct()
        .where(
            ConversationTag.tenant_id == current_tenant_id(),
            ConversationTag.tag.in_({shape for word in tags for shape in _shapes(word)}),
        )
    )
    known = {word.casefold(): word for word in db.session.scalars(spellings)}
    return [known.get(word.casefold(), word) for word in tags]


def _shapes(word: str) -> tuple[str, ...]:
    """The ways people write one word; an index finds them, which it could not by folding each row."""
    return word, word.lower(), word.upper(), word.capitalize(), word.title()


def _add(conversation: Conversation, tags: list[str], by: User) -> None:
    db.session.add_all(
        ConversationTag(
            tenant_id=conversation.tenant_id, conversation_id=conversation.id, tag=word, created_by=by.id
        )
        for word in tags
    )  # fmt: skip
    db.session.flush()
    db.session.expire(conversation, ["tags"])

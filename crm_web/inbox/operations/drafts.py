"""What somebody has begun to write, kept until it is sent or emptied."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from crm_web.core import live
from crm_web.core.clock import now
from crm_web.core.db import db
from crm_web.core.tenancy import current_tenant_id
from crm_web.inbox.models import Conversation, Draft
from crm_web.team.models import User

LONGEST = 20_000
OLDEST = timedelta(days=30)


def keep_draft(
    conversation: Conversation,
    *,
    body: str,
    kind: str = "reply",
    reply_to: str | None = None,
    age: timedelta = timedelta(0),
    by: User,
) -> Draft | None:
    """Keep the words typed `age` ago; the newest typed win, whatever order they arrive in. Empty words let it go.

    Returns what is kept now. Other browsers of this person hear of it.
    """
    typed_at = now() - min(max(age, timedelta(0)), OLDEST)
    if body.strip() or reply_to:
        changed = _write(
            conversation, by, typed_at=typed_at, kind=kind, body=body[:LONGEST], reply_to=reply_to
        )
    else:
        changed = _delete(conversation, by, Draft.updated_at <= typed_at)
    if changed:
        _tell(conversation, by)
    return db.session.scalar(
        sa.select(Draft).where(*_of(conversation, by)).execution_options(populate_existing=True)
    )


def forget_draft(conversation: Conversation, *, sent: str, by: User) -> None:
    """What was sent is no draft any more; words typed since then stay."""
    if _delete(conversation, by, sa.func.btrim(Draft.body, " \n\t\r") == sent.strip()):
        _tell(conversation, by)


def _write(conversation: Conversation, by: User, *, typed_at: object, **values: object) -> bool:
    written = (
        pg.insert(Draft)
        .values(
            tenant_id=current_tenant_id(),
            conversation_id=conversation.id,
            user_id=by.id,
            updated_at=typed_at,
            **values,
        )
        .on_conflict_do_update(
            index_elements=["tenant_id", "conversation_id", "user_id"],
            set_={**values, "updated_at": typed_at},
            where=Draft.updated_at <= typed_at,
        )
        .returning(Draft.id)
    )
    return db.session.scalar(written) is not None


def _delete(conversation: Conversation, by: User, *only: sa.ColumnElement[bool]) -> bool:
    gone = sa.delete(Draft).where(*_of(conversation, by), *only).returning(Draft.id)
    return db.session.scalar(gone) is not None


def _of(conversation: Conversation, by: User) -> list[sa.ColumnElement[bool]]:
    return [
        Draft.tenant_id == current_tenant_id(),
        Draft.conversation_id == conversation.id,
        Draft.user_id == by.id,
    ]


def _tell(conversation: Conversation, by: User) -> None:
    live.tell("draft", {"id": str(conversation.id)}, live.user_room(by.id))

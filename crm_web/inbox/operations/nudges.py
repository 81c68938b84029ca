"""A word before WhatsApp's window closes on somebody who was never answered, when the business wants that."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy import orm

from crm_web.core.clock import now
from crm_web.core.db import db
from crm_web.core.tenancy import current_tenant_id
from crm_web.inbox.models import WINDOW, Conversation
from crm_web.inbox.operations import automatic, threads
from crm_web.inbox.settings import REMINDER, Nudge, own_tenant, settings_of

AT_ONCE = 100


def nudge_waiting() -> int:
    """Write to everybody of this tenant whose time has come; how many. Once for each silence of ours, whoever runs it."""
    wanted = settings_of(own_tenant()).nudge
    if not wanted.enabled:
        return 0
    locked = threads.lock(_due(wanted))
    return sum(_nudge(thread, wanted) for thread in locked.values())


def _waits(wanted: Nudge) -> list[sa.ColumnElement[bool]]:
    at = now()
    return [
        Conversation.tenant_id == current_tenant_id(),
        Conversation.is_open == sa.true(),
        Conversation.deleted_at.is_(None),
        Conversation.status != "snoozed",
        Conversation.waiting_since.is_not(None),
        Conversation.last_inbound_at > at - WINDOW,
        Conversation.last_inbound_at <= at - WINDOW + timedelta(minutes=wanted.minutes),
        sa.or_(Conversation.nudged_at.is_(None), Conversation.nudged_at < Conversation.last_inbound_at),
    ]


def _due(wanted: Nudge) -> Sequence[uuid.UUID]:
    return db.session.scalars(sa.select(Conversation.id).where(*_waits(wanted)).limit(AT_ONCE)).all()


def _nudge(thread: threads.Thread, wanted: Nudge) -> int:
    """Judged again now that the row is locked: somebody may have answered in the meantime."""
    conversation = db.session.scalar(
        sa.select(Conversation)
        .where(*_waits(wanted), Conversation.id == thread.id)
        .options(orm.joinedload(Conversation.lead), orm.joinedload(Conversation.channel))
        .execution_options(populate_existing=True)
    )
    if conversation is None or not automatic.can_write_to(conversation):
        return 0
    text = wanted.text or automatic.in_words_of(own_tenant(), REMINDER)
    automatic.write(
        conversation,
        thread,
        kind="text",
        body=automatic.fill_in(text, conversation.lead),
        payload={"nudge": True},
    )
    conversation.nudged_at = now()
    return 1

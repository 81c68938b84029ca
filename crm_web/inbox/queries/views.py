"""Saved views: whose they are, and what is known of the channels, people and tags that filters name."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask_login import current_user
from sqlalchemy import orm

from crm_web.channels.models import Channel
from crm_web.core.db import db
from crm_web.core.errors import NotFound
from crm_web.core.tenancy import current_tenant_id
from crm_web.inbox.filters import InboxFilter
from crm_web.inbox.models import ConversationTag, InboxView
from crm_web.team.models import User


@dataclass(frozen=True)
class Known:
    """The names behind the ids of filters. Who is no longer there is in `people`, and not in `active`."""

    channels: dict[uuid.UUID, str]
    people: dict[uuid.UUID, str]
    active: frozenset[uuid.UUID]
    tags: frozenset[str]

    def stale(self, asked: InboxFilter) -> set[str]:
        """The names of the values that mean nothing any more."""
        gone = {
            "channel": bool(asked.channel) and asked.channel not in self.channels,
            "assignee": bool(asked.assignee) and asked.assignee not in self.active,
            "tag": bool(asked.tag) and asked.tag not in self.tags,
        }
        return {name for name, is_gone in gone.items() if is_gone}

    def without_stale(self, asked: InboxFilter) -> InboxFilter:
        """What of the question can still be answered."""
        return asked.but(**dict.fromkeys(self.stale(asked)))


def list_views() -> Sequence[InboxView]:
    """This person's views and the ones shared with everybody, their own first."""
    return db.session.scalars(
        sa.select(InboxView)
        .where(*_visible())
        .options(orm.joinedload(InboxView.owner))
        .order_by(InboxView.owner_id != current_user.id, InboxView.position, InboxView.id)
    ).all()


def get_own_view(view_id: uuid.UUID) -> InboxView:
    """A view of this person's own, or NotFound: its maker alone changes it."""
    view = db.session.scalar(
        sa.select(InboxView).where(
            InboxView.tenant_id == current_tenant_id(),
            InboxView.id == view_id,
            InboxView.owner_id == current_user.id,
        )
    )
    if view is None:
        raise NotFound
    return view


def _visible() -> list[sa.ColumnElement[bool]]:
    return [
        InboxView.tenant_id == current_tenant_id(),
        sa.or_(InboxView.owner_id == current_user.id, InboxView.is_shared),
    ]


def load_known(filters: Collection[InboxFilter]) -> Known:
    """What these filters name: one query for channels, and one each for people and tags when they name some."""
    people = _people({asked.assignee for asked in filters if asked.assignee})
    return Known(
        channels=_channels(),
        people={person.id: person.name for person in people},
        active=frozenset(person.id for person in people if person.is_active),
        tags=_used({asked.tag for asked in filters if asked.tag}),
    )


def _channels() -> dict[uuid.UUID, str]:
    rows = db.session.execute(
        sa.select(Channel.id, Channel.name)
        .where(Channel.tenant_id == current_tenant_id(), Channel.deleted_at.is_(None))
        .order_by(Channel.name)
    )
    return {row.id: row.name for row in rows}


def _people(ids: set[uuid.UUID]) -> Sequence[User]:
    if not ids:
        return []
    return db.session.scalars(
        sa.select(User).where(User.tenant_id == current_tenant_id(), User.id.in_(ids))
    ).all()


def _used(tags: set[str]) -> frozenset[str]:
    if not tags:
        return frozenset()
    used = sa.select(ConversationTag.tag).distinct()
    return frozenset(
        db.session.scalars(
            used.where(ConversationTag.tenant_id == current_tenant_id(), ConversationTag.tag.in_(tags))
        )
    )


# One step of the index per tag, however many conversations carry it.

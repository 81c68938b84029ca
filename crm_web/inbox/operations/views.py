"""Saved views: made, changed and taken away by whoever made them."""

from __future__ import annotations

import sqlalchemy as sa

from crm_web.core.db import db
from crm_web.core.errors import DomainError
from crm_web.core.sentences import lazy
from crm_web.core.text import N_
from crm_web.inbox.filters import InboxFilter
from crm_web.inbox.models import InboxView
from crm_web.team.models import User

MOST, LONGEST_NAME = 30, 40
ICONS = (
    "filter", "inbox", "clock", "bolt", "alert-circle", "user-check", "users", "tag", "phone", "calendar",
    "message-circle",
)  # fmt: skip


class BadView(DomainError):
    """The view cannot be kept as it is; the sentence says why."""


def save_view(asked: InboxFilter, *, name: str, icon: str, is_shared: bool, by: User) -> InboxView:
    """Keep a filter and its order under a name. Raises BadView."""
    if _count(by) >= MOST:
        raise BadView(
            lazy(N_("Ya tienes %(most)s vistas guardadas. Elimina una para guardar otra."), most=MOST)
        )
    view = InboxView(tenant_id=by.tenant_id, owner_id=by.id, query=asked.query, position=_count(by))
    _name(view, name, icon)
    _share(view, is_shared, by)
    db.session.add(view)
    db.session.flush()
    return view


def change_view(
    view: InboxView, *, name: str, icon: str, is_shared: bool, asked: InboxFilter | None = None, by: User
) -> None:
    """Name it anew, share it or not, and, with `asked`, let it show something else. Raises BadView."""
    _name(view, name, icon)
    _share(view, is_shared, by)
    if asked is not None:
        view.query = asked.query


def delete_view(view: InboxView) -> None:
    db.session.delete(view)


def _count(by: User) -> int:
    mine = sa.select(sa.func.count()).where(InboxView.tenant_id == by.tenant_id, InboxView.owner_id == by.id)
    return int(db.session.scalar(mine) or 0)


def _name(view: InboxView, name: str, icon: str) -> None:
    name = " ".join(name.split())
    if not name:
        raise BadView(lazy(N_("Escribe un nombre para la vista.")))
    if len(name) > LONGEST_NAME:
        raise BadView(lazy(N_("El nombre tiene hasta %(most)s caracteres."), most=LONGEST_NAME))
    view.name = name
    view.icon = icon if icon in ICONS else ICONS[0]


def _share(view: InboxView, is_shared: bool, by: User) -> None:
    """What is shared already may stay so; sharing anew needs the permission."""
    if is_shared and not view.is_shared and not by.can("inbox.share"):
        raise BadView(lazy(N_("No puedes compartir vistas. Guárdala solo para ti.")))
    view.is_shared = is_shared

"""The macros somebody may run, and those they may change."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask_login import current_user
from sqlalchemy import orm

from crm_web.core.db import db
from crm_web.core.errors import NotFound
from crm_web.core.sentences import lazy
from crm_web.core.tenancy import current_tenant_id
from crm_web.core.text import N_
from crm_web.inbox.models import Macro


def _mine_or_shared() -> list[sa.ColumnElement[bool]]:
    return [
        Macro.tenant_id == current_tenant_id(),
        sa.or_(Macro.owner_id == current_user.id, Macro.is_shared == sa.true()),
    ]


def _own_first() -> list[sa.ColumnElement[bool]]:
    return [Macro.owner_id != current_user.id, Macro.key.asc().nulls_last(), Macro.name, Macro.id]


def list_macros() -> Sequence[Macro]:
    """One's own and the shared ones: one's own first, by their keys."""
    query = sa.select(Macro).where(*_mine_or_shared()).options(orm.joinedload(Macro.owner))
    return db.session.scalars(query.order_by(*_own_first())).all()


def get_macro(macro_id: uuid.UUID) -> Macro:
    """A macro one may run, or NotFound."""
    return _one(sa.select(Macro).where(*_mine_or_shared(), Macro.id == macro_id))


def get_own_macro(macro_id: uuid.UUID) -> Macro:
    """A macro one may change: its maker alone."""
    return _one(
        sa.select(Macro).where(*_mine_or_shared(), Macro.id == macro_id, Macro.owner_id == current_user.id)
    )


def get_macro_by_key(key: int) -> Macro:
    """What a digit runs: one's own before a shared one. NotFound when it runs nothing."""
    try:
        return _one(
            sa.select(Macro).where(*_mine_or_shared(), Macro.key == key).order_by(*_own_first()).limit(1)
        )
    except NotFound:
        raise NotFound(lazy(N_("Ninguna macro tiene la tecla %(key)s."), key=key)) from None


def _one(query: sa.Select[Any]) -> Macro:
    macro: Macro | None = db.session.scalar(query)
    if macro is None:
        raise NotFound
    return macro

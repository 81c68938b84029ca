"""Whose data this is: the current tenant, told to PostgreSQL at the start of every transaction.

The wall is row-level security (`core.fence`). Here is the one place that says who stands before it:
a context variable, written into `app.tenant_id` with `SET LOCAL` semantics, so neither a pool nor a
proxy in transaction mode can carry it into somebody else's request. No tenant set means no rows.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from crm_web.core.db import db

_current: ContextVar[uuid.UUID | None] = ContextVar("tenant_id", default=None)
_TELL = sa.text("SELECT set_config('app.tenant_id', :tenant, true)")


class NoTenant(RuntimeError):
    """Code that needs a tenant ran without one: a bug, never a visitor's mistake."""


def current_tenant_id() -> uuid.UUID:
    """The tenant of this request, socket message, job or command; raises `NoTenant` when there is none."""
    tenant_id = _current.get()
    if tenant_id is None:
        raise NoTenant
    return tenant_id


def tenant_or_none() -> uuid.UUID | None:
    return _current.get()


@contextmanager
def as_tenant(tenant_id: uuid.UUID | None) -> Iterator[None]:
    """Act for one tenant inside the block; the transaction that is open, if any, is told as well.

    An error that leaves the block undoes the transaction: what it wrote must not be committed for somebody else.
    """
    token = _current.set(tenant_id)
    _tell_open_transaction()
    try:
        yield
    except BaseException:
        _current.reset(token)
        db.session.rollback()
        raise
    _current.reset(token)
    _tell_open_transaction()


def set_tenant(tenant_id: uuid.UUID | None) -> None:
    """Set the tenant for the rest of this context (a request); `as_tenant` is for everything else."""
    _current.set(tenant_id)
    _tell_open_transaction()


def _tell_open_transaction() -> None:
    session = db.session()
    if session.in_transaction() and session.is_active:
        session.execute(_TELL, {"tenant": str(_current.get() or "")})


@sa.event.listens_for(orm.Session, "after_begin")
def _tell_new_transaction(_session: orm.Session, _transaction: Any, connection: sa.Connection) -> None:
    tenant_id = _current.get()
    if tenant_id is not None:
        connection.execute(_TELL, {"tenant": str(tenant_id)})

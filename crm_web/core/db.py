"""The schema's common ground: base class, column types, and the session that always knows its tenant.

Models stand on a plain `DeclarativeBase`, so type checkers understand them; Flask-SQLAlchemy only
brings the session and the engine.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import sqlalchemy as sa
import uuid_utils.compat
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from crm_web.core.clock import now

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Money = Annotated[Decimal, orm.mapped_column(sa.Numeric(14, 2))]


def new_id() -> uuid.UUID:
    """A UUIDv7: unguessable enough for addresses, ordered by time for indexes."""
    return uuid_utils.compat.uuid7()


class Base(orm.DeclarativeBase):
    registry = orm.registry(
        metadata=sa.MetaData(naming_convention=NAMING),
        type_annotation_map={
            datetime: sa.DateTime(timezone=True),
            dict[str, Any]: pg.JSONB,
            list[Any]: pg.JSONB,
            str: sa.Text,
            uuid.UUID: pg.UUID(as_uuid=True),
        },
    )


class Row(Base):
    """What every table has: a UUIDv7 and the two times."""

    __abstract__ = True

    id: orm.Mapped[uuid.UUID] = orm.mapped_column(primary_key=True, default=new_id, sort_order=-10)
    created_at: orm.Mapped[datetime] = orm.mapped_column(
        default=now, server_default=sa.func.now(), sort_order=90
    )
    updated_at: orm.Mapped[datetime] = orm.mapped_column(
        default=now, onupdate=now, server_default=sa.func.now(), sort_order=91
    )


class TenantRow(Row):
    """A row that belongs to one tenant. Its table is fenced by row-level security (see `core.fence`)."""

    __abstract__ = True

    tenant_id: orm.Mapped[uuid.UUID] = orm.mapped_column(
        sa.ForeignKey("tenants.id"), nullable=False, sort_order=-9
    )


def own_key() -> sa.UniqueConstraint:
    """`UNIQUE (tenant_id, id)`: what lets another table refer to this one without leaving the tenant."""
    return sa.UniqueConstraint("tenant_id", "id")


def inside(column: str, table: str) -> sa.ForeignKeyConstraint:
    """A reference that cannot cross tenants: `(tenant_id, column)` to `(tenant_id, id)` of `table`."""
    return sa.ForeignKeyConstraint(["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"])


def one_of(column: str, values: tuple[str, ...], name: str | None = None) -> sa.CheckConstraint:
    """A CHECK that `column` holds one of `values`; a plain text column, so values can be added online."""
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=name or column)


def road(column: str, target: str) -> orm.Relationship[Any]:
    """A read-only way to another row: `road("Message.file_id", "File")`. Writing goes through the id column.

    Lazy loading raises, so that a list cannot become one query per row by accident.
    """
    return orm.relationship(
        target,
        primaryjoin=f"foreign({column}) == {target}.id",
        viewonly=True,
        uselist=False,
        lazy="raise_on_sql",
    )


db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})

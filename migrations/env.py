"""Runs migrations as the owner of the schema (`DATABASE_OWNER_URL`), never as the application's role."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context
from flask import current_app

from crm_web.core.db import Base

target_metadata = Base.metadata


def include(obj: Any, _name: str | None, kind: str, reflected: bool, _other: Any) -> bool:
    """Compare only what models describe; partitions and helper tables of PostgreSQL are not theirs."""
    return not (kind == "table" and reflected and obj.name not in target_metadata.tables)


def run_online() -> None:
    engine = sa.create_engine(current_app.config["DATABASE_OWNER_URL"], poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=target_metadata,
            compare_type=True,
            include_object=include,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.execute("SELECT pg_advisory_xact_lock(hashtextextended('migrations', 0))")
            context.run_migrations()
    engine.dispose()


if context.is_offline_mode():
    raise SystemExit("migrations need the database: set DATABASE_OWNER_URL and run `flask db upgrade`")
run_online()

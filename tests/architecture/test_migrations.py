"""Migrations and models say the same, and go back as well as forth."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade

from crm_web.core.db import Base


def test_models_match_migrations(clean, owner):
    with owner.connect() as connection:
        found = compare_metadata(
            MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata
        )
    assert [change for change in found if "alembic_version" not in str(change)] == []


def test_down_and_up_again(app, clean, owner):
    downgrade(revision="base")
    with owner.connect() as connection:
        left = (
            connection.exec_driver_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            .scalars()
            .all()
        )
    upgrade()
    assert left == ["alembic_version"]

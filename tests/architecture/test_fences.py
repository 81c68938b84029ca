"""The wall between tenants, looked at from the database's own catalogue."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, ProgrammingError

from crm_web.core.db import Base, db, new_id
from crm_web.core.tenancy import as_tenant
from crm_web.models import Conversation, Lead, Message

TENANT_TABLES = [
    "tenants",
    *sorted(table.name for table in Base.metadata.sorted_tables if "tenant_id" in table.c),
]
DOCUMENTED = re.compile(r"^\| `(\w+)\(", re.MULTILINE)


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_every_tenant_table_is_fenced(table, owner, app):
    with owner.connect() as connection:
        enabled = connection.scalar(
            sa.text("SELECT relrowsecurity FROM pg_class WHERE relname = :t"), {"t": table}
        )
        policies = connection.execute(
            sa.text("SELECT cmd, qual, with_check FROM pg_policies WHERE tablename = :t"), {"t": table}
        ).all()
    assert enabled
    assert len(policies) == 1
    assert policies[0].cmd == "ALL"
    assert "app.tenant_id" in policies[0].qual
    assert "app.tenant_id" in policies[0].with_check


def test_the_application_owns_nothing_and_bypasses_nothing(owner, app):
    role = app.config["APP_ROLE"]
    with owner.connect() as connection:
        flags = connection.execute(
            sa.text(
                "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = :r"
            ),
            {"r": role},
        ).one()
        owned = connection.scalar(
            sa.text(
                "SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = :r"
            ),
            {"r": role},
        )
    assert not any(flags)
    assert owned == 0


def test_the_doors_through_the_fence_are_the_documented_ones(owner, app):
    listed = set(DOCUMENTED.findall(Path("docs/tenancy.md").read_text()))
    with owner.connect() as connection:
        rows = connection.execute(
            sa.text(
                "SELECT p.proname, p.proconfig, has_function_privilege('public', p.oid, 'execute') AS open FROM pg_proc p"
                " JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public' AND p.prosecdef"
            )
        ).all()
    assert {row.proname for row in rows} == listed
    assert all("search_path=public, pg_temp" in row.proconfig and not row.open for row in rows)


def test_no_tenant_no_rows(acme, rival_house, conversation):
    for model in (Lead, Conversation, Message):
        assert db.session.scalars(sa.select(model)).all() == []


def test_a_tenant_sees_only_its_own(acme, rival_house, conversation):
    with as_tenant(rival_house.id):
        assert db.session.scalars(sa.select(Message)).all() == []
    with as_tenant(acme.id):
        assert len(db.session.scalars(sa.select(Message)).all()) == 1


def test_writing_for_another_tenant_is_refused(acme, rival_house):
    with pytest.raises(ProgrammingError, match="row-level security"), as_tenant(rival_house.id):
        db.session.execute(sa.insert(Lead).values(id=new_id(), tenant_id=acme.id))


def test_a_row_cannot_point_into_another_tenant(acme, rival_house, conversation):
    with pytest.raises(IntegrityError), as_tenant(rival_house.id):
        db.session.execute(
            sa.insert(Conversation).values(
                tenant_id=rival_house.id, lead_id=conversation.lead_id, channel_id=rival_house.channel_id
            )
        )


def test_the_tenant_holds_after_a_commit_and_ends_with_its_block(acme, conversation):
    with as_tenant(acme.id):
        db.session.commit()
        assert len(db.session.scalars(sa.select(Message)).all()) == 1
    assert db.session.scalars(sa.select(Message)).all() == []

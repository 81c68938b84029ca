"""What the tests of sending share: a window that closes, people who wait before they send, templates that are here."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from crm_web.core.clock import now
from crm_web.core.db import db
from crm_web.core.effects import commit
from crm_web.core.tenancy import as_tenant
from crm_web.message_templates.operations import sync_templates
from crm_web.models import Message, MessageTemplate, User
from tests.cast import ACME_WABA, House


def close_window(owner: sa.Engine) -> None:
    with owner.begin() as connection:
        connection.execute(
            sa.text("UPDATE conversations SET last_inbound_at = :at"), {"at": now() - timedelta(hours=25)}
        )


def let_undo(house: House, seconds: int, email: str = "seller@acme.test") -> None:
    """This person's replies wait so long."""
    with as_tenant(house.id):
        user = db.session.scalars(sa.select(User).where(User.email == email)).one()
        user.preferences = {"undo_seconds": seconds}
        commit()


def learn_templates(house: House) -> dict[str, MessageTemplate]:
    """The stand-in's templates as ours, by name."""
    with as_tenant(house.id):
        assert sync_templates(ACME_WABA)
        commit()
        found = {one.name: one for one in db.session.scalars(sa.select(MessageTemplate))}
        db.session.expunge_all()
        db.session.rollback()
        return found


def make_template(house: House, text: str = "Hola, {{1}}. Va {{2}}.", **more: Any) -> uuid.UUID:
    """A template nobody asked Meta about."""
    with as_tenant(house.id):
        given = {
            "business_id": ACME_WABA,
            "name": f"aviso_{uuid.uuid4().hex[:8]}",
            "language": "es",
            "status": "APPROVED",
        }
        components = [{"type": "BODY", "text": text}]
        row = MessageTemplate(tenant_id=house.id, **{**given, "components": components, **more})
        db.session.add(row)
        commit()
        return row.id


def ours(rows: Any) -> list[Message]:
    """What we sent and did not take back."""
    return [one for one in rows(Message) if one.direction == "outbound" and one.deleted_at is None]

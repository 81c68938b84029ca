"""Which people may be seen, and what is noted about them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence

import sqlalchemy as sa
from flask_login import current_user
from sqlalchemy import orm

from crm_web.core.db import db
from crm_web.core.errors import NotFound
from crm_web.core.phone import to_e164
from crm_web.core.tenancy import current_tenant_id
from crm_web.leads.models import Lead, LeadIdentity, LeadNote
from crm_web.team.models import User

NOTES = 50

# Filled by the modules above: what else makes a lead one's own, for who may not see everybody's.
REACH: list[Callable[[User], sa.ColumnElement[bool]]] = []


def _visible() -> list[sa.ColumnElement[bool]]:
    """This tenant's, and of those the ones this person may see: their own, and those they talk with."""
    fence = [Lead.tenant_id == current_tenant_id(), Lead.deleted_at.is_(None)]
    if not current_user.can("leads.read"):
        return [*fence, sa.false()]
    if current_user.can("conversations.all"):
        return fence
    return [*fence, sa.or_(Lead.assigned_to == current_user.id, *(reach(current_user) for reach in REACH))]


def get_lead(lead_id: uuid.UUID) -> Lead:
    lead = db.session.scalar(sa.select(Lead).where(*_visible(), Lead.id == lead_id))
    if lead is None:
        raise NotFound
    return lead


def get_own_note(note_id: uuid.UUID) -> LeadNote:
    """A note one wrote oneself about a lead one may see, or NotFound."""
    note = db.session.scalar(
        sa.select(LeadNote)
        .join(Lead, Lead.id == LeadNote.lead_id)
        .where(
            *_visible(),
            LeadNote.tenant_id == current_tenant_id(),
            LeadNote.id == note_id,
            LeadNote.author_id == current_user.id,
            LeadNote.deleted_at.is_(None),
        )
    )
    if note is None:
        raise NotFound
    return note


def list_notes(lead_id: uuid.UUID) -> Sequence[LeadNote]:
    """What is noted about a lead, the newest first; at most fifty."""
    return db.session.scalars(
        sa.select(LeadNote)
        .where(
            LeadNote.tenant_id == current_tenant_id(),
            LeadNote.lead_id == lead_id,
            LeadNote.deleted_at.is_(None),
        )
        .options(orm.joinedload(LeadNote.author))
        .order_by(LeadNote.created_at.desc(), LeadNote.id.desc())
        .limit(NOTES)
    ).all()


def list_phones(lead_id: uuid.UUID) -> Sequence[str]:
    """Every number this person wrote from, as people dial it, the newest last."""
    raws = db.session.scalars(
        sa.select(LeadIdentity.raw)
        .where(
            LeadIdentity.tenant_id == current_tenant_id(),
            LeadIdentity.lead_id == lead_id,
            LeadIdentity.kind == "phone",
        )
        .order_by(LeadIdentity.created_at, LeadIdentity.id)
    )
    return [to_e164(raw) or raw for raw in raws]

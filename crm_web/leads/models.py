"""A person and the identities they are reached by. A phone is usual, and may be missing."""

from __future__ import annotations

import unicodedata
import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from crm_web.core.db import TenantRow, inside, one_of, own_key, road
from crm_web.core.phone import pretty

if TYPE_CHECKING:
    from crm_web.team.models import User

FILLERS = "\u115f\u1160\u3164\uffa0\u2800"  # letters and signs that are drawn as nothing
IDENTITY_KINDS = ("phone", "bsuid", "parent_bsuid", "email", "telegram", "psid", "igsid", "lid")


def visible(name: str) -> str:
    """The name without its margins; empty when nothing of it can be seen (people do write blanks and fillers)."""
    seen = any(unicodedata.category(sign)[0] in "LNPS" and sign not in FILLERS for sign in name)
    return name.strip() if seen else ""


class Lead(TenantRow):
    __tablename__ = "leads"
    __table_args__ = (
        own_key(),
        inside("assigned_to", "users"),
        sa.Index(None, "tenant_id", "last_activity_at"),
        sa.Index(
            "ix_leads_search",
            sa.text("(ARRAY[tenant_id])"),
            "search",
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": 512},
        ),
    )

    first_name: orm.Mapped[str] = orm.mapped_column(default="")
    last_name: orm.Mapped[str] = orm.mapped_column(default="")
    profile_name: orm.Mapped[str] = orm.mapped_column(default="")
    username: orm.Mapped[str | None]
    phone: orm.Mapped[str | None]
    email: orm.Mapped[str | None]
    company: orm.Mapped[str | None]
    city: orm.Mapped[str | None]
    country: orm.Mapped[str | None]
    source: orm.Mapped[str | None]
    referral: orm.Mapped[dict[str, Any] | None]
    assigned_to: orm.Mapped[uuid.UUID | None]
    opt_in: orm.Mapped[bool] = orm.mapped_column(default=True)
    opted_in_at: orm.Mapped[datetime | None]
    opted_out_at: orm.Mapped[datetime | None]
    is_blocked: orm.Mapped[bool] = orm.mapped_column(default=False)
    block_reason: orm.Mapped[str | None]
    search: orm.Mapped[Any] = orm.mapped_column(
        pg.TSVECTOR,
        sa.Computed(
            "words_of_lead(first_name, last_name, profile_name, username, email, company, phone)",
            persisted=True,
        ),
        deferred=True,
    )
    last_contact_at: orm.Mapped[datetime | None]
    last_activity_at: orm.Mapped[datetime | None]
    deleted_at: orm.Mapped[datetime | None]

    @property
    def name(self) -> str:
        """What to call them: the name we were given, else their profile's, else how they are reached."""
        given = visible(f"{self.first_name} {self.last_name}")
        return (
            given
            or visible(self.profile_name)
            or (self.username and f"@{self.username}")
            or self.phone_pretty
            or "—"
        )

    @property
    def phone_pretty(self) -> str:
        return pretty(self.phone) if self.phone else ""

    @property
    def initials(self) -> str:
        words = [word for word in self.name.split() if word[:1].isalpha()]
        return ("".join(word[0] for word in words[:2]) or self.name[-2:]).upper()


class LeadIdentity(TenantRow):
    """One way of knowing a person. `value` is folded so that spellings of one number are one; `raw` is as it came.

    `scope` bounds where the value means that person: a Meta business portfolio for a BSUID, empty for a phone.
    """

    __tablename__ = "lead_identities"
    __table_args__ = (
        one_of("kind", IDENTITY_KINDS),
        inside("lead_id", "leads"),
        sa.UniqueConstraint("tenant_id", "kind", "scope", "value"),
        sa.Index(None, "tenant_id", "lead_id"),
    )

    lead_id: orm.Mapped[uuid.UUID]
    kind: orm.Mapped[str]
    scope: orm.Mapped[str] = orm.mapped_column(default="")
    value: orm.Mapped[str]
    raw: orm.Mapped[str]

    lead: orm.Mapped[Lead] = road("LeadIdentity.lead_id", "Lead")


class LeadNote(TenantRow):
    """What the team knows about a person and should not forget; it stays with them over all conversations."""

    __tablename__ = "lead_notes"
    __table_args__ = (
        inside("lead_id", "leads"),
        inside("author_id", "users"),
        sa.Index(None, "tenant_id", "lead_id", "created_at"),
    )

    lead_id: orm.Mapped[uuid.UUID]
    author_id: orm.Mapped[uuid.UUID | None]
    body: orm.Mapped[str]
    deleted_at: orm.Mapped[datetime | None]

    author: orm.Mapped[User | None] = road("LeadNote.author_id", "User")

    @property
    def was_edited(self) -> bool:
        return self.updated_at - self.created_at > timedelta(seconds=1)

"""People, what they may do, where they are signed in, and when they were available."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_login import UserMixin
from pydantic import ValidationError
from sqlalchemy import orm

from crm_web.core.clock import now
from crm_web.core.db import Base, TenantRow, inside, one_of, own_key, road
from crm_web.team.preferences import Preferences

if TYPE_CHECKING:
    from crm_web.tenants.models import Tenant

AVAILABILITIES = ("available", "busy", "paused", "offline")
STATUSES = ("active", "inactive", "suspended")
LOCKOUT_AFTER = 5
LOCKOUT_FOR = timedelta(minutes=15)


class Permission(Base):
    """One thing a person may do, as `module.action`. A catalogue of the product, the same for every tenant."""

    __tablename__ = "permissions"

    name: orm.Mapped[str] = orm.mapped_column(primary_key=True)
    module: orm.Mapped[str]
    action: orm.Mapped[str]


class Role(TenantRow):
    """A named set of permissions with a level from 1 to 100; system roles cannot be deleted."""

    __tablename__ = "roles"
    __table_args__ = (
        own_key(),
        sa.UniqueConstraint("tenant_id", "name"),
        sa.CheckConstraint("level BETWEEN 1 AND 100", name="level"),
    )

    name: orm.Mapped[str]
    display_name: orm.Mapped[str]
    description: orm.Mapped[str] = orm.mapped_column(default="")
    level: orm.Mapped[int]
    is_system: orm.Mapped[bool] = orm.mapped_column(default=False)
    is_active: orm.Mapped[bool] = orm.mapped_column(default=True)


class RolePermission(TenantRow):
    __tablename__ = "role_permissions"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "role_id", "permission"),
        inside("role_id", "roles"),
    )

    role_id: orm.Mapped[uuid.UUID]
    permission: orm.Mapped[str] = orm.mapped_column(sa.ForeignKey("permissions.name"))


class User(TenantRow, UserMixin):
    """A person who signs in. E-mail addresses are unique over the whole product, whatever their case."""

    __tablename__ = "users"
    __allow_unmapped__ = True
    __table_args__ = (
        own_key(),
        inside("role_id", "roles"),
        one_of("status", STATUSES),
        one_of("availability", AVAILABILITIES),
        sa.Index("uq_users_email", sa.text("lower(email)"), unique=True),
    )

    email: orm.Mapped[str]
    password_hash: orm.Mapped[str]
    first_name: orm.Mapped[str]
    last_name: orm.Mapped[str] = orm.mapped_column(default="")
    phone: orm.Mapped[str | None]
    job_title: orm.Mapped[str] = orm.mapped_column(default="")
    role_id: orm.Mapped[uuid.UUID]
    status: orm.Mapped[str] = orm.mapped_column(default="active")
    availability: orm.Mapped[str] = orm.mapped_column(default="offline")
    availability_reason: orm.Mapped[str | None]
    max_concurrent_chats: orm.Mapped[int] = orm.mapped_column(default=5)
    auto_assign: orm.Mapped[bool] = orm.mapped_column(default=True)
    locale: orm.Mapped[str | None]
    theme: orm.Mapped[str] = orm.mapped_column(default="system")
    preferences: orm.Mapped[dict[str, Any]] = orm.mapped_column(default=dict, server_default="{}")
    last_login_at: orm.Mapped[datetime | None]
    last_activity_at: orm.Mapped[datetime | None]
    failed_login_attempts: orm.Mapped[int] = orm.mapped_column(default=0)
    locked_until: orm.Mapped[datetime | None]
    deleted_at: orm.Mapped[datetime | None]

    tenant: orm.Mapped[Tenant] = road("User.tenant_id", "Tenant")
    role: orm.Mapped[Role] = road("User.role_id", "Role")

    # Filled by `queries.load_signed_in`, never stored: what this request's person may do, and by which session.
    permissions: frozenset[str] = frozenset()
    session_id: uuid.UUID | None = None

    def get_id(self) -> str:
        """What the session cookie carries: the tenant and the session, never the person alone."""
        return f"{self.tenant_id}:{self.session_id}"

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def initials(self) -> str:
        return (self.first_name[:1] + self.last_name[:1]).upper() or "?"

    @property
    def prefers(self) -> Preferences:
        try:
            return Preferences.model_validate(self.preferences)
        except ValidationError:
            return Preferences()

    @property
    def is_active(self) -> bool:
        return self.status == "active" and self.deleted_at is None

    @property
    def is_locked(self) -> bool:
        return self.locked_until is not None and self.locked_until > now()

    def can(self, permission: str) -> bool:
        """Whether this signed-in person has `permission`, counting grants and revocations of their own."""
        return permission in self.permissions


class UserPermission(TenantRow):
    """What one person may do beyond their role (`grant`), or may not in spite of it (`revoke`)."""

    __tablename__ = "user_permissions"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "user_id", "permission"),
        inside("user_id", "users"),
        one_of("effect", ("grant", "revoke")),
    )

    user_id: orm.Mapped[uuid.UUID]
    permission: orm.Mapped[str] = orm.mapped_column(sa.ForeignKey("permissions.name"))
    effect: orm.Mapped[str]
    created_by: orm.Mapped[uuid.UUID | None]


class UserSession(TenantRow):
    """One signed-in browser. Revoking it signs that browser out at its next request and drops its sockets."""

    __tablename__ = "user_sessions"
    __table_args__ = (inside("user_id", "users"), sa.Index(None, "tenant_id", "user_id"))

    user_id: orm.Mapped[uuid.UUID]
    device: orm.Mapped[str] = orm.mapped_column(default="")
    ip: orm.Mapped[str] = orm.mapped_column(default="")
    expires_at: orm.Mapped[datetime]
    last_activity_at: orm.Mapped[datetime] = orm.mapped_column(default=now)
    revoked_at: orm.Mapped[datetime | None]

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None and self.expires_at > now()


class AgentState(TenantRow):
    """A stretch of one availability of one person; the open stretch has no end."""

    __tablename__ = "agent_states"
    __table_args__ = (
        inside("user_id", "users"),
        one_of("availability", AVAILABILITIES),
        sa.Index(
            "uq_agent_states_open",
            "tenant_id",
            "user_id",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index(None, "tenant_id", "user_id", "started_at"),
    )

    user_id: orm.Mapped[uuid.UUID]
    availability: orm.Mapped[str]
    reason: orm.Mapped[str | None]
    started_at: orm.Mapped[datetime] = orm.mapped_column(default=now)
    ended_at: orm.Mapped[datetime | None]

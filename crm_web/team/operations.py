"""What people do with their account: sign in and out, see to their sessions, say whether they are available."""

from __future__ import annotations

import uuid
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from crm_web.core import live
from crm_web.core.clock import now
from crm_web.core.db import db
from crm_web.core.errors import DomainError
from crm_web.core.sentences import lazy
from crm_web.core.tenancy import current_tenant_id, set_tenant
from crm_web.core.text import N_
from crm_web.team.models import (
    AVAILABILITIES,
    LOCKOUT_AFTER,
    LOCKOUT_FOR,
    AgentState,
    Role,
    RolePermission,
    User,
    UserPermission,
    UserSession,
)
from crm_web.team.passwords import hash_password, is_outdated, matches
from crm_web.team.permissions import PERMISSIONS, SYSTEM_ROLES
from crm_web.team.preferences import UNDO_CHOICES, Preferences
from crm_web.tenants.models import Tenant

BROWSER_SESSION = timedelta(hours=12)


class BadUser(DomainError):
    """The person cannot be created as asked."""


def find_for_sign_in(email: str) -> User | None:
    """Who this address belongs to, over all tenants; sets the tenant of this request when somebody is found."""
    row = db.session.execute(
        sa.text("SELECT tenant_id, user_id FROM find_login(:email)"), {"email": email.strip().lower()}
    ).first()
    if row is None:
        return None
    set_tenant(row.tenant_id)
    return db.session.get(User, row.user_id, with_for_update={"key_share": True})


def sign_in(email: str, password: str, *, device: str, ip: str, days: int | None) -> UserSession | None:
    """A new session when the password fits and the account is neither locked nor inactive; else None.

    Five wrong passwords lock the account for 15 minutes. What failed is not told apart, by word or by time.
    """
    user = find_for_sign_in(email)
    fits = matches(user.password_hash if user else None, password)
    if user is None:
        return None
    if user.is_locked or not user.is_active:
        return None
    if not fits:
        _count_failure(user)
        return None
    if is_outdated(user.password_hash):
        user.password_hash = hash_password(password)
    user.failed_login_attempts, user.locked_until, user.last_login_at = 0, None, now()
    return _open_session(
        user, device=device, ip=ip, lifetime=timedelta(days=days) if days else BROWSER_SESSION
    )


def _count_failure(user: User) -> None:
    user.failed_login_attempts += 1
    if user.failed_login_attempts >= LOCKOUT_AFTER:
        user.locked_until, user.failed_login_attempts = now() + LOCKOUT_FOR, 0


def _open_session(user: User, *, device: str, ip: str, lifetime: timedelta) -> UserSession:
    session = UserSession(
        tenant_id=user.tenant_id,
        user_id=user.id,
        device=device[:300],
        ip=ip[:64],
        expires_at=now() + lifetime,
    )
    db.session.add(session)
    db.session.flush()
    if user.availability == "offline":
        set_availability(user, "available")
    return session


def end_session(session: UserSession) -> None:
    """Sign one browser out: at its next request, and its sockets at once."""
    session.revoked_at = session.revoked_at or now()
    live.drop_sockets(session.id)


def end_other_sessions(user: User, keep: uuid.UUID | None) -> int:
    """Sign this person out everywhere else; how many browsers that were."""
    sessions = db.session.scalars(
        sa.select(UserSession).where(
            UserSession.user_id == user.id, UserSession.id != keep, UserSession.revoked_at.is_(None)
        )
    ).all()
    for session in sessions:
        end_session(session)
    return len(sessions)


def set_availability(user: User, availability: str, reason: str | None = None) -> None:
    """Say whether this person takes conversations; the history keeps how long each state lasted."""
    if availability not in AVAILABILITIES:
        raise BadUser(lazy(N_("Elige un estado de la lista.")))
    if user.availability == availability and user.availability_reason == (reason or None):
        return
    db.session.execute(
        sa.update(AgentState)
        .where(AgentState.user_id == user.id, AgentState.ended_at.is_(None))
        .values(ended_at=now())
    )
    db.session.add(
        AgentState(
            tenant_id=user.tenant_id, user_id=user.id, availability=availability, reason=reason or None
        )
    )
    user.availability, user.availability_reason = availability, reason or None


def create_user(
    *, email: str, password: str, first_name: str, last_name: str = "", role: str, job_title: str = ""
) -> User:
    """Add a person to the current tenant. Raises BadUser when the role or the address cannot be used."""
    found = db.session.scalar(sa.select(Role).where(Role.tenant_id == current_tenant_id(), Role.name == role))
    if found is None:
        raise BadUser(f"no such role: {role}")
    user = User(
        tenant_id=current_tenant_id(), email=email.strip().lower(), password_hash=hash_password(password),
        first_name=first_name, last_name=last_name, role_id=found.id, job_title=job_title,
    )  # fmt: skip
    try:
        with db.session.begin_nested():
            db.session.add(user)
    except sa.exc.IntegrityError:
        raise BadUser(lazy(N_("Ese correo ya está en uso."))) from None
    return user


def set_preferences(user: User, *, enter_sends: bool, undo_seconds: int, sound: bool, desktop: bool) -> None:
    """Keep how a person likes to work. Raises BadUser for seconds that are not offered."""
    if undo_seconds not in UNDO_CHOICES:
        raise BadUser(lazy(N_("Elige uno de los tiempos de la lista.")))
    wanted = Preferences(enter_sends=enter_sends, undo_seconds=undo_seconds, sound=sound, desktop=desktop)
    user.preferences = {**user.preferences, **wanted.model_dump()}


def decide_permission(user: User, permission: str, effect: str | None, *, by: User | None = None) -> None:
    """Grant or revoke one permission for one person, whatever their role says; None leaves it to the role again."""
    if permission not in PERMISSIONS:
        raise BadUser(f"no such permission: {permission}")
    db.session.execute(
        sa.delete(UserPermission).where(
            UserPermission.user_id == user.id, UserPermission.permission == permission
        )
    )
    if effect:
        db.session.add(
            UserPermission(
                tenant_id=user.tenant_id,
                user_id=user.id,
                permission=permission,
                effect=effect,
                created_by=by.id if by else None,
            )
        )
    live.tell("permissions_changed", {"id": str(user.id)}, live.user_room(user.id))
    for session_id in db.session.scalars(
        sa.select(UserSession.id).where(UserSession.user_id == user.id, UserSession.revoked_at.is_(None))
    ):
        live.renew_sockets(session_id)


def furnish_roles(tenant: Tenant) -> None:
    """The system roles with the permissions of the catalogue; what a tenant changed of its own roles stays."""
    for name, role in SYSTEM_ROLES.items():
        written = db.session.scalar(
            pg.insert(Role)
            .values(
                tenant_id=tenant.id,
                name=name,
                display_name=role.display_name,
                level=role.level,
                is_system=True,
            )
            .on_conflict_do_nothing()
            .returning(Role.id)
        )
        if written:
            db.session.execute(
                sa.insert(RolePermission),
                [
                    {"tenant_id": tenant.id, "role_id": written, "permission": p}
                    for p in sorted(role.permissions)
                ],
            )


def catalogue_rows() -> list[dict[str, str]]:
    """The permission catalogue as rows of `permissions`, for migrations to write."""
    return [
        {"name": name, "module": name.split(".")[0], "action": name.split(".")[1]}
        for name in sorted(PERMISSIONS)
    ]

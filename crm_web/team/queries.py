"""Who is signed in, and whom one may name."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy import orm

from crm_web.core.db import db
from crm_web.core.errors import NotFound
from crm_web.core.tenancy import current_tenant_id
from crm_web.team.models import RolePermission, User, UserPermission, UserSession

# The role's permissions and this person's own grants, less their revocations.
_PERMISSIONS = sa.text(
    """
    array(
        SELECT rp.permission FROM role_permissions rp JOIN roles r ON r.id = rp.role_id AND r.is_active
            WHERE rp.tenant_id = users.tenant_id AND rp.role_id = users.role_id
        UNION SELECT g.permission FROM user_permissions g
            WHERE g.tenant_id = users.tenant_id AND g.user_id = users.id AND g.effect = 'grant'
        EXCEPT SELECT x.permission FROM user_permissions x
            WHERE x.tenant_id = users.tenant_id AND x.user_id = users.id AND x.effect = 'revoke'
    ) AS permissions
    """
)


def load_signed_in(session_id: uuid.UUID) -> tuple[User, UserSession] | None:
    """The person of a session with tenant, role and permissions, in one query; None when there is no such session."""
    found = db.session.execute(
        sa.select(User, UserSession, _PERMISSIONS)
        .join(UserSession, UserSession.user_id == User.id)
        .where(User.tenant_id == current_tenant_id(), UserSession.id == session_id)
        .options(orm.joinedload(User.tenant), orm.joinedload(User.role))
    ).first()
    if found is None:
        return None
    user, session, permissions = found
    user.permissions = frozenset(permissions)
    user.session_id = session.id
    return user, session


def load_acting(user_id: uuid.UUID) -> User | None:
    """Somebody with what they may do now, for work that goes on without their request; None when they are gone."""
    found = db.session.execute(
        sa.select(User, _PERMISSIONS).where(User.tenant_id == current_tenant_id(), User.id == user_id)
    ).first()
    if found is None:
        return None
    user, permissions = found
    user.permissions = frozenset(permissions)
    return user if user.is_active else None


def get_user(user_id: uuid.UUID) -> User:
    """An active colleague of the current tenant, or NotFound."""
    user = db.session.scalar(
        sa.select(User).where(
            User.tenant_id == current_tenant_id(), User.id == user_id, User.deleted_at.is_(None)
        )
    )
    if user is None or not user.is_active:
        raise NotFound
    return user


def find_colleague(user_id: uuid.UUID) -> User:
    """A colleague of the current tenant, those who left included, or NotFound: to say that somebody is gone."""
    user = db.session.scalar(sa.select(User).where(User.tenant_id == current_tenant_id(), User.id == user_id))
    if user is None:
        raise NotFound
    return user


def find_people(ids: Collection[uuid.UUID]) -> Sequence[User]:
    """These colleagues of the current tenant, by name."""
    if not ids:
        return []
    return db.session.scalars(
        sa.select(User)
        .where(User.tenant_id == current_tenant_id(), User.id.in_(ids), User.deleted_at.is_(None))
        .order_by(User.first_name, User.last_name, User.id)
    ).all()


def get_own_session(user: User, session_id: uuid.UUID) -> UserSession:
    session = db.session.scalar(
        sa.select(UserSession).where(UserSession.user_id == user.id, UserSession.id == session_id)
    )
    if session is None:
        raise NotFound
    return session


def list_sessions(user: User) -> Sequence[UserSession]:
    """This person's live sessions, the most recently used first."""
    return db.session.scalars(
        sa.select(UserSession)
        .where(
            UserSession.tenant_id == current_tenant_id(),
            UserSession.user_id == user.id,
            UserSession.revoked_at.is_(None),
            UserSession.expires_at > sa.func.now(),
        )
        .order_by(UserSession.last_activity_at.desc())
    ).all()


def list_people() -> Sequence[User]:
    """Everybody who works or worked here, by name: what they wrote stays."""
    return db.session.scalars(
        sa.select(User)
        .where(User.tenant_id == current_tenant_id(), User.deleted_at.is_(None))
        .order_by(User.first_name, User.last_name, User.id)
    ).all()


def list_colleagues(permission: str) -> Sequence[User]:
    """Active people whose role, or a grant of their own, has `permission`, by name."""
    return db.session.scalars(
        sa.select(User)
        .where(
            User.tenant_id == current_tenant_id(),
            User.status == "active",
            User.deleted_at.is_(None),
            sa.or_(
                sa.exists().where(
                    RolePermission.role_id == User.role_id, RolePermission.permission == permission
                ),
                sa.exists().where(
                    UserPermission.user_id == User.id,
                    UserPermission.permission == permission,
                    UserPermission.effect == "grant",
                ),
            ),
            ~sa.exists().where(
                UserPermission.user_id == User.id,
                UserPermission.permission == permission,
                UserPermission.effect == "revoke",
            ),
        )
        .order_by(User.first_name, User.last_name, User.id)
    ).all()

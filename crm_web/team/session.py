"""Who this request is: a signed cookie names tenant and session, PostgreSQL says whether it still lives.

The cookie is trusted for the tenant because it is signed; everything else is read anew each time, so a revoked
session, a changed role or a suspended person counts at the very next request.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

from flask import Flask, session
from flask_login import LoginManager, logout_user
from flask_login import login_user as remember

from crm_web.core.clock import now
from crm_web.core.tenancy import set_tenant
from crm_web.team.models import User, UserSession
from crm_web.team.queries import load_signed_in

TOUCH_EVERY = timedelta(minutes=1)
manager = LoginManager()
manager.session_protection = None


def init_app(app: Flask) -> None:
    manager.init_app(app)


@manager.user_loader
def load(token: str) -> User | None:
    """`<tenant>:<session>` of the cookie to a signed-in person, or None when that is over."""
    try:
        tenant_id, session_id = (uuid.UUID(part) for part in token.split(":"))
    except ValueError:
        return None
    set_tenant(tenant_id)
    found = load_signed_in(session_id)
    if found is None or not _still_valid(*found):
        set_tenant(None)
        return None
    user, user_session = found
    if now() - user_session.last_activity_at > TOUCH_EVERY:
        user_session.last_activity_at = user.last_activity_at = now()
    return user


def _still_valid(user: User, user_session: UserSession) -> bool:
    return user_session.is_live and user.is_active and user.tenant.status == "active"


def open_browser(user: User, user_session: UserSession, *, stay: bool) -> None:
    """Put the session into this browser's cookie, with a fresh CSRF secret."""
    session.clear()
    session.permanent = stay
    user.session_id = user_session.id
    remember(user)


def close_browser() -> None:
    logout_user()
    session.clear()

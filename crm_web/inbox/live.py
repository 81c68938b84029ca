"""Who may listen to the inbox, and what they hear. Joining a room passes the same doors as the pages."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import request
from flask_login import current_user
from flask_socketio import disconnect, join_room, leave_room

from crm_web.core.db import db
from crm_web.core.effects import rollback
from crm_web.core.errors import DomainError
from crm_web.core.live import (
    conversation_room,
    inbox_room,
    remember_socket,
    session_room,
    socketio,
    user_room,
)
from crm_web.core.tenancy import set_tenant
from crm_web.inbox.queries import get_conversation

Handler = Callable[..., Any]


def as_signed_in(handler: Handler) -> Handler:
    """Run a socket message as the person of the cookie, read anew; whose session is over is disconnected."""

    @wraps(handler)
    def run(*args: Any) -> Any:
        set_tenant(None)
        try:
            if not current_user.is_authenticated:
                disconnect()
                return False
            return handler(current_user, *args)
        except DomainError:
            return {"ok": False}
        finally:
            rollback()
            db.session.remove()
            set_tenant(None)

    return run


@socketio.on("connect")
@as_signed_in
def connect(user: Any, _auth: Any = None) -> bool:
    remember_socket(user.session_id, request.sid)  # type: ignore[attr-defined]
    join_room(user_room(user.id))
    join_room(session_room(user.session_id))
    if user.can("conversations.read"):
        join_room(inbox_room(user.tenant_id))
    return True


@socketio.on("watch")
@as_signed_in
def watch(user: Any, message: Any = None) -> dict[str, Any]:
    """Hear of changes in one conversation; the answer's version tells the page what it may have missed."""
    conversation = get_conversation(_id(message))
    join_room(conversation_room(conversation.id))
    return {"ok": True, "version": conversation.version}


@socketio.on("unwatch")
@as_signed_in
def unwatch(user: Any, message: Any = None) -> dict[str, Any]:
    leave_room(conversation_room(_id(message)))
    return {"ok": True}


def _id(message: Any) -> uuid.UUID:
    try:
        return uuid.UUID(str(message["conversation_id"]))
    except (TypeError, KeyError, ValueError):
        raise DomainError from None

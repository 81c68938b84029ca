"""Who may listen to the inbox, and what they hear. Joining a room passes the same doors as the pages."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import request
from flask_login import current_user
from flask_socketio import disconnect, join_room, leave_room, rooms

from crm_web.core.db import db
from crm_web.core.effects import rollback
from crm_web.core.errors import DomainError
from crm_web.core.live import (
    conversation_room,
    emit_all,
    emit_now,
    free_room,
    inbox_room,
    remember_socket,
    session_room,
    socketio,
    user_room,
)
from crm_web.core.tenancy import set_tenant
from crm_web.inbox import company
from crm_web.inbox.models import Conversation
from crm_web.inbox.queries import get_conversation

Handler = Callable[..., Any]
# When every browser comes back at once, they wait here for their turn, not for a connection they would give up on.
turns = threading.BoundedSemaphore(18)


def as_signed_in(handler: Handler) -> Handler:
    """Run a socket message as the person of the cookie, read anew; whose session is over is disconnected."""

    @wraps(handler)
    def run(*args: Any) -> Any:
        with turns:
            return answer(*args)

    def answer(*args: Any) -> Any:
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


@dataclass(frozen=True)
class Watch:
    """What one socket of this process has open, as the door let it in; in whose lists it is worth a mark."""

    conversation_id: uuid.UUID
    user_id: uuid.UUID
    list_rooms: tuple[str, ...]


_watches: dict[str, Watch] = {}


@socketio.on("connect")
@as_signed_in
def connect(user: Any, _auth: Any = None) -> bool:
    remember_socket(user.session_id, _sid())
    join_room(user_room(user.id))
    join_room(session_room(user.session_id))
    for room in _list_rooms(user):
        join_room(room)
    return True


def _list_rooms(user: Any) -> list[str]:
    """Where this person hears of conversations beside their own: as `visible_to` says what they may see."""
    if not user.can("conversations.read"):
        return []
    if user.can("conversations.all"):
        return [inbox_room(user.tenant_id)]
    return [free_room(user.tenant_id)] if user.can("conversations.unassigned") else []


@socketio.on("watch")
@as_signed_in
def watch(user: Any, message: Any = None) -> dict[str, Any]:
    """Hear of changes in one conversation; the answer's version tells the page what it may have missed."""
    conversation_id = _id(message)
    _leave(keep=conversation_id)
    try:
        conversation = get_conversation(conversation_id)
    except DomainError:
        _leave()
        raise
    join_room(conversation_room(conversation.id))
    _watches[_sid()] = Watch(conversation.id, user.id, _marking_rooms(conversation))
    if company.here(conversation.id, user.id, _sid()):
        _tell_company(conversation.id)
    return {"ok": True, "version": conversation.version}


@socketio.on("unwatch")
@as_signed_in
def unwatch(_user: Any, message: Any = None) -> dict[str, Any]:
    leave_room(conversation_room(_id(message)))
    _leave()
    return {"ok": True}


@socketio.on("disconnect")
def disconnected(_reason: Any = None) -> None:
    _leave()


@socketio.on("here")
def here(_message: Any = None) -> None:
    """The conversation is still open. Asks the database nothing: whoever is in the room came by the door."""
    if watch := _watched():
        company.here(watch.conversation_id, watch.user_id, _sid())


@socketio.on("writing")
def writing(kind: Any = None) -> None:
    """`reply` or `note` while somebody writes, anything else when they stop."""
    watch = _watched()
    if watch is None:
        return
    begins = kind in ("reply", "note")
    if begins:
        is_news = company.writing(watch.conversation_id, watch.user_id, kind)
    else:
        is_news = company.wrote_nothing(watch.conversation_id, watch.user_id)
    if is_news:
        _tell_company(watch.conversation_id)
        data = {"id": str(watch.conversation_id), "by": str(watch.user_id), "ends": not begins}
        emit_all(("writing", data, room) for room in watch.list_rooms)


def _marking_rooms(conversation: Conversation) -> tuple[str, ...]:
    """Who is told in their list that somebody writes: whoever takes care of it, or all who could when nobody does.

    Not everybody always: with a thousand people at work somebody writes at every moment.
    """
    if conversation.assigned_to:
        return (user_room(conversation.assigned_to),)
    return (inbox_room(conversation.tenant_id), free_room(conversation.tenant_id))


def _watched() -> Watch | None:
    """What this socket has open, as long as it is in the room: losing sight of a conversation empties that."""
    watch = _watches.get(_sid())
    return watch if watch and conversation_room(watch.conversation_id) in rooms() else None


def _leave(keep: uuid.UUID | None = None) -> None:
    watch = _watches.get(_sid())
    if watch is None or watch.conversation_id == keep:
        return
    del _watches[_sid()]
    company.gone(watch.conversation_id, watch.user_id, _sid())
    _tell_company(watch.conversation_id)


def _tell_company(conversation_id: uuid.UUID) -> None:
    emit_now("company", {"id": str(conversation_id)}, conversation_room(conversation_id))


def _sid() -> str:
    return str(request.sid)  # type: ignore[attr-defined]


def _id(message: Any) -> uuid.UUID:
    try:
        return uuid.UUID(str(message["conversation_id"]))
    except (TypeError, KeyError, ValueError):
        raise DomainError from None

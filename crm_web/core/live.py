"""Live updates: small hints pushed to browsers, which then fetch what changed through their permitted routes.

A hint carries ids and a version, never content, so a lost hint costs a moment and a leaked one tells nothing.
Rooms follow what may be seen: `inbox:<tenant>` (who sees everybody's conversations), `free:<tenant>` (who sees those
of nobody), `user:<id>` (one's own), `conversation:<id>` (who has it open and may).
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Hashable, Iterable
from functools import partial
from typing import Any

import redis
import structlog
from flask import Flask, current_app
from flask_socketio import SocketIO
from socketio import RedisManager

from crm_web.core.effects import after_commit, pending

CHANNEL = "crm-live"
REDIS_OPTIONS = {"socket_connect_timeout": 1, "socket_timeout": None, "health_check_interval": 0}

log = structlog.get_logger(__name__)
socketio = SocketIO()
_writer: Herald | None = None


def init_app(app: Flask, *, serve: bool) -> None:
    """Serve sockets (`serve=True`, the web) or only be able to tell them something (workers, commands)."""
    global _writer  # noqa: PLW0603 - one writer per process
    url = app.config["REDIS_URL"]
    if serve:
        socketio.init_app(
            app,
            async_mode=app.config["SOCKETIO_ASYNC_MODE"],
            message_queue=url,
            channel=CHANNEL,
            transports=["websocket"],
            ping_interval=25,
            ping_timeout=20,
            max_http_buffer_size=64_000,
            redis_options=dict(REDIS_OPTIONS),
        )
    else:
        _writer = Herald(url, channel=CHANNEL, write_only=True, redis_options=dict(REDIS_OPTIONS))


def emit_now(event: str, data: dict[str, Any], room: str) -> None:
    """Push at once; for effects. Losing it is allowed, raising is not."""
    emit_all([(event, data, room)])


def emit_all(hints: Iterable[tuple[str, dict[str, Any], str]]) -> None:
    """Push several hints; a worker sends them to Redis in one round trip."""
    try:
        if _writer is not None:
            _writer.emit_all(hints)
        else:
            for event, data, room in hints:
                socketio.emit(event, data, to=room)
    except (redis.RedisError, OSError) as error:
        log.warning("live_lost", error=type(error).__name__)


class Herald(RedisManager):
    """Tells the web processes' sockets something from outside, many things at once; drains share it."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.turn = threading.Lock()
        self.held: list[str] | None = None

    def emit_all(self, hints: Iterable[tuple[str, dict[str, Any], str]]) -> None:
        with self.turn:
            self.held = []
            for event, data, room in hints:
                self.emit(event, data, room=room)
            held, self.held = self.held, None
            self._publish_all(held)

    def _publish_all(self, held: list[str]) -> None:
        if not self.connected:
            self._redis_connect()
        with self.redis.pipeline(transaction=False) as pipeline:
            for message in held:
                pipeline.publish(self.channel, message)
            pipeline.execute()

    def _publish(self, data: dict[str, Any]) -> Any:
        if self.held is None:
            return super()._publish(data)
        return self.held.append(self.json.dumps(data))


class Hints:
    """The hints of one transaction, gathered; the newest of one event to one room about one thing is enough."""

    def __init__(self) -> None:
        self.hints: dict[Hashable, tuple[str, dict[str, Any], str]] = {}

    def __call__(self) -> None:
        emit_all(self.hints.values())


def tell(event: str, data: dict[str, Any], room: str) -> None:
    """Push after the commit."""
    pending("live", Hints).hints[event, room, data.get("id")] = (event, data, room)


def empty_room(room: str) -> None:
    """After the commit, and after what the transaction tells: show everybody out, in whichever process they are.

    Whoever still may be there comes in again by the door.
    """

    def empty() -> None:
        try:
            if _writer is not None:
                _writer.close_room(room, "/")
            else:
                socketio.close_room(room)
        except (redis.RedisError, OSError) as error:
            log.warning("room_not_emptied", error=type(error).__name__)

    pending("live", Hints)
    after_commit(empty, key=("empty", room))


def remember_socket(session_id: uuid.UUID, sid: str) -> None:
    """Note which sockets a session opened, so that ending the session can drop them wherever they are served."""
    try:
        key = f"sockets:{session_id}"
        client: redis.Redis = current_app.extensions["redis"]
        client.sadd(key, sid)
        client.expire(key, 86_400)
    except (redis.RedisError, OSError):
        log.warning("socket_not_noted")


def drop_sockets(session_id: uuid.UUID) -> None:
    """After the commit: say goodbye to a session's sockets and disconnect them, in whichever process they live."""

    def drop() -> None:
        emit_now("session_ended", {"id": str(session_id)}, session_room(session_id))
        _hang_up(session_id)

    after_commit(drop, key=("drop", session_id))


def renew_sockets(session_id: uuid.UUID) -> None:
    """After the commit: disconnect a session's sockets, so that they come back with what the person may do now."""
    after_commit(partial(_hang_up, session_id), key=("renew", session_id))


def _hang_up(session_id: uuid.UUID) -> None:
    client: redis.Redis = current_app.extensions["redis"]
    for sid in client.smembers(f"sockets:{session_id}"):
        _disconnect(sid.decode() if isinstance(sid, bytes) else sid)


def _disconnect(sid: str) -> None:
    if _writer is not None:
        _writer.can_disconnect(sid, "/")
    else:
        socketio.server.disconnect(sid, namespace="/")


def inbox_room(tenant_id: uuid.UUID) -> str:
    return f"inbox:{tenant_id}"


def free_room(tenant_id: uuid.UUID) -> str:
    return f"free:{tenant_id}"


def conversation_room(conversation_id: uuid.UUID) -> str:
    return f"conversation:{conversation_id}"


def user_room(user_id: uuid.UUID) -> str:
    return f"user:{user_id}"


def session_room(session_id: uuid.UUID) -> str:
    return f"session:{session_id}"

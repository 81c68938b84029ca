"""One conversation: its page and the regions of it. Every region can be rebuilt by one GET."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, make_response, render_template, request

from crm_web.core.permissions import permission
from crm_web.inbox import queries
from crm_web.inbox.models import Conversation
from crm_web.inbox.queries import get_conversation
from crm_web.inbox.routes.blueprint import bp
from crm_web.inbox.routes.context import (
    composer_context,
    head_fragment,
    own_context,
    seen,
    thread_context,
    thread_seen,
    uuid_of,
)
from crm_web.inbox.routes.list_context import list_context
from crm_web.inbox.routes.search import search_context


@bp.get("/<uuid:conversation_id>")
@permission("conversations.read")
def show(conversation_id: uuid.UUID) -> Any:
    conversation = get_conversation(conversation_id)
    context = {**thread_context(conversation, **_place()), **own_context(conversation)}
    thread_seen(conversation, context["thread"])
    return render_template("inbox/index.html", **context, **list_context(), **search_context())


@bp.get("/<uuid:conversation_id>/thread")
@permission("conversations.read")
def thread(conversation_id: uuid.UUID) -> Any:
    conversation = get_conversation(conversation_id)
    context = {**thread_context(conversation, **_place()), **own_context(conversation)}
    thread_seen(conversation, context["thread"])
    return render_template("inbox/_thread.html", **context)


def _place() -> dict[str, Any]:
    """Which page of the thread is wanted: around a message, before or after a cursor, or the newest."""
    message_id = request.args.get("message")
    return {
        "before": request.args.get("before"),
        "after": request.args.get("after"),
        "around": uuid_of(message_id) if message_id else None,
    }


@bp.get("/<uuid:conversation_id>/head")
@permission("conversations.read")
def head(conversation_id: uuid.UUID) -> Any:
    return head_fragment(get_conversation(conversation_id))


@bp.get("/<uuid:conversation_id>/composer")
@permission("conversations.read")
def composer(conversation_id: uuid.UUID) -> Any:
    return render_template("inbox/_composer.html", **composer_context(get_conversation(conversation_id)))


@bp.get("/<uuid:conversation_id>/messages")
@permission("conversations.read")
def messages(conversation_id: uuid.UUID) -> Any:
    """Messages before or after a cursor, or what changed since a version."""
    conversation = get_conversation(conversation_id)
    if "since" in request.args:
        return _changes(conversation, request.args.get("since", type=int) or 0)
    after = request.args.get("after")
    loaded = queries.load_thread(conversation, request.args.get("before"), after)
    template = "inbox/_newer.html" if after else "inbox/_older.html"
    return render_template(template, conversation=conversation, thread=loaded)


def _changes(conversation: Conversation, since: int) -> Response:
    changed = queries.load_changes(conversation, since)
    body = render_template("inbox/_changes.html", conversation=conversation, messages=changed or [])
    response = make_response(body)
    response.headers["X-Version"] = str(conversation.version)
    if changed is None:
        response.headers["X-Reload"] = "1"
    return response


@bp.post("/<uuid:conversation_id>/reading")
@permission("conversations.read")
def read(conversation_id: uuid.UUID) -> Any:
    conversation = get_conversation(conversation_id)
    own_context(conversation)
    seen(conversation)
    return "", 204

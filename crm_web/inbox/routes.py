"""The inbox: list, thread, customer; writing, assigning, closing. Every region can be rebuilt by one GET."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user

from crm_web.core.db import new_id
from crm_web.core.errors import DomainError, NotFound
from crm_web.core.permissions import permission
from crm_web.core.web import is_fragment
from crm_web.files.operations import store_upload
from crm_web.inbox import operations, queries
from crm_web.inbox.forms import AssignmentForm, ClosureForm, MessageForm
from crm_web.inbox.models import CLOSE_REASONS, Conversation, Message
from crm_web.inbox.queries import get_conversation, get_message
from crm_web.team.queries import get_user, list_colleagues

bp = Blueprint("inbox", __name__, url_prefix="/inbox")
bp.add_app_template_global(new_id, "fresh_id")


@bp.get("")
@permission("conversations.read")
def index() -> Any:
    return render_template("inbox/index.html", conversation=None, **_list_context())


@bp.get("/<uuid:conversation_id>")
@permission("conversations.read")
def show(conversation_id: uuid.UUID) -> Any:
    conversation = get_conversation(conversation_id)
    context = _thread_context(conversation, request.args.get("before"))
    _seen(conversation)
    return render_template("inbox/index.html", **context, **_list_context())


@bp.get("/list")
@permission("conversations.read")
def list_region() -> Any:
    return render_template("inbox/_list.html", conversation=None, **_list_context())


@bp.get("/rows")
@permission("conversations.read")
def rows() -> Any:
    return render_template("inbox/_rows.html", conversation=None, **_list_context(counts=False))


@bp.get("/pulse")
@permission("conversations.read")
def pulse() -> Any:
    """The slow net under the sockets: what a page compares to know whether it missed something."""
    wanted = request.args.get("conversation")
    answer: dict[str, Any] = {"inbox": queries.inbox_pulse()}
    if wanted:
        answer["version"] = get_conversation(_uuid(wanted)).version
    return jsonify(answer)


@bp.get("/<uuid:conversation_id>/thread")
@permission("conversations.read")
def thread(conversation_id: uuid.UUID) -> Any:
    conversation = get_conversation(conversation_id)
    context = _thread_context(conversation)
    _seen(conversation)
    return render_template("inbox/_thread.html", **context)


@bp.get("/<uuid:conversation_id>/head")
@permission("conversations.read")
def head(conversation_id: uuid.UUID) -> Any:
    return _head(get_conversation(conversation_id))


@bp.get("/<uuid:conversation_id>/customer")
@permission("conversations.read")
def customer(conversation_id: uuid.UUID) -> Any:
    return render_template("inbox/_customer.html", conversation=get_conversation(conversation_id))


@bp.get("/<uuid:conversation_id>/composer")
@permission("conversations.read")
def composer(conversation_id: uuid.UUID) -> Any:
    return render_template("inbox/_composer.html", **_people_context(get_conversation(conversation_id)))


@bp.get("/<uuid:conversation_id>/messages")
@permission("conversations.read")
def messages(conversation_id: uuid.UUID) -> Any:
    """Older messages before a cursor, or what changed since a version."""
    conversation = get_conversation(conversation_id)
    if "since" in request.args:
        return _changes(conversation, request.args.get("since", type=int) or 0)
    loaded = queries.load_thread(conversation, request.args.get("before"))
    return render_template("inbox/_older.html", conversation=conversation, thread=loaded)


def _changes(conversation: Conversation, since: int) -> Response:
    changed = queries.load_changes(conversation, since)
    body = render_template("inbox/_changes.html", conversation=conversation, messages=changed or [])
    response = make_response(body)
    response.headers["X-Version"] = str(conversation.version)
    if changed is None:
        response.headers["X-Reload"] = "1"
    return response


@bp.post("/<uuid:conversation_id>/messages")
@permission("conversations.read")
def create_message(conversation_id: uuid.UUID) -> Any:
    """A reply needs `conversations.reply`, a note `conversations.note`: the form says which it is."""
    conversation = get_conversation(conversation_id)
    form = MessageForm()
    is_note = form.kind.data == "note"
    _require("conversations.note" if is_note else "conversations.reply")
    if not form.validate():
        raise operations.Unsendable(
            gettext("No pudimos leer el mensaje. Recarga la página e inténtalo de nuevo.")
        )
    written = [_note(conversation, form)] if is_note else _replies(conversation, form)
    if is_fragment():
        return _written(conversation, written), 201
    return redirect(url_for(".show", conversation_id=conversation.id), 303)


def _note(conversation: Conversation, form: MessageForm) -> Message:
    return operations.write_note(
        conversation, body=form.body.data, by=current_user, client_id=form.client_id.data or None
    )


def _replies(conversation: Conversation, form: MessageForm) -> list[Message]:
    """The words and the files of one click; a click seen before brings back what it wrote then."""
    client_id = form.client_id.data or None
    if already := operations.find_sent(conversation, client_id):
        return already
    uploads = [upload for upload in form.file.data or [] if upload and upload.filename]
    return operations.send_messages(
        conversation,
        body=form.body.data,
        files=[store_upload(upload, lead_id=conversation.lead_id, by=current_user) for upload in uploads],
        by=current_user,
        client_id=client_id,
        reply_to=form.reply_to.data or None,
    )


def _written(conversation: Conversation, written: list[Message]) -> str:
    return render_template(
        "inbox/_changes.html",
        conversation=conversation,
        messages=[get_message(message.id) for message in written],
    )


@bp.post("/<uuid:conversation_id>/assignment")
@permission("conversations.assign")
def assign(conversation_id: uuid.UUID) -> Any:
    conversation, form = get_conversation(conversation_id), AssignmentForm()
    if not form.validate():
        raise DomainError(gettext("Elige a una persona de la lista."))
    to = get_user(_uuid(form.user_id.data)) if form.user_id.data else None
    operations.assign(conversation, to, by=current_user)
    return _handled(conversation)


@bp.post("/<uuid:conversation_id>/closure")
@permission("conversations.close")
def close(conversation_id: uuid.UUID) -> Any:
    conversation, form = get_conversation(conversation_id), ClosureForm()
    form.validate()
    operations.close(
        conversation, reason=form.reason.data or "", notes=form.notes.data or "", by=current_user
    )
    return _handled(conversation)


@bp.post("/<uuid:conversation_id>/reopening")
@permission("conversations.close")
def reopen(conversation_id: uuid.UUID) -> Any:
    conversation = get_conversation(conversation_id)
    operations.reopen(conversation, by=current_user)
    return _handled(conversation)


@bp.post("/<uuid:conversation_id>/reading")
@permission("conversations.read")
def read(conversation_id: uuid.UUID) -> Any:
    _seen(get_conversation(conversation_id))
    return "", 204


def _seen(conversation: Conversation) -> None:
    """Whoever may answer has read it; a manager or an auditor who looks leaves no trace on the count."""
    if current_user.can("conversations.reply"):
        operations.mark_read(conversation)


@bp.post("/messages/<uuid:message_id>/retry")
@permission("conversations.reply")
def retry(message_id: uuid.UUID) -> Any:
    message = get_message(message_id)
    conversation = get_conversation(message.conversation_id)
    operations.retry_message(message, conversation, by=current_user)
    if is_fragment():
        return _written(conversation, [message])
    return redirect(url_for(".show", conversation_id=conversation.id), 303)


def _handled(conversation: Conversation) -> Any:
    """The head as it is now, for whoever changed it; a page without JavaScript is shown anew."""
    if is_fragment():
        return _head(get_conversation(conversation.id))
    return redirect(url_for(".show", conversation_id=conversation.id), 303)


def _head(conversation: Conversation) -> str:
    return render_template("inbox/_head.html", **_people_context(conversation))


def _list_context(*, counts: bool = True) -> dict[str, Any]:
    tab = request.args.get("tab", "all")
    state = request.args.get("state", "open")
    tab, state = tab if tab in queries.TABS else "all", state if state in queries.STATES else "open"
    context: dict[str, Any] = {
        "tab": tab,
        "state": state,
        "page": queries.list_conversations(tab, state, request.args.get("cursor")),
    }
    return {**context, "counts": queries.count_tabs(state)} if counts else context


def _thread_context(conversation: Conversation, before: str | None = None) -> dict[str, Any]:
    return {**_people_context(conversation), "thread": queries.load_thread(conversation, before)}


def _people_context(conversation: Conversation) -> dict[str, Any]:
    actions = ("reply", "note", "assign", "close")
    can = {action: current_user.can(f"conversations.{action}") for action in actions}
    return {
        "conversation": conversation,
        "colleagues": list_colleagues("conversations.reply") if can["assign"] else [],
        "can": can,
        "close_reasons": CLOSE_REASONS,
        "channel_notice": _channel_notice(conversation),
    }


def _channel_notice(conversation: Conversation) -> str | None:
    channel = conversation.channel
    if channel.can_send:
        return None
    if channel.status == "error":
        return gettext(
            "El canal no puede enviar: %(why)s", why=gettext(channel.last_error) if channel.last_error else ""
        )
    return gettext("El canal está en pausa o desconectado; los mensajes no salen.")


def _require(name: str) -> None:
    if not current_user.can(name):
        raise NotFound


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound from None

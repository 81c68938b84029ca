"""What the partials of the inbox take, gathered for whoever renders them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user

from crm_web.core.errors import NotFound
from crm_web.core.web import is_fragment
from crm_web.files.models import File
from crm_web.files.operations import store_upload
from crm_web.inbox import operations, queries
from crm_web.inbox.models import CLOSE_REASONS, OUTCOMES, PRIORITIES, Conversation, Message
from crm_web.inbox.operations.snoozes import choices
from crm_web.inbox.picker import Picker, pick
from crm_web.team.queries import list_colleagues

ACTIONS = ("reply", "note", "assign", "close")


def thread_context(
    conversation: Conversation,
    before: str | None = None,
    after: str | None = None,
    around: uuid.UUID | None = None,
) -> dict[str, Any]:
    page = (
        queries.load_around(conversation, around)
        if around
        else queries.load_thread(conversation, before, after)
    )
    return {**composer_context(conversation), "thread": page}


def composer_context(conversation: Conversation) -> dict[str, Any]:
    """What is written with: the templates where they are asked for or all that may go, and what is scheduled."""
    people = people_context(conversation)
    return {
        **people,
        "picker": choose_template(conversation, people) if people["can"]["reply"] else None,
        "scheduled": queries.list_scheduled(conversation),
    }


def choose_template(conversation: Conversation, people: dict[str, Any]) -> Picker | None:
    """The picker, where WhatsApp accepts nothing else or somebody asked for it (`?template=`)."""
    asked = request.args.get("template")
    if not conversation.is_open or people["channel_notice"]:
        return None
    if asked is None and conversation.window_is_open():
        return None
    return pick(conversation, asked)


def people_context(conversation: Conversation) -> dict[str, Any]:
    can = {action: current_user.can(f"conversations.{action}") for action in ACTIONS}
    return {
        "conversation": conversation,
        "colleagues": list_colleagues("conversations.reply") if can["assign"] else [],
        "can": can,
        "can_edit_lead": current_user.can("leads.update"),
        "close_reasons": CLOSE_REASONS,
        "outcomes": OUTCOMES,
        "currency": current_user.tenant.currency,
        "priorities": PRIORITIES,
        "snooze_choices": list(choices(current_user.tenant.zone)),
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


def require(name: str) -> None:
    if not current_user.can(name):
        raise NotFound


def uuid_of(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound from None


def uploads_of(form: Any, conversation: Conversation, keep: Callable[..., File] = store_upload) -> list[File]:
    """The files of a form, kept as ours."""
    uploads = [upload for upload in form.file.data or [] if upload and upload.filename]
    return [keep(upload, lead_id=conversation.lead_id, by=current_user) for upload in uploads]


def variables_of(form: Mapping[str, str]) -> dict[str, str]:
    """What was filled into a template, by the keys of its variables."""
    start = "variable-"
    return {name.removeprefix(start): value for name, value in form.items() if name.startswith(start)}


def ids_in(text: str | None) -> list[uuid.UUID]:
    """Ids with commas between them; NotFound when one of them is none."""
    return [uuid_of(part) for part in (text or "").split(",") if part]


def written_fragment(conversation: Conversation, written: list[Message], notice: str = "") -> str:
    """What was written, as it is shown, and what is to be said about it."""
    return render_template(
        "inbox/_changes.html",
        conversation=conversation,
        messages=[queries.get_message(message.id) for message in written],
        notice=notice,
    )


def own_context(conversation: Conversation) -> dict[str, Any]:
    """The draft of whoever opens the conversation; what they were mentioned in counts as seen.

    What was taken back a moment ago (`?taken=`) is that draft too, and stands in the composer without JavaScript.
    """
    own = queries.load_own(conversation)
    if own.mentioned:
        operations.mark_mentions_seen(conversation, by=current_user)
    return {"draft": own.draft, "taken_back": own.draft if "taken" in request.args else None}


def handled(conversation: Conversation) -> Any:
    """The head as it is now, for whoever changed it; a page without JavaScript is shown anew.

    Who gave away what they may see no longer is taken to the list.
    """
    try:
        fresh = queries.get_conversation(conversation.id)
    except NotFound:
        return _given_away()
    if is_fragment():
        return head_fragment(fresh)
    return redirect(url_for("inbox.show", conversation_id=conversation.id), 303)


def _given_away() -> Any:
    if is_fragment():
        return "", 200, {"HX-Redirect": url_for("inbox.index")}
    return redirect(url_for("inbox.index"), 303)


def head_fragment(conversation: Conversation) -> str:
    return render_template("inbox/_head.html", **people_context(conversation))


def thread_seen(conversation: Conversation, thread: queries.Thread) -> None:
    """A page from the middle of a thread shows nothing of what is new."""
    if not thread.newer_cursor:
        seen(conversation)


def seen(conversation: Conversation) -> None:
    """Whoever may answer has read it; a manager or an auditor who looks leaves no trace on the count."""
    if current_user.can("conversations.reply"):
        operations.mark_read(conversation)

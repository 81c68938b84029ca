"""Tags and priority: by what a conversation is found again."""

from __future__ import annotations

import uuid
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_login import current_user

from crm_web.core.permissions import permission
from crm_web.core.web import is_fragment
from crm_web.inbox import operations, queries
from crm_web.inbox.forms import PriorityForm
from crm_web.inbox.models import Conversation
from crm_web.inbox.queries import get_conversation
from crm_web.inbox.routes.blueprint import bp
from crm_web.inbox.routes.context import handled


@bp.get("/<uuid:conversation_id>/tags")
@permission("conversations.read")
def tags(conversation_id: uuid.UUID) -> Any:
    return _tags(get_conversation(conversation_id))


@bp.post("/<uuid:conversation_id>/tags")
@permission("conversations.reply")
def tag(conversation_id: uuid.UUID) -> Any:
    """Each `tag` of the form may hold several, separated by commas."""
    conversation = get_conversation(conversation_id)
    operations.tag(conversation, request.form.getlist("tag"), by=current_user)
    return _tagged(conversation)


@bp.post("/<uuid:conversation_id>/tags/removal")
@permission("conversations.reply")
def untag(conversation_id: uuid.UUID) -> Any:
    conversation = get_conversation(conversation_id)
    operations.untag(conversation, request.form.getlist("tag"), by=current_user)
    return _tagged(conversation)


@bp.post("/<uuid:conversation_id>/priority")
@permission("conversations.reply")
def set_priority(conversation_id: uuid.UUID) -> Any:
    conversation, form = get_conversation(conversation_id), PriorityForm()
    operations.set_priority(conversation, form.priority.data or "", by=current_user)
    return handled(conversation)


def _tagged(conversation: Conversation) -> Any:
    if is_fragment():
        return _tags(get_conversation(conversation.id))
    return redirect(url_for(".show", conversation_id=conversation.id), 303)


def _tags(conversation: Conversation) -> str:
    return render_template(
        "inbox/_tags.html",
        conversation=conversation,
        can={"reply": current_user.can("conversations.reply")},
        used_tags=queries.list_used_tags(),
    )

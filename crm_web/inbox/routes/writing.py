"""Writing: a reply or a note, and sending again what failed."""

from __future__ import annotations

import uuid
from typing import Any

from flask import redirect, url_for
from flask_babel import gettext
from flask_login import current_user

from crm_web.core.permissions import permission
from crm_web.core.web import is_fragment
from crm_web.files.operations import store_upload
from crm_web.inbox import operations
from crm_web.inbox.forms import MessageForm
from crm_web.inbox.models import Conversation, Message
from crm_web.inbox.queries import get_conversation, get_message
from crm_web.inbox.routes.blueprint import bp
from crm_web.inbox.routes.context import require, written_fragment


@bp.post("/<uuid:conversation_id>/messages")
@permission("conversations.read")
def create_message(conversation_id: uuid.UUID) -> Any:
    """A reply needs `conversations.reply`, a note `conversations.note`: the form says which it is."""
    conversation = get_conversation(conversation_id)
    form = MessageForm()
    is_note = form.kind.data == "note"
    require("conversations.note" if is_note else "conversations.reply")
    if not form.validate():
        raise operations.Unsendable(
            gettext("No pudimos leer el mensaje. Recarga la página e inténtalo de nuevo.")
        )
    written = [_note(conversation, form)] if is_note else _replies(conversation, form)
    if is_fragment():
        return written_fragment(conversation, written), 201
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


@bp.post("/messages/<uuid:message_id>/retry")
@permission("conversations.reply")
def retry(message_id: uuid.UUID) -> Any:
    message = get_message(message_id)
    conversation = get_conversation(message.conversation_id)
    operations.retry_message(message, conversation, by=current_user)
    if is_fragment():
        return written_fragment(conversation, [message])
    return redirect(url_for(".show", conversation_id=conversation.id), 303)

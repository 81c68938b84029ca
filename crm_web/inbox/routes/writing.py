"""Writing: a reply or a note, and sending again what failed."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user

from crm_web.core.permissions import permission
from crm_web.core.web import is_fragment
from crm_web.files.models import File
from crm_web.files.operations import lend, store_upload, store_voice
from crm_web.inbox import operations
from crm_web.inbox.forms import MessageForm
from crm_web.inbox.models import Conversation, Message
from crm_web.inbox.queries import get_conversation, get_message, get_quick_reply
from crm_web.inbox.routes.blueprint import bp
from crm_web.inbox.routes.context import ids_in, require, uuid_of, written_fragment


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
    written, ignored = _note(conversation, form) if is_note else (_replies(conversation, form), 0)
    operations.forget_draft(conversation, sent=form.body.data, by=current_user)
    notice = _not_reached(ignored)
    if is_fragment():
        return written_fragment(conversation, written, notice), 201
    if notice:
        flash(notice, "info")
    return redirect(url_for(".show", conversation_id=conversation.id), 303)


def _note(conversation: Conversation, form: MessageForm) -> tuple[list[Message], int]:
    note, ignored = operations.write_note_to(
        conversation,
        body=form.body.data,
        people=ids_in(form.mentions.data),
        by=current_user,
        client_id=form.client_id.data or None,
    )
    return [note], ignored


def _not_reached(count: int) -> str:
    if not count:
        return ""
    return ngettext(
        "La nota se guardó sin avisar a %(num)d persona: ya no está en el equipo o no puede ver esta conversación.",
        "La nota se guardó sin avisar a %(num)d personas: ya no están en el equipo o no pueden ver esta conversación.",
        count,
    )


def _replies(conversation: Conversation, form: MessageForm) -> list[Message]:
    """The words and the files of one click; a click seen before brings back what it wrote then."""
    client_id = form.client_id.data or None
    if already := operations.find_sent(conversation, client_id):
        return already
    return operations.send_messages(
        conversation,
        body=form.body.data,
        files=_files(conversation, form),
        by=current_user,
        client_id=client_id,
        reply_to=form.reply_to.data or None,
        voice=form.voice.data,
    )


def _files(conversation: Conversation, form: MessageForm) -> list[File]:
    """What goes along: the file of a quick reply, and what was uploaded."""
    store = store_voice if form.voice.data else store_upload
    uploads = [upload for upload in form.file.data or [] if upload and upload.filename]
    kept = get_quick_reply(uuid_of(form.quick_reply.data)).file if form.quick_reply.data else None
    lent = [lend(kept, lead_id=conversation.lead_id, by=current_user)] if kept else []
    return [*lent, *(store(upload, lead_id=conversation.lead_id, by=current_user) for upload in uploads)]


@bp.post("/messages/<uuid:message_id>/retry")
@permission("conversations.reply")
def retry(message_id: uuid.UUID) -> Any:
    message = get_message(message_id)
    conversation = get_conversation(message.conversation_id)
    operations.retry_message(message, conversation, by=current_user)
    if is_fragment():
        return written_fragment(conversation, [message])
    return redirect(url_for(".show", conversation_id=conversation.id), 303)

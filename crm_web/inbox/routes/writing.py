"""Writing: a reply or a note, and sending again what failed."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
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
from crm_web.inbox.routes.context import ids_in, require, uploads_of, uuid_of, variables_of, written_fragment
from crm_web.message_templates.queries import get_template


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
    written, ignored = _note(conversation, form) if is_note else (_outgoing(conversation, form), 0)
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


def _outgoing(conversation: Conversation, form: MessageForm) -> list[Message]:
    return [_template(conversation, form)] if form.template_id.data else _replies(conversation, form)


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
        hold=_hold(),
    )


def _files(conversation: Conversation, form: MessageForm) -> list[File]:
    """What goes along: the file of a quick reply, and what was uploaded."""
    kept = get_quick_reply(uuid_of(form.quick_reply.data)).file if form.quick_reply.data else None
    lent = [lend(kept, lead_id=conversation.lead_id, by=current_user)] if kept else []
    return [*lent, *uploads_of(form, conversation, store_voice if form.voice.data else store_upload)]


def _template(conversation: Conversation, form: MessageForm) -> Message:
    client_id = form.client_id.data or None
    if already := operations.find_sent(conversation, client_id):
        return already[0]
    return operations.send_template(
        conversation,
        get_template(uuid_of(form.template_id.data)),
        variables_of(request.form),
        by=current_user,
        client_id=client_id,
        file=next(iter(uploads_of(form, conversation)), None),
        hold=_hold(),
    )


def _hold() -> timedelta:
    """How long what this person sends can be taken back."""
    return timedelta(seconds=current_user.prefers.undo_seconds)


@bp.post("/messages/<uuid:message_id>/undo")
@permission("conversations.reply")
def undo(message_id: uuid.UUID) -> Any:
    """Its words come back to the composer: in the answer, and as a draft for a page without JavaScript."""
    message = get_message(message_id)
    conversation = get_conversation(message.conversation_id)
    operations.take_back(message, conversation, by=current_user)
    if is_fragment():
        return render_template("inbox/_taken_back.html", conversation=conversation, message=message)
    flash(gettext("Deshecho: el cliente no lo recibió."), "success")
    return redirect(url_for(".show", conversation_id=conversation.id, taken=1), 303)


@bp.post("/messages/<uuid:message_id>/retry")
@permission("conversations.reply")
def retry(message_id: uuid.UUID) -> Any:
    message = get_message(message_id)
    conversation = get_conversation(message.conversation_id)
    operations.retry_message(message, conversation, by=current_user)
    if is_fragment():
        return written_fragment(conversation, [message])
    return redirect(url_for(".show", conversation_id=conversation.id), 303)

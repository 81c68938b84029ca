"""Sending an approved template: the one thing WhatsApp accepts when its 24 hours are over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from crm_web.channels.models import Channel
from crm_web.core.clock import now
from crm_web.core.db import db
from crm_web.core.errors import DomainError
from crm_web.core.sentences import lazy
from crm_web.core.text import N_
from crm_web.files.models import File
from crm_web.inbox.models import Conversation, Message
from crm_web.inbox.operations import answer, threads
from crm_web.message_templates import rendering
from crm_web.message_templates.models import MessageTemplate
from crm_web.team.models import User

HEADER_FILES = {
    "image": N_("Esta plantilla lleva una foto: adjúntala antes de enviarla."),
    "video": N_("Esta plantilla lleva un video: adjúntalo antes de enviarla."),
    "document": N_("Esta plantilla lleva un documento: adjúntalo antes de enviarla."),
}


DAY = timedelta(hours=24)


class DailyLimit(DomainError):
    """The number has opened as many conversations in 24 hours as its settings allow."""


class UnusableTemplate(DomainError):
    """This template cannot be sent here: not approved, another account's, or without what it needs."""


def send_template(
    conversation: Conversation,
    template: MessageTemplate,
    variables: Mapping[str, str],
    *,
    by: User,
    client_id: str | None = None,
    file: File | None = None,
    hold: timedelta = timedelta(0),
) -> Message:
    """Write the filled-in template and its outbox row, whether the window is open or not.

    Raises ConversationClosed, UnusableTemplate, WrongVariables or DailyLimit. The same `client_id` returns the message written.
    """
    thread = threads.lock_one(conversation)
    if (already := answer.find_one_sent(conversation, client_id)) is not None:
        return already
    require_usable(conversation, template, file)
    if not conversation.window_is_open():
        _require_room(conversation)
    filled = rendering.fill(template, variables)
    return answer.write_outgoing(
        conversation,
        thread,
        hold=hold,
        kind="template",
        body=filled.body,
        payload=payload_of(template, filled),
        author_id=by.id,
        client_id=client_id,
        file_id=file.id if file else None,
    )


def require_usable(conversation: Conversation, template: MessageTemplate, file: File | None) -> None:
    """Raises ConversationClosed or UnusableTemplate when this template cannot go out in this conversation."""
    answer.require_open(conversation)
    if template.business_id != db.session.get_one(Channel, conversation.channel_id).business_id:
        raise UnusableTemplate(lazy(N_("Esta plantilla es de otra cuenta de WhatsApp.")))
    if why := rendering.obstacle(template):
        raise UnusableTemplate(lazy(why))
    media = rendering.media_of(template)
    if media and (file is None or file.kind != media):
        raise UnusableTemplate(lazy(HEADER_FILES[media]))


def _require_room(conversation: Conversation) -> None:
    """Raises DailyLimit when opening this conversation would be one too many; one opened already counts once."""
    most = db.session.get_one(Channel, conversation.channel_id).daily_message_limit
    opened = sa.select(sa.func.count(sa.distinct(Message.conversation_id))).where(
        Message.tenant_id == conversation.tenant_id,
        Message.channel_id == conversation.channel_id,
        Message.kind == "template",
        Message.occurred_at > now() - DAY,
        Message.conversation_id != conversation.id,
        Message.status != "failed",
        Message.deleted_at.is_(None),
    )
    if (db.session.scalar(opened) or 0) >= most:
        raise DailyLimit(
            lazy(
                N_(
                    "Este número ya abrió %(most)s conversaciones en 24 h, su límite. Súbelo en Ajustes o espera."
                ),
                most=most,
            )
        )


def payload_of(template: MessageTemplate, filled: rendering.Filled) -> dict[str, Any]:
    """What is sent, and what is shown of it for ever, whatever becomes of the template."""
    shown = {"header": filled.header, "footer": filled.footer, "buttons": filled.buttons}
    return {
        "name": template.name,
        "language": template.language,
        "category": template.category,
        "components": filled.components,
        **{key: value for key, value in shown.items() if value},
    }

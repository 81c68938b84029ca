"""Whose conversation it is, and whether it is over."""

from __future__ import annotations

import uuid
from typing import Any

from flask_babel import gettext
from flask_login import current_user

from crm_web.core.errors import DomainError
from crm_web.core.permissions import permission
from crm_web.inbox import operations
from crm_web.inbox.forms import AssignmentForm, ClosureForm
from crm_web.inbox.queries import get_conversation
from crm_web.inbox.routes.blueprint import bp
from crm_web.inbox.routes.context import handled, uuid_of
from crm_web.team.queries import get_user


@bp.post("/<uuid:conversation_id>/assignment")
@permission("conversations.assign")
def assign(conversation_id: uuid.UUID) -> Any:
    conversation, form = get_conversation(conversation_id), AssignmentForm()
    if not form.validate():
        raise DomainError(gettext("Elige a una persona de la lista."))
    to = get_user(uuid_of(form.user_id.data)) if form.user_id.data else None
    operations.assign(conversation, to, by=current_user)
    return handled(conversation)


@bp.post("/<uuid:conversation_id>/closure")
@permission("conversations.close")
def close(conversation_id: uuid.UUID) -> Any:
    conversation, form = get_conversation(conversation_id), ClosureForm()
    form.validate()
    operations.close(
        conversation, reason=form.reason.data or "", notes=form.notes.data or "", by=current_user
    )
    return handled(conversation)


@bp.post("/<uuid:conversation_id>/reopening")
@permission("conversations.close")
def reopen(conversation_id: uuid.UUID) -> Any:
    conversation = get_conversation(conversation_id)
    operations.reopen(conversation, by=current_user)
    return handled(conversation)

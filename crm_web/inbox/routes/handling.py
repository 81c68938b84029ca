"""Whose conversation it is, and whether it is over."""

from __future__ import annotations

import uuid
from typing import Any

from flask import redirect, render_template, url_for
from flask_babel import gettext
from flask_login import current_user

from crm_web.core.errors import DomainError
from crm_web.core.permissions import permission
from crm_web.core.web import is_fragment
from crm_web.inbox import operations
from crm_web.inbox.forms import AssignmentForm, ClosureForm
from crm_web.inbox.operations.transfers import require_able
from crm_web.inbox.queries import get_conversation, get_last_transfer
from crm_web.inbox.routes.blueprint import bp
from crm_web.inbox.routes.context import handled, uuid_of
from crm_web.team.models import User
from crm_web.team.queries import find_colleague, get_user


@bp.post("/<uuid:conversation_id>/assignment")
@permission("conversations.assign")
def assign(conversation_id: uuid.UUID) -> Any:
    """Give it to somebody, to oneself or to nobody; with a note it is handed over."""
    conversation, form = get_conversation(conversation_id), AssignmentForm()
    if not form.validate():
        raise DomainError(gettext("Elige a una persona de la lista."))
    to = _person(form.user_id.data)
    if to and form.note.data.strip():
        operations.transfer(conversation, to, note=form.note.data, by=current_user)
    else:
        operations.assign(conversation, to, by=current_user)
    return handled(conversation)


def _person(named: str | None) -> User | None:
    """Whoever is named, if they may be given conversations."""
    if not named:
        return None
    if named == "me":
        return get_user(current_user.id)
    found = find_colleague(uuid_of(named))
    require_able(found)
    return found


@bp.get("/<uuid:conversation_id>/transfer")
@permission("conversations.read")
def transfer(conversation_id: uuid.UUID) -> Any:
    """What whoever was handed the conversation is told, in a sentence."""
    conversation = get_conversation(conversation_id)
    return render_template(
        "inbox/_transferred.html", conversation=conversation, transfer=get_last_transfer(conversation)
    )


@bp.post("/<uuid:conversation_id>/unread")
@permission("conversations.reply")
def mark_unread(conversation_id: uuid.UUID) -> Any:
    conversation = get_conversation(conversation_id)
    operations.mark_unread(conversation)
    if is_fragment():
        return handled(conversation)
    return redirect(url_for(".index"), 303)


@bp.post("/<uuid:conversation_id>/closure")
@permission("conversations.close")
def close(conversation_id: uuid.UUID) -> Any:
    conversation, form = get_conversation(conversation_id), ClosureForm()
    form.validate()
    operations.close(
        conversation,
        reason=form.reason.data or "",
        notes=form.notes.data or "",
        outcome=form.outcome.data or None,
        value=form.value.data,
        by=current_user,
    )
    return handled(conversation)


@bp.post("/<uuid:conversation_id>/reopening")
@permission("conversations.close")
def reopen(conversation_id: uuid.UUID) -> Any:
    conversation = get_conversation(conversation_id)
    operations.reopen(conversation, by=current_user)
    return handled(conversation)

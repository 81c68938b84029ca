"""Putting a conversation aside, and bringing it back."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time
from typing import Any

from flask import render_template
from flask_babel import gettext
from flask_login import current_user

from crm_web.core.clock import now
from crm_web.core.permissions import permission
from crm_web.inbox import operations
from crm_web.inbox.forms import SnoozeForm
from crm_web.inbox.operations.snoozes import SPANS, BadMoment, moment_of
from crm_web.inbox.queries import get_conversation
from crm_web.inbox.routes.blueprint import bp
from crm_web.inbox.routes.context import handled


@bp.post("/<uuid:conversation_id>/snooze")
@permission("conversations.reply")
def snooze(conversation_id: uuid.UUID) -> Any:
    conversation, form = get_conversation(conversation_id), SnoozeForm()
    operations.snooze(conversation, until=_until(form), by=current_user)
    return handled(conversation)


@bp.get("/<uuid:conversation_id>/waking")
@permission("conversations.read")
def woken(conversation_id: uuid.UUID) -> Any:
    """What whoever gets a conversation back is told, in a sentence."""
    return render_template("inbox/_woken.html", conversation=get_conversation(conversation_id))


@bp.post("/<uuid:conversation_id>/waking")
@permission("conversations.reply")
def wake(conversation_id: uuid.UUID) -> Any:
    conversation = get_conversation(conversation_id)
    operations.wake(conversation, by=current_user)
    return handled(conversation)


def _until(form: SnoozeForm) -> datetime | None:
    """The moment that was chosen, in the tenant's zone; None until the customer writes. Raises BadMoment."""
    chosen = form.until.data or ""
    if chosen == "reply":
        return None
    span, _, shown = chosen.partition("@")
    if span in SPANS:
        return _still_to_come(shown) or moment_of(span, current_user.tenant.zone)
    moment = _moment(form.date.data or "", form.time.data or "") if chosen == "moment" else None
    if moment is None:
        raise BadMoment(gettext("Elige hasta cuándo: una fecha y una hora."))
    return moment


def _still_to_come(shown: str) -> datetime | None:
    """The very moment the page showed; None when that has passed while the page stood open."""
    try:
        at = datetime.fromisoformat(shown)
    except ValueError:
        return None
    return at if at.tzinfo and at > now() else None


def _moment(day: str, hour: str) -> datetime | None:
    try:
        at = time.fromisoformat(hour).replace(tzinfo=None)
        return datetime.combine(date.fromisoformat(day), at, current_user.tenant.zone)
    except ValueError:
        return None

"""Messages for later: written down, changed, sent at once, taken off."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from flask import flash, redirect, render_template, request, url_for
from flask_babel import get_timezone, gettext
from flask_login import current_user

from crm_web.core.clock import now
from crm_web.core.permissions import permission
from crm_web.core.web import is_fragment
from crm_web.core.words import exact
from crm_web.inbox import operations, queries
from crm_web.inbox.forms import ScheduleForm
from crm_web.inbox.models import Conversation
from crm_web.inbox.operations.schedule import FURTHEST, REASONS, BadMoment
from crm_web.inbox.queries import get_conversation, get_scheduled
from crm_web.inbox.routes.blueprint import bp
from crm_web.inbox.routes.context import uploads_of, uuid_of, variables_of
from crm_web.message_templates.queries import get_template

MORNING = 9


class Later(NamedTuple):
    """A moment one may choose with one click."""

    name: str
    at: datetime


def later_choices() -> list[Later]:
    """In an hour, tomorrow at nine, next Monday at nine; each an exact moment, by the reader's clock."""
    here = now().astimezone(get_timezone() or UTC)
    morning = here.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    return [
        Later("hour", (here + timedelta(hours=1)).replace(second=0, microsecond=0)),
        Later("tomorrow", morning + timedelta(days=1)),
        Later("monday", morning + timedelta(days=7 - here.weekday())),
    ]


def local_moment(moment: datetime) -> str:
    """A moment as a `datetime-local` field holds it, by the reader's clock."""
    return f"{moment.astimezone(get_timezone() or UTC):%Y-%m-%dT%H:%M}"


bp.add_app_template_global(later_choices)
bp.add_app_template_global(lambda: now() + FURTHEST, "furthest_moment")
bp.add_app_template_filter(local_moment)
bp.record_once(lambda state: state.app.jinja_env.globals.update(schedule_reasons=REASONS))


@bp.post("/<uuid:conversation_id>/schedule")
@permission("conversations.reply")
def schedule(conversation_id: uuid.UUID) -> Any:
    conversation, form = get_conversation(conversation_id), ScheduleForm()
    require_readable(form)
    template_id = form.template_id.data
    files = uploads_of(form, conversation)
    if len(files) > 1:
        raise operations.Unsendable(gettext("Programa un solo archivo por mensaje."))
    scheduled = operations.schedule_message(
        conversation,
        send_at=moment_of(form),
        by=current_user,
        body="" if template_id else form.body.data,
        file=files[0] if files else None,
        template=get_template(uuid_of(template_id)) if template_id else None,
        variables=variables_of(request.form),
        only_if_unanswered=form.only_if_unanswered.data,
    )
    return region(conversation, gettext("Programado: %(when)s", when=words_of(scheduled.send_at)))


@bp.get("/<uuid:conversation_id>/scheduled")
@permission("conversations.read")
def scheduled_region(conversation_id: uuid.UUID) -> Any:
    return region(get_conversation(conversation_id))


@bp.get("/<uuid:conversation_id>/later")
@permission("conversations.reply")
def later(conversation_id: uuid.UUID) -> Any:
    """The moments to choose from, as they are now."""
    return render_template("inbox/_later_choices.html", conversation=get_conversation(conversation_id))


@bp.post("/scheduled/<uuid:scheduled_id>")
@permission("conversations.reply")
def reschedule(scheduled_id: uuid.UUID) -> Any:
    scheduled, form = get_scheduled(scheduled_id), ScheduleForm()
    conversation = get_conversation(scheduled.conversation_id)
    require_readable(form)
    operations.edit_scheduled(
        scheduled,
        conversation,
        body=form.words.data,
        send_at=moment_of(form),
        only_if_unanswered=form.only_if_unanswered.data,
    )
    return region(conversation, gettext("Programado: %(when)s", when=words_of(scheduled.send_at)))


@bp.post("/scheduled/<uuid:scheduled_id>/cancellation")
@permission("conversations.reply")
def cancel_scheduled(scheduled_id: uuid.UUID) -> Any:
    scheduled = get_scheduled(scheduled_id)
    conversation = get_conversation(scheduled.conversation_id)
    operations.cancel_scheduled(scheduled, conversation)
    return region(conversation)


@bp.post("/scheduled/<uuid:scheduled_id>/departure")
@permission("conversations.reply")
def send_scheduled_now(scheduled_id: uuid.UUID) -> Any:
    scheduled = get_scheduled(scheduled_id)
    conversation = get_conversation(scheduled.conversation_id)
    operations.send_scheduled_now(scheduled, conversation, author=current_user)
    return region(conversation)


def region(conversation: Conversation, said: str = "") -> Any:
    """The list of what is scheduled, as it is now; a page without JavaScript is shown anew."""
    if request.method == "GET" or is_fragment():
        shown = queries.list_scheduled(conversation)
        may = {"reply": current_user.can("conversations.reply")}
        return render_template(
            "inbox/_scheduled.html", conversation=conversation, scheduled=shown, can=may, said=said
        )
    if said:
        flash(said, "success")
    return redirect(url_for("inbox.show", conversation_id=conversation.id), 303)


def require_readable(form: ScheduleForm) -> None:
    if not form.validate():
        raise operations.Unsendable(
            gettext("No pudimos leer el mensaje. Recarga la página e inténtalo de nuevo.")
        )


def moment_of(form: ScheduleForm) -> datetime:
    """The chosen moment, else the typed one; raises BadMoment when there is none or it makes no sense."""
    typed = next((text for text in request.form.getlist("at") if text), "")
    try:
        chosen = datetime.fromisoformat(form.when.data or typed)
    except ValueError:
        raise BadMoment(gettext("Elige la fecha y la hora.")) from None
    return chosen if chosen.tzinfo else chosen.replace(tzinfo=current_user.tenant.zone)


def words_of(moment: datetime) -> str:
    return exact(moment, get_timezone() or UTC, str(current_user.locale or current_user.tenant.locale))

"""Actions on the selected conversations, or on all that match: at once, or by a worker when they are many."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from flask import render_template
from flask_babel import gettext
from flask_login import current_user

from crm_web.core.clock import now
from crm_web.core.errors import DomainError
from crm_web.core.permissions import permission
from crm_web.inbox import queries
from crm_web.inbox.filters import InboxFilter
from crm_web.inbox.forms import BulkForm
from crm_web.inbox.models import CLOSE_REASONS, PRIORITIES
from crm_web.inbox.operations import bulk, bulk_jobs
from crm_web.inbox.operations.tags import split_tags
from crm_web.inbox.queries.bulk import FIRST, count_matching, next_matching
from crm_web.inbox.routes.blueprint import bp
from crm_web.inbox.routes.context import require, uuid_of
from crm_web.team.queries import get_user, list_colleagues

SPANS = ("hour", "tomorrow", "monday", "answer")
MOST_IDS = 5000


@bp.get("/bulk/bar")
@permission("conversations.read")
def bulk_bar() -> Any:
    """The bar of what can be done to a selection, for this person."""
    can = {name: current_user.can(action.permission) for name, action in bulk.ACTIONS.items()}
    return render_template(
        "inbox/_bulk_bar.html",
        can=can,
        colleagues=list_colleagues("conversations.reply") if can["assign"] else [],
        tags=queries.list_used_tags(),
        close_reasons=CLOSE_REASONS,
        priorities=PRIORITIES[::-1],
    )


@bp.post("/bulk")
@permission("conversations.read")
def handle_many() -> Any:
    form = BulkForm()
    order = _order(form)
    require(bulk.ACTIONS[order.do].permission)
    asked = _asked(form.query.data or "") if form.everything.data else None
    ids = [] if asked else _ids(form.ids.data or "")
    total = count_matching(asked, current_user) if asked else len(ids)
    if total > bulk.BATCH:
        job = bulk_jobs.begin(order, asked=asked, ids=ids, total=total, by=current_user)
        return render_template("inbox/_bulk_job.html", job=job), 202
    if asked:
        ids = list(next_matching(asked, current_user, after=FIRST, before=now(), most=bulk.BATCH))
    outcome = bulk.apply_to_many(order, ids, by=current_user)
    return render_template("inbox/_bulk_done.html", changed=outcome.changed, skipped=outcome.skipped)


@bp.get("/bulk/<uuid:job_id>")
@permission("conversations.read")
def bulk_job(job_id: uuid.UUID) -> Any:
    return render_template("inbox/_bulk_job.html", job=bulk_jobs.find(job_id, current_user))


@bp.post("/bulk/<uuid:job_id>/cancellation")
@permission("conversations.read")
def cancel_bulk(job_id: uuid.UUID) -> Any:
    job = bulk_jobs.cancel(bulk_jobs.find(job_id, current_user))
    return render_template("inbox/_bulk_job.html", job=job)


def _order(form: BulkForm) -> bulk.Order:
    do, _, value = (form.order.data or "").partition(":")
    given: dict[str, Any] = {"do": do}
    if do in ("tag", "untag"):
        given["tags"] = tuple(split_tags(value or form.tags.data or ""))
    elif do == "assign" and value:
        to = get_user(uuid_of(value))
        given |= {"to": to.id, "to_name": to.name}
    elif do == "snooze":
        given["until"] = _until(value, form.until.data or "")
    elif do in ("close", "priority"):
        given["reason" if do == "close" else "priority"] = value
    order = bulk.Order(**given)
    order.check()
    return order


def _until(span: str, written: str) -> datetime | None:
    """A usual moment, or the one written, in the tenant's zone; None is until the customer writes."""
    zone = ZoneInfo(current_user.tenant.timezone)
    here = now().astimezone(zone)
    morning = here.replace(hour=9, minute=0, second=0, microsecond=0)
    usual = {
        "answer": None,
        "hour": here.replace(second=0, microsecond=0) + timedelta(hours=1),
        "tomorrow": morning + timedelta(days=1),
        "monday": morning + timedelta(days=7 - here.weekday()),
    }
    if span in usual:
        return usual[span]
    try:
        return datetime.fromisoformat(written).replace(tzinfo=zone)
    except ValueError:
        raise DomainError(gettext("Elige un momento que esté por venir, a un año como máximo.")) from None


def _ids(text: str) -> list[uuid.UUID]:
    """The selected ones; what is no id is as one that is not there."""
    found = list(dict.fromkeys(uuid_of(word) for word in text.split(",") if word))
    if not found:
        raise DomainError(gettext("Selecciona al menos una conversación."))
    if len(found) > MOST_IDS:
        raise DomainError(gettext("Son demasiadas de una en una: usa un filtro y selecciona todas."))
    return found


def _asked(query: str) -> InboxFilter:
    """Everything that matches, as the list showed it; a question that is not wholly understood is asked again."""
    given = {name: values[-1] for name, values in parse_qs(query).items()}
    asked, ignored = InboxFilter.read(given)
    if ignored or "ignored" in given or queries.load_known([asked]).stale(asked):
        raise DomainError(
            gettext("Parte del filtro ya no existe. Quítala de la lista antes de actuar sobre todas.")
        )
    return asked

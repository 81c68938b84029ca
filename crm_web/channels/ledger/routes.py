"""The ledger's pages: the last two days, the events of a filter, one event; and once more."""

from __future__ import annotations

import json
import uuid
from typing import Any, get_args

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user

from crm_web.channels.ledger import operations, queries
from crm_web.channels.ledger.chart import draw
from crm_web.channels.ledger.queries import Filter
from crm_web.channels.models import EVENT_STATES
from crm_web.channels.normal import RawKind
from crm_web.channels.queries import list_channels
from crm_web.core.permissions import permission

MOST_TEXT = 200
bp = Blueprint("ledger", __name__, url_prefix="/settings/events")


@bp.get("")
@permission("events.read")
def index() -> Any:
    chosen = _chosen(request.args)
    cursor = request.args.get("cursor")
    hours = queries.list_hours()
    return render_template(
        "ledger/index.html",
        chosen=chosen,
        hours=hours,
        chart=draw(hours),
        counts=queries.count_states(),
        failed=[] if chosen.values() or cursor else queries.list_events(Filter("failed"), most=5).items,
        page=queries.list_events(chosen, cursor),
        kinds=get_args(RawKind),
        channels=list_channels(),
        states=EVENT_STATES,
    )


@bp.get("/<uuid:event_id>")
@permission("events.read")
def show(event_id: uuid.UUID) -> Any:
    event, channel = queries.get_event(event_id)
    payload = json.dumps(event.payload, indent=2, ensure_ascii=False)
    return render_template("ledger/show.html", event=event, channel_name=channel, payload=payload)


@bp.post("/<uuid:event_id>/replay")
@permission("events.replay")
def replay(event_id: uuid.UUID) -> Any:
    event, _channel = queries.get_event(event_id)
    operations.replay_event(event, by=current_user)
    flash(gettext("El evento vuelve a procesarse."), "success")
    return redirect(url_for(".show", event_id=event_id), 303)


@bp.post("/replay")
@permission("events.replay")
def replay_all() -> Any:
    """The failed events of the filter in the form, a thousand at a time."""
    chosen = _chosen(request.form)
    count = operations.replay_failed(chosen, by=current_user)
    told = ngettext("%(num)d evento vuelve a procesarse.", "%(num)d eventos vuelven a procesarse.", count)
    flash(told if count else gettext("No hay eventos fallidos que repetir."), "success" if count else "info")
    return redirect(url_for(".index", **chosen.values()), 303)


def _chosen(given: Any) -> Filter:
    """The filter of an address or a form; what is no value of ours counts as not chosen."""
    state, kind = given.get("state", ""), given.get("kind", "")
    try:
        channel_id = uuid.UUID(given.get("channel", ""))
    except ValueError:
        channel_id = None
    text = given.get("q", "").replace("\x00", "").strip()[:MOST_TEXT]
    return Filter(
        state if state in EVENT_STATES else "", kind if kind in get_args(RawKind) else "", channel_id, text
    )

"""Saved views: kept under a name, changed and taken away by their maker."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import parse_qs, urlencode

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user

from crm_web.core.permissions import permission
from crm_web.core.web import is_fragment
from crm_web.inbox import operations, queries
from crm_web.inbox.filters import InboxFilter
from crm_web.inbox.forms import ViewForm
from crm_web.inbox.models import InboxView
from crm_web.inbox.operations.views import ICONS
from crm_web.inbox.routes.blueprint import bp
from crm_web.inbox.routes.list_context import list_context
from crm_web.team.queries import list_colleagues

HOURS = (1, 2, 4, 6, 12)


@bp.get("/filters")
@permission("conversations.read")
def filters() -> Any:
    """The sheet of everything the list can be narrowed by, filled with what is chosen now."""
    return render_template(
        "inbox/_filters.html",
        **list_context(counts=False),
        people=[(str(one.id), one.name) for one in list_colleagues("conversations.reply")],
        tags=[(tag, tag) for tag in queries.list_used_tags()],
        hours=[(str(hours), gettext("%(n)s h o menos", n=hours)) for hours in HOURS],
    )


@bp.get("/views/new")
@permission("conversations.read")
def new_view() -> Any:
    return _dialog(None)


@bp.get("/views/<uuid:view_id>/edit")
@permission("conversations.read")
def edit_view(view_id: uuid.UUID) -> Any:
    return _dialog(queries.get_own_view(view_id))


@bp.post("/views")
@permission("conversations.read")
def save_view() -> Any:
    form = ViewForm()
    view = operations.save_view(_asked(), **form.given, by=current_user)
    return _shown(InboxFilter.read(view.query)[0], gettext("Vista guardada."))


@bp.post("/views/<uuid:view_id>")
@permission("conversations.read")
def change_view(view_id: uuid.UUID) -> Any:
    view, form = queries.get_own_view(view_id), ViewForm()
    asked = _asked() if form.renew.data else None
    operations.change_view(view, **form.given, asked=asked, by=current_user)
    return _shown(InboxFilter.read(view.query)[0], gettext("Vista guardada."))


@bp.post("/views/<uuid:view_id>/deletion")
@permission("conversations.read")
def delete_view(view_id: uuid.UUID) -> Any:
    operations.delete_view(queries.get_own_view(view_id))
    return _shown(_asked(), gettext("Vista eliminada."))


def _dialog(view: InboxView | None) -> str:
    asked, _ignored = InboxFilter.read(request.args)
    return render_template(
        "inbox/_view_dialog.html",
        view=view,
        query=urlencode(asked.query),
        differs=view is not None and InboxFilter.read(view.query)[0] != asked,
        icons=ICONS,
        can_share=current_user.can("inbox.share") or bool(view and view.is_shared),
    )


def _asked() -> InboxFilter:
    """What the page behind the form shows; its words come along in one field."""
    return InboxFilter.read(
        {name: values[-1] for name, values in parse_qs(request.form.get("query", "")).items()}
    )[0]


def _shown(asked: InboxFilter, said: str) -> Any:
    address = url_for("inbox.index", **asked.query)
    if is_fragment():
        return said, 200, {"X-Address": address}
    flash(said, "success")
    return redirect(address, 303)

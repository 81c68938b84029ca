"""What the list shows: the question of the address, what answers it, and the views beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import request
from flask_login import current_user

from crm_web.inbox import queries
from crm_web.inbox.filters import SOON_HOURS, InboxFilter
from crm_web.inbox.models import InboxView

MOST_IGNORED = 3


@dataclass(frozen=True)
class ListedView:
    """A saved view beside the list: what it asks for, how many that are, and whether it is what is shown."""

    view: InboxView
    asked: InboxFilter
    count: int
    is_on: bool
    is_mine: bool


def list_context(*, counts: bool = True) -> dict[str, Any]:
    asked, ignored = InboxFilter.read(request.args)
    ignored += request.args.getlist("ignored")[:MOST_IGNORED]
    views = queries.list_views() if counts else []
    filters = {view.id: InboxFilter.read(view.query)[0] for view in views}
    known = queries.load_known([asked, *filters.values()])
    shown = known.without_stale(asked)
    context: dict[str, Any] = {
        "tab": asked.tab,
        "state": asked.state,
        "asked": asked,
        "query": urlencode(asked.query),
        "known": known,
        "stale": known.stale(asked),
        "ignored": ignored,
        # What the region asks for when it is drawn anew: also the words that were not understood, so that they stay told.
        "again": urlencode([*asked.query.items(), *(("ignored", word) for word in ignored[:MOST_IGNORED])]),
        "soon_hours": SOON_HOURS,
        "page": queries.list_conversations(shown, request.args.get("cursor")),
    }
    if not counts:
        return context
    found = queries.count_lists(
        shown, {view_id: known.without_stale(one) for view_id, one in filters.items()}
    )
    return {**context, "counts": found, **_views_context(asked, views, filters, found)}


def _views_context(
    asked: InboxFilter, views: Sequence[InboxView], filters: dict[Any, InboxFilter], counts: dict[str, int]
) -> dict[str, Any]:
    listed = [
        ListedView(
            view,
            filters[view.id],
            counts[str(view.id)],
            filters[view.id] == asked,
            view.owner_id == current_user.id,
        )
        for view in views
    ]
    current = next((one for one in listed if one.is_on), None)
    return {
        "views": listed,
        "current_view": current,
        "can_keep": current is None and asked.query.keys() - {"tab"} != set(),
    }

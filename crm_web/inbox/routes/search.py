"""Search at its addresses: `/inbox?q=…` is the page, these are its regions."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template, request
from flask_login import current_user

from crm_web.channels.queries import list_channels
from crm_web.core.permissions import permission
from crm_web.inbox import queries
from crm_web.inbox.routes.blueprint import bp
from crm_web.team.queries import list_people

FILES = ("image", "video", "audio", "document", "sticker")
KINDS = {
    "file": FILES,
    **{kind: (kind,) for kind in ("text", "image", "audio", "video", "document", "note", "template")},
}
NARROWING = ("in", "person", "kind", "channel", "from", "to")


@bp.get("/search")
@permission("conversations.read")
def search() -> Any:
    """The region under the field: filters, people, messages."""
    return render_template("inbox/_found.html", **search_context())


@bp.get("/search/people")
@permission("conversations.read")
def more_people() -> Any:
    look = asked()
    people = queries.search_people(look, request.args.get("people"))
    return render_template("inbox/_found_people.html", look=look, sought=asked_for(), people=people)


@bp.get("/search/messages")
@permission("conversations.read")
def more_messages() -> Any:
    look = asked()
    found = queries.search_messages(look, request.args.get("hits"))
    return render_template("inbox/_found_messages.html", look=look, sought=asked_for(), found=found)


def search_context() -> dict[str, Any]:
    """What the search shows; nothing when nobody searches."""
    if "q" not in request.args:
        return {}
    look = asked()
    return {
        "look": look,
        "sought": asked_for(),
        "people": queries.search_people(look, request.args.get("people")),
        "found": queries.search_messages(look, request.args.get("hits")),
        "colleagues_all": list_people(),
        "channels": list_channels(),
    }


def asked() -> queries.Wanted:
    """What the address asks for. A filter that means nothing narrows nothing."""
    to = _day("to")
    return queries.wanted(
        request.args.get("q", ""),
        inside=_uuid("in"),
        person=_uuid("person"),
        channel=_uuid("channel"),
        kinds=KINDS.get(request.args.get("kind", ""), ()),
        since=_midnight(_day("from")),
        until=_midnight(to + timedelta(days=1) if to and to < date.max else to),
    )


def asked_for() -> dict[str, str]:
    """The same as words for an address."""
    given = {name: request.args.get(name, "")[:200] for name in ("q", *NARROWING)}
    return {name: value for name, value in given.items() if value or name == "q"}


def _uuid(name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.args.get(name, ""))
    except ValueError:
        return None


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _midnight(day: date | None) -> datetime | None:
    """The moment a day begins where the tenant is."""
    return datetime.combine(day, time(), ZoneInfo(current_user.tenant.timezone)) if day else None

"""The pages people go to, in the order of the rail: label, icon, endpoint, what it needs."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for
from flask_babel import gettext
from flask_login import current_user

from crm_web.core.text import N_
from crm_web.inbox.queries import count_unread


@dataclass(frozen=True)
class Item:
    label: str
    icon: str
    url: str
    active: bool
    key: str
    count: int | None = None


# label, icon, endpoint, permission, blueprints that count as being there, the letter that opens it after g
RAIL = (
    (N_("Bandeja"), "inbox", "inbox.index", "conversations.read", ("inbox",), "b"),
    (N_("Plantillas"), "template", "message_templates.index", "templates.read", ("message_templates",), "p"),
    (
        N_("Ajustes"),
        "settings",
        "team.settings",
        "settings.read",
        ("channels", "inbox_settings", "ledger", "quick_replies", "team"),
        "a",
    ),
    (N_("Cliente demo"), "device-mobile", "sandbox.telephone", "sandbox.use", ("sandbox",), "c"),
)
COUNTS = {"inbox.index": count_unread}


def navigation() -> list[Item]:
    """What this person may open; a page whose module is not running is left out."""
    here = request.blueprint
    return [
        Item(
            gettext(label),
            icon,
            url_for(endpoint),
            here in blueprints,
            key,
            COUNTS[endpoint]() if endpoint in COUNTS else None,
        )
        for label, icon, endpoint, needed, blueprints, key in RAIL
        if endpoint in current_app.view_functions and current_user.can(needed)
    ]

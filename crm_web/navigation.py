"""The pages people go to, in the order of the rail: label, icon, endpoint, what it needs."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for
from flask_babel import gettext
from flask_login import current_user

from crm_web.core.text import N_


@dataclass(frozen=True)
class Item:
    label: str
    icon: str
    url: str
    active: bool
    count: int | None = None


# label, icon, endpoint, permission, blueprints that count as being there
RAIL = (
    (N_("Bandeja"), "inbox", "inbox.index", "conversations.read", ("inbox",)),
    (N_("Plantillas"), "template", "message_templates.index", "templates.read", ("message_templates",)),
    (
        N_("Ajustes"),
        "settings",
        "team.settings",
        "settings.read",
        ("channels", "inbox_settings", "quick_replies", "team"),
    ),
    (N_("Cliente demo"), "device-mobile", "sandbox.telephone", "sandbox.use", ("sandbox",)),
)


def navigation() -> list[Item]:
    """What this person may open; a page whose module is not running is left out."""
    here = request.blueprint
    return [
        Item(gettext(label), icon, url_for(endpoint), here in blueprints)
        for label, icon, endpoint, needed, blueprints in RAIL
        if endpoint in current_app.view_functions and current_user.can(needed)
    ]

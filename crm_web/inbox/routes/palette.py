"""What the palette finds among conversations; pages and actions it finds by itself."""

from __future__ import annotations

import re
import uuid
from typing import Any

from flask import Blueprint, render_template, request

from crm_web.core.permissions import permission
from crm_web.inbox.queries import search_people, wanted
from crm_web.inbox.queries.palette import RECENT, list_recent

MOST_WORDS = 100
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
bp = Blueprint("palette", __name__)


@bp.get("/palette")
@permission("conversations.read")
def palette() -> Any:
    """By name or telephone (`q`), or those opened last in this browser (`recent`, ids)."""
    words = request.args.get("q", "").strip()[:MOST_WORDS]
    found = (
        search_people(wanted(words)).conversations
        if words
        else list_recent(_ids(request.args.get("recent", "")))
    )
    return render_template("inbox/_palette_found.html", conversations=found, recent=not words)


def _ids(text: str) -> list[uuid.UUID]:
    return [uuid.UUID(part) for part in text.split(",")[:RECENT] if ID.fullmatch(part)]

"""Whom a note in this conversation may name."""

from __future__ import annotations

import uuid
from typing import Any

from flask import render_template

from crm_web.core.permissions import permission
from crm_web.inbox.queries import get_conversation, list_who_may_see
from crm_web.inbox.routes.blueprint import bp


@bp.get("/<uuid:conversation_id>/colleagues")
@permission("conversations.note")
def colleagues(conversation_id: uuid.UUID) -> Any:
    """All of them at once: the page narrows the list as the name is typed."""
    people = list_who_may_see(get_conversation(conversation_id))
    return render_template("inbox/_colleagues.html", people=people)

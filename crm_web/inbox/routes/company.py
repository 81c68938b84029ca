"""Who else is in a conversation, and what a page rings for."""

from __future__ import annotations

import uuid
from typing import Any

from flask import render_template
from flask_login import current_user

from crm_web.core.permissions import permission
from crm_web.inbox.company import company_of
from crm_web.inbox.queries import get_conversation
from crm_web.inbox.routes.blueprint import bp
from crm_web.team.queries import find_people


@bp.get("/<uuid:conversation_id>/company")
@permission("conversations.read")
def company(conversation_id: uuid.UUID) -> Any:
    """Colleagues who have it open and who write in it, never the one who asks."""
    conversation = get_conversation(conversation_id)
    found = company_of(conversation.id, without=current_user.id)
    people = find_people(found.viewers | found.writers.keys())
    return render_template(
        "inbox/_company.html",
        viewers=people,
        writers=[(person, found.writers[person.id]) for person in people if person.id in found.writers],
    )

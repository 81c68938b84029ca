"""The picker of templates beside a conversation."""

from __future__ import annotations

import uuid
from typing import Any

from flask import render_template, request

from crm_web.core.permissions import permission
from crm_web.inbox.picker import pick
from crm_web.inbox.queries import get_conversation
from crm_web.inbox.routes.blueprint import bp


@bp.get("/<uuid:conversation_id>/templates")
@permission("conversations.reply")
def templates(conversation_id: uuid.UUID) -> Any:
    """What may be sent, with one of them (`?template=`) ready to be filled in."""
    conversation = get_conversation(conversation_id)
    picker = pick(conversation, request.args.get("template"))
    return render_template("inbox/_template_picker.html", conversation=conversation, picker=picker)

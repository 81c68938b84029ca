"""Quick replies where they are used: the list that `/` opens, its gaps filled for this conversation."""

from __future__ import annotations

import uuid
from typing import Any

from flask import render_template, request
from flask_login import current_user

from crm_web.core.permissions import permission
from crm_web.inbox import operations, queries
from crm_web.inbox.queries import get_conversation
from crm_web.inbox.routes.blueprint import bp
from crm_web.inbox.variables import fill, values_for


@bp.get("/<uuid:conversation_id>/quick-replies")
@permission("conversations.reply")
def quick_replies(conversation_id: uuid.UUID) -> Any:
    conversation = get_conversation(conversation_id)
    values = values_for(conversation.lead, by=current_user)
    found = queries.search_quick_replies(request.args.get("q", "")[:80])
    return render_template(
        "inbox/_quick_replies.html", items=[(reply, fill(reply.body, values)) for reply in found]
    )


@bp.post("/quick-replies/<uuid:quick_reply_id>/uses")
@permission("conversations.reply")
def use_quick_reply(quick_reply_id: uuid.UUID) -> Any:
    operations.count_use(queries.get_quick_reply(quick_reply_id))
    return "", 204

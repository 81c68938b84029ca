"""Not read after all."""

from __future__ import annotations

import uuid
from typing import Any

from flask import redirect, url_for

from crm_web.core.permissions import permission
from crm_web.core.web import is_fragment
from crm_web.inbox.operations.unread import mark_unread
from crm_web.inbox.queries import get_conversation
from crm_web.inbox.routes.blueprint import bp


@bp.post("/<uuid:conversation_id>/unread")
@permission("conversations.reply")
def unread(conversation_id: uuid.UUID) -> Any:
    mark_unread(get_conversation(conversation_id))
    return ("", 204) if is_fragment() else redirect(url_for("inbox.index"), 303)

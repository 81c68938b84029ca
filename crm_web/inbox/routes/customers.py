"""The customer beside their conversation: what is known, noted, said elsewhere and sent."""

from __future__ import annotations

import uuid
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_login import current_user

from crm_web.core.errors import NotFound
from crm_web.core.permissions import permission
from crm_web.core.web import is_fragment
from crm_web.inbox import queries
from crm_web.inbox.models import Conversation
from crm_web.inbox.queries import get_conversation
from crm_web.inbox.queries.customers import NEWEST_FILES
from crm_web.inbox.routes.blueprint import bp
from crm_web.leads.queries import get_lead, list_notes, list_phones


@bp.get("/<uuid:conversation_id>/customer")
@permission("conversations.read")
def customer(conversation_id: uuid.UUID) -> Any:
    """The whole pane; a page that opens with a conversation comes with the first part of it and asks for this."""
    return render_template("inbox/_customer.html", **customer_context(get_conversation(conversation_id)))


def customer_context(conversation: Conversation) -> dict[str, Any]:
    lead_id = conversation.lead_id
    return {
        "conversation": conversation,
        "can": {"reply": current_user.can("conversations.reply")},
        "can_edit_lead": current_user.can("leads.update"),
        "used_tags": queries.list_used_tags() if current_user.can("conversations.reply") else [],
        "lead_phones": list_phones(lead_id),
        "lead_notes": list_notes(lead_id) if current_user.can("leads.read") else [],
        "others": queries.list_conversations_of(lead_id, besides=conversation.id),
        "files": queries.list_files_of(lead_id, most=NEWEST_FILES),
        "is_whole": True,
    }


@bp.get("/<uuid:conversation_id>/files")
@permission("conversations.read")
def customer_files(conversation_id: uuid.UUID) -> Any:
    """Everything this person sent and got, page by page."""
    conversation = get_conversation(conversation_id)
    found = queries.list_files_of(conversation.lead_id, request.args.get("before"))
    return render_template("inbox/files.html", conversation=conversation, files=found)


@bp.get("/leads/<uuid:lead_id>")
@permission("conversations.read")
def of_lead(lead_id: uuid.UUID) -> Any:
    """What the inbox knows of a lead, for the lead's own page; by itself, their newest conversation."""
    lead = get_lead(lead_id)
    found = queries.list_conversations_of(lead.id)
    if is_fragment():
        files = queries.list_files_of(lead.id, most=NEWEST_FILES)
        return render_template("inbox/_of_lead.html", lead=lead, others=found, files=files)
    if not found:
        raise NotFound
    return redirect(url_for(".show", conversation_id=found[0].id))

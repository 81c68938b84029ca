"""One's own drafts: kept while they are written, shown in every browser of the same person."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from flask import jsonify, render_template
from flask_babel import gettext
from flask_login import current_user

from crm_web.core.errors import DomainError, NotFound
from crm_web.core.permissions import permission
from crm_web.inbox import operations, queries
from crm_web.inbox.forms import DraftForm
from crm_web.inbox.queries import get_conversation
from crm_web.inbox.routes.blueprint import bp


@bp.get("/drafts")
@permission("conversations.read")
def drafts() -> Any:
    """The ids of conversations with a draft of one's own, and its first words."""
    return jsonify(queries.list_drafts())


@bp.get("/<uuid:conversation_id>/draft")
@permission("conversations.read")
def draft(conversation_id: uuid.UUID) -> Any:
    own = queries.load_own(get_conversation(conversation_id))
    return render_template("inbox/_draft.html", draft=own.draft)


@bp.route("/<uuid:conversation_id>/draft", methods=["PUT", "POST"])
@permission("conversations.read")
def keep_draft(conversation_id: uuid.UUID) -> Any:
    """Answers with what is kept now, which is not what was sent when another browser has newer words."""
    conversation, form = get_conversation(conversation_id), DraftForm()
    if not (current_user.can("conversations.reply") or current_user.can("conversations.note")):
        raise NotFound
    if not form.validate():
        raise DomainError(gettext("No pudimos guardar el borrador."))
    kept = operations.keep_draft(
        conversation,
        body=form.body.data,
        kind=form.kind.data,
        reply_to=form.reply_to.data,
        age=timedelta(milliseconds=form.age.data or 0),
        by=current_user,
    )
    return render_template("inbox/_draft.html", draft=kept)

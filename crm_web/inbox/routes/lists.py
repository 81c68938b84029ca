"""The list and what tells a page that it missed something."""

from __future__ import annotations

from typing import Any

from flask import jsonify, render_template, request

from crm_web.core.permissions import permission
from crm_web.inbox import queries
from crm_web.inbox.queries import get_conversation
from crm_web.inbox.routes.blueprint import bp
from crm_web.inbox.routes.context import uuid_of
from crm_web.inbox.routes.list_context import list_context
from crm_web.inbox.routes.search import search_context


@bp.get("")
@permission("conversations.read")
def index() -> Any:
    return render_template("inbox/index.html", conversation=None, **list_context(), **search_context())


@bp.get("/list")
@permission("conversations.read")
def list_region() -> Any:
    return render_template("inbox/_list.html", conversation=None, **list_context())


@bp.get("/rows")
@permission("conversations.read")
def rows() -> Any:
    return render_template("inbox/_rows.html", conversation=None, **list_context(counts=False))


@bp.get("/pulse")
@permission("conversations.read")
def pulse() -> Any:
    """The slow net under the sockets: what a page compares to know whether it missed something."""
    wanted = request.args.get("conversation")
    answer: dict[str, Any] = {"inbox": queries.inbox_pulse()}
    if wanted:
        answer["version"] = get_conversation(uuid_of(wanted)).version
    return jsonify(answer)

"""The emoji to choose from, the same for everybody who reads one language."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

from flask import make_response, render_template, request
from flask_babel import get_locale

from crm_web.core.permissions import permission
from crm_web.inbox.emojis import list_groups
from crm_web.inbox.routes.blueprint import bp


@bp.get("/emojis")
@permission("conversations.read")
def emojis() -> Any:
    """Kept by the browser for a week; the address carries the language, so a change of it asks anew."""
    body, etag = _rendered(str(get_locale())[:2])
    response = make_response(body)
    response.headers["Cache-Control"] = "private, max-age=604800"
    response.set_etag(etag)
    return response.make_conditional(request)


@lru_cache(maxsize=8)
def _rendered(language: str) -> tuple[str, str]:
    body = render_template("inbox/_emojis.html", groups=list_groups(language))
    return body, hashlib.sha256(body.encode()).hexdigest()[:16]

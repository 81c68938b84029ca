"""A permission beside each route, or the word public. A route with neither is refused.

The guard runs before the view, so a forgotten decorator closes a door instead of opening one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, redirect, request, url_for
from flask_login import current_user

View = TypeVar("View", bound=Callable[..., Any])
SIGNED_IN = "signed-in"


def permission(name: str) -> Callable[[View], View]:
    """The view needs `name`, a permission of the catalogue, of the signed-in person."""

    def mark(view: View) -> View:
        view.permission = name  # type: ignore[attr-defined]
        return view

    return mark


def signed_in(view: View) -> View:
    """The view concerns only the signed-in person themselves: their sessions, their theme."""
    view.permission = SIGNED_IN  # type: ignore[attr-defined]
    return view


def public(view: View | None = None, *, csrf: bool = True) -> Any:
    """The view needs no sign-in. `csrf=False` only for signed webhooks and what carries its own proof."""

    def mark(view: View) -> View:
        view.public = True  # type: ignore[attr-defined]
        view.csrf = csrf  # type: ignore[attr-defined]
        return view

    return mark(view) if view is not None else mark


def init_app(app: Flask) -> None:
    app.before_request(_guard)


def _guard() -> Any:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or request.endpoint == "static" or getattr(view, "public", False):
        return None
    needed = getattr(view, "permission", None)
    if needed is None:
        abort(403)
    if not current_user.is_authenticated:
        return sign_in_first()
    if needed != SIGNED_IN and not current_user.can(needed):
        abort(403)
    return None


def sign_in_first() -> Response | Any:
    """Send a page to the sign-in form; answer a fragment or an API with 401, so that nothing typed is lost."""
    if request.method != "GET" or "HX-Request" in request.headers or "X-Requested-With" in request.headers:
        abort(401)
    return redirect(url_for("team.login", next=request.full_path.rstrip("?")))

"""Sign in and out, one's own sessions, availability and preferences; the front page of settings."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user

from crm_web.core.limits import limiter
from crm_web.core.permissions import permission, public, signed_in
from crm_web.core.web import LOCALES, is_fragment
from crm_web.team import operations
from crm_web.team.forms import LoginForm
from crm_web.team.preferences import UNDO_CHOICES
from crm_web.team.queries import get_own_session, get_user, list_sessions
from crm_web.team.session import close_browser, open_browser

bp = Blueprint("team", __name__)
DEMO = ("owner@acme.test", "manager@acme.test", "seller@acme.test", "setter@acme.test", "owner@rival.test")


@bp.get("/")
@public
def home() -> Any:
    return redirect(url_for("inbox.index" if current_user.is_authenticated else ".login"))


@bp.get("/login")
@public
def login() -> Any:
    if current_user.is_authenticated:
        return redirect(_next_page())
    return _login(LoginForm())


@bp.post("/login")
@public
@limiter.limit("60/minute;600/hour")
def sign_in() -> Any:
    form = LoginForm()
    if not form.validate():
        return _login(form), 422
    session = operations.sign_in(
        form.email.data,
        form.password.data,
        device=request.headers.get("User-Agent", ""),
        ip=request.remote_addr or "",
        days=current_app.config["SESSION_DAYS"] if form.remember.data else None,
    )
    if session is None:
        return _login(
            form,
            error=gettext(
                "El correo o la contraseña no coinciden. Tras cinco intentos fallidos la cuenta se bloquea 15 minutos."
            ),
        ), 422
    open_browser(get_user(session.user_id), session, stay=form.remember.data)
    return redirect(_next_page(), 303)


@bp.post("/logout")
@signed_in
def logout() -> Any:
    operations.end_session(get_own_session(current_user, current_user.session_id))
    close_browser()
    return redirect(url_for(".login"), 303)


def _login(form: LoginForm, error: str = "") -> Any:
    demo = DEMO if current_app.config["DEMO"] else ()
    return render_template(
        "team/login.html", form=form, error=error, demo_accounts=demo, next=request.args.get("next", "")
    )


def _next_page() -> str:
    """Where the person wanted to go: a path of this site, never another site's."""
    wanted = request.args.get("next", "")
    inside = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and "\\" not in wanted
    return wanted if inside else url_for("inbox.index")


@bp.get("/me/profile")
@signed_in
def profile() -> Any:
    return render_template("team/profile.html")


@bp.get("/me/sessions")
@signed_in
def sessions() -> Any:
    return render_template("team/sessions.html", sessions=list_sessions(current_user))


@bp.post("/me/sessions/<uuid:session_id>/revocation")
@signed_in
def revoke_session(session_id: uuid.UUID) -> Any:
    operations.end_session(get_own_session(current_user, session_id))
    if session_id == current_user.session_id:
        close_browser()
        return redirect(url_for(".login"), 303)
    flash(gettext("Sesión cerrada en ese equipo."), "success")
    return redirect(url_for(".sessions"), 303)


@bp.post("/me/sessions/revocation")
@signed_in
def revoke_other_sessions() -> Any:
    operations.end_other_sessions(current_user, keep=current_user.session_id)
    flash(gettext("Cerramos tu sesión en los demás equipos."), "success")
    return redirect(url_for(".sessions"), 303)


@bp.post("/me/availability")
@signed_in
def set_availability() -> Any:
    operations.set_availability(
        current_user, request.form.get("availability", ""), request.form.get("reason", "").strip()[:200]
    )
    if is_fragment():
        return render_template("team/_person.html", person=current_user)
    return redirect(_back(), 303)


@bp.get("/me/preferences")
@signed_in
def preferences() -> Any:
    return render_template("team/preferences.html", prefers=current_user.prefers, undo_choices=UNDO_CHOICES)


@bp.post("/me/preferences")
@signed_in
def set_preferences() -> Any:
    """Theme and language from wherever they are chosen; how one works from the page of preferences alone."""
    theme, locale = request.form.get("theme"), request.form.get("locale")
    if theme in ("light", "dark", "system"):
        current_user.theme = theme
    if locale in LOCALES:
        current_user.locale = locale
    if "work" in request.form:
        operations.set_preferences(current_user, **_preferences())
        flash(gettext("Preferencias guardadas."), "success")
    if is_fragment():
        return "", 204
    return redirect(_back(), 303)


def _preferences() -> dict[str, Any]:
    given = request.form
    return {
        "enter_sends": given.get("enter_sends") != "0",
        "undo_seconds": given.get("undo_seconds", 0, type=int),
        "sound": "sound" in given,
        "desktop": "desktop" in given,
    }


def _back() -> str:
    """The page the person was on, if it is ours."""
    referrer = request.referrer or ""
    return referrer if referrer.startswith(request.host_url) else url_for("inbox.index")


@bp.get("/settings")
@permission("settings.read")
def settings() -> Any:
    return render_template("settings/index.html")

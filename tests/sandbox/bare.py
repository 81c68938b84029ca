"""The telephone's page on a bare application: the blueprint, its templates and scripts, and no product around it."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, url_for
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect
from jinja2 import ChoiceLoader, DictLoader

from crm_web.core import words
from crm_web.sandbox import routes

ROOT = Path(__file__).parents[2]
LAYOUT = """<!doctype html><html lang="es"><meta charset="utf-8"><meta name="csrf-token" content="{{ csrf_token() }}">
<link rel="icon" href="data:,"><link rel="stylesheet" href="{{ asset('css/tokens.css') }}">
<title>{% block title %}{% endblock %}</title>{% block head %}{% endblock %}{% block body %}{% endblock %}"""
CSP = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:"


def bare_app(folder: Path, *, courier: bool = False, csrf: bool = False) -> Flask:
    app = Flask("bare", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.jinja_loader = ChoiceLoader([DictLoader({"layouts/bare.html": LAYOUT}), app.jinja_loader])
    app.config.update(SECRET_KEY="bare", WTF_CSRF_ENABLED=csrf, TESTING=True)
    app.config.update(SANDBOX_DB=folder / "world.sqlite", SANDBOX_COURIER=courier)
    Babel(app, default_locale="es", default_timezone="America/Bogota")
    protect = CSRFProtect(app)
    words.init_app(app)
    app.jinja_env.globals["asset"] = lambda name: url_for("static", filename=name)
    routes.init_app(app)
    app.register_blueprint(routes.bp)
    for view in app.view_functions.values():
        if not getattr(view, "csrf", True):
            protect.exempt(view)
    app.after_request(_guard)
    return app


def _guard(response):
    response.headers["Content-Security-Policy"] = CSP
    return response

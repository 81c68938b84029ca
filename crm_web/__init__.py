"""The product: a list of what it is made of, no logic."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_migrate import Migrate

from crm_web import listeners, models, navigation
from crm_web.channels import providers
from crm_web.channels import routes as channels_routes
from crm_web.channels.ledger import routes as ledger_routes
from crm_web.config import Settings, flask_config, load_settings
from crm_web.core import crypto, facts, jobs, limits, live, log, permissions, web, words
from crm_web.core.db import db
from crm_web.files import jobs as file_jobs
from crm_web.files import queries as file_queries
from crm_web.files import routes as files_routes
from crm_web.files import storage
from crm_web.inbox import jobs as inbox_jobs
from crm_web.inbox import live as inbox_live
from crm_web.inbox import queries as inbox_queries
from crm_web.inbox import routes as inbox_routes
from crm_web.inbox.routes import palette as palette_routes
from crm_web.inbox.routes import quick_settings as quick_reply_routes
from crm_web.leads import queries as lead_queries
from crm_web.leads import routes as leads_routes
from crm_web.message_templates import jobs as template_jobs
from crm_web.message_templates import routes as template_routes
from crm_web.ops import commands as ops_commands
from crm_web.ops import routes as ops_routes
from crm_web.sandbox import routes as sandbox_routes
from crm_web.team import commands as team_commands
from crm_web.team import operations as team_operations
from crm_web.team import routes as team_routes
from crm_web.team import session as team_session
from crm_web.tenants import commands as tenant_commands
from crm_web.tenants import operations as tenant_operations
from crm_web.webhooks import routes as webhooks_routes
from crm_web.webhooks.lane import Lane

ROOT = Path(__file__).resolve().parent.parent
MODULES = (
    team_routes, channels_routes, ledger_routes, files_routes, leads_routes, template_routes, inbox_routes,
    quick_reply_routes, palette_routes, webhooks_routes, ops_routes,
)  # fmt: skip
COMMANDS = (tenant_commands, team_commands, ops_commands)
LIVE = (inbox_live,)
BELLS = (inbox_jobs, file_jobs, template_jobs)
__all__ = ["BELLS", "LIVE", "create_app", "models"]


def create_app(settings: Settings | None = None, *, serve: bool = False) -> Flask:
    """Build the application; `serve` says that this process answers browsers (and their sockets)."""
    settings = settings or load_settings()
    app = web.Product("crm_web", root_path=str(ROOT / "crm_web"), template_folder=str(ROOT / "templates"),
                      static_folder=str(ROOT / "static"))  # fmt: skip
    app.config.update(flask_config(settings))
    log.configure(settings.log_level)
    crypto.use_keys(settings.crm_encryption_keys.get_secret_value())
    facts.LISTENERS.update(listeners.LISTENERS)
    for part in (log, web, jobs, words):
        part.init_app(app)
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"), compare_type=True)
    live.init_app(app, serve=serve)
    team_session.init_app(app)
    permissions.init_app(app)
    limits.limiter.init_app(app)
    providers.init_app(app)
    storage.init_app(app)
    for module in MODULES:
        app.register_blueprint(module.bp)
    app.register_blueprint(inbox_routes.settings_bp)
    if settings.crm_sandbox:
        sandbox_routes.init_app(app)
        app.register_blueprint(sandbox_routes.bp)
    for commands in COMMANDS:
        commands.init_app(app)
    web.exempt_signed_routes(app)
    tenant_operations.FURNISH[:] = [team_operations.furnish_roles]
    file_queries.GUARDS[:] = [inbox_queries.sees_file]
    lead_queries.REACH[:] = [inbox_queries.talks_with]
    app.jinja_env.globals["navigation"] = navigation.navigation
    app.wsgi_app = Lane(app, app.wsgi_app)  # type: ignore[method-assign]
    return app

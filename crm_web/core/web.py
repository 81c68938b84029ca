"""The edge between HTTP and the product: one commit per request, error pages, headers, assets, language.

Views neither commit nor catch: a view that returns has its work made durable and its effects told; one that
raises has everything undone and becomes a page (or a fragment) that says what happened in the reader's words.
"""

from __future__ import annotations

import hashlib
import json
import time
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog
from flask import (
    Flask,
    Response,
    current_app,
    g,
    has_request_context,
    jsonify,
    render_template,
    request,
    url_for,
)
from flask_babel import Babel, gettext
from flask_login import current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from crm_web.core import rendering
from crm_web.core.db import db
from crm_web.core.effects import commit, rollback
from crm_web.core.errors import DomainError
from crm_web.core.tenancy import set_tenant

LOCALES = ("es", "en", "pt")
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; font-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
}
PAGES = (403, 404, 409, 422, 429, 500, 503)

babel = Babel()
csrf = CSRFProtect()
log = structlog.get_logger(__name__)


class Product(Flask):
    """Flask with one rule more: a request that returns is committed, one that raises is undone."""

    def dispatch_request(self) -> Any:
        response = super().dispatch_request()
        if db.session().in_transaction() or db.session().info.get("effects"):
            commit()
        return response


def init_app(app: Flask) -> None:
    if hops := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    csrf.init_app(app)
    babel.init_app(
        app,
        default_locale="es",
        default_translation_directories=str(Path(app.root_path) / "translations"),
        locale_selector=choose_locale,
        timezone_selector=choose_timezone,
    )
    rendering.init_app(app)
    app.jinja_env.globals.update(asset=asset, is_fragment=is_fragment)
    app.before_request(_nobody_yet)
    app.after_request(_add_headers)
    app.teardown_request(_leave)
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(sa.exc.OperationalError, _database_away)
    app.register_error_handler(sa.exc.InterfaceError, _database_away)
    app.register_error_handler(sa.exc.TimeoutError, _database_away)
    app.register_error_handler(sa.exc.DataError, _unstorable)
    app.register_error_handler(Exception, _crashed)


def exempt_signed_routes(app: Flask) -> None:
    """No CSRF token is asked of routes marked `public(csrf=False)`: they carry their own proof."""
    for view in app.view_functions.values():
        if not getattr(view, "csrf", True):
            csrf.exempt(view)


def _nobody_yet() -> None:
    """A pooled thread or greenlet may carry the last request's tenant: begin with none."""
    set_tenant(None)


def _leave(_error: BaseException | None) -> None:
    db.session().info.pop("effects", None)
    set_tenant(None)


def choose_locale() -> str:
    """The person's choice, else their tenant's, else what the browser prefers of es, en and pt."""
    if not has_request_context():
        return "es"
    if current_user and current_user.is_authenticated:
        return str(current_user.locale or current_user.tenant.locale)
    chosen = request.cookies.get("locale", "")
    return chosen if chosen in LOCALES else request.accept_languages.best_match(LOCALES) or "es"


def choose_timezone() -> str:
    if has_request_context() and current_user and current_user.is_authenticated:
        return str(current_user.tenant.timezone)
    return "America/Bogota"


@lru_cache(maxsize=1)
def _manifest(folder: str, _stamp: float) -> dict[str, Any]:
    with (Path(folder) / "vendor" / "manifest.json").open() as file:
        found: dict[str, Any] = json.load(file)
    return found


@lru_cache(maxsize=512)
def _hash(path: str, _stamp: float) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:10]


def asset(name: str) -> str:
    """The address of a static file with its content's hash, so that browsers may keep it for a year.

    A page asks for hundreds, so the disk is asked once a second.
    """
    root = request.script_root if has_request_context() else ""
    return _asset(name, str(current_app.static_folder), root, int(time.monotonic()))


@lru_cache(maxsize=512)
def _asset(name: str, _folder: str, _root: str, _second: int) -> str:
    folder = Path(current_app.static_folder or "static")
    for candidate in (name, f"vendor/{name}"):
        path = folder / candidate
        if path.is_file():
            return url_for("static", filename=candidate, v=_hash(str(path), path.stat().st_mtime))
    raise FileNotFoundError(f"static/{name} is missing; `make assets` fetches the front-end packages")


def is_fragment() -> bool:
    """Whether the asker will put the answer into a page that is already open."""
    return "HX-Request" in request.headers or "X-Requested-With" in request.headers


def wants_json() -> bool:
    return request.path.startswith(("/webhooks/", "/sandbox/graph", "/admin/niche", "/inbox/pulse"))


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint == "static":
        age = 31_536_000 if "v" in request.args else 0
        response.headers["Cache-Control"] = f"public, max-age={age}" + (", immutable" if age else "")
    else:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def refuse(status: int, sentence: str = "") -> tuple[Any, int]:
    """An error as JSON, a fragment or a page, whichever the asker can use."""
    if wants_json():
        return jsonify(error=sentence or status), status
    page = status if status in PAGES else 422
    if is_fragment():
        return render_template("errors/_fragment.html", status=status, sentence=sentence), status
    return render_template(f"errors/{page}.html", status=status, sentence=sentence), status


def _domain_error(error: DomainError) -> Any:
    rollback()
    return refuse(error.status, str(error))


def _csrf_error(_error: CSRFError) -> Any:
    rollback()
    return refuse(
        400,
        gettext(
            "Tu sesión cambió mientras tenías la página abierta. Recarga la página e inténtalo de nuevo."
        ),
    )


def _http_error(error: HTTPException) -> Any:
    """Known refusals as our pages; a redirect or a ready-made response passes unchanged."""
    rollback()
    if error.code is None or error.code < 400 or error.response is not None:
        return error
    sentences = {
        400: gettext("No pudimos leer lo que enviaste. Revisa los datos e inténtalo de nuevo."),
        401: gettext("Tu sesión terminó. Entra de nuevo; lo que escribiste sigue aquí."),
        405: gettext("Esta dirección no acepta esa acción."),
        413: gettext("El archivo o el texto es demasiado grande."),
    }
    body, status = refuse(error.code, sentences.get(error.code, ""))
    response = current_app.make_response((body, status))
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def _database_away(error: Exception) -> Any:
    """The database does not answer: say 503, so that people and Meta try again, and never pretend."""
    log.error("database_away", error=type(error).__name__)
    _forget_session()
    response = current_app.make_response(_plain_503())
    response.headers["Retry-After"] = "5"
    return response


def _forget_session() -> None:
    try:
        rollback()
    except sa.exc.SQLAlchemyError:
        db.session().invalidate()
    g.pop("_login_user", None)


def _plain_503() -> Any:
    if wants_json():
        return jsonify(error="unavailable"), 503
    return render_template("errors/503.html", status=503, sentence=""), 503


def _unstorable(_error: Exception) -> Any:
    """PostgreSQL refused a value (a NUL in a text, a number out of range): the sender's mistake, not ours."""
    rollback()
    return refuse(422, gettext("Hay un carácter o un valor que no podemos guardar. Revisa los datos."))


def _crashed(error: Exception) -> Any:
    """A bug: tell the person plainly, and the log everything. In tests it is raised."""
    rollback()
    log.error("crashed", path=request.path, endpoint=request.endpoint, exc_info=error)
    if current_app.testing:
        raise error
    return refuse(500)

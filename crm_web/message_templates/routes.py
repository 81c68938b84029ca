"""The templates WhatsApp approved for us, as they stand at Meta."""

from __future__ import annotations

from typing import Any

from babel import Locale, UnknownLocaleError
from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import get_locale, gettext

from crm_web.core.effects import commit
from crm_web.core.permissions import permission
from crm_web.message_templates import operations, rendering
from crm_web.message_templates.queries import list_accounts, list_templates

bp = Blueprint("message_templates", __name__, url_prefix="/templates")


def language_name(code: str) -> str:
    """`es_CO` as the reader calls it; a code nobody knows stays as it is."""
    try:
        name = Locale.parse(code.replace("-", "_")).get_display_name(str(get_locale() or "es"))
    except (ValueError, UnknownLocaleError):
        name = None
    return (name or code).capitalize()


bp.add_app_template_filter(language_name)
bp.record_once(lambda state: state.app.jinja_env.globals.update(templating=rendering))


@bp.get("")
@permission("templates.read")
def index() -> Any:
    return render_template(
        "message_templates/index.html", templates=list_templates(), accounts=list_accounts()
    )


@bp.post("/sync")
@permission("templates.manage")
def sync() -> Any:
    """Ask Meta now, account by account; what one refuses does not keep the others from it."""
    works = True
    for business_id in sorted({channel.business_id for channel in list_accounts()}):
        works = operations.sync_templates(business_id) and works
        commit()
    if works:
        flash(gettext("Plantillas al día."), "success")
    else:
        flash(gettext("Meta no entregó todas las plantillas. El motivo está en cada número."), "error")
    return redirect(url_for(".index"), 303)

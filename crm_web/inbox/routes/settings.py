"""How the inbox behaves for this business: the question after closing, the word before the window closes."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from flask_login import current_user

from crm_web.core.permissions import permission
from crm_web.inbox.forms import InboxSettingsForm
from crm_web.inbox.routes.blueprint import settings_bp
from crm_web.inbox.settings import InboxSettings, Nudge, Satisfaction, change_settings, settings_of


@settings_bp.get("/inbox")
@permission("settings.read")
def show_settings() -> Any:
    chosen = settings_of(current_user.tenant)
    parts = {"satisfaction": chosen.satisfaction, "nudge": chosen.nudge}
    values = {f"{part}_{name}": value for part, held in parts.items() for name, value in held}
    return _page(InboxSettingsForm(formdata=None, data=values))


@settings_bp.post("/inbox")
@permission("settings.manage")
def update_settings() -> Any:
    form = InboxSettingsForm()
    if not form.validate():
        return _page(form), 422
    change_settings(current_user.tenant, _chosen(form))
    flash(gettext("Guardado."), "success")
    return redirect(url_for(".show_settings"), 303)


def _chosen(form: InboxSettingsForm) -> InboxSettings:
    return InboxSettings(
        satisfaction=Satisfaction(
            enabled=form.satisfaction_enabled.data, text=form.satisfaction_text.data.strip()
        ),
        nudge=Nudge(
            enabled=form.nudge_enabled.data,
            minutes=form.nudge_minutes.data,
            text=form.nudge_text.data.strip(),
        ),
    )


def _page(form: InboxSettingsForm) -> str:
    return render_template("inbox/settings/index.html", form=form)

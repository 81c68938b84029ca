"""Settings of channels: connect, test, limit, replace secrets, pause, remove."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from crm_web.channels import operations
from crm_web.channels.forms import ChannelForm, CredentialsForm, LimitsForm
from crm_web.channels.models import Channel
from crm_web.channels.queries import get_channel, list_channels
from crm_web.core.errors import DomainError
from crm_web.core.permissions import permission
from crm_web.core.web import is_fragment

bp = Blueprint("channels", __name__, url_prefix="/settings/channels")


@bp.get("")
@permission("channels.read")
def index() -> Any:
    return render_template("channels/index.html", channels=list_channels())


@bp.get("/new")
@permission("channels.manage")
def new() -> Any:
    return _new(ChannelForm())


@bp.post("")
@permission("channels.manage")
def create() -> Any:
    form = ChannelForm()
    if not form.validate():
        return _new(form), 422
    try:
        channel = operations.connect_channel(
            name=form.name.data, address=form.phone.data, account_id=form.account_id.data,
            business_id=form.business_id.data, token=form.token.data, app_secret=form.app_secret.data or "",
        )  # fmt: skip
    except DomainError as error:
        form.account_id.errors = [str(error)]
        return _new(form), 422
    _say(channel.status == "active", channel)
    return redirect(url_for(".show", channel_id=channel.id), 303)


@bp.get("/<uuid:channel_id>")
@permission("channels.read")
def show(channel_id: uuid.UUID) -> Any:
    return _show(get_channel(channel_id))


@bp.post("/<uuid:channel_id>/test")
@permission("channels.manage")
def test(channel_id: uuid.UUID) -> Any:
    channel = get_channel(channel_id, with_secrets=True)
    works = operations.test_channel(channel)
    if is_fragment():
        return render_template("channels/_health.html", channel=channel)
    _say(works, channel)
    return redirect(url_for(".show", channel_id=channel.id), 303)


@bp.post("/<uuid:channel_id>/limits")
@permission("channels.manage")
def update_limits(channel_id: uuid.UUID) -> Any:
    channel, form = get_channel(channel_id), LimitsForm()
    if not form.validate():
        return _show(channel, limits_form=form), 422
    operations.update_limits(
        channel,
        daily_message_limit=form.daily_message_limit.data,
        rate_limit_per_minute=form.rate_limit_per_minute.data,
    )
    flash(gettext("Límites guardados."), "success")
    return redirect(url_for(".show", channel_id=channel.id), 303)


@bp.post("/<uuid:channel_id>/credentials")
@permission("channels.manage")
def update_credentials(channel_id: uuid.UUID) -> Any:
    channel, form = get_channel(channel_id, with_secrets=True), CredentialsForm()
    if not form.validate():
        return _show(channel, credentials_form=form), 422
    works = operations.replace_credentials(
        channel, token=form.token.data, app_secret=form.app_secret.data or ""
    )
    _say(works, channel)
    return redirect(url_for(".show", channel_id=channel.id), 303)


@bp.post("/<uuid:channel_id>/status")
@permission("channels.manage")
def set_status(channel_id: uuid.UUID) -> Any:
    channel = get_channel(channel_id)
    if request.form.get("status") in ("active", "inactive"):
        operations.set_status(channel, request.form["status"])
    return redirect(url_for(".show", channel_id=channel.id), 303)


@bp.post("/<uuid:channel_id>/removal")
@permission("channels.manage")
def remove(channel_id: uuid.UUID) -> Any:
    channel = get_channel(channel_id)
    if request.form.get("name", "").strip() != channel.name:
        flash(gettext("Escribe el nombre del canal tal como aparece para desconectarlo."), "error")
        return redirect(url_for(".show", channel_id=channel.id), 303)
    operations.remove_channel(channel)
    flash(gettext("Canal desconectado. Sus conversaciones siguen disponibles."), "success")
    return redirect(url_for(".index"), 303)


def _say(works: bool, channel: Channel) -> None:
    if works:
        flash(gettext("Conexión probada: el número responde."), "success")
    else:
        flash(
            gettext("El proveedor no aceptó la conexión: %(why)s", why=gettext(str(channel.last_error))),
            "error",
        )


def _new(form: ChannelForm) -> Any:
    return render_template("channels/new.html", form=form, **_webhook())


def _show(channel: Channel, **forms: Any) -> Any:
    forms = {
        "limits_form": LimitsForm(obj=channel),
        "credentials_form": CredentialsForm(formdata=None),
        **forms,
    }
    return render_template("channels/show.html", channel=channel, **forms, **_webhook())


def _webhook() -> dict[str, str]:
    """What is to be pasted into the provider's own settings."""
    return {
        "webhook_url": current_app.config["PUBLIC_URL"] + url_for("webhooks.receive_meta"),
        "verify_token": current_app.config["META_VERIFY_TOKEN"],
    }

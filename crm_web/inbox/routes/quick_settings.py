"""Settings of quick replies: one's own, and with `inbox.share` everybody's."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user

from crm_web.core.errors import DomainError, NotFound
from crm_web.core.permissions import permission
from crm_web.files.check import Refused
from crm_web.files.models import File
from crm_web.files.operations import store_upload
from crm_web.inbox import operations, queries
from crm_web.inbox.forms import QuickReplyForm
from crm_web.inbox.models import QuickReply
from crm_web.inbox.variables import NAMES, fill

bp = Blueprint("quick_replies", __name__, url_prefix="/settings/quick-replies")
# Whom the preview is written to.
SAMPLE = {"name": "Ana Restrepo", "first_name": "Ana", "company": "Café Andino", "city": "Bogotá"}


@bp.get("")
@permission("conversations.reply")
def index() -> Any:
    replies = queries.list_quick_replies()
    mine = {reply.id for reply in replies if operations.may_change(reply, by=current_user)}
    return render_template("quick_replies/index.html", replies=replies, changeable=mine)


@bp.get("/new")
@permission("conversations.reply")
def new() -> Any:
    return _form(QuickReplyForm(), None)


@bp.post("")
@permission("conversations.reply")
def create() -> Any:
    form = QuickReplyForm()
    try:
        _require_valid(form)
        operations.create_quick_reply(**_words(form), file=_file(form, None), by=current_user)
    except DomainError as error:
        return _refused(form, None, error)
    flash(gettext("Respuesta guardada."), "success")
    return redirect(url_for(".index"), 303)


@bp.get("/<uuid:quick_reply_id>")
@permission("conversations.reply")
def edit(quick_reply_id: uuid.UUID) -> Any:
    reply = _changeable(quick_reply_id)
    return _form(QuickReplyForm(obj=reply, data={"shared": reply.owner_id is None}), reply)


@bp.post("/<uuid:quick_reply_id>")
@permission("conversations.reply")
def update(quick_reply_id: uuid.UUID) -> Any:
    reply, form = _changeable(quick_reply_id), QuickReplyForm()
    try:
        _require_valid(form)
        operations.update_quick_reply(reply, **_words(form), file=_file(form, reply), by=current_user)
    except DomainError as error:
        return _refused(form, reply, error)
    flash(gettext("Respuesta guardada."), "success")
    return redirect(url_for(".index"), 303)


@bp.post("/<uuid:quick_reply_id>/deletion")
@permission("conversations.reply")
def delete(quick_reply_id: uuid.UUID) -> Any:
    operations.delete_quick_reply(_changeable(quick_reply_id), by=current_user)
    flash(gettext("Respuesta eliminada."), "success")
    return redirect(url_for(".index"), 303)


@bp.post("/preview")
@permission("conversations.reply")
def preview() -> Any:
    """The words as a customer would get them."""
    return render_template("quick_replies/_preview.html", filled=_sample(request.form.get("body", "")))


def _changeable(quick_reply_id: uuid.UUID) -> QuickReply:
    reply = queries.get_quick_reply(quick_reply_id)
    if not operations.may_change(reply, by=current_user):
        raise NotFound
    return reply


def _require_valid(form: QuickReplyForm) -> None:
    if not form.validate():
        raise DomainError(gettext("Hay un dato demasiado largo. Acórtalo e inténtalo de nuevo."))


def _words(form: QuickReplyForm) -> dict[str, Any]:
    names = ("shortcut", "title", "body", "shared")
    return {name: form[name].data or "" for name in names} | {"shared": form.shared.data}


def _file(form: QuickReplyForm, reply: QuickReply | None) -> File | None:
    """The new one, else the one it has, unless that is to be dropped."""
    if form.file.data and form.file.data.filename:
        return store_upload(form.file.data, lead_id=None, by=current_user)
    return reply.file if reply and not form.drop_file.data else None


def _refused(form: QuickReplyForm, reply: QuickReply | None, error: DomainError) -> Any:
    """The page again with everything that was written in it, and the sentence where it belongs."""
    field = "file" if isinstance(error, Refused) else error.details.get("field", "body")
    form[field].errors = [str(error)]
    return _form(form, reply), 422


def _form(form: QuickReplyForm, reply: QuickReply | None) -> Any:
    return render_template(
        "quick_replies/edit.html",
        form=form,
        reply=reply,
        names=NAMES,
        may_share=current_user.can("inbox.share"),
        filled=_sample(form.body.data or ""),
    )


def _sample(body: str) -> Any:
    return fill(body[:20_000], {**SAMPLE, "agent": current_user.name, "tenant": current_user.tenant.name})

"""Macros: their settings, and running them in a conversation."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user

from crm_web.core.permissions import permission
from crm_web.core.web import is_fragment
from crm_web.inbox import operations, queries
from crm_web.inbox.forms import MacroForm
from crm_web.inbox.models import CLOSE_REASONS, PRIORITIES, Macro
from crm_web.inbox.operations.macros import MOST_ACTIONS, BadMacro
from crm_web.inbox.operations.snoozes import SPANS
from crm_web.inbox.queries import get_conversation, get_macro, get_macro_by_key, get_own_macro
from crm_web.inbox.routes.blueprint import bp, settings_bp
from crm_web.inbox.routes.context import handled
from crm_web.team.queries import list_colleagues

Action = dict[str, Any]


# -- In a conversation ---------------------------------------------------------------------------------------


@bp.get("/<uuid:conversation_id>/macros")
@permission("conversations.reply")
def macros(conversation_id: uuid.UUID) -> Any:
    """The macros one may run here: for the menu of the head, or as a page."""
    page = "inbox/_macros.html" if is_fragment() else "inbox/macros.html"
    conversation = get_conversation(conversation_id)
    return render_template(page, conversation=conversation, macros=queries.list_macros())


@bp.post("/<uuid:conversation_id>/macros/<uuid:macro_id>")
@permission("conversations.reply")
def run_macro(conversation_id: uuid.UUID, macro_id: uuid.UUID) -> Any:
    conversation = get_conversation(conversation_id)
    operations.run_macro(get_macro(macro_id), conversation, by=current_user)
    return handled(conversation)


@bp.post("/<uuid:conversation_id>/macros/keys/<int:key>")
@permission("conversations.reply")
def run_macro_by_key(conversation_id: uuid.UUID, key: int) -> Any:
    conversation = get_conversation(conversation_id)
    operations.run_macro(get_macro_by_key(key), conversation, by=current_user)
    return handled(conversation)


# -- Settings ------------------------------------------------------------------------------------------------


@settings_bp.get("/macros")
@permission("conversations.reply")
def list_macros() -> Any:
    return render_template("inbox/settings/macros.html", macros=queries.list_macros())


@settings_bp.get("/macros/new")
@permission("conversations.reply")
def new_macro() -> Any:
    return _page(None, MacroForm(formdata=None), [])


@settings_bp.post("/macros")
@permission("conversations.reply")
def create_macro() -> Any:
    return _save(None)


@settings_bp.get("/macros/<uuid:macro_id>")
@permission("conversations.reply")
def edit_macro(macro_id: uuid.UUID) -> Any:
    macro = get_own_macro(macro_id)
    return _page(macro, MacroForm(formdata=None, data=_values(macro)), macro.actions)


@settings_bp.post("/macros/<uuid:macro_id>")
@permission("conversations.reply")
def update_macro(macro_id: uuid.UUID) -> Any:
    return _save(get_own_macro(macro_id))


@settings_bp.post("/macros/<uuid:macro_id>/removal")
@permission("conversations.reply")
def delete_macro(macro_id: uuid.UUID) -> Any:
    operations.delete_macro(get_own_macro(macro_id))
    flash(gettext("Macro eliminada."), "success")
    return redirect(url_for(".list_macros"), 303)


def _values(macro: Macro) -> dict[str, Any]:
    return {"name": macro.name, "key": str(macro.key or ""), "is_shared": macro.is_shared}


def _save(macro: Macro | None) -> Any:
    form, actions = MacroForm(), _actions()
    key = form.key.data or ""
    try:
        operations.save_macro(
            macro,
            name=form.name.data,
            key=int(key) if key.isdecimal() and 1 <= int(key) <= 9 else None,
            is_shared=form.is_shared.data and current_user.can("inbox.share"),
            actions=actions,
            by=current_user,
        )
    except BadMacro as error:
        return _page(macro, form, actions, str(error)), 422
    flash(gettext("Macro guardada."), "success")
    return redirect(url_for(".list_macros"), 303)


def _page(macro: Macro | None, form: MacroForm, actions: list[Action], problem: str = "") -> str:
    return render_template(
        "inbox/settings/macro.html",
        macro=macro,
        form=form,
        steps=[_step(action) for action in actions],
        most=MOST_ACTIONS,
        problem=problem,
        priorities=PRIORITIES,
        reasons=CLOSE_REASONS,
        spans=SPANS,
        colleagues=list_colleagues("conversations.reply"),
        tags=queries.list_used_tags(),
    )


# An action is one choice and perhaps words: `priority:high`, `assign:me`, `send` with a text. So a plain form can hold it.
_CHOSEN = {"assign": "to", "priority": "to", "snooze": "until", "close": "reason"}
_WRITTEN = {"send": "text", "note": "text", "tag": "tag", "untag": "tag"}


def _actions() -> list[Action]:
    """The actions of the form in the order of its rows; rows left empty are none."""
    rows = (
        (request.form.get(f"do-{n}", ""), request.form.get(f"text-{n}", "")) for n in range(MOST_ACTIONS + 1)
    )
    return [_action(chosen, words) for chosen, words in rows if chosen]


def _action(chosen: str, words: str) -> Action:
    do, _, value = chosen.partition(":")
    if do in _WRITTEN:
        return {"do": do, _WRITTEN[do]: words.replace("\r\n", "\n").replace("\x00", "").strip()}
    return {"do": do, _CHOSEN.get(do, "to"): value}


def _step(action: Action) -> dict[str, str]:
    """The row of the form that stands for an action."""
    do = str(action["do"])
    if do in _WRITTEN:
        return {"do": do, "text": str(action.get(_WRITTEN[do], ""))}
    return {"do": f"{do}:{action.get(_CHOSEN.get(do, 'to'), '')}", "text": ""}

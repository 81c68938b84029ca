"""A person: what is known of them, corrected in place, and what the team notes about them."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user

from crm_web.core.errors import NotFound
from crm_web.core.permissions import permission
from crm_web.core.web import is_fragment
from crm_web.leads import operations
from crm_web.leads.forms import FieldForm, NoteForm
from crm_web.leads.models import Lead
from crm_web.leads.queries import get_lead, get_own_note, list_notes, list_phones

bp = Blueprint("leads", __name__, url_prefix="/leads")


@bp.get("/<uuid:lead_id>")
@permission("leads.read")
def show(lead_id: uuid.UUID) -> Any:
    lead = get_lead(lead_id)
    return render_template("leads/show.html", lead=lead, **about(lead))


def about(lead: Lead) -> dict[str, Any]:
    """What the partials about a person take besides the lead."""
    return {
        "lead_phones": list_phones(lead.id),
        "lead_notes": list_notes(lead.id),
        "can_edit_lead": current_user.can("leads.update"),
    }


@bp.post("/<uuid:lead_id>/fields/<field>")
@permission("leads.update")
def update(lead_id: uuid.UUID, field: str) -> Any:
    lead, form = get_lead(lead_id), FieldForm()
    if field not in operations.FIELDS:
        raise NotFound
    try:
        operations.update_lead(lead, field, form.value.data)
    except operations.BadValue as error:
        return _field(lead, field, form.value.data, str(error)), 422
    return _field(lead, field, getattr(lead, field)) if is_fragment() else _back(lead.id)


def _field(lead: Lead, field: str, value: str | None, problem: str = "") -> str:
    """The field as it is now; without JavaScript what was wrong is said on the person's page."""
    if is_fragment():
        return render_template("leads/_field.html", lead=lead, field=field, value=value, problem=problem)
    wrong = {"field": field, "value": value, "problem": problem}
    return render_template("leads/show.html", lead=lead, wrong=wrong, **about(lead))


@bp.get("/<uuid:lead_id>/notes")
@permission("leads.read")
def notes(lead_id: uuid.UUID) -> Any:
    return _notes(get_lead(lead_id))


@bp.post("/<uuid:lead_id>/notes")
@permission("leads.update")
def write_note(lead_id: uuid.UUID) -> Any:
    lead, form = get_lead(lead_id), NoteForm()
    operations.write_note(lead, form.words.data, by=current_user)
    return _notes(lead) if is_fragment() else _back(lead.id)


@bp.post("/notes/<uuid:note_id>")
@permission("leads.update")
def edit_note(note_id: uuid.UUID) -> Any:
    note, form = get_own_note(note_id), NoteForm()
    operations.edit_note(note, form.words.data)
    return _notes(get_lead(note.lead_id)) if is_fragment() else _back(note.lead_id)


@bp.post("/notes/<uuid:note_id>/removal")
@permission("leads.update")
def delete_note(note_id: uuid.UUID) -> Any:
    note = get_own_note(note_id)
    operations.delete_note(note)
    return _notes(get_lead(note.lead_id)) if is_fragment() else _back(note.lead_id)


def _notes(lead: Lead) -> str:
    return render_template("leads/_notes.html", lead=lead, **about(lead))


def _back(lead_id: uuid.UUID) -> Any:
    """The page the person was on, if it is ours."""
    referrer = request.referrer or ""
    ours = referrer.startswith(request.host_url)
    return redirect(referrer if ours else url_for(".show", lead_id=lead_id), 303)

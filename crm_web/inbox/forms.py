"""What is accepted from whoever writes."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, MultipleFileField
from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import (
    UUID,
    AnyOf,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    Regexp,
    ValidationError,
)

from crm_web.core.sentences import lazy
from crm_web.core.text import N_
from crm_web.inbox.models import CLOSE_REASONS, DRAFT_KINDS, OUTCOMES
from crm_web.inbox.settings import LEAST_MINUTES, MOST_MINUTES, MOST_TEXT

ME_OR_ID = r"^(me|[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})$"


def clean(text: str | None) -> str:
    """Words as they are stored: line breaks of one kind, and nothing a database cannot hold."""
    return (text or "").replace("\r\n", "\n").replace("\x00", "")


_GROUPED = ((r"\d{1,3}(\.\d{3})+(,\d+)?", ".", ","), (r"\d{1,3}(,\d{3})+(\.\d+)?", ",", "."))


def _amount(text: str | None) -> Decimal | None:
    """`1.850.000`, `1,850,000.50` and `1850000,5` as people write them; nothing is None. NaN is what is no amount."""
    plain = re.sub(r"[\s$\u00a0]", "", text or "")
    for pattern, group, point in _GROUPED:
        if re.fullmatch(pattern, plain):
            plain = plain.replace(group, "").replace(point, ".")
    try:
        return Decimal(plain.replace(",", ".")).quantize(Decimal("0.01")) if plain else None
    except InvalidOperation:
        return Decimal("NaN")


class MessageForm(FlaskForm):
    """A reply or a note. The window, the length and the file are judged by the verb, which says why."""

    body = TextAreaField(filters=[clean])
    client_id = StringField(validators=[Optional(), Length(max=64)])
    kind = StringField(default="reply", validators=[Optional(), AnyOf(("reply", "note"))])
    file = MultipleFileField()
    reply_to = StringField(validators=[Optional(), Length(max=250)])
    voice = BooleanField()
    quick_reply = StringField(validators=[Optional(), UUID()])
    mentions = StringField(validators=[Optional(), Length(max=2000)])  # ids with commas between
    template_id = StringField(validators=[Optional(), UUID()])


class DraftForm(FlaskForm):
    """What is being written, and how many milliseconds ago it was typed."""

    body = TextAreaField(filters=[clean])
    kind = StringField(default="reply", validators=[AnyOf(DRAFT_KINDS)])
    reply_to = StringField(filters=[lambda text: text or None], validators=[Optional(), Length(max=250)])
    age = IntegerField(default=0, validators=[Optional()])


class QuickReplyForm(FlaskForm):
    """Words to be kept; the verb judges them and says what to change."""

    shortcut = StringField(lazy(N_("Atajo")), [Length(max=200)])
    title = StringField(lazy(N_("Título")), [Length(max=200)])
    body = TextAreaField(lazy(N_("Texto")), [Length(max=20_000)], filters=[clean])
    file = FileField(lazy(N_("Archivo")))
    drop_file = BooleanField(lazy(N_("Quitar el archivo")))
    shared = BooleanField(lazy(N_("Para todo el equipo")))


class ScheduleForm(FlaskForm):
    """A message for later; `words` are the new ones of a message that waits.

    `when` is a moment as a button shows it; without one, `at` is typed, in the tenant's zone.
    """

    body = TextAreaField(filters=[clean])
    words = TextAreaField(filters=[clean])
    when = StringField(validators=[Optional(), Length(max=40)])
    at = StringField(validators=[Optional(), Length(max=40)])
    only_if_unanswered = BooleanField()
    template_id = StringField(validators=[Optional(), UUID()])
    file = MultipleFileField()


class AssignmentForm(FlaskForm):
    """Whose it will be; with a note it is handed over. `me` is whoever asks."""

    user_id = StringField(validators=[Optional(), Regexp(ME_OR_ID)])
    note = TextAreaField(filters=[clean])


class ClosureForm(FlaskForm):
    reason = StringField(validators=[AnyOf(CLOSE_REASONS)])
    notes = TextAreaField(validators=[Optional(), Length(max=2000)])
    outcome = StringField(validators=[Optional(), AnyOf(OUTCOMES)])
    value = StringField(filters=[_amount])


class SnoozeForm(FlaskForm):
    """`until` is one of the usual spans, `reply`, or `moment`: the date and time beside it, in the tenant's zone."""

    until = StringField()
    date = StringField()
    time = StringField()


class PriorityForm(FlaskForm):
    priority = StringField()


class MacroForm(FlaskForm):
    """The steps come beside it, as `do-0`, `text-0`, `do-1`…: see `routes.macros`."""

    name = StringField(lazy(N_("Nombre")), filters=[clean])
    key = SelectField(
        lazy(N_("Tecla")), choices=[SelectChoice("", "–"), *(SelectChoice(str(n)) for n in range(1, 10))]
    )
    is_shared = BooleanField(lazy(N_("Compartir con el equipo")))


def _fits(_form: FlaskForm, field: StringField) -> None:
    if len(field.data or "") > MOST_TEXT:
        raise ValidationError(lazy(N_("Hasta %(most)s caracteres."), most=MOST_TEXT))


class InboxSettingsForm(FlaskForm):
    satisfaction_enabled = BooleanField(lazy(N_("Preguntar al cerrar")))
    satisfaction_text = TextAreaField(lazy(N_("La pregunta")), [_fits], filters=[clean])
    nudge_enabled = BooleanField(lazy(N_("Escribir antes de que se cierre la ventana")))
    nudge_minutes = IntegerField(
        lazy(N_("Minutos antes")),
        [
            InputRequired(message=lazy(N_("Falta este dato."))),
            NumberRange(LEAST_MINUTES, MOST_MINUTES, message=lazy(N_("Entre %(min)s y %(max)s."))),
        ],
    )
    nudge_text = TextAreaField(lazy(N_("El mensaje")), [_fits], filters=[clean])


class ViewForm(FlaskForm):
    """A saved view's name and looks; `renew` lets it show what the list shows now."""

    name = StringField()
    icon = StringField()
    is_shared = BooleanField()
    renew = BooleanField()

    @property
    def given(self) -> dict[str, Any]:
        return {
            "name": self.name.data or "",
            "icon": self.icon.data or "",
            "is_shared": bool(self.is_shared.data),
        }


class BulkForm(FlaskForm):
    """An action on many: `order` says which and with what, as `close:resolved`; `ids` or everything that matches."""

    order = StringField()
    ids = TextAreaField()
    everything = BooleanField()
    query = StringField()
    tags = StringField()
    until = StringField()

"""What is accepted about a person."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField


def _without_nul(text: str | None) -> str:
    return (text or "").replace("\x00", "")


class FieldForm(FlaskForm):
    """One value of one field; the verb judges it, and says what is wrong beside it."""

    value = StringField(filters=[_without_nul])


class NoteForm(FlaskForm):
    words = TextAreaField(filters=[_without_nul])

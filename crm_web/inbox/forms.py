"""What is accepted from whoever writes."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import StringField, TextAreaField
from wtforms.validators import UUID, AnyOf, Length, Optional

from crm_web.inbox.models import CLOSE_REASONS


class MessageForm(FlaskForm):
    """A reply or a note. The window, the length and the file are judged by the verb, which says why."""

    body = TextAreaField(filters=[lambda text: (text or "").replace("\r\n", "\n").replace("\x00", "")])
    client_id = StringField(validators=[Optional(), Length(max=64)])
    kind = StringField(default="reply", validators=[Optional(), AnyOf(("reply", "note"))])
    file = MultipleFileField()
    reply_to = StringField(validators=[Optional(), Length(max=250)])


class AssignmentForm(FlaskForm):
    user_id = StringField(validators=[Optional(), UUID()])


class ClosureForm(FlaskForm):
    reason = StringField(validators=[AnyOf(CLOSE_REASONS)])
    notes = TextAreaField(validators=[Optional(), Length(max=2000)])

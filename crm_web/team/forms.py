"""What is accepted from somebody who signs in."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import DataRequired, Length

from crm_web.core.sentences import lazy
from crm_web.core.text import N_


class LoginForm(FlaskForm):
    email = StringField(lazy(N_("Correo")), [DataRequired(lazy(N_("Escribe tu correo."))), Length(max=254)])
    password = PasswordField(
        lazy(N_("Contraseña")), [DataRequired(lazy(N_("Escribe tu contraseña."))), Length(max=1000)]
    )
    remember = BooleanField(lazy(N_("Mantener la sesión en este equipo")))

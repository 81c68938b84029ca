"""What is accepted from whoever connects a channel."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import IntegerField, PasswordField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, Regexp

from crm_web.core.sentences import lazy
from crm_web.core.text import N_

DIGITS = Regexp(r"^\d{5,20}$", message=lazy(N_("Son solo números, entre 5 y 20.")))
NEEDED = DataRequired(message=lazy(N_("Falta este dato.")))
GIVEN = InputRequired(message=lazy(N_("Falta este dato.")))


class ChannelForm(FlaskForm):
    name = StringField(lazy(N_("Nombre del canal")), [NEEDED, Length(max=80)])
    phone = StringField(
        lazy(N_("Número de WhatsApp")),
        [
            NEEDED,
            Regexp(
                r"^\+?[\d\s().-]{8,25}$", message=lazy(N_("Escríbelo con indicativo, como +57 300 000 0000."))
            ),
        ],
    )
    account_id = StringField(lazy(N_("Identificador del número")), [NEEDED, DIGITS])
    business_id = StringField(lazy(N_("Identificador de la cuenta de WhatsApp (WABA)")), [NEEDED, DIGITS])
    token = PasswordField(lazy(N_("Token de acceso")), [NEEDED, Length(max=1000)])
    app_secret = PasswordField(lazy(N_("Secreto de la app")), [Optional(), Length(max=200)])


class LimitsForm(FlaskForm):
    daily_message_limit = IntegerField(
        lazy(N_("Mensajes por día")),
        [GIVEN, NumberRange(1, 10_000_000, message=lazy(N_("Entre %(min)s y %(max)s.")))],
    )
    rate_limit_per_minute = IntegerField(
        lazy(N_("Mensajes por minuto")),
        [GIVEN, NumberRange(1, 60_000, message=lazy(N_("Entre %(min)s y %(max)s.")))],
    )


class CredentialsForm(FlaskForm):
    token = PasswordField(lazy(N_("Token de acceso")), [NEEDED, Length(max=1000)])
    app_secret = PasswordField(lazy(N_("Secreto de la app")), [Optional(), Length(max=200)])

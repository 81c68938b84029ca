"""What the team did with the conversations: tags, what came of them, what customers said, notes, macros, some put aside."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from crm_web.core.db import db
from crm_web.inbox.models import Conversation, ConversationTag, Macro
from crm_web.inbox.operations.macros import read_actions
from crm_web.inbox.operations.snoozes import moment_of
from crm_web.inbox.settings import InboxSettings, Satisfaction, change_settings
from crm_web.leads.models import LeadNote
from crm_web.ops.demo.thread import uuid7
from crm_web.tenants.models import Tenant

Row = dict[str, Any]
# The words of a business are few and come again. True is the clinic.
TAGS = {
    False: (
        "Compra",
        "Arriendo",
        "Chapinero",
        "Usaquén",
        "Crédito aprobado",
        "Inversionista",
        "VIP",
        "Segunda visita",
    ),
    True: ("Implantes", "Ortodoncia", "Diseño de sonrisa", "Financiación", "Bogotá norte", "VIP", "Control"),
}
NOTES = {
    False: (
        "Prefiere que la llamen después de las 6 p. m.",
        "Busca parqueadero doble; tiene dos carros.",
        "El crédito lo lleva con el Banco de Bogotá, preaprobado hasta marzo.",
        "Su mamá decide con ella: invitarla a la visita.",
        "Tiene una mascota grande. Solo edificios que la acepten.",
        "Quiere cerrar antes de fin de año.",
    ),
    True: (
        "Alérgico a la penicilina.",
        "Le teme a las inyecciones: explicarle cada paso.",
        "Paga por cuotas; prefiere débito automático.",
        "Viene desde Chía: citas después de las 10.",
        "La remitió su hermana, también paciente.",
    ),
}  # fmt: skip
COMMENTS = (
    "Muy amables y rápidos, gracias", "Todo bien, aunque la respuesta tardó un poco", "Excelente servicio",
    "Me explicaron todo con paciencia",
)  # fmt: skip
MACROS: tuple[tuple[str, int, list[Row]], ...] = (
    ("Ya te confirmo", 1, [
        {"do": "send", "text": "Hola, {{first_name}}. Lo reviso y te confirmo hoy mismo."},
        {"do": "priority", "to": "high"},
        {"do": "assign", "to": "me"},
    ]),
    ("No respondió", 2, [
        {"do": "note", "text": "Tercer intento sin respuesta."},
        {"do": "tag", "tag": "Retomar"},
        {"do": "snooze", "until": "month"},
    ]),
    ("Gracias y cerrar", 3, [
        {"do": "send", "text": "Gracias, {{first_name}}. Quedamos atentos a lo que necesites."},
        {"do": "close", "reason": "resolved"},
    ]),
)  # fmt: skip
OWN_MACRO = ("VIP para mí", 4, [
    {"do": "tag", "tag": "VIP"}, {"do": "priority", "to": "urgent"}, {"do": "assign", "to": "me"},
])  # fmt: skip


@dataclass(frozen=True)
class Keeper:
    """Whose conversations these are, when it is, and chances of their own, so that nothing else changes by them."""

    tenant: Tenant
    at: datetime
    chance: Random
    is_clinic: bool
    team: dict[str, uuid.UUID]

    @property
    def zone(self) -> ZoneInfo:
        return self.tenant.zone


def take_care(keeper: Keeper) -> None:
    """Do all of it for one tenant, in an order that is the same every time."""
    talks = db.session.scalars(sa.select(Conversation).order_by(Conversation.id)).all()
    db.session.add_all(_tags(keeper, talks))
    _put_aside(keeper, [talk for talk in talks if talk.is_open])
    for talk in talks:
        if talk.close_reason in ("sale", "resolved"):
            _rate(keeper, talk)
    db.session.add_all(_notes(keeper, talks))
    db.session.add_all(_macros(keeper))
    change_settings(keeper.tenant, InboxSettings(satisfaction=Satisfaction(enabled=True)))
    db.session.flush()


def _row(keeper: Keeper, at: datetime) -> Row:
    return {"id": uuid7(at, keeper.chance), "tenant_id": keeper.tenant.id, "created_at": at, "updated_at": at}


def _tags(keeper: Keeper, talks: Sequence[Conversation]) -> Iterator[ConversationTag]:
    chance, words = keeper.chance, TAGS[keeper.is_clinic]
    for talk in talks:
        for word in chance.sample(words, chance.choice((0, 0, 1, 1, 2, 3))):
            made = _row(keeper, talk.created_at)
            yield ConversationTag(conversation_id=talk.id, tag=word, created_by=talk.assigned_to, **made)


def _put_aside(keeper: Keeper, talks: Sequence[Conversation]) -> None:
    """Two at least: one until tomorrow, the next until the customer writes, and so on."""
    asleep = [talk for talk in talks if talk.status == "snoozed"]
    waiting = [talk for talk in talks if talk.status == "pending" and talk.unread_count == 0]
    asleep += waiting[: max(0, 2 - len(asleep))]
    for place, talk in enumerate(asleep):
        talk.status, talk.snoozed_by = "snoozed", talk.assigned_to
        talk.snoozed_until = None if place % 2 else moment_of("tomorrow", keeper.zone, keeper.at)


def _rate(keeper: Keeper, talk: Conversation) -> None:
    chance = keeper.chance
    talk.satisfaction_asked_at = talk.closed_at
    if talk.satisfaction_rating is None and chance.random() < 0.5:
        talk.satisfaction_rating = chance.choice((5, 5, 4, 4, 3, 2, 1))
    if talk.satisfaction_rating and talk.satisfaction_rating > 3 and chance.random() < 0.3:
        talk.satisfaction_comment = chance.choice(COMMENTS)


def _notes(keeper: Keeper, talks: Sequence[Conversation]) -> Iterator[LeadNote]:
    """About one in three of those who are spoken with."""
    chance, words = keeper.chance, NOTES[keeper.is_clinic]
    for talk in talks:
        if talk.is_open and talk.assigned_to and chance.random() < 0.35:
            for body in chance.sample(words, chance.choice((1, 1, 2))):
                at = max(talk.created_at, keeper.at - timedelta(hours=chance.randint(3, 200)))
                author = chance.choice((talk.assigned_to, talk.assigned_to, keeper.team["jefe"]))
                yield LeadNote(lead_id=talk.lead_id, author_id=author, body=body, **_row(keeper, at))


def _macros(keeper: Keeper) -> Iterator[Macro]:
    """Three that the manager shares, and one of the seller's own."""
    at = keeper.at - timedelta(days=40)
    for name, key, actions in MACROS:
        yield _macro(keeper, keeper.team["jefe"], name, key, actions, is_shared=True, at=at)
    name, key, actions = OWN_MACRO
    yield _macro(keeper, keeper.team["asesora"], name, key, actions, is_shared=False, at=at)


def _macro(
    keeper: Keeper,
    owner: uuid.UUID,
    name: str,
    key: int,
    actions: list[Row],
    *,
    is_shared: bool,
    at: datetime,
) -> Macro:
    steps = [step.model_dump(mode="json") for step in read_actions(actions)]
    return Macro(owner_id=owner, name=name, key=key, is_shared=is_shared, actions=steps, **_row(keeper, at))

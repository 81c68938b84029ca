"""Lines with their times become what is said, by whom of this team, in words that fit this customer and this home."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from crm_web.ops.demo import listings
from crm_web.ops.demo.clockwork import Clock
from crm_web.ops.demo.compose import SCENE
from crm_web.ops.demo.contents import Content, content_of
from crm_web.ops.demo.listings import Words
from crm_web.ops.demo.people import HER_NAMES, HIS_NAMES, SURNAMES, Customer
from crm_web.ops.demo.plans import Part, Plan
from crm_web.ops.demo.screenplay import CUSTOMER, NOTE, SYSTEM, Line, spoken

SENDERS = {"bot": "assistant", "flujo": "flow", "campaña": "campaign", "tel": "phone_app"}
_GREETINGS = re.compile(r"Buen(os días|as tardes|as noches)")
WEEKDAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
MONTHS = (
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
)
HOURS = (
    ("9:00 a. m.", "2:00 p. m."),
    ("10:30 a. m.", "4:00 p. m."),
    ("11:00 a. m.", "3:30 p. m."),
    ("8:30 a. m.", "5:00 p. m."),
)


class Member(NamedTuple):
    """A colleague as conversations know them."""

    id: uuid.UUID
    part: str
    first_name: str
    name: str
    tone: str
    is_her: bool


@dataclass(frozen=True)
class Stage:
    """Where conversations are played: the team, the business's name, the present moment."""

    agency: str
    team: dict[str, Member]
    now: datetime
    zone: ZoneInfo
    chance: Random

    def member(self, part: str, owner: str | None) -> Member | None:
        """Who plays this part; `asesor` (and `yo`, in notes) is whoever takes care of the conversation."""
        if part in SENDERS or part == CUSTOMER:
            return None
        return self.team.get((owner or "asesora") if part in ("asesor", "yo") else part) or self.team["jefe"]


@dataclass(frozen=True)
class Said:
    """Something said or done in a conversation. `event` is filled for lines of the system."""

    line: Line
    at: datetime
    content: Content
    by: Member | None
    sender: str
    before: str = ""
    event: dict[str, Any] | None = None
    words: Words = field(default_factory=dict)


class Performance:
    """One conversation: who is on stage, in which tone, and the words that fit."""

    def __init__(self, stage: Stage, plan: Plan, customer: Customer, part: Part | None = None) -> None:
        self.stage, self.plan, self.customer = stage, plan, customer
        owner = stage.member("asesor", plan.owner)
        self.tone = part.tone if part else owner.tone if owner else "tú"
        same = part is not None or stage.chance.random() < 0.75
        self.reply_tone = self.tone if same else stage.chance.choice(("tú", "usted"))
        self.words = _words(stage, plan, customer, part)

    def perform(self, lines: Sequence[Line]) -> list[Said]:
        """Everything that is said, oldest first."""
        stage = self.stage
        moments = Clock(lines, self.plan, stage.now, stage.zone, stage.chance).times()
        said: list[Said] = []
        for line, moment in zip(lines, moments, strict=True):
            if not said or line.wait in (SCENE, "end"):
                self.words |= _dates(moment.astimezone(stage.zone).date(), stage.chance)
            said.append(self._say(line, moment.astimezone(UTC)))
        return said

    def _say(self, line: Line, at: datetime) -> Said:
        line = replace(line, text=_greeting(line.text, at.astimezone(self.stage.zone).hour))
        by = self.stage.member(line.who, self.plan.owner)
        if line.how == SYSTEM:
            doer, event = _event(self.stage, self.plan, line.text)
            return Said(line, at, Content("system"), doer, "system", event=event)
        inbound = line.who == CUSTOMER
        is_her = self.customer.is_her if inbound else bool(by and by.is_her)
        words, tone = self.words | {"o": "a" if is_her else "o"}, self.reply_tone if inbound else self.tone
        if line.how == NOTE:
            return Said(
                line, at, Content("note", spoken(line.text, tone, words)), self._noting(line, by), "user"
            )
        sender = "customer" if inbound else SENDERS.get(line.who, "user")
        before = next((spoken(mark[2:], tone, words) for mark in line.marks if mark.startswith("~ ")), "")
        return Said(line, at, content_of(spoken(line.text, tone, words)), by, sender, before, words=words)

    def _noting(self, line: Line, by: Member | None) -> Member | None:
        """Nobody writes a note to themselves: somebody else of the team does."""
        if line.who == "yo" or by is None or by.part != self.plan.owner:
            return by
        return self.stage.team.get("duena") or self.stage.team["asesora"]


def _greeting(text: str, hour: int) -> str:
    """Good morning in the morning, good night at night."""
    time = "Buenos días" if 4 <= hour < 12 else "Buenas tardes" if hour < 19 else "Buenas noches"
    return _GREETINGS.sub(time, text)


def _event(stage: Stage, plan: Plan, text: str) -> tuple[Member | None, dict[str, Any]]:
    """`asigna <who> > <to>`, `cierra <who> <reason> | <notes>`, `reabre <who>`: who did it, and the line's payload."""
    verb, rest = text.split(" ", 1)
    rest, _, notes = rest.partition(" | ")
    who, _, more = rest.partition(" ")
    by = stage.member(who, plan.owner)
    name = by.name if by else ""
    if verb == "reabre":
        return by, {"event": "reopened", "by": name}
    if verb == "cierra":
        return by, {"event": "closed", "by": name, "reason": more, "notes": notes or None}
    to = stage.member(more.removeprefix("> "), plan.owner)
    return by, {"event": "assigned", "by": name, "to": to.name if to else None}


def _words(stage: Stage, plan: Plan, customer: Customer, part: Part | None) -> Words:
    chance = stage.chance
    if plan.kind == "cita":
        offered = listings.treatment_words(chance)
    else:
        homes = listings.choose_homes(chance, rent=plan.kind == "arriendo", code=part.home if part else None)
        offered = listings.home_words(*homes, chance)
    owner = stage.member("asesor", plan.owner)
    friend = chance.choice(HER_NAMES if chance.random() < 0.5 else HIS_NAMES)
    return offered | {
        "nombre": customer.calling_name or "buen día", "asesor": owner.first_name if owner else "", "agencia": stage.agency,
        "agendadora": stage.team.get("agenda", stage.team["jefe"]).first_name,
        "referente": f"{friend} {chance.choice(SURNAMES)}",
        "pareja": "mi esposo" if customer.is_her else "mi esposa", "o_cliente": "a" if customer.is_her else "o",
        "lo_cliente": "la" if customer.is_her else "lo",
    }  # fmt: skip


def _dates(today: date, chance: Random) -> Words:
    """A day soon after `today`, another one after that, and two hours; never a Sunday."""
    first = _workday(today + timedelta(days=chance.randint(1, 3)))
    second = _workday(first + timedelta(days=1))
    hour, hour2 = chance.choice(HOURS)
    return {
        "dia": f"el {WEEKDAYS[first.weekday()]} {first.day}", "dia2": f"el {WEEKDAYS[second.weekday()]} {second.day}",
        "dia_corto": f"{WEEKDAYS[first.weekday()][:3].capitalize()} {first.day}",
        "dia2_corto": f"{WEEKDAYS[second.weekday()][:3].capitalize()} {second.day}",
        "fecha": f"{WEEKDAYS[first.weekday()]} {first.day} de {MONTHS[first.month - 1]}", "hora": hour, "hora2": hour2,
    }  # fmt: skip


def _workday(day: date) -> date:
    return day + timedelta(days=1) if day.weekday() == 6 else day

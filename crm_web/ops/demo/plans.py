"""Which conversations there are: whose, about what, how far they came, and how they stand now.

Minutes are counted back from the moment of seeding. The tables are for one helping; `--scale` asks for many.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from random import Random

from crm_web.ops.demo.screenplay import Scene

DAY = 24 * 60


@dataclass(frozen=True)
class Plan:
    """`heard` is when the customer last wrote, `last` when we did, if that was much later. `reason` closes it."""

    owner: str | None
    kind: str
    end: str
    heard: float
    last: float | None = None
    unread: int = 0
    status: str = "active"
    priority: str = "normal"
    reason: str = ""
    depth: int = 3
    reopened: bool = False


# For each owner, how the conversations that no script describes stand: fresh-in, fresh-out, amber, red, shut.
ACME_OPEN: dict[str | None, str] = {
    "asesora": "in out amber in shut red",
    "companero": "in out amber shut in red out amber",
    "agenda": "out in amber in shut out amber in",
    "jefe": "shut out in",
    "duena": "amber shut",
    None: "new new new",
}
RIVAL_OPEN: dict[str | None, str] = {
    "asesora": "in in out amber in out shut red in out amber shut",
    "jefe": "in out shut amber in",
    None: "new new new",
}
ACME_CLOSED = {"sale": 22, "resolved": 26, "no_interest": 16, "no_answer": 18, "spam": 3, "other": 7}
RIVAL_CLOSED = {"sale": 12, "resolved": 14, "no_interest": 5, "no_answer": 6, "spam": 2, "other": 1}
# Who the scripted ones belong to, for helpings without them.
ACME_MORE: dict[str | None, str] = {
    "asesora": "in out red in in shut shut out",
    "companero": "amber in in out amber",
    "agenda": "out",
    "jefe": "in in",
    None: "new new",
}
KINDS = {
    "sale": ("venta", "venta", "arriendo", "venta", "vender"),
    "resolved": ("posventa", "arriendo", "venta", "posventa", "vender"),
    "no_interest": ("venta", "arriendo", "venta"),
    "no_answer": ("venta", "venta", "arriendo"),
    "spam": ("spam",),
    "other": ("otro",),
    "": ("venta",) * 10 + ("arriendo",) * 4 + ("vender", "posventa"),
}
# The moments a conversation goes through, the usual order; depth says how many of them.
ROADS = {
    "venta": (
        "abre",
        "califica",
        "visita",
        "califica",
        "financia",
        "tras",
        "negocia",
        "papeles",
        "papeles",
    ),
    "arriendo": ("abre", "califica", "visita", "califica", "estudio", "estudio", "firma", "firma"),
    "vender": ("abre", "capta", "capta", "capta", "capta"),
    "posventa": ("abre", "posventa", "posventa"),
    "cita": ("abre", "agenda", "plan", "agenda", "control", "plan", "control", "control"),
    "otro": ("abre",),
    "spam": ("abre",),
}
ENDINGS = {"sale": "gana", "resolved": "resuelve", "no_interest": "pierde", "no_answer": "calla"}


def open_plans(table: dict[str | None, str], chance: Random, kind: str = "") -> Iterator[Plan]:
    """The open conversations of a table; `kind` when a business has only one."""
    subjects = cycle([kind] if kind else chance.sample(KINDS[""], len(KINDS[""])))
    for owner, moods in table.items():
        for mood in moods.split():
            yield MOODS[mood](owner, next(subjects), chance)


def closed_plans(
    table: dict[str, int], owners: tuple[str, ...], chance: Random, kind: str = ""
) -> Iterator[Plan]:
    """The closed ones: dense in the last days, thinner the further back, none before four months ago."""
    for reason, count in table.items():
        for index in range(count):
            recent = index % 8 == 0
            age = chance.uniform(70, 3 * DAY) if recent else 3 * DAY + 112 * DAY * chance.random() ** 1.5
            about = kind if kind and reason != "spam" else chance.choice(KINDS[reason])
            most = len(ROADS[about])
            depth = most if reason == "sale" else chance.randint(1, max(1, most - 3))
            yield Plan(chance.choice(owners), about, "out", age, status="closed", reason=reason, depth=depth)


def _depth(chance: Random) -> int:
    return chance.choice((1, 2, 2, 3, 3, 4, 5, 6, 8))


def _priority(chance: Random) -> str:
    return chance.choice(("normal",) * 8 + ("high", "high", "low", "urgent"))


def _fresh_in(owner: str | None, kind: str, chance: Random) -> Plan:
    """The customer waits for us."""
    heard = chance.uniform(4, 60) if chance.random() < 0.35 else chance.uniform(60, 620)
    return Plan(
        owner,
        kind,
        "in",
        heard,
        None,
        chance.choice((0, 1, 1, 1, 2)),
        "active",
        _priority(chance),
        "",
        _depth(chance),
    )


def _fresh_out(owner: str | None, kind: str, chance: Random) -> Plan:
    """We wait for the customer."""
    return Plan(
        owner, kind, "out", chance.uniform(15, 700), None, 0, "active", _priority(chance), "", _depth(chance)
    )


def _amber(owner: str | None, kind: str, chance: Random) -> Plan:
    """Less than six hours are left to answer."""
    heard = chance.uniform(18.4, 22.4) * 60
    if chance.random() < 0.5:
        return Plan(
            owner,
            kind,
            "in",
            heard,
            None,
            chance.choice((0, 1, 2)),
            "active",
            _priority(chance),
            "",
            _depth(chance),
        )
    return Plan(
        owner, kind, "out", heard, chance.uniform(40, 500), 0, "active", _priority(chance), "", _depth(chance)
    )


def _red(owner: str | None, kind: str, chance: Random) -> Plan:
    """Less than one."""
    return Plan(
        owner, kind, "in", chance.uniform(23.1, 23.8) * 60, None, 1, "active", "high", "", _depth(chance)
    )


def _shut(owner: str | None, kind: str, chance: Random) -> Plan:
    """The window is closed: only a template can open it again."""
    status = chance.choice(("pending", "snoozed", "active", "pending"))
    heard, end = chance.uniform(25, 68) * 60, chance.choice(("in", "out", "out"))
    return Plan(owner, kind, end, heard, None, 0, status, "normal", "", _depth(chance), chance.random() < 0.3)


def _new(owner: str | None, kind: str, chance: Random) -> Plan:
    """Nobody has taken it yet."""
    return Plan(owner, kind, "in", chance.uniform(6, 290), None, 9, "new", "normal", "", 1)


MOODS = {"in": _fresh_in, "out": _fresh_out, "amber": _amber, "red": _red, "shut": _shut, "new": _new}


# -- scripted ones -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """What the header of a script says of its customer and of how the conversation stands."""

    name: str
    is_her: bool
    tone: str
    home: str
    known: dict[str, str | None]
    is_read: bool
    plan: Plan


def part_of(scene: Scene) -> Part:
    """`## First · Last | f asesora 12m sin_leer=2 ventana=1410 historia=3 …`: minutes since the end, scenes before it."""
    gender, owner, end, *more = scene.tags
    said = dict(tag.partition("=")[::2] for tag in more)
    heard = said.get("ventana", "")
    plan = Plan(
        None if owner == "nadie" else owner, "venta", "in", float(heard) if heard.isdigit() else float(end[:-1]),
        float(end[:-1]), int(said.get("sin_leer", "0")), said.get("estado", "active"), said.get("prioridad", "normal"),
        depth=int(said.get("historia", "0")),
    )  # fmt: skip
    known = {"city": said.get("ciudad", "").replace("_", " "), "source": said.get("fuente"), "country": said.get("pais"),
             "email": "yes" if "correo" in said else None}  # fmt: skip
    is_her, tone = gender == "f", said.get("tono", "tú")
    return Part(scene.name, is_her, tone, said.get("inmueble", ""), known, "leido" in said, plan)

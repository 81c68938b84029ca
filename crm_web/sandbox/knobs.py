"""How the stand-in behaves today: slow, quiet, repeating itself, refusing the next three sends.

Knobs live in the world's file, so every process of the stand-in turns at once.
"""

import json
from dataclasses import asdict, dataclass, field, fields, replace


@dataclass(frozen=True, slots=True)
class Knobs:
    """Times are milliseconds. `fail_next` is a list of {code, http?, times, when?: "answer" | "status"}."""

    latency_ms: float = 0
    jitter_ms: float = 0
    delay_ms: float = 0
    sent_ms: float = 40
    delivered_ms: float = 250
    read_ms: float = 1500
    review_ms: float = 2000
    hang_ms: float = 30_000
    duplicate: int = 0
    batch: int = 1
    shuffle: bool = False
    statuses: bool = True
    auto_read: bool = False
    window: bool = True
    endings: bool = True
    fail_next: list = field(default_factory=list)


class UnknownKnob(ValueError):
    """Somebody turned something that is not there, or to a value it cannot take."""


def read_knobs(state):
    """The knobs as they stand; parsed again only when somebody turned one."""
    row = state.one("SELECT value FROM settings WHERE name = 'knobs'")
    raw = row["value"] if row else "{}"
    known, knobs = state.knob_cache
    if raw != known:
        knobs = Knobs(**json.loads(raw))
        state.knob_cache = (raw, knobs)
    return knobs


def turn_knobs(state, changes):
    """Change what is named, leave the rest; raises UnknownKnob before anything changes."""
    with state.tx():
        knobs = replace(read_knobs(state), **_checked(changes))
        state.run(
            "INSERT INTO settings VALUES ('knobs', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            json.dumps(asdict(knobs)),
        )
    return knobs


def _checked(changes):
    if not isinstance(changes, dict):
        raise UnknownKnob("knobs are an object of name and value")
    return {name: _checked_value(name, value) for name, value in changes.items()}


def _checked_value(name, value):
    kinds = {knob.name: knob.type for knob in fields(Knobs)}
    kind = kinds.get(name)
    if kind is None:
        raise UnknownKnob(f"{name} is not a knob; there are {', '.join(kinds)}")
    if kind is list:
        return [_checked_failure(failure) for failure in (value if isinstance(value, list) else [value])]
    if kind is bool and isinstance(value, bool):
        return value
    if kind in (int, float) and isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return kind(value)
    raise UnknownKnob(f"{name} cannot be {value!r}")


def _checked_failure(failure):
    if not isinstance(failure, dict) or not isinstance(failure.get("code"), int):
        raise UnknownKnob("fail_next is a list of {code, http, times}")
    return {**failure, "times": int(failure.get("times", 1))}


def take_failure(state, knobs):
    """The next failure asked for, spent; None when there is none left."""
    if not knobs.fail_next:
        return None
    first, *rest = knobs.fail_next
    left = [{**first, "times": first["times"] - 1}] if first["times"] > 1 else []
    turn_knobs(state, {"fail_next": left + rest})
    return first

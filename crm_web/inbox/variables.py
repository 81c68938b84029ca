"""Words with gaps: `{{name}}`, or `{{name|cliente}}` with what to write when there is nothing to fill in.

Plain substitution in one pass: what is filled in is never read again, and nothing is ever evaluated. A gap that is unknown,
or empty and without a fallback, stays as it was written, so that whoever sends can see it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from crm_web.leads.models import Lead, visible
from crm_web.team.models import User

NAMES = ("name", "first_name", "company", "city", "agent", "tenant")
_GAP = re.compile(r"\{\{\s*([\w.-]{1,40})\s*(?:\|([^{}|]{0,200}))?\}\}")


class Filled(NamedTuple):
    """The words, and the gaps left in them as they were written, each once."""

    words: str
    left: list[str]


def fill(body: str, values: Mapping[str, str]) -> Filled:
    left: dict[str, None] = {}

    def value_of(gap: re.Match[str]) -> str:
        value = values.get(gap[1].lower(), "").strip() or (gap[2] or "").strip()
        if not value:
            left[gap[0]] = None
        return value or gap[0]

    return Filled(_GAP.sub(value_of, body), list(left))


def values_of(lead: Lead) -> dict[str, str]:
    """What the gaps stand for that are about the customer; one known by phone alone has no name."""
    name = visible(f"{lead.first_name} {lead.last_name}") or visible(lead.profile_name)
    return {
        "name": name,
        "first_name": visible(lead.first_name) or name.partition(" ")[0],
        "company": lead.company or "",
        "city": lead.city or "",
    }


def values_for(lead: Lead, *, by: User) -> dict[str, str]:
    """What all the gaps stand for when this person writes to that customer."""
    return {**values_of(lead), "agent": by.name, "tenant": by.tenant.name}

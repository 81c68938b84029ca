"""When each line of a conversation was said: answers after minutes, scenes after days, in the hours when people write.

The end is fixed by the plan; everything before it is counted back from there, so nothing ever lies in the future.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

from crm_web.ops.demo.compose import SCENE
from crm_web.ops.demo.plans import Plan
from crm_web.ops.demo.screenplay import NOTE, SYSTEM, Line

LONGEST = 118.0
FRESH = 18 * 60
MACHINES = ("bot", "flujo")
PAUSES = {"hours": (50, 190), "soon": (4, 25), SCENE: (12, 70)}
HOURS = {"noche": (20.2, 21.8), "temprano": (8.0, 9.4)}
Block = list[int]


class Clock:
    """The times of one conversation."""

    def __init__(
        self, lines: Sequence[Line], plan: Plan, now: datetime, zone: ZoneInfo, chance: Random
    ) -> None:
        self.lines, self.plan, self.now, self.zone, self.chance = lines, plan, now, zone, chance
        self.moments: dict[int, datetime] = {}

    def times(self) -> list[datetime]:
        """A moment for every line, rising, none after `now`."""
        tail = [index for index, line in enumerate(self.lines) if line.wait == "end"]
        blocks = self._blocks(tail[0] if tail else len(self.lines))
        if tail:
            late = list(range(tail[0], len(self.lines)))
            self._lay(late, self._offsets(late), end=self.now - timedelta(minutes=self.plan.last or 1))
        if blocks:
            self._lay_last(blocks[-1], has_tail=bool(tail))
            self._lay_earlier(blocks)
        return [self.moments[index] for index in range(len(self.lines))]

    def _blocks(self, end: int) -> list[Block]:
        """Lines of one sitting, up to where the tail begins."""
        blocks: list[Block] = []
        for index, line in enumerate(self.lines[:end]):
            if not blocks or line.wait in ("days", SCENE):
                blocks.append([])
            blocks[-1].append(index)
        return self._within_a_day(blocks)

    def _within_a_day(self, blocks: list[Block]) -> list[Block]:
        """What we say in plain words belongs to the sitting before: the window is open then."""
        joined: list[Block] = []
        for block in blocks:
            first = self.lines[block[0]]
            if joined and first.wait == SCENE and first.is_outbound and not first.is_template:
                joined[-1] += block
            else:
                joined.append(block)
        return joined

    def _offsets(self, block: Block) -> list[float]:
        """Minutes from the beginning of a block to each of its lines."""
        offsets = [0.0]
        for before, index in pairwise(block):
            offsets.append(offsets[-1] + self._gap(self.lines[before], self.lines[index]))
        return offsets

    def _gap(self, before: Line, line: Line) -> float:
        if line.wait in PAUSES:
            return self.chance.uniform(*PAUSES[line.wait])
        if line.who in MACHINES:
            return self.chance.uniform(0.03, 0.1)
        if line.how in (NOTE, SYSTEM):
            return self.chance.uniform(0.3, 4)
        if line.who == before.who:
            return self.chance.uniform(0.15, 1.2)
        return self.chance.uniform(0.8, 9) if line.is_outbound else self.chance.uniform(0.6, 14)

    def _lay(self, block: Block, offsets: Sequence[float], *, end: datetime) -> None:
        for index, offset in zip(block, offsets, strict=True):
            self.moments[index] = end - timedelta(minutes=offsets[-1] - offset)

    def _lay_last(self, block: Block, *, has_tail: bool) -> None:
        """So that the customer's last word came when the plan says; ours, if it came after, is a minute old at least."""
        plan, offsets = self.plan, self._offsets(block)
        heard = [offset for index, offset in zip(block, offsets, strict=True) if self.lines[index].is_inbound]
        by_heard = heard and not plan.reason and (plan.last is None or has_tail)
        after = offsets[-1] - heard[-1] if by_heard else 0.0
        self._lay(block, offsets, end=self.now - timedelta(minutes=max(plan.heard - after, 1.0)))

    def _lay_earlier(self, blocks: list[Block]) -> None:
        """Block before block, each on an earlier day and in daylight, all within four months."""
        next_start = self.moments[blocks[-1][0]]
        for place in range(len(blocks) - 2, -1, -1):
            offsets = self._offsets(blocks[place])
            days = self._days_before(self.lines[blocks[place + 1][0]], next_start, place)
            start = self._start(blocks[place], next_start, days, offsets[-1])
            self._lay(blocks[place], offsets, end=start + timedelta(minutes=offsets[-1]))
            next_start = start

    def _days_before(self, following: Line, next_start: datetime, places_left: int) -> int:
        if following.days:
            return following.days
        if following.text.startswith("reabre"):
            return self.chance.randint(14, 30)
        days_left = LONGEST - (self.now - next_start).total_seconds() / 86_400
        return self.chance.randint(1, max(1, min(9, int(days_left / (places_left + 1)))))

    def _start(self, block: Block, before: datetime, days: int, minutes: float) -> datetime:
        """A beginning so many days earlier, not before seven, and over by half past eight if it can be."""
        latest = max(7.1, min(17.5, 20.5 - minutes / 60))
        hours = (min(7.5, latest - 0.05), latest)
        for mark in self.lines[block[0]].marks:
            hours = HOURS.get(mark, hours)
        return self._at(before, days, self.chance.uniform(*hours))

    def _at(self, before: datetime, days: int, hour: float) -> datetime:
        day = before.astimezone(self.zone).date() - timedelta(days=days)
        return datetime.combine(day, time(), self.zone) + timedelta(hours=hour)


def by_day(plan: Plan, now: datetime, zone: ZoneInfo, chance: Random) -> Plan:
    """The plan without work at night: what would have happened then, happened the evening before. The last hour stays."""
    return replace(
        plan, heard=_by_day(plan.heard, now, zone, chance) if plan.heard < FRESH or plan.reason else plan.heard,
        last=plan.last and _by_day(plan.last, now, zone, chance),
    )  # fmt: skip


def _by_day(minutes: float, now: datetime, zone: ZoneInfo, chance: Random) -> float:
    then = (now - timedelta(minutes=minutes)).astimezone(zone)
    if minutes <= 60 or 6.5 <= then.hour + then.minute / 60 < 22:
        return minutes
    evening = datetime.combine(then.date() - timedelta(days=then.hour < 12), time(21), zone)
    return minutes + (then - evening).total_seconds() / 60 + chance.uniform(-55, 150)

"""A conversation put together from scenes, as its plan asks: what is said, in which order, and where it breaks off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

from crm_web.ops.demo.plans import ENDINGS, ROADS, Plan
from crm_web.ops.demo.screenplay import SYSTEM, Line, Scene

SCENE = "scene"
SILENT = ("calla",)


class Composer:
    """Picks scenes at random among those played least so far, and none twice in a conversation."""

    def __init__(self, scenes: Sequence[Scene], chance: Random) -> None:
        self.scenes, self.chance = scenes, chance
        self.played: Counter[str] = Counter()

    def compose(self, plan: Plan, source: str) -> list[Line]:
        """The lines of a conversation; `wait` is `scene` where a new day may begin."""
        chosen = self._chosen(plan, source)
        if plan.status == "new":
            return self._unanswered(chosen[0], plan)
        if plan.reason:
            return self._joined(chosen + self._closing(plan), plan)
        if plan.reopened:
            chosen += [self._pick("pierde", plan, chosen), self._pick("reabre", plan, chosen)]
        return self._broken_off(self._joined(chosen, plan), plan)

    def history(self, plan: Plan, source: str) -> list[Line]:
        """What was said before a script begins."""
        return self._joined(self._chosen(plan, source), plan)

    def _chosen(self, plan: Plan, source: str) -> list[Scene]:
        chosen = [self._opening(plan, source)]
        for moment in ROADS[plan.kind][1 : plan.depth]:
            left = self._fitting(moment, plan, chosen)
            if left and self.chance.random() < 0.85:
                chosen.append(self._one_of(left))
        return chosen

    def _opening(self, plan: Plan, source: str) -> Scene:
        """How people come in depends on where they come from."""
        way = {"ad": "anuncio", "referral": "referido", "import": "campaña"}.get(source, "libre")
        daylight = [scene for scene in self.scenes if plan.status != "new" or "noche" not in scene.tags]
        for also in (way, "libre", ""):
            fitting = [
                scene for scene in daylight if scene.fits("abre", plan.kind, also) and _starts(scene, plan)
            ]
            if fitting:
                return self._one_of(fitting)
        raise LookupError(f"no scene opens {plan.kind}")

    def _fitting(self, moment: str, plan: Plan, without: Sequence[Scene] = ()) -> list[Scene]:
        return [scene for scene in self.scenes if scene.fits(moment, plan.kind) and scene not in without]

    def _pick(self, moment: str, plan: Plan, without: Sequence[Scene] = ()) -> Scene:
        return self._one_of(self._fitting(moment, plan, without))

    def _one_of(self, scenes: Sequence[Scene]) -> Scene:
        least = min(self.played[scene.name] for scene in scenes)
        scene = self.chance.choice([scene for scene in scenes if self.played[scene.name] == least])
        self.played[scene.name] += 1
        return scene

    def _unanswered(self, opening: Scene, plan: Plan) -> list[Line]:
        """What the customer said before anybody answered."""
        said: list[Line] = []
        for line in opening.lines:
            if not line.is_inbound:
                break
            said.append(line)
        if len(said) == 1 and self.chance.random() < 0.5:
            said.append(replace(self._word("apura", plan), wait="soon"))
        return said

    def _closing(self, plan: Plan) -> list[Scene]:
        if plan.reason in ENDINGS:
            return [self._pick(ENDINGS[plan.reason], plan)]
        return [Scene("cierre", ("cierre",), [Line("", f"cierra asesor {plan.reason}", SYSTEM, "hours")])]

    def _broken_off(self, lines: list[Line], plan: Plan) -> list[Line]:
        """An open conversation stops in the middle of something, with the right one having spoken last."""
        if plan.end == "out":
            lines = _up_to(lines, lambda line: line.is_outbound and line.who == "asesor" and len(lines) > 1)
            return [*lines, replace(self._word("insiste", plan), wait="end")] if plan.last else lines
        if self.chance.random() < 0.3:
            lines = _up_to(lines, lambda line: line.is_inbound)
        else:
            lines = [*lines, replace(self._word("pregunta", plan), wait=SCENE)]
        for _ in range(self.chance.choice((0, 0, 0, 1)) if plan.unread < 2 else plan.unread - 1):
            lines = [*lines, replace(self._word("apura", plan), wait="soon")]
        return lines

    def _joined(self, scenes: Sequence[Scene], plan: Plan) -> list[Line]:
        """One after the other. Where we would begin a day with plain words, the customer says hello first."""
        lines = list(scenes[0].lines)
        for scene in scenes[1:]:
            first, *rest = scene.lines
            if first.is_outbound and not first.is_template and scene.moment not in SILENT:
                lines += [replace(self._word("saluda", plan), wait=SCENE), first, *rest]
            else:
                lines += [first if first.wait else replace(first, wait=SCENE), *rest]
        return lines

    def _word(self, moment: str, plan: Plan) -> Line:
        """One of the short lines of this moment."""
        fitting = self._fitting(moment, plan) or [scene for scene in self.scenes if scene.moment == moment]
        return self._one_of(fitting).lines[0]


def _starts(scene: Scene, plan: Plan) -> bool:
    """Nobody but the setter says that she hands over to somebody; what is new begins with the customer."""
    if plan.status == "new":
        return scene.lines[0].is_inbound
    return plan.owner != "agenda" or not any(line.who == "agenda" for line in scene.lines)


def _up_to(lines: list[Line], fits: Callable[[Line], bool]) -> list[Line]:
    """Up to the last line that fits; at least one before it stays, so that the cut never empties a conversation."""
    for index in range(len(lines) - 1, 0, -1):
        if fits(lines[index]):
            return lines[: index + 1]
    return lines

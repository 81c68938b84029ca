"""What happened, told upwards: a module announces a fact, `listeners.py` says which bells it rings.

This is how a lower module moves a higher one without importing it.
"""

from __future__ import annotations

from crm_web.core.jobs import ring, ring_now

LISTENERS: dict[str, tuple[str, ...]] = {}


def announce(fact: str) -> None:
    """After the commit, ring every bell that listens to `fact`; a fact nobody listens to is a mistake."""
    for bell in LISTENERS[fact]:
        ring(bell)


def announce_now(fact: str) -> None:
    """Ring at once: for work that commits by itself, outside the session."""
    for bell in LISTENERS[fact]:
        ring_now(bell)

"""Refusals a verb may raise. They speak the reader's language and know nothing of HTTP but a hint of its status."""

from __future__ import annotations

from typing import Any


class DomainError(Exception):
    """A rule of the business said no. `str(error)` is the sentence shown to the person."""

    status = 422

    def __init__(self, sentence: Any = "", **details: Any) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.details = details

    def __str__(self) -> str:
        return str(self.sentence)


class NotFound(DomainError):
    """The thing does not exist, or this person may not know that it does: one and the same."""

    status = 404


class Conflict(DomainError):
    """Somebody else changed it first."""

    status = 409

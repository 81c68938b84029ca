"""Time, always aware and in UTC inside the product; a person's zone is applied only when words are made."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The current moment, aware, in UTC."""
    return datetime.now(UTC)

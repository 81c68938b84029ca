"""Cursors: the place of the last row seen, so page four thousand costs what page one does."""

from __future__ import annotations

import base64
import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_web.core.errors import NotFound


def cursor_of(at: datetime, row_id: uuid.UUID) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{row_id}".encode()).decode().rstrip("=")


def place_of(cursor: str) -> Any:
    """The row a cursor points at; a cursor that is none of ours is NotFound."""
    at, row_id = moment_of(cursor)
    return sa.tuple_(sa.literal(at), sa.literal(row_id))


def moment_of(cursor: str) -> tuple[datetime, uuid.UUID]:
    """The same as two values."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        at, row_id = text.split("|")
        return datetime.fromisoformat(at), uuid.UUID(row_id)
    except ValueError:
        raise NotFound from None

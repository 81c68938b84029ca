"""Reading JSON that may be anything: the tolerant readers that the rest of the adapter is written in."""

from __future__ import annotations

import hashlib
import json
import math
import re
import uuid
from datetime import UTC, datetime
from typing import Any

MAX_ID = 200
MAX_NAME = 250
MAX_DEPTH = 64
CUT = "…"
_UNWANTED = re.compile("[\x00\ud800-\udfff]")


def clean_text(text: str) -> str:
    """What PostgreSQL can store: without NUL, and U+FFFD where half of a surrogate pair stood."""
    if text.isascii():
        return text.replace("\x00", "") if "\x00" in text else text
    return _UNWANTED.sub(lambda found: "" if found[0] == "\x00" else "\ufffd", text)


def clean(value: Any, depth: int = MAX_DEPTH) -> Any:
    """The same JSON with clean texts, no NaN or infinity, and `…` below a depth no provider reaches."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if not isinstance(value, dict | list):
        return value
    if depth == 0:
        return CUT
    if isinstance(value, list):
        return [clean(one, depth - 1) for one in value]
    return {clean_text(str(key)): clean(one, depth - 1) for key, one in value.items()}


def shallow(value: Any) -> Any:
    """Cut, in place, what is nested deeper than anybody reads; without recursion, which such input would
    exhaust.
    """
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for parent in level for child in _children(parent) if isinstance(child, dict | list)]
        if not level:
            return value
    for container in level:
        container.clear()
    return value


def _children(parent: Any) -> Any:
    return parent.values() if isinstance(parent, dict) else parent if isinstance(parent, list) else ()


def mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def listing(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """A string, or a number as one; anything else is empty."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return number_text(value)


def number_text(value: float) -> str:
    try:
        return str(value)
    except ValueError:  # more digits than Python agrees to print
        return ""


def name(value: Any) -> str | None:
    """A short text that people choose for themselves; None when blank."""
    return text(value).strip()[:MAX_NAME].strip() or None


def whole(value: Any) -> int | None:
    """An integer, also when written as text."""
    try:
        return int(text(value).strip())
    except ValueError:
        return None


def moment(value: Any) -> datetime | None:
    """Epoch seconds (milliseconds too) as number or text, in UTC; None when missing, nonsense or not after
    1970.
    """
    try:
        seconds = float(text(value).strip())
        seconds = seconds / 1000 if seconds > 1e11 else seconds
        return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
    except (ValueError, OverflowError, OSError):
        return None


def stable_id(value: Any) -> str | None:
    """An id as a key: itself when it is short and plain, otherwise a digest of it; None when there is none.

    Ids are opaque and belong to the provider, but they end up in an index, which has limits.
    """
    given = value if isinstance(value, str) else text(value)
    if given and len(given) <= MAX_ID and given.isascii() and given.isprintable():
        return given
    return "sha256:" + digest(given) if given else None


def digest(value: Any) -> str:
    """The same for equal JSON, whatever the order of its keys."""
    try:
        canonical = json.dumps(value, sort_keys=True, separators=(",", ":"))
    except (RecursionError, TypeError, ValueError):
        # Not JSON, or too deep. Storing it twice is better than taking two things for one.
        canonical = str(uuid.uuid4())
    return hashlib.sha256(canonical.encode()).hexdigest()

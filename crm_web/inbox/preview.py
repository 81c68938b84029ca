"""One line that stands for a message in a list. The kind's own word is added where it is shown."""

from __future__ import annotations

from typing import Any

LENGTH = 140


def preview_of(kind: str, body: str, payload: dict[str, Any] | None = None) -> str:
    """The message's words on one line, at most 140 characters; for a file without words, its name."""
    payload = payload or {}
    words = body or payload.get("filename") or payload.get("name") or ""
    line = " ".join(str(words).split())
    return line if len(line) <= LENGTH else line[: LENGTH - 1].rstrip() + "…"

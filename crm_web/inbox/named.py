"""A note's words cut where it names somebody, so that the page can show names as such."""

from __future__ import annotations

import re
from collections.abc import Sequence

Part = tuple[str, str | None]


def by_mention(body: str, named: Sequence[dict[str, str]]) -> list[Part]:
    """Pieces of the words in order, each with the id of whom it names, or None; together they are the body."""
    ids = {f"@{one['name']}": one["id"] for one in named if one.get("name")}
    if not ids:
        return [(body, None)]
    longest_first = sorted(ids, key=len, reverse=True)
    pattern = re.compile(f"({'|'.join(map(re.escape, longest_first))})(?!\\w)")
    return [(piece, ids.get(piece)) for piece in pattern.split(body) if piece]

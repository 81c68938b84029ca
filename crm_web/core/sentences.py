"""Sentences that are written where the rule is, and translated when somebody reads them."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext


def lazy(sentence: str, **values: Any) -> Any:
    """The sentence in the language of whoever reads it, worked out when it is read."""
    return lazy_gettext(sentence, **values)

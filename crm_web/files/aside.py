"""Slow work beside the event loop: under gevent, a call that blocks would hold up everybody else's request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from gevent import get_hub, monkey  # type: ignore[import-untyped]

Result = TypeVar("Result")


def aside(work: Callable[..., Result], *args: Any) -> Result:
    """What `work(*args)` gives. In the web it runs in a real thread, and must touch neither database nor request."""
    if not monkey.is_module_patched("threading"):
        return work(*args)
    done: Result = get_hub().threadpool.apply(work, args)
    return done

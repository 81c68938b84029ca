"""The inbox at its addresses: list, thread, customer; writing, assigning, closing. One file per noun."""

from crm_web.inbox.routes import (
    customers,
    handling,
    lists,
    macros,
    search,
    settings,
    snoozes,
    tags,
    threads,
    writing,
)
from crm_web.inbox.routes.blueprint import bp, settings_bp

__all__ = [
    "bp", "customers", "handling", "lists", "macros", "search", "settings", "settings_bp", "snoozes", "tags",
    "threads", "writing",
]  # fmt: skip

"""The inbox at its addresses: list, thread, customer; writing, assigning, closing. One file per noun."""

from crm_web.inbox.routes import (
    customers,
    drafts,
    emojis,
    handling,
    lists,
    macros,
    mentions,
    quick_replies,
    schedule,
    search,
    settings,
    snoozes,
    tags,
    templates,
    threads,
    writing,
)
from crm_web.inbox.routes.blueprint import bp, settings_bp

__all__ = [
    "bp", "customers", "drafts", "emojis", "handling", "lists", "macros", "mentions", "quick_replies",
    "schedule", "search", "settings", "settings_bp", "snoozes", "tags", "templates", "threads", "writing",
]  # fmt: skip

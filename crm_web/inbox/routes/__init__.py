"""The inbox at its addresses: list, thread, customer; writing, assigning, closing. One file per noun."""

from crm_web.inbox.routes import (
    bulk,
    company,
    customers,
    drafts,
    emojis,
    handling,
    lists,
    macros,
    mentions,
    notices,
    quick_replies,
    schedule,
    search,
    settings,
    snoozes,
    tags,
    templates,
    threads,
    views,
    writing,
)
from crm_web.inbox.routes.blueprint import bp, settings_bp

__all__ = [
    "bp", "bulk", "company", "customers", "drafts", "emojis", "handling", "lists", "macros", "mentions",
    "notices", "quick_replies", "schedule", "search", "settings", "settings_bp", "snoozes", "tags",
    "templates", "threads", "views", "writing",
]  # fmt: skip

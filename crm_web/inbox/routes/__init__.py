"""The inbox at its addresses: list, thread, customer; writing, assigning, closing. One file per noun."""

from crm_web.inbox.routes import handling, lists, threads, writing
from crm_web.inbox.routes.blueprint import bp

__all__ = ["bp", "handling", "lists", "threads", "writing"]

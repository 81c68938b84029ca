"""What may be seen of the inbox: doors, lists with their counts, threads page by page."""

from crm_web.inbox.queries.doors import get_conversation, get_message, sees_file, visible_to
from crm_web.inbox.queries.lists import (
    STATES,
    TABS,
    Page,
    count_tabs,
    count_unread,
    inbox_pulse,
    list_conversations,
)
from crm_web.inbox.queries.threads import Thread, load_changes, load_thread

__all__ = [
    "STATES", "TABS", "Page", "Thread", "count_tabs", "count_unread", "get_conversation", "get_message", "inbox_pulse",
    "list_conversations", "load_changes", "load_thread", "sees_file", "visible_to",
]  # fmt: skip

"""What may be seen of the inbox: doors, lists with their counts, threads page by page."""

from crm_web.inbox.queries.customers import Files, list_conversations_of, list_files_of, talks_with
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
from crm_web.inbox.queries.macros import get_macro, get_macro_by_key, get_own_macro, list_macros
from crm_web.inbox.queries.search import Wanted, search_messages, search_people, wanted
from crm_web.inbox.queries.tags import list_used_tags
from crm_web.inbox.queries.threads import Thread, load_around, load_changes, load_thread
from crm_web.inbox.queries.transfers import get_last_transfer

__all__ = [
    "STATES", "TABS", "Files", "Page", "Thread", "Wanted", "count_tabs", "count_unread", "get_conversation",
    "get_last_transfer", "get_macro", "get_macro_by_key", "get_message", "get_own_macro", "inbox_pulse",
    "list_conversations", "list_conversations_of", "list_files_of", "list_macros", "list_used_tags",
    "load_around", "load_changes", "load_thread", "search_messages", "search_people", "sees_file",
    "talks_with", "visible_to", "wanted",
]  # fmt: skip

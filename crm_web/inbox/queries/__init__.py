"""What may be seen of the inbox: doors, lists with their counts, threads page by page."""

from crm_web.inbox.queries.customers import Files, list_conversations_of, list_files_of, talks_with
from crm_web.inbox.queries.doors import get_conversation, get_message, sees_file, visible_to
from crm_web.inbox.queries.drafts import list_drafts, load_own
from crm_web.inbox.queries.lists import Page, count_lists, count_unread, inbox_pulse, list_conversations
from crm_web.inbox.queries.macros import get_macro, get_macro_by_key, get_own_macro, list_macros
from crm_web.inbox.queries.mentions import count_unseen_mentions, list_who_may_see
from crm_web.inbox.queries.quick_replies import get_quick_reply, list_quick_replies, search_quick_replies
from crm_web.inbox.queries.scheduled import get_scheduled, list_scheduled
from crm_web.inbox.queries.search import Wanted, search_messages, search_people, wanted
from crm_web.inbox.queries.tags import list_used_tags
from crm_web.inbox.queries.threads import Thread, load_around, load_changes, load_thread
from crm_web.inbox.queries.transfers import get_last_transfer
from crm_web.inbox.queries.views import Known, get_own_view, list_views, load_known

__all__ = [
    "Files", "Known", "Page", "Thread", "Wanted", "count_lists",
    "count_unread", "count_unseen_mentions", "get_conversation", "get_last_transfer", "get_macro",
    "get_macro_by_key", "get_message", "get_own_macro", "get_own_view", "get_quick_reply", "get_scheduled",
    "inbox_pulse", "list_conversations", "list_conversations_of", "list_drafts", "list_files_of",
    "list_macros", "list_quick_replies", "list_scheduled", "list_used_tags", "list_views", "list_who_may_see",
    "load_around", "load_changes", "load_known", "load_own", "load_thread", "search_messages", "search_people",
    "search_quick_replies", "sees_file", "talks_with", "visible_to", "wanted",
]  # fmt: skip

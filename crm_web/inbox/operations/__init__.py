"""What can be done in the inbox: one plain function per verb."""

from crm_web.inbox.operations.answer import (
    ConversationClosed,
    Unsendable,
    WindowClosed,
    find_sent,
    retry_message,
    send_message,
    send_messages,
    write_note,
)
from crm_web.inbox.operations.drafts import forget_draft, keep_draft
from crm_web.inbox.operations.handle import assign, close, mark_read, mark_unread, reopen
from crm_web.inbox.operations.macros import delete_macro, run_macro, save_macro
from crm_web.inbox.operations.mentions import mark_mentions_seen, write_note_to
from crm_web.inbox.operations.nudges import nudge_waiting
from crm_web.inbox.operations.priorities import set_priority
from crm_web.inbox.operations.quick_replies import (
    BadQuickReply,
    count_use,
    create_quick_reply,
    delete_quick_reply,
    may_change,
    update_quick_reply,
)
from crm_web.inbox.operations.receive import process_events
from crm_web.inbox.operations.schedule import (
    cancel_scheduled,
    edit_scheduled,
    schedule_message,
    send_scheduled_now,
)
from crm_web.inbox.operations.snoozes import snooze, wake, wake_due
from crm_web.inbox.operations.tags import tag, untag
from crm_web.inbox.operations.templates import send_template
from crm_web.inbox.operations.transfers import transfer
from crm_web.inbox.operations.undo import take_back
from crm_web.inbox.operations.views import change_view, delete_view, save_view

__all__ = [
    "BadQuickReply", "ConversationClosed", "Unsendable", "WindowClosed", "assign", "cancel_scheduled",
    "change_view", "close", "count_use", "create_quick_reply", "delete_macro", "delete_quick_reply",
    "delete_view", "edit_scheduled", "find_sent", "forget_draft", "keep_draft", "mark_mentions_seen",
    "mark_read", "mark_unread", "may_change", "nudge_waiting", "process_events", "reopen", "retry_message",
    "run_macro", "save_macro", "save_view", "schedule_message", "send_message", "send_messages",
    "send_scheduled_now", "send_template", "set_priority", "snooze", "tag", "take_back", "transfer", "untag",
    "update_quick_reply", "wake", "wake_due", "write_note", "write_note_to",
]  # fmt: skip

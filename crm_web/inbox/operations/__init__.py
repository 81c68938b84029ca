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
from crm_web.inbox.operations.handle import assign, close, mark_read, mark_unread, reopen
from crm_web.inbox.operations.macros import delete_macro, run_macro, save_macro
from crm_web.inbox.operations.nudges import nudge_waiting
from crm_web.inbox.operations.priorities import set_priority
from crm_web.inbox.operations.receive import process_events
from crm_web.inbox.operations.snoozes import snooze, wake, wake_due
from crm_web.inbox.operations.tags import tag, untag
from crm_web.inbox.operations.transfers import transfer

__all__ = [
    "ConversationClosed", "Unsendable", "WindowClosed", "assign", "close", "delete_macro", "find_sent", "mark_read",
    "mark_unread", "nudge_waiting", "process_events", "reopen", "retry_message", "run_macro", "save_macro",
    "send_message", "send_messages", "set_priority", "snooze", "tag", "transfer", "untag", "wake", "wake_due",
    "write_note",
]  # fmt: skip

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
from crm_web.inbox.operations.handle import assign, close, mark_read, reopen
from crm_web.inbox.operations.receive import process_events

__all__ = [
    "ConversationClosed", "Unsendable", "WindowClosed", "assign", "close", "find_sent", "mark_read", "process_events",
    "reopen", "retry_message", "send_message", "send_messages", "write_note",
]  # fmt: skip

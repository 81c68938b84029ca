"""Putting a conversation back among what nobody has read."""

from __future__ import annotations

from crm_web.inbox.models import Conversation
from crm_web.inbox.operations import threads


def mark_unread(conversation: Conversation) -> None:
    """It counts as unread again, with at least one message; what has something unread already stays as it is."""
    thread = threads.lock_one(conversation)
    if conversation.unread_count == 0:
        conversation.unread_count = 1
        threads.tell_inbox([thread.assigned_to])

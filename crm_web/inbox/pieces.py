"""Rows and bubbles as templates ask for them: drawn once for everybody, and again when anything they show is different.

The keys name what the partials read (`inbox/_row.html`, `inbox/_message.html`): whoever lets a partial show more adds it here,
and a test that compares kept pages with freshly drawn ones notices who does not.
"""

from __future__ import annotations

import uuid
from collections.abc import Hashable
from typing import Any

from flask import render_template
from markupsafe import Markup

from crm_web.core.clock import now
from crm_web.core.fragments import kept
from crm_web.inbox.models import Conversation, Message
from crm_web.team.models import User


def row(conversation: Conversation, query: str, known: Any) -> Markup:
    """A conversation in the list. Its times are spelled to the minute."""
    several = len(known.channels) > 1
    minute = int(now().timestamp() // 60)
    return kept(
        ("row", query, several, minute, *_of_row(conversation)),
        lambda: render_template("inbox/_row.html", conversation=conversation, query=query, known=known),
    )


def _of_row(conversation: Conversation) -> tuple[Hashable, ...]:
    c = conversation
    return (
        c.id, c.lead.name, c.channel.name, tuple(c.tags), c.priority, c.status, c.is_open, c.unread_count, c.last_inbound_at,
        c.last_message_at, c.last_message_kind, c.last_message_preview, c.last_message_direction, c.last_message_status,
        c.last_message_by, _name(c.last_author), c.assigned_to, _name(c.assignee),
    )  # fmt: skip


def _name(user: User | None) -> str:
    return user.name if user else ""


def message(message: Message, conversation: Conversation, *, joined: bool) -> Markup:
    """A message in a page of them; its words for the day hold for an hour.

    What holds a form is drawn for whoever looks, because the form's token is theirs.
    """

    def draw() -> str:
        return render_template(
            "inbox/_message.html", message=message, conversation=conversation, joined=joined
        )

    if message.is_held or message.can_retry:
        return Markup(draw())  # noqa: S704 - what a template of ours has drawn is escaped already
    hour = int(now().timestamp() // 3600)
    return kept(("message", joined, hour, *_of_message(message, conversation)), draw)


def _of_message(message: Message, conversation: Conversation) -> tuple[Hashable, ...]:
    """Whatever happens to a message gives it a new version; what stands beside it has names and versions of its own."""
    quoted, file = message.quoted, message.file
    return (
        message.id, message.version, conversation.lead.name, _name(message.author),
        (quoted.id, quoted.version, _name(quoted.author), _state(quoted.file)) if quoted else None,
        _state(file), tuple((one.author_key, one.emoji) for one in message.reactions),
    )  # fmt: skip


def _state(file: Any) -> tuple[uuid.UUID, str, Any] | None:
    return (file.id, file.state, file.updated_at) if file else None

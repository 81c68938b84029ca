"""What a page rings for, and the number in its title: fetched through the same doors as everything else."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import jsonify, request, url_for
from flask_babel import gettext

from crm_web.core.clock import now
from crm_web.core.permissions import permission
from crm_web.inbox.models import Conversation, Mention, Message
from crm_web.inbox.queries import count_unread
from crm_web.inbox.queries.notices import list_mentions_since, list_unread_since
from crm_web.inbox.routes.blueprint import bp

LONGEST = timedelta(hours=1)


@bp.get("/notices")
@permission("conversations.read")
def notices() -> Any:
    """How many wait for this person, and what came since a moment of this answer's own `since`; without one, nothing."""
    at, since = now(), _since(request.args.get("since", ""))
    news = [*_mentions(since), *_messages(since)] if since else []
    return jsonify(unread=count_unread(), since=at.isoformat(), news=news)


def _since(text: str) -> datetime | None:
    """A moment within the last hour; what is no moment of ours asks for nothing."""
    try:
        since = datetime.fromisoformat(text)
    except ValueError:
        return None
    return max(since, now() - LONGEST) if since.tzinfo else None


def _messages(since: datetime) -> list[dict[str, str]]:
    return [
        _notice(
            f"{conversation.id} {conversation.last_inbound_at}",
            conversation,
            conversation.lead.name,
            conversation.last_message_preview or gettext("Te envió un mensaje"),
        )
        for conversation in list_unread_since(since)
    ]


def _mentions(since: datetime) -> list[dict[str, str]]:
    return [_mention(*found) for found in list_mentions_since(since)]


def _mention(mention: Mention, message: Message, conversation: Conversation) -> dict[str, str]:
    who = message.author.first_name if message.author else gettext("Alguien")
    title = gettext("%(who)s te mencionó · %(customer)s", who=who, customer=conversation.lead.name)
    return _notice(str(mention.id), conversation, title, message.body[:200])


def _notice(key: str, conversation: Conversation, title: str, words: str) -> dict[str, str]:
    return {
        "key": key,
        "conversation": str(conversation.id),
        "title": title,
        "words": words,
        "url": url_for("inbox.show", conversation_id=conversation.id),
    }

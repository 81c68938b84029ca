"""What a conversation's row repeats of its messages, for all conversations of the tenant in one statement.

The rules are those of the inbox's verbs: what arrives and what we send count, notes and system lines do not; a customer's
reaction may be the last thing that happened; who waits, waits since the first message after our last.
"""

from __future__ import annotations

import sqlalchemy as sa

from crm_web.core.db import db
from crm_web.core.tenancy import current_tenant_id
from crm_web.inbox.preview import LENGTH

_CONVERSATIONS = sa.text(
    """
    WITH placed AS (
        SELECT m.*, max(occurred_at) FILTER (WHERE direction = 'outbound') OVER (PARTITION BY conversation_id) AS last_ours
        FROM messages m WHERE tenant_id = :tenant
    ), counted AS (
        SELECT p.conversation_id,
            count(*) FILTER (WHERE p.direction <> 'internal') AS messages,
            max(p.version) AS version,
            min(p.occurred_at) FILTER (WHERE p.direction = 'inbound') AS first_inbound,
            max(p.occurred_at) FILTER (WHERE p.direction = 'inbound') AS last_inbound,
            max(p.last_ours) AS last_outbound,
            min(p.occurred_at) FILTER (WHERE p.direction = 'outbound' AND p.sender = 'user') AS first_response,
            count(*) FILTER (WHERE p.direction = 'inbound'
                AND p.occurred_at > coalesce(c.read_at, '-infinity')) AS unread,
            min(p.occurred_at) FILTER (WHERE p.direction = 'inbound'
                AND p.occurred_at > coalesce(p.last_ours, '-infinity')) AS waiting,
            max(p.updated_at) AS touched
        FROM placed p JOIN conversations c ON c.tenant_id = :tenant AND c.id = p.conversation_id
        GROUP BY p.conversation_id
    ), shown AS (
        SELECT conversation_id, occurred_at AS at, id, kind, direction, status, author_id,
            coalesce(nullif(body, ''), payload->>'filename', payload->>'name', '') AS words
        FROM messages WHERE tenant_id = :tenant AND direction <> 'internal'
        UNION ALL
        SELECT conversation_id, reacted_at, NULL, 'reaction', 'inbound', 'received', NULL, emoji
        FROM message_reactions WHERE tenant_id = :tenant AND author_key = 'customer' AND emoji <> ''
    ), last AS (
        SELECT DISTINCT ON (conversation_id) conversation_id, at, id, kind, direction, status, author_id,
            trim(regexp_replace(words, '[\\s\\u00a0]+', ' ', 'g')) AS words
        FROM shown ORDER BY conversation_id, at DESC, id DESC NULLS LAST
    )
    UPDATE conversations c SET
        version = n.version,
        message_count = n.messages,
        first_inbound_at = n.first_inbound,
        last_inbound_at = n.last_inbound,
        last_outbound_at = n.last_outbound,
        first_response_at = n.first_response,
        unread_count = CASE WHEN c.is_open THEN n.unread ELSE 0 END,
        waiting_since = CASE WHEN c.is_open THEN n.waiting END,
        last_message_at = last.at,
        last_message_id = CASE WHEN last.direction = 'outbound' THEN last.id END,
        last_message_kind = last.kind,
        last_message_direction = last.direction,
        last_message_status = last.status,
        last_message_by = CASE WHEN last.direction = 'outbound' THEN last.author_id END,
        last_message_preview = CASE WHEN length(last.words) <= :length THEN last.words
            ELSE rtrim(left(last.words, :length - 1)) || '…' END,
        updated_at = greatest(n.touched, c.closed_at)
    FROM counted n JOIN last USING (conversation_id)
    WHERE c.tenant_id = :tenant AND c.id = n.conversation_id
    """
)
_CHANNELS = sa.text(
    """
    UPDATE channels c SET
        messages_sent = n.sent, messages_received = n.received, last_message_at = n.last
    FROM (
        SELECT channel_id, count(*) FILTER (WHERE direction = 'outbound' AND external_id IS NOT NULL) AS sent,
            count(*) FILTER (WHERE direction = 'inbound') AS received,
            max(occurred_at) FILTER (WHERE direction = 'inbound') AS last
        FROM messages WHERE tenant_id = :tenant GROUP BY channel_id
    ) AS n
    WHERE c.tenant_id = :tenant AND c.id = n.channel_id
    """
)


# The planner knows nothing yet of rows that this very transaction has written, and would join them one by one.
_JOIN_AT_ONCE = sa.text("SET LOCAL enable_nestloop = off")


def recount() -> None:
    """Make every conversation and channel of the current tenant agree with its messages."""
    given = {"tenant": current_tenant_id()}
    db.session.execute(_JOIN_AT_ONCE)
    db.session.execute(_CONVERSATIONS, given | {"length": LENGTH})
    db.session.execute(_CHANNELS, given)

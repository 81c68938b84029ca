"""Lists of any size for tests: conversations made in one statement, each with what the filters ask about."""

from __future__ import annotations

import re
import uuid

import sqlalchemy as sa

# Row n wrote n minutes ago. Of the first house: every third is the seller's, every third nobody's, the rest seller2's.
_LEADS = """
INSERT INTO leads (id, tenant_id, first_name, last_name, profile_name, phone, opt_in, is_blocked)
SELECT md5(:tag || 'lead' || n)::uuid, :tenant, 'Persona', n::text, '', '+57310' || lpad(n::text, 7, '0'), true, false
FROM generate_series(1, :count) n
"""
_CONVERSATIONS = """
INSERT INTO conversations (id, tenant_id, lead_id, channel_id, assigned_to, status, is_open, priority, version,
    message_count, unread_count, last_message_at, last_inbound_at, waiting_since, last_message_kind,
    last_message_preview, last_message_direction, last_message_status, transfer_count, requires_attention, pair_backoff,
    created_at)
SELECT md5(:tag || 'talk' || n)::uuid, :tenant, md5(:tag || 'lead' || n)::uuid, :channel,
    CASE n % 3 WHEN 0 THEN CAST(:seller AS uuid) WHEN 1 THEN NULL ELSE CAST(:other AS uuid) END,
    CASE WHEN n % 10 = 9 THEN 'closed' WHEN n % 20 = 8 THEN 'snoozed' WHEN n % 3 = 1 THEN 'new' ELSE 'active' END,
    n % 10 <> 9,
    CASE WHEN n % 50 = 0 THEN 'urgent' WHEN n % 7 = 0 THEN 'high' WHEN n % 11 = 0 THEN 'low' ELSE 'normal' END,
    1, 1, CASE WHEN n % 4 = 0 THEN 1 + n % 120 ELSE 0 END, now() - n * interval '1 minute',
    now() - n * interval '1 minute', CASE WHEN n % 5 = 0 AND n % 10 <> 9 THEN now() - n * interval '1 minute' END,
    'text', 'Hola', 'inbound', 'received', 0, false, 0, now() - interval '1 day'
FROM generate_series(1, :count) n
"""
_TAGS = """
INSERT INTO conversation_tags (id, tenant_id, conversation_id, tag)
SELECT gen_random_uuid(), :tenant, md5(:tag || 'talk' || n)::uuid, CASE WHEN n % 200 = 0 THEN 'vip' ELSE 'norte' END
FROM generate_series(1, :count) n WHERE n % 5 = 0
"""


def user_id(owner: sa.Engine, email: str) -> uuid.UUID:
    with owner.connect() as connection:
        found: uuid.UUID = connection.scalar(
            sa.text("SELECT id FROM users WHERE email = :email"), {"email": email}
        )
    return found


def fill(owner: sa.Engine, house, count: int, *, tag: str = "a", team: str = "acme") -> None:
    """So many conversations of a house, with their leads and tags."""
    given = {
        "tenant": house.id, "channel": house.channel_id, "count": count, "tag": tag,
        "seller": user_id(owner, f"seller@{team}.test"),
        "other": user_id(owner, "seller2@acme.test" if team == "acme" else "owner@rival.test"),
    }  # fmt: skip
    with owner.begin() as connection:
        for statement in (_LEADS, _CONVERSATIONS, _TAGS):
            connection.execute(sa.text(statement), given)


def names(page: str) -> list[int]:
    """Which rows a page shows, by the number in their customer's name, in their order."""
    return [int(number) for number in re.findall(r'row-name cut">Persona (\d+)<', page)]


def all_names(person, query: str = "") -> list[int]:
    """Every row of a list, page after page."""
    page = person.get(f"/inbox/list?{query}").text
    found = names(page)
    while more := re.search(r'hx-get="/inbox/rows\?([^"]+)"', page):
        page = person.get(f"/inbox/rows?{more.group(1).replace('&amp;', '&')}").text
        found += names(page)
    return found


def counts(page: str) -> dict[str, str]:
    """What each tab says it holds."""
    return dict(re.findall(r'data-tab="(\w+)" href[^>]*>.*?<span class="pill [\w-]+">([^<]+)</span>', page))


def revoke(owner: sa.Engine, email: str, *permissions: str) -> None:
    """Take something away from one person in spite of their role."""
    with owner.begin() as connection:
        for permission in permissions:
            connection.execute(
                sa.text(
                    "INSERT INTO user_permissions (id, tenant_id, user_id, permission, effect)"
                    " SELECT gen_random_uuid(), tenant_id, id, :permission, 'revoke' FROM users WHERE email = :email"
                ),
                {"permission": permission, "email": email},
            )

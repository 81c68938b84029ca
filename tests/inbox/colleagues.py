"""What tests say of colleagues: who somebody is, who left, who sees only their own."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

ONLY_OWN = ("conversations.all", "conversations.unassigned")


def id_of(owner: sa.Engine, email: str) -> uuid.UUID:
    with owner.connect() as connection:
        found: uuid.UUID = connection.scalar(
            sa.text("SELECT id FROM users WHERE email = :email"), {"email": email}
        )
        return found


def leaves(owner: sa.Engine, email: str) -> None:
    with owner.begin() as connection:
        connection.execute(
            sa.text("UPDATE users SET status = 'inactive' WHERE email = :email"), {"email": email}
        )


def sees_only_own(owner: sa.Engine, email: str) -> None:
    """Take away what lets this person see conversations of others, and of nobody."""
    with owner.begin() as connection:
        for permission in ONLY_OWN:
            connection.execute(
                sa.text(
                    "INSERT INTO user_permissions (id, tenant_id, user_id, permission, effect)"
                    " SELECT gen_random_uuid(), tenant_id, id, :permission, 'revoke' FROM users WHERE email = :email"
                ),
                {"permission": permission, "email": email},
            )


def give(owner: sa.Engine, conversation_id: uuid.UUID, email: str) -> None:
    """Make the conversation theirs, without a word."""
    with owner.begin() as connection:
        connection.execute(
            sa.text("UPDATE conversations SET assigned_to = :user, status = 'assigned' WHERE id = :id"),
            {"user": id_of(owner, email), "id": conversation_id},
        )

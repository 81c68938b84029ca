"""How many conversations a number opened today, without reading what customers wrote."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_messages_templates",
        "messages",
        ["tenant_id", "channel_id", "occurred_at"],
        postgresql_where=sa.text("kind = 'template'"),
    )


def downgrade() -> None:
    op.drop_index("ix_messages_templates", "messages")

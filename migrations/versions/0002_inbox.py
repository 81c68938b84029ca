"""The inbox a seller lives in: tags, transfers, snoozes, drafts, quick replies, views, macros, templates, search.

Words are searched without an extension: `fold` takes accents away, `words_of_message` and `words_of_lead` make what the GIN
indexes hold. A lead's phone is indexed by every tail of its digits, so any run of four or more of them is a prefix.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from flask import current_app
from sqlalchemy.dialects import postgresql as pg

from crm_web.core.fence import door, fence

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FENCED = (
    "message_templates", "inbox_views", "macros", "lead_notes", "conversation_tags", "conversation_transfers", "drafts", "quick_replies", "mentions", "scheduled_messages",
)  # fmt: skip

SMALL = "áàâäãåāăąçćčďéèêëēęěíìîïīñńňóòôöõøōřśšșťțúùûüūůýÿžźż"
ACCENTED = SMALL + SMALL.upper()  # a database of locale C lowers no accented letter
PLAIN = "aaaaaaaaacccdeeeeeeeiiiiinnnooooooorsssttuuuuuuyyzzz" * 2
COMBINING = "".join(map(chr, (0x300, 0x301, 0x302, 0x303, 0x304, 0x306, 0x308, 0x30A, 0x30C, 0x327, 0x328)))

# Immutable and written out in full, because generated columns stand on them.
FUNCTIONS = {
    "fold(words text)": f"""text
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT translate(lower(words), '{ACCENTED}{COMBINING}', '{PLAIN}') $$""",
    "tails_of(phone text)": """text[]
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT coalesce(array_agg('p' || substr(d.digits, n)), '{}')
        FROM (SELECT regexp_replace(coalesce(phone, ''), '[^0-9]', '', 'g')) AS d(digits),
            generate_series(1, length(d.digits) - 3) AS n $$""",
    "words_of_message(body text, payload jsonb)": """tsvector
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT strip(to_tsvector('pg_catalog.simple', public.fold(left(
            concat_ws(' ', body, payload->>'filename', payload->>'name', payload->>'address'), 50000)))) $$""",
    "words_of_lead(first_name text, last_name text, profile_name text, username text, email text, company text, phone text)": """
        tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT strip(to_tsvector('pg_catalog.simple', public.fold(left(
            coalesce(first_name, '') || ' ' || coalesce(last_name, '') || ' ' || coalesce(profile_name, '') || ' '
            || coalesce(username, '') || ' ' || coalesce(email, '') || ' ' || coalesce(company, ''), 5000))))
            || array_to_tsvector(public.tails_of(phone)) $$""",
}

PERMISSIONS = ("conversations.all", "conversations.unassigned", "events.read", "events.replay", "inbox.share")
# Which of them system roles have from the start, as crm_web/team/permissions.py said when this was written.
WHO = {
    "conversations.all": ("owner", "admin", "manager", "seller", "setter", "analyst", "quality", "auditor", "viewer"),
    "conversations.unassigned": (
        "owner", "admin", "manager", "seller", "setter", "analyst", "quality", "auditor", "viewer",
    ),
    "events.read": ("owner", "admin", "manager", "analyst"),
    "events.replay": ("owner", "admin", "manager"),
    "inbox.share": ("owner", "admin", "manager"),
}  # fmt: skip

DOORS = {
    "tenants_with_due_schedules()": """TABLE (tenant_id uuid)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT DISTINCT s.tenant_id FROM scheduled_messages s WHERE s.state = 'pending' AND s.send_at <= now() $$""",
    "tenants_with_due_snoozes()": """TABLE (tenant_id uuid)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT DISTINCT c.tenant_id FROM conversations c
        WHERE c.status = 'snoozed' AND c.snoozed_until IS NOT NULL AND c.snoozed_until <= now() $$""",
    "tenants_that_nudge()": """TABLE (tenant_id uuid)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT t.id FROM tenants t WHERE t.status = 'active' AND t.settings #>> '{inbox,nudge,enabled}' = 'true' $$""",
    "tenants_with_stale_templates()": """TABLE (tenant_id uuid)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT DISTINCT c.tenant_id FROM channels c
        WHERE c.provider = 'meta' AND c.deleted_at IS NULL AND c.status = 'active' AND c.business_id <> ''
          AND coalesce(c.templates_synced_at, '-infinity') < now() - interval '6 hours' $$""",
}


def make_functions() -> None:
    for signature, body in FUNCTIONS.items():
        op.execute(f"CREATE FUNCTION {signature} RETURNS {body}")


def create_tables() -> None:
    op.create_table(
        "message_templates",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("business_id", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("quality", sa.Text(), nullable=False),
        sa.Column("rejected_reason", sa.Text(), nullable=False),
        sa.Column("parameter_format", sa.Text(), nullable=False),
        sa.Column("components", pg.JSONB(), nullable=False),
        sa.Column("synced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_message_templates_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_templates")),
        sa.UniqueConstraint(
            "tenant_id",
            "business_id",
            "name",
            "language",
            name=op.f("uq_message_templates_tenant_id_business_id_name_language"),
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_message_templates_tenant_id_id")),
    )
    op.create_index(
        op.f("ix_message_templates_tenant_id_status_name"),
        "message_templates",
        ["tenant_id", "status", "name"],
        unique=False,
    )
    op.create_table(
        "inbox_views",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("owner_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("icon", sa.Text(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("query", pg.JSONB(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "owner_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_inbox_views_tenant_id_owner_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_inbox_views_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_views")),
    )
    op.create_index(
        op.f("ix_inbox_views_tenant_id_owner_id"), "inbox_views", ["tenant_id", "owner_id"], unique=False
    )
    op.create_table(
        "macros",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("owner_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.SmallInteger(), nullable=True),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("actions", pg.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("key BETWEEN 1 AND 9", name=op.f("ck_macros_key")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "owner_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_macros_tenant_id_owner_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_macros_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_macros")),
    )
    op.create_index(op.f("ix_macros_tenant_id_owner_id"), "macros", ["tenant_id", "owner_id"], unique=False)
    op.create_table(
        "lead_notes",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("lead_id", sa.UUID(), nullable=False),
        sa.Column("author_id", sa.UUID(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "author_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_lead_notes_tenant_id_author_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "lead_id"],
            ["leads.tenant_id", "leads.id"],
            name=op.f("fk_lead_notes_tenant_id_lead_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_lead_notes_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_notes")),
    )
    op.create_index(
        op.f("ix_lead_notes_tenant_id_lead_id_created_at"),
        "lead_notes",
        ["tenant_id", "lead_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "conversation_tags",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("conversation_id", sa.UUID(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("created_by", sa.UUID(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "conversation_id"],
            ["conversations.tenant_id", "conversations.id"],
            name=op.f("fk_conversation_tags_tenant_id_conversation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_conversation_tags_tenant_id_created_by"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_conversation_tags_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_tags")),
        sa.UniqueConstraint(
            "tenant_id",
            "conversation_id",
            "tag",
            name=op.f("uq_conversation_tags_tenant_id_conversation_id_tag"),
        ),
    )
    op.create_index(
        op.f("ix_conversation_tags_tenant_id_tag_conversation_id"),
        "conversation_tags",
        ["tenant_id", "tag", "conversation_id"],
        unique=False,
    )
    op.create_table(
        "conversation_transfers",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("conversation_id", sa.UUID(), nullable=False),
        sa.Column("from_user_id", sa.UUID(), nullable=True),
        sa.Column("to_user_id", sa.UUID(), nullable=False),
        sa.Column("created_by", sa.UUID(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "conversation_id"],
            ["conversations.tenant_id", "conversations.id"],
            name=op.f("fk_conversation_transfers_tenant_id_conversation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_conversation_transfers_tenant_id_created_by"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "from_user_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_conversation_transfers_tenant_id_from_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "to_user_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_conversation_transfers_tenant_id_to_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_conversation_transfers_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_transfers")),
    )
    op.create_index(
        op.f("ix_conversation_transfers_tenant_id_conversation_id"),
        "conversation_transfers",
        ["tenant_id", "conversation_id"],
        unique=False,
    )
    op.create_table(
        "drafts",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("conversation_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("reply_to", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('reply', 'note')", name=op.f("ck_drafts_kind")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "conversation_id"],
            ["conversations.tenant_id", "conversations.id"],
            name=op.f("fk_drafts_tenant_id_conversation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_drafts_tenant_id_user_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_drafts_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sa.UniqueConstraint(
            "tenant_id",
            "conversation_id",
            "user_id",
            name=op.f("uq_drafts_tenant_id_conversation_id_user_id"),
        ),
    )
    op.create_index(op.f("ix_drafts_tenant_id_user_id"), "drafts", ["tenant_id", "user_id"], unique=False)
    op.create_table(
        "quick_replies",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("owner_id", sa.UUID(), nullable=True),
        sa.Column("shortcut", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("file_id", sa.UUID(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("usage_count", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.UUID(), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "file_id"],
            ["files.tenant_id", "files.id"],
            name=op.f("fk_quick_replies_tenant_id_file_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "owner_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_quick_replies_tenant_id_owner_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_quick_replies_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quick_replies")),
    )
    op.create_index(
        "uq_quick_replies_shortcut",
        "quick_replies",
        [
            "tenant_id",
            sa.literal_column("lower(shortcut)"),
            sa.literal_column("coalesce(owner_id, '00000000-0000-0000-0000-000000000000'::uuid)"),
        ],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "mentions",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("conversation_id", sa.UUID(), nullable=False),
        sa.Column("message_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "conversation_id"],
            ["conversations.tenant_id", "conversations.id"],
            name=op.f("fk_mentions_tenant_id_conversation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "message_id"],
            ["messages.tenant_id", "messages.id"],
            name=op.f("fk_mentions_tenant_id_message_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_mentions_tenant_id_user_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_mentions_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentions")),
        sa.UniqueConstraint(
            "tenant_id", "message_id", "user_id", name=op.f("uq_mentions_tenant_id_message_id_user_id")
        ),
    )
    op.create_index(
        op.f("ix_mentions_tenant_id_conversation_id"),
        "mentions",
        ["tenant_id", "conversation_id"],
        unique=False,
    )
    op.create_index(
        "ix_mentions_unseen",
        "mentions",
        ["tenant_id", "user_id"],
        unique=False,
        postgresql_where=sa.text("seen_at IS NULL"),
    )
    op.create_table(
        "scheduled_messages",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("conversation_id", sa.UUID(), nullable=False),
        sa.Column("author_id", sa.UUID(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("file_id", sa.UUID(), nullable=True),
        sa.Column("template_id", sa.UUID(), nullable=True),
        sa.Column("variables", pg.JSONB(), nullable=False),
        sa.Column("send_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("only_if_unanswered", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("message_id", sa.UUID(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'sent', 'cancelled', 'skipped', 'failed')",
            name=op.f("ck_scheduled_messages_state"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "author_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_scheduled_messages_tenant_id_author_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "conversation_id"],
            ["conversations.tenant_id", "conversations.id"],
            name=op.f("fk_scheduled_messages_tenant_id_conversation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "file_id"],
            ["files.tenant_id", "files.id"],
            name=op.f("fk_scheduled_messages_tenant_id_file_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "message_id"],
            ["messages.tenant_id", "messages.id"],
            name=op.f("fk_scheduled_messages_tenant_id_message_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "template_id"],
            ["message_templates.tenant_id", "message_templates.id"],
            name=op.f("fk_scheduled_messages_tenant_id_template_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_scheduled_messages_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduled_messages")),
    )
    op.create_index(
        "ix_scheduled_messages_due",
        "scheduled_messages",
        ["send_at"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        op.f("ix_scheduled_messages_tenant_id_conversation_id"),
        "scheduled_messages",
        ["tenant_id", "conversation_id"],
        unique=False,
    )


def add_columns() -> None:
    op.add_column(
        "conversations",
        sa.Column(
            "priority_rank",
            sa.SmallInteger(),
            sa.Computed(
                "CASE priority WHEN 'urgent' THEN 3 WHEN 'high' THEN 2 WHEN 'normal' THEN 1 ELSE 0 END",
                persisted=True,
            ),
            nullable=False,
        ),
    )
    op.add_column(
        "conversations", sa.Column("satisfaction_asked_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("conversations", sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("conversations", sa.Column("snoozed_by", sa.UUID(), nullable=True))
    op.add_column("conversations", sa.Column("nudged_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_conversations_channel",
        "conversations",
        [
            "tenant_id",
            sa.literal_column("channel_id"),
            sa.literal_column("last_message_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
        postgresql_where=sa.text("is_open AND deleted_at IS NULL"),
    )
    op.create_index(
        "ix_conversations_closed",
        "conversations",
        ["tenant_id", sa.literal_column("last_message_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("NOT is_open AND deleted_at IS NULL"),
    )
    op.create_index(
        "ix_conversations_free",
        "conversations",
        ["tenant_id", sa.literal_column("last_message_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("is_open AND deleted_at IS NULL AND assigned_to IS NULL"),
    )
    op.create_index(
        "ix_conversations_priority",
        "conversations",
        [
            "tenant_id",
            sa.literal_column("priority_rank DESC"),
            sa.literal_column("last_message_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
        postgresql_where=sa.text("is_open AND deleted_at IS NULL"),
    )
    op.create_index(
        "ix_conversations_snoozed",
        "conversations",
        ["snoozed_until"],
        unique=False,
        postgresql_where=sa.text("status = 'snoozed' AND snoozed_until IS NOT NULL"),
    )
    op.create_index(
        "ix_conversations_status",
        "conversations",
        [
            "tenant_id",
            sa.literal_column("status"),
            sa.literal_column("last_message_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
        postgresql_where=sa.text("is_open AND deleted_at IS NULL"),
    )
    op.create_index(
        "ix_conversations_unread",
        "conversations",
        ["tenant_id", sa.literal_column("last_message_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("is_open AND deleted_at IS NULL AND unread_count > 0"),
    )
    op.create_index(
        "ix_conversations_waiting",
        "conversations",
        ["tenant_id", sa.literal_column("waiting_since"), sa.literal_column("id")],
        unique=False,
        postgresql_where=sa.text("is_open AND deleted_at IS NULL AND waiting_since IS NOT NULL"),
    )
    op.create_index(
        "ix_conversations_window",
        "conversations",
        ["tenant_id", sa.literal_column("last_inbound_at"), sa.literal_column("id")],
        unique=False,
        postgresql_where=sa.text("is_open AND deleted_at IS NULL"),
    )
    op.create_foreign_key(
        op.f("fk_conversations_tenant_id_snoozed_by"),
        "conversations",
        "users",
        ["tenant_id", "snoozed_by"],
        ["tenant_id", "id"],
    )
    op.add_column(
        "leads",
        sa.Column(
            "search",
            pg.TSVECTOR(),
            sa.Computed(
                "words_of_lead(first_name, last_name, profile_name, username, email, company, phone)",
                persisted=True,
            ),
            nullable=False,
        ),
    )
    op.create_index("ix_leads_search", "leads", ["search"], unique=False, postgresql_using="gin")
    op.add_column(
        "messages",
        sa.Column(
            "search",
            pg.TSVECTOR(),
            sa.Computed("words_of_message(body, payload)", persisted=True),
            nullable=False,
        ),
    )
    op.add_column("messages", sa.Column("held_until", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_messages_search", "messages", ["search"], unique=False, postgresql_using="gin")
    op.add_column("users", sa.Column("preferences", pg.JSONB(), server_default="{}", nullable=False))
    op.add_column("channels", sa.Column("templates_synced_at", sa.DateTime(timezone=True), nullable=True))


def fill_permissions() -> None:
    table = sa.table("permissions", sa.column("name"), sa.column("module"), sa.column("action"))
    op.bulk_insert(
        table, [{"name": p, "module": p.split(".")[0], "action": p.split(".")[1]} for p in PERMISSIONS]
    )
    for permission, roles in WHO.items():
        op.execute(
            sa.text(
                "INSERT INTO role_permissions (id, tenant_id, role_id, permission)"
                " SELECT gen_random_uuid(), r.tenant_id, r.id, :permission FROM roles r"
                " WHERE r.is_system AND r.name = ANY(:roles)"
            ).bindparams(
                sa.bindparam("permission", permission), sa.bindparam("roles", list(roles), pg.ARRAY(sa.Text))
            )
        )


def upgrade() -> None:
    role = current_app.config["APP_ROLE"]
    make_functions()
    create_tables()
    add_columns()
    for table in FENCED:
        fence(op, table, role)
    fill_permissions()
    for signature, body in DOORS.items():
        door(op, signature, role, body)


def downgrade() -> None:
    for signature in DOORS:
        op.execute(f"DROP FUNCTION {signature.split('(', 1)[0]}")
    op.execute(
        sa.text("DELETE FROM role_permissions WHERE permission = ANY(:names)").bindparams(
            sa.bindparam("names", list(PERMISSIONS), pg.ARRAY(sa.Text))
        )
    )
    op.execute(
        sa.text("DELETE FROM user_permissions WHERE permission = ANY(:names)").bindparams(
            sa.bindparam("names", list(PERMISSIONS), pg.ARRAY(sa.Text))
        )
    )
    op.execute(
        sa.text("DELETE FROM permissions WHERE name = ANY(:names)").bindparams(
            sa.bindparam("names", list(PERMISSIONS), pg.ARRAY(sa.Text))
        )
    )
    op.drop_column("channels", "templates_synced_at")
    op.drop_column("users", "preferences")
    for column in ("held_until", "search"):
        op.drop_column("messages", column)
    op.drop_column("leads", "search")
    for index in ("closed", "free", "unread", "waiting", "window", "priority", "status", "channel"):
        op.drop_index(f"ix_conversations_{index}", "conversations")
    for column in ("nudged_at", "snoozed_by", "snoozed_until", "satisfaction_asked_at", "priority_rank"):
        op.drop_column("conversations", column)
    for table in reversed(FENCED):
        op.drop_table(table)
    for signature in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION {signature.split('(', 1)[0]}")

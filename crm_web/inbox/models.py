"""Conversations, their messages, and what waits to be sent.

Every change of a message takes the conversation's next `version` while its row is locked, so
"everything after version n" misses nothing, whatever order transactions commit in.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from crm_web.core.clock import now
from crm_web.core.db import Money, TenantRow, inside, one_of, own_key, road

if TYPE_CHECKING:
    from crm_web.channels.models import Channel
    from crm_web.files.models import File
    from crm_web.leads.models import Lead
    from crm_web.team.models import User

STATUSES = ("new", "bot", "queued", "assigned", "active", "pending", "snoozed", "closed", "abandoned")
CLOSED = ("closed", "abandoned")
PRIORITIES = ("low", "normal", "high", "urgent")
CLOSE_REASONS = ("resolved", "sale", "no_interest", "no_answer", "spam", "other")
OUTCOMES = ("sale", "no_sale", "information", "complaint", "appointment")
KINDS = (
    "text", "image", "video", "audio", "document", "sticker", "location", "contacts", "choice", "order",
    "template", "interactive", "call", "system", "note", "unsupported",
)  # fmt: skip
DIRECTIONS = ("inbound", "outbound", "internal")
SENDERS = ("customer", "user", "flow", "assistant", "campaign", "phone_app", "system")
# What can become of a message we send, in the order it happens; a later word never yields to an earlier one.
LADDER = ("queued", "sending", "unconfirmed", "sent", "delivered", "read", "played")
MESSAGE_STATUSES = (*LADDER, "received", "failed", "recorded")
WINDOW = timedelta(hours=24)
OUTBOX_STATES = ("queued", "sending")
DRAFT_KINDS = ("reply", "note")
SCHEDULE_STATES = ("pending", "sent", "cancelled", "skipped", "failed")


def _list_index(name: str, *keys: str, where: str = "") -> sa.Index:
    """An index that is one order of the open list: its rows in its order, ended by the id."""
    last = "id" if not keys[-1].endswith("DESC") else "id DESC"
    condition = "is_open AND deleted_at IS NULL" + (f" AND {where}" if where else "")
    return sa.Index(
        f"ix_conversations_{name}",
        "tenant_id",
        *(sa.text(key) for key in (*keys, last)),
        postgresql_where=sa.text(condition),
    )


class Conversation(TenantRow):
    """The one thread between a lead and the tenant on a channel; it is reopened, never begun twice."""

    __tablename__ = "conversations"
    __table_args__ = (
        own_key(),
        one_of("status", STATUSES),
        one_of("priority", PRIORITIES),
        inside("lead_id", "leads"),
        inside("channel_id", "channels"),
        inside("assigned_to", "users"),
        inside("closed_by", "users"),
        inside("snoozed_by", "users"),
        sa.CheckConstraint("satisfaction_rating BETWEEN 1 AND 5", name="rating"),
        sa.Index(
            "uq_conversations_thread",
            "tenant_id",
            "channel_id",
            "lead_id",
            unique=True,
            postgresql_where=sa.text("deleted_at IS NULL"),
        ),
        sa.Index(
            "ix_conversations_open",
            "tenant_id",
            sa.text("last_message_at DESC"),
            sa.text("id DESC"),
            postgresql_where=sa.text("is_open AND deleted_at IS NULL"),
        ),
        sa.Index(
            "ix_conversations_mine",
            "tenant_id",
            "assigned_to",
            sa.text("last_message_at DESC"),
            sa.text("id DESC"),
            postgresql_where=sa.text("is_open AND deleted_at IS NULL"),
        ),
        _list_index("free", "last_message_at DESC", where="assigned_to IS NULL"),
        _list_index("unread", "last_message_at DESC", where="unread_count > 0"),
        _list_index("waiting", "waiting_since", where="waiting_since IS NOT NULL"),
        _list_index("window", "last_inbound_at"),
        _list_index("priority", "priority_rank DESC", "last_message_at DESC"),
        _list_index("status", "status", "last_message_at DESC"),
        _list_index("channel", "channel_id", "last_message_at DESC"),
        sa.Index(
            "ix_conversations_closed",
            "tenant_id",
            sa.text("last_message_at DESC"),
            sa.text("id DESC"),
            postgresql_where=sa.text("NOT is_open AND deleted_at IS NULL"),
        ),
        sa.Index(
            "ix_conversations_snoozed",
            "snoozed_until",
            postgresql_where=sa.text("status = 'snoozed' AND snoozed_until IS NOT NULL"),
        ),
        sa.Index("ix_conversations_lead", "tenant_id", "lead_id"),
        sa.Index(
            "ix_conversations_owner",
            "tenant_id",
            "assigned_to",
            postgresql_where=sa.text("deleted_at IS NULL"),
        ),
        sa.Index("ix_conversations_changed", "tenant_id", "updated_at"),
    )

    lead_id: orm.Mapped[uuid.UUID]
    channel_id: orm.Mapped[uuid.UUID]
    assigned_to: orm.Mapped[uuid.UUID | None]
    assigned_at: orm.Mapped[datetime | None]
    status: orm.Mapped[str] = orm.mapped_column(default="new")
    is_open: orm.Mapped[bool] = orm.mapped_column(default=True)
    priority: orm.Mapped[str] = orm.mapped_column(default="normal")
    priority_rank: orm.Mapped[int] = orm.mapped_column(
        sa.SmallInteger,
        sa.Computed(
            "CASE priority WHEN 'urgent' THEN 3 WHEN 'high' THEN 2 WHEN 'normal' THEN 1 ELSE 0 END",
            persisted=True,
        ),
    )
    version: orm.Mapped[int] = orm.mapped_column(sa.BigInteger, default=0)
    message_count: orm.Mapped[int] = orm.mapped_column(default=0)
    unread_count: orm.Mapped[int] = orm.mapped_column(default=0)
    read_at: orm.Mapped[datetime | None]
    last_message_id: orm.Mapped[uuid.UUID | None]
    last_message_at: orm.Mapped[datetime] = orm.mapped_column(default=now)
    last_message_kind: orm.Mapped[str] = orm.mapped_column(default="text")
    last_message_preview: orm.Mapped[str] = orm.mapped_column(default="")
    last_message_direction: orm.Mapped[str] = orm.mapped_column(default="inbound")
    last_message_status: orm.Mapped[str] = orm.mapped_column(default="received")
    last_message_by: orm.Mapped[uuid.UUID | None]
    last_inbound_at: orm.Mapped[datetime | None]
    last_outbound_at: orm.Mapped[datetime | None]
    waiting_since: orm.Mapped[datetime | None]
    first_inbound_at: orm.Mapped[datetime | None]
    first_response_at: orm.Mapped[datetime | None]
    closed_at: orm.Mapped[datetime | None]
    closed_by: orm.Mapped[uuid.UUID | None]
    close_reason: orm.Mapped[str | None]
    close_notes: orm.Mapped[str | None]
    outcome: orm.Mapped[str | None]
    outcome_value: orm.Mapped[Money | None]
    satisfaction_rating: orm.Mapped[int | None]
    satisfaction_comment: orm.Mapped[str | None]
    satisfaction_asked_at: orm.Mapped[datetime | None]
    snoozed_until: orm.Mapped[datetime | None]
    snoozed_by: orm.Mapped[uuid.UUID | None]
    nudged_at: orm.Mapped[datetime | None]
    transfer_count: orm.Mapped[int] = orm.mapped_column(default=0)
    requires_attention: orm.Mapped[bool] = orm.mapped_column(default=False)
    intent: orm.Mapped[str | None]
    category: orm.Mapped[str | None]
    pair_clock: orm.Mapped[datetime | None]
    pair_backoff: orm.Mapped[int] = orm.mapped_column(default=0)
    deleted_at: orm.Mapped[datetime | None]

    lead: orm.Mapped[Lead] = road("Conversation.lead_id", "Lead")
    channel: orm.Mapped[Channel] = road("Conversation.channel_id", "Channel")
    assignee: orm.Mapped[User | None] = road("Conversation.assigned_to", "User")
    last_author: orm.Mapped[User | None] = road("Conversation.last_message_by", "User")

    if TYPE_CHECKING:  # made below, where its table is known
        tags: orm.Mapped[list[str]]

    @property
    def window_ends_at(self) -> datetime | None:
        """When WhatsApp's 24 hours are over; `None` if this person never wrote."""
        return self.last_inbound_at + WINDOW if self.last_inbound_at else None

    @property
    def window_left(self) -> float:
        """How much of the 24 hours is left: 1 just after the customer wrote, 0 when it is closed."""
        ends_at = self.window_ends_at
        return max((ends_at - now()) / WINDOW, 0.0) if ends_at else 0.0

    def window_is_open(self, at: datetime | None = None) -> bool:
        ends_at = self.window_ends_at
        return ends_at is not None and ends_at > (at or now())


class Message(TenantRow):
    """One inbound or outbound item, a private note, or a line that says what happened."""

    __tablename__ = "messages"
    __table_args__ = (
        own_key(),
        one_of("direction", DIRECTIONS),
        one_of("kind", KINDS),
        one_of("sender", SENDERS),
        one_of("status", MESSAGE_STATUSES),
        inside("conversation_id", "conversations"),
        inside("channel_id", "channels"),
        inside("author_id", "users"),
        inside("file_id", "files"),
        sa.Index(
            "uq_messages_external",
            "tenant_id",
            "channel_id",
            "external_id",
            unique=True,
            postgresql_where=sa.text("external_id IS NOT NULL"),
        ),
        sa.Index(
            "uq_messages_client",
            "tenant_id",
            "conversation_id",
            "client_id",
            unique=True,
            postgresql_where=sa.text("client_id IS NOT NULL"),
        ),
        sa.Index("ix_messages_thread", "tenant_id", "conversation_id", "occurred_at", "id"),
        sa.Index("ix_messages_recent", "tenant_id", sa.text("occurred_at DESC"), sa.text("id DESC")),
        sa.Index(
            "ix_messages_search",
            sa.text("drawer_of(tenant_id, occurred_at)"),
            "search",
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": 512},
        ),
        sa.Index("ix_messages_changed", "tenant_id", "conversation_id", "version"),
        sa.Index(
            "ix_messages_templates",
            "tenant_id",
            "channel_id",
            "occurred_at",
            postgresql_where=sa.text("kind = 'template'"),
        ),
        sa.Index("ix_messages_file", "tenant_id", "file_id", postgresql_where=sa.text("file_id IS NOT NULL")),
    )

    conversation_id: orm.Mapped[uuid.UUID]
    channel_id: orm.Mapped[uuid.UUID]
    direction: orm.Mapped[str]
    kind: orm.Mapped[str] = orm.mapped_column(default="text")
    sender: orm.Mapped[str] = orm.mapped_column(default="user")
    author_id: orm.Mapped[uuid.UUID | None]
    body: orm.Mapped[str] = orm.mapped_column(default="")
    payload: orm.Mapped[dict[str, Any]] = orm.mapped_column(default=dict)
    file_id: orm.Mapped[uuid.UUID | None]
    external_id: orm.Mapped[str | None]
    reply_to: orm.Mapped[str | None]
    client_id: orm.Mapped[str | None]
    search: orm.Mapped[Any] = orm.mapped_column(
        pg.TSVECTOR, sa.Computed("words_of_message(body, payload)", persisted=True), deferred=True
    )
    held_until: orm.Mapped[datetime | None]
    status: orm.Mapped[str] = orm.mapped_column(default="queued")
    version: orm.Mapped[int] = orm.mapped_column(sa.BigInteger, default=0)
    occurred_at: orm.Mapped[datetime] = orm.mapped_column(default=now)
    sent_at: orm.Mapped[datetime | None]
    delivered_at: orm.Mapped[datetime | None]
    read_at: orm.Mapped[datetime | None]
    played_at: orm.Mapped[datetime | None]
    failed_at: orm.Mapped[datetime | None]
    error_code: orm.Mapped[str | None]
    error_text: orm.Mapped[str | None]
    retry_count: orm.Mapped[int] = orm.mapped_column(default=0)
    pricing: orm.Mapped[dict[str, Any] | None]
    edited_at: orm.Mapped[datetime | None]
    revoked_at: orm.Mapped[datetime | None]
    deleted_at: orm.Mapped[datetime | None]

    author: orm.Mapped[User | None] = road("Message.author_id", "User")
    file: orm.Mapped[File | None] = road("Message.file_id", "File")
    conversation: orm.Mapped[Conversation] = road("Message.conversation_id", "Conversation")
    reactions: orm.Mapped[list[Reaction]] = orm.relationship(
        "Reaction",
        primaryjoin="and_(foreign(Reaction.target) == Message.external_id,"
        " foreign(Reaction.conversation_id) == Message.conversation_id, Reaction.emoji != '')",
        order_by="Reaction.reacted_at",
        viewonly=True,
        lazy="raise_on_sql",
    )
    quoted: orm.Mapped[Message | None] = orm.relationship(
        "Message",
        primaryjoin="and_(foreign(Message.reply_to) == remote(Message.external_id),"
        " foreign(Message.channel_id) == remote(Message.channel_id))",
        viewonly=True,
        uselist=False,
        lazy="raise_on_sql",
    )

    @property
    def is_held(self) -> bool:
        """Whether its author may still take it back: it waits in the outbox until `held_until`."""
        return self.status == "queued" and self.held_until is not None and self.held_until > now()

    @property
    def is_private(self) -> bool:
        return self.direction == "internal"

    @property
    def can_retry(self) -> bool:
        return self.direction == "outbound" and self.status in ("failed", "unconfirmed")


class Reaction(TenantRow):
    """An emoji on a message, by the customer or by us; the newest word of an author counts, an empty one removes.

    It names its target by the provider's id, so it may arrive before the message it is about.
    """

    __tablename__ = "message_reactions"
    __table_args__ = (
        inside("conversation_id", "conversations"),
        inside("author_id", "users"),
        sa.UniqueConstraint("tenant_id", "conversation_id", "target", "author_key"),
    )

    conversation_id: orm.Mapped[uuid.UUID]
    target: orm.Mapped[str]
    author_key: orm.Mapped[str]
    author_id: orm.Mapped[uuid.UUID | None]
    emoji: orm.Mapped[str] = orm.mapped_column(default="")
    reacted_at: orm.Mapped[datetime]
    external_id: orm.Mapped[str] = orm.mapped_column(default="")


class ConversationTag(TenantRow):
    """A word that groups conversations. Spelled once per conversation, whatever its case."""

    __tablename__ = "conversation_tags"
    __table_args__ = (
        inside("conversation_id", "conversations"),
        inside("created_by", "users"),
        sa.UniqueConstraint("tenant_id", "conversation_id", "tag"),
        sa.Index(None, "tenant_id", "tag", "conversation_id"),
    )

    conversation_id: orm.Mapped[uuid.UUID]
    tag: orm.Mapped[str]
    created_by: orm.Mapped[uuid.UUID | None]


# A conversation's tags come with its row: `undefer(Conversation.tags)` where they are shown.
Conversation.tags = orm.column_property(
    sa.select(
        sa.func.array(
            sa.select(ConversationTag.tag)
            .where(
                ConversationTag.tenant_id == Conversation.tenant_id,
                ConversationTag.conversation_id == Conversation.id,
            )
            .order_by(ConversationTag.tag)
            .correlate(Conversation)
            .scalar_subquery(),
            type_=pg.ARRAY(sa.Text),
        )
    )
    .correlate(Conversation)
    .scalar_subquery(),
    deferred=True,
)


class Transfer(TenantRow):
    """A conversation handed from one person to another, with what the second one should know."""

    __tablename__ = "conversation_transfers"
    __table_args__ = (
        inside("conversation_id", "conversations"),
        inside("from_user_id", "users"),
        inside("to_user_id", "users"),
        inside("created_by", "users"),
        sa.Index(None, "tenant_id", "conversation_id"),
    )

    conversation_id: orm.Mapped[uuid.UUID]
    from_user_id: orm.Mapped[uuid.UUID | None]
    to_user_id: orm.Mapped[uuid.UUID]
    created_by: orm.Mapped[uuid.UUID]
    note: orm.Mapped[str] = orm.mapped_column(default="")

    author: orm.Mapped[User] = road("Transfer.created_by", "User")


class Mention(TenantRow):
    """A colleague named in a private note; unseen until they open the conversation."""

    __tablename__ = "mentions"
    __table_args__ = (
        inside("conversation_id", "conversations"),
        inside("message_id", "messages"),
        inside("user_id", "users"),
        sa.UniqueConstraint("tenant_id", "message_id", "user_id"),
        sa.Index("ix_mentions_unseen", "tenant_id", "user_id", postgresql_where=sa.text("seen_at IS NULL")),
        sa.Index(None, "tenant_id", "conversation_id"),
    )

    conversation_id: orm.Mapped[uuid.UUID]
    message_id: orm.Mapped[uuid.UUID]
    user_id: orm.Mapped[uuid.UUID]
    seen_at: orm.Mapped[datetime | None]


class Draft(TenantRow):
    """What a person has begun to write in a conversation and not sent: one per person and conversation."""

    __tablename__ = "drafts"
    __table_args__ = (
        one_of("kind", DRAFT_KINDS),
        inside("conversation_id", "conversations"),
        inside("user_id", "users"),
        sa.UniqueConstraint("tenant_id", "conversation_id", "user_id"),
        sa.Index(None, "tenant_id", "user_id"),
    )

    conversation_id: orm.Mapped[uuid.UUID]
    user_id: orm.Mapped[uuid.UUID]
    kind: orm.Mapped[str] = orm.mapped_column(default="reply")
    body: orm.Mapped[str] = orm.mapped_column(default="")
    reply_to: orm.Mapped[str | None]


class QuickReply(TenantRow):
    """Words written once and sent often, called by `/shortcut`. Without an owner it is everybody's."""

    __tablename__ = "quick_replies"
    __table_args__ = (
        inside("owner_id", "users"),
        inside("file_id", "files"),
        sa.Index(
            "uq_quick_replies_shortcut",
            "tenant_id",
            sa.text("lower(shortcut)"),
            sa.text("coalesce(owner_id, '00000000-0000-0000-0000-000000000000'::uuid)"),
            unique=True,
            postgresql_where=sa.text("deleted_at IS NULL"),
        ),
    )

    owner_id: orm.Mapped[uuid.UUID | None]
    shortcut: orm.Mapped[str]
    title: orm.Mapped[str]
    body: orm.Mapped[str]
    file_id: orm.Mapped[uuid.UUID | None]
    is_active: orm.Mapped[bool] = orm.mapped_column(default=True)
    usage_count: orm.Mapped[int] = orm.mapped_column(default=0)
    created_by: orm.Mapped[uuid.UUID | None]
    deleted_at: orm.Mapped[datetime | None]

    file: orm.Mapped[File | None] = road("QuickReply.file_id", "File")


class InboxView(TenantRow):
    """A named list of the inbox: its filter and order as the address carries them. Its maker alone may change it."""

    __tablename__ = "inbox_views"
    __table_args__ = (inside("owner_id", "users"), sa.Index(None, "tenant_id", "owner_id"))

    owner_id: orm.Mapped[uuid.UUID]
    name: orm.Mapped[str]
    icon: orm.Mapped[str] = orm.mapped_column(default="filter")
    is_shared: orm.Mapped[bool] = orm.mapped_column(default=False)
    query: orm.Mapped[dict[str, Any]] = orm.mapped_column(default=dict)
    position: orm.Mapped[int] = orm.mapped_column(default=0)

    owner: orm.Mapped[User] = road("InboxView.owner_id", "User")


class Macro(TenantRow):
    """Several actions by one key: `actions` is a list of {"do": verb, …} as `operations.macros` understands it."""

    __tablename__ = "macros"
    __table_args__ = (
        inside("owner_id", "users"),
        sa.CheckConstraint("key BETWEEN 1 AND 9", name="key"),
        sa.Index(None, "tenant_id", "owner_id"),
    )

    owner_id: orm.Mapped[uuid.UUID]
    name: orm.Mapped[str]
    key: orm.Mapped[int | None] = orm.mapped_column(sa.SmallInteger)
    is_shared: orm.Mapped[bool] = orm.mapped_column(default=False)
    actions: orm.Mapped[list[Any]] = orm.mapped_column(default=list)

    owner: orm.Mapped[User] = road("Macro.owner_id", "User")


class ScheduledMessage(TenantRow):
    """A message that becomes one at `send_at`, unless somebody takes it back, or the customer has answered."""

    __tablename__ = "scheduled_messages"
    __table_args__ = (
        one_of("state", SCHEDULE_STATES),
        inside("conversation_id", "conversations"),
        inside("author_id", "users"),
        inside("file_id", "files"),
        inside("template_id", "message_templates"),
        inside("message_id", "messages"),
        sa.Index("ix_scheduled_messages_due", "send_at", postgresql_where=sa.text("state = 'pending'")),
        sa.Index(None, "tenant_id", "conversation_id"),
    )

    conversation_id: orm.Mapped[uuid.UUID]
    author_id: orm.Mapped[uuid.UUID]
    body: orm.Mapped[str] = orm.mapped_column(default="")
    file_id: orm.Mapped[uuid.UUID | None]
    template_id: orm.Mapped[uuid.UUID | None]
    variables: orm.Mapped[dict[str, Any]] = orm.mapped_column(default=dict)
    send_at: orm.Mapped[datetime]
    only_if_unanswered: orm.Mapped[bool] = orm.mapped_column(default=False)
    state: orm.Mapped[str] = orm.mapped_column(default="pending")
    reason: orm.Mapped[str | None]
    message_id: orm.Mapped[uuid.UUID | None]

    author: orm.Mapped[User] = road("ScheduledMessage.author_id", "User")


class OutboxItem(TenantRow):
    """A message accepted for sending and not yet acknowledged by the provider. Done means deleted."""

    __tablename__ = "outbox"
    __table_args__ = (
        one_of("state", OUTBOX_STATES),
        inside("message_id", "messages"),
        inside("conversation_id", "conversations"),
        inside("channel_id", "channels"),
        sa.UniqueConstraint("tenant_id", "message_id"),
        sa.Index(
            "ix_outbox_due",
            "tenant_id",
            "channel_id",
            "send_after",
            "id",
            postgresql_where=sa.text("state = 'queued'"),
        ),
        sa.Index("ix_outbox_conversation", "tenant_id", "conversation_id", "id"),
        sa.Index("ix_outbox_leases", "lease_until", postgresql_where=sa.text("state = 'sending'")),
    )

    channel_id: orm.Mapped[uuid.UUID]
    conversation_id: orm.Mapped[uuid.UUID]
    message_id: orm.Mapped[uuid.UUID]
    state: orm.Mapped[str] = orm.mapped_column(default="queued")
    send_after: orm.Mapped[datetime] = orm.mapped_column(default=now)
    attempts: orm.Mapped[int] = orm.mapped_column(default=0)
    lease_until: orm.Mapped[datetime | None]
    fence: orm.Mapped[uuid.UUID | None]
    last_error: orm.Mapped[str | None]

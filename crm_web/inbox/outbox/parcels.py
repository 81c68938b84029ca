"""A claimed message on its way, and what came of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from crm_web.channels.normal import OutgoingMessage, ProviderError, SendResult


@dataclass(frozen=True)
class Parcel:
    """One claimed message with everything needed to send it outside the transaction."""

    tenant_id: uuid.UUID
    channel_id: uuid.UUID
    conversation_id: uuid.UUID
    item_id: uuid.UUID
    message_id: uuid.UUID
    fence: uuid.UUID
    attempts: int
    provider: str
    account_id: str
    token: str
    outgoing: OutgoingMessage
    file_key: str | None = None
    file_mime: str = ""
    lease_until: datetime | None = None


@dataclass(frozen=True)
class Sent:
    """What came of a parcel: a result, or the error the provider (or the wire) gave."""

    parcel: Parcel
    result: SendResult | None = None
    error: ProviderError | None = None

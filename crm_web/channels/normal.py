"""The one form that every provider maps onto, inbound and outbound. Knows no provider, no database and no
web.

An adapter's `split` cuts a webhook request into `RawItem`s, which are stored as they are; its `normalise`
turns one stored item into the facts below; its client takes an `OutgoingMessage` and answers a `SendResult`
or raises `ProviderError`. Texts are kept as people wrote them: no NUL, no lone surrogate, otherwise
untouched and unescaped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

RawKind = Literal["message", "status", "echo", "error", "account", "unknown"]
AccountKind = Literal["phone", "waba", "display_phone", "none"]
MessageKind = Literal[
    "text",
    "image",
    "video",
    "audio",
    "document",
    "sticker",
    "location",
    "contacts",
    "choice",
    "order",
    "system",
    "call",
    "unsupported",
]
MediaKind = Literal["image", "video", "audio", "document", "sticker"]
OutgoingKind = Literal[
    "text",
    "image",
    "video",
    "audio",
    "document",
    "sticker",
    "template",
    "reaction",
    "location",
    "contacts",
    "interactive",
]
ErrorReaction = Literal[
    "retry",
    "retry_once",
    "retry_slow",
    "wait",
    "permanent",
    "channel_broken",
    "pause",
    "pair_limit",
    "unknown",
]


@dataclass(frozen=True, slots=True)
class RawItem:
    """One fact of a webhook request, small enough to be stored and processed alone.

    `external_id` is equal for redeliveries of the fact and differs for any other fact of the same account
    and kind. `account` is empty and `account_kind` "none" when the request does not say whom it is for.
    """

    kind: RawKind
    account: str
    account_kind: AccountKind
    external_id: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Author:
    """A person as the provider names them: any part may be missing, the phone too. Usernames are for show
    only.
    """

    phone: str | None = None
    bsuid: str | None = None
    parent_bsuid: str | None = None
    username: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """A file at the provider. The filename is the sender's own and must be sanitised before it is used as
    one.
    """

    kind: MediaKind
    provider_id: str | None = None
    url: str | None = None
    mime: str | None = None
    sha256: str | None = None
    filename: str | None = None
    voice: bool = False
    animated: bool = False


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """Something a person sent. `occurred_at` is None when the provider gave no time: use the time of arrival.

    A `choice` is any answer by tapping: `body` is what the person saw, and the payload holds type, id, title,
    description and response. `reply_to` may name a message we have never seen.
    """

    external_id: str
    author: Author
    occurred_at: datetime | None
    kind: MessageKind
    body: str = ""
    payload: dict[str, Any] = field(default_factory=dict)
    media: Media | None = None
    reply_to: str | None = None
    referral: dict[str, Any] | None = None
    forwarded: bool = False
    group_id: str | None = None


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji on a message, or its removal (None). `from_business`: made on the tenant's own telephone."""

    external_id: str
    author: Author
    occurred_at: datetime | None
    target: str
    emoji: str | None
    from_business: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """A new version of a message; its `external_id` is the one of the message it replaces."""

    external_id: str
    author: Author
    occurred_at: datetime | None
    target: str
    message: InboundMessage
    from_business: bool = False


@dataclass(frozen=True, slots=True)
class Revoke:
    """A message deleted for everyone."""

    external_id: str
    author: Author
    occurred_at: datetime | None
    target: str
    from_business: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """What became of a message we sent. States the product does not know are kept as the provider's word.

    `client_ref` is our own reference, which finds the message even when the answer to the request was lost.
    In a group, `recipient` is the participant. `error` holds code, title and details, and with the meanings
    they have in `ProviderError`, reaction and sentence.
    """

    target: str
    state: str
    occurred_at: datetime | None
    client_ref: str | None = None
    recipient: Author = Author()
    group_id: str | None = None
    error: dict[str, Any] | None = None
    pricing: dict[str, Any] | None = None
    conversation: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class IdentityChange:
    """A person got a new number or user id and stays the same lead.

    `previous_*` is how they were known, `new_*` only what is new; any of them may be missing.
    """

    external_id: str
    author: Author
    occurred_at: datetime | None
    previous_bsuid: str | None = None
    new_bsuid: str | None = None
    previous_phone: str | None = None
    new_phone: str | None = None
    body: str = ""


@dataclass(frozen=True, slots=True)
class Echo:
    """A message the business sent from its own telephone: stored as outbound. Its author is the business."""

    message: InboundMessage
    to: Author


@dataclass(frozen=True, slots=True)
class AccountChange:
    """News about the account itself: a template, the quality, a limit, a ban. `summary` is for logs and
    lists.
    """

    field: str
    account: str
    account_kind: AccountKind
    summary: str
    payload: dict[str, Any]
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Preference:
    """A person's wish about marketing: `stop` must end it at once."""

    author: Author
    value: str
    category: str
    occurred_at: datetime | None


Item = InboundMessage | Reaction | Edit | Revoke | Status | IdentityChange | Echo | AccountChange | Preference


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """What to send, to a phone or, when it is not known, to a business-scoped user id.

    `client_ref` is ours, unique, and comes back in statuses. `body` is the text, the caption or the
    reaction's emoji. The payload holds what only that kind has: a template's name, language and components,
    an interactive object, a location's coordinates, contacts, `link` instead of `media_id`, `voice`,
    `preview_url`.
    """

    client_ref: str
    to_phone: str | None
    to_bsuid: str | None
    kind: OutgoingKind
    body: str = ""
    reply_to: str | None = None
    media_id: str | None = None
    filename: str | None = None
    payload: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SendResult:
    """The provider accepted the message, no more than that. `wa_id` may differ from the number we
    addressed.
    """

    external_id: str
    wa_id: str | None = None
    bsuid: str | None = None
    message_status: str | None = None


class ProviderError(Exception):
    """The one error of every adapter. `reaction` says what to do, the rest says why.

    `unknown` means the message may or may not have gone: wait for a status with our reference, do not
    repeat. `retry_after` is in seconds and is a minimum. `sentence` is for a seller, in Spanish, to be
    translated when shown.
    """

    def __init__(  # noqa: PLR0913 - what a provider says about a refusal
        self,
        title: str,
        *,
        reaction: ErrorReaction,
        code: int | None = None,
        subcode: int | None = None,
        http: int | None = None,
        details: str = "",
        trace_id: str | None = None,
        retry_after: float | None = None,
        sentence: str = "",
    ) -> None:
        super().__init__(title)
        self.title = title
        self.reaction = reaction
        self.code = code
        self.subcode = subcode
        self.http = http
        self.details = details
        self.trace_id = trace_id
        self.retry_after = retry_after
        self.sentence = sentence

    @property
    def permanent(self) -> bool:
        """Whether repeating this very message can never help."""
        return self.reaction == "permanent"

    def __str__(self) -> str:
        code = f"({self.code}) " if self.code is not None else ""
        return f"{code}{self.title}" + (f": {self.details}" if self.details else "")

"""What a stored item means, in the words of `channels.normal`. Runs in a worker, one item at a time.

Never raises: what cannot be understood becomes an unsupported message, which a person can see in the
thread, or news of the account, which an administrator can.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crm_web.channels.adapters.meta import people
from crm_web.channels.adapters.meta.content import content_of
from crm_web.channels.adapters.meta.errors import error_in
from crm_web.channels.adapters.meta.management import account_change, account_items
from crm_web.channels.adapters.meta.values import clean, mapping, moment, stable_id, text
from crm_web.channels.normal import (
    Author,
    Echo,
    Edit,
    IdentityChange,
    InboundMessage,
    Item,
    Reaction,
    Revoke,
    Status,
)

Data = dict[str, Any]
EXTRAS = ("errors", "identity")
MOVED = frozenset(
    {"user_changed_number", "customer_changed_number", "user_changed_user_id", "customer_changed_user_id"}
)


def normalise(kind: str, payload: object) -> list[Item]:
    """The facts of one item made by `split`; none for kinds and shapes that hold nothing to act upon."""
    read = READERS.get(kind)
    if read is None or not isinstance(payload, dict):
        return []
    data: Data = clean(payload)
    try:
        return read(data)
    except Exception as error:  # a stranger's data must not stop the items after it
        return _failed(kind, data, type(error).__name__)


def _failed(kind: str, payload: Data, error: str) -> list[Item]:
    item = mapping(payload.get("item"))
    key = stable_id(item.get("id"))
    if kind in ("message", "echo") and key:
        message = InboundMessage(key, Author(), None, "unsupported", payload={"error": error, "data": item})
        return [message if kind == "message" else Echo(message, Author())]
    return [account_change(payload, f"{kind}: {error}", {"error": error, "data": payload.get("item")})]


def _message(payload: Data) -> list[Item]:
    item = mapping(payload.get("item"))
    author = people.sender(item, payload.get("contact") or people.in_system(item))
    if payload.get("field") == "calls":
        return [_call(item, author)]
    return _said(item, author, from_business=False)


def _said(item: Data, author: Author, *, from_business: bool) -> list[Item]:
    """A message, or what a message can do to another one."""
    key = stable_id(item.get("id"))
    if key is None:
        return []
    special = SPECIAL.get(text(item.get("type")))
    fact = special(key, item, author, from_business) if special else None
    return [fact or _inbound(key, item, author)]


def _inbound(key: str, item: Data, author: Author) -> InboundMessage:
    content = content_of(item)
    context = mapping(item.get("context"))
    payload = content.payload | {extra: item[extra] for extra in EXTRAS if item.get(extra)}
    if context.get("referred_product"):
        payload["referred_product"] = context["referred_product"]
    if context.get("frequently_forwarded") is True:
        payload["frequently_forwarded"] = True
    return InboundMessage(
        external_id=key,
        author=author,
        occurred_at=moment(item.get("timestamp")),
        kind=content.kind,
        body=content.body,
        payload=payload,
        media=content.media,
        reply_to=stable_id(context.get("id")),
        referral=mapping(item.get("referral")) or None,
        forwarded=context.get("forwarded") is True or context.get("frequently_forwarded") is True,
        group_id=stable_id(item.get("group_id")),
    )


def _call(item: Data, author: Author) -> InboundMessage:
    """A call rings and ends in two events, so each is an item; the payload's id says which call it was."""
    key = f"{stable_id(item.get('id'))}:{stable_id(item.get('event'))}"
    return _inbound(key, item | {"type": "call"}, author)


def _reaction(key: str, item: Data, author: Author, from_business: bool) -> Item | None:
    reaction = mapping(item.get("reaction"))
    target = stable_id(reaction.get("message_id"))
    if target is None:
        return None
    emoji = text(reaction.get("emoji")) or None
    return Reaction(key, author, moment(item.get("timestamp")), target, emoji, from_business)


def _edit(key: str, item: Data, author: Author, from_business: bool) -> Item | None:
    """The new version has the type and content of a message and nothing else: the rest is the outer one's."""
    edit = mapping(item.get("edit"))
    target = stable_id(edit.get("original_message_id"))
    if target is None:
        return None
    outer = {part: item[part] for part in ("timestamp", "group_id", "context") if part in item}
    message = _inbound(target, outer | mapping(edit.get("message")), author)
    return Edit(key, author, moment(item.get("timestamp")), target, message, from_business)


def _revoke(key: str, item: Data, author: Author, from_business: bool) -> Item | None:
    target = stable_id(mapping(item.get("revoke")).get("original_message_id"))
    if target is None:
        return None
    return Revoke(key, author, moment(item.get("timestamp")), target, from_business)


def _system(key: str, item: Data, author: Author, _: bool) -> Item | None:
    """A new number or user id. `from` is the old number and may be missing; older samples say `new_wa_id`."""
    news = mapping(item.get("system"))
    if text(news.get("type")) not in MOVED:
        return None
    now = people.author(
        news.get("user_id"), news.get("parent_user_id"), news.get("new_wa_id") or news.get("wa_id"), {}
    )
    before = people.author(
        news.get("previous_user_id"),
        news.get("previous_parent_user_id"),
        news.get("customer") or item.get("from"),
        {},
    )
    return IdentityChange(
        external_id=key,
        author=author,
        occurred_at=moment(item.get("timestamp")),
        previous_bsuid=before.bsuid,
        new_bsuid=now.bsuid if now.bsuid != before.bsuid else None,
        previous_phone=before.phone,
        new_phone=now.phone if now.phone != before.phone else None,
        body=text(news.get("body")),
    )


def _status(payload: Data) -> list[Item]:
    item = mapping(payload.get("item"))
    target, state = stable_id(item.get("id")), stable_id(item.get("status"))
    if target is None or state is None:
        return []
    in_group = item.get("recipient_type") == "group"
    return [
        Status(
            target=target,
            state=state.lower(),
            occurred_at=moment(item.get("timestamp")),
            client_ref=text(item.get("biz_opaque_callback_data")) or None,
            recipient=people.recipient(item, payload.get("contact")),
            group_id=stable_id(item.get("recipient_id")) if in_group else None,
            error=error_in(item.get("errors")),
            pricing=mapping(item.get("pricing")) or None,
            conversation=mapping(item.get("conversation")) or None,
        )
    ]


def _echo(payload: Data) -> list[Item]:
    """What the business wrote on its telephone; `from` is the business's own number."""
    item = mapping(payload.get("item"))
    to = people.addressee(item, payload.get("contact"))
    said = _said(item, people.sender(item, None), from_business=True)
    return [Echo(fact, to) if isinstance(fact, InboundMessage) else fact for fact in said]


def _error(payload: Data) -> list[Item]:
    """An error of the number itself, such as its throughput limit, without any message."""
    error = error_in([payload.get("item")]) or {}
    words = " · ".join(text(error.get(part)) for part in ("code", "title") if text(error.get(part)))
    return [account_change(payload | {"field": "errors"}, words, error)]


SPECIAL: dict[str, Callable[[str, Data, Author, bool], Item | None]] = {
    "reaction": _reaction,
    "edit": _edit,
    "revoke": _revoke,
    "system": _system,
}
READERS: dict[str, Callable[[Data], list[Item]]] = {
    "message": _message,
    "status": _status,
    "echo": _echo,
    "error": _error,
    "account": account_items,
}

"""What is in a webhook request: every fact of it, cut out so that each can be stored and processed alone.

Runs while Meta waits ("Webhooks: median latency"), a thousand times a second: it looks at the envelope
only. One request may hold a thousand facts for several tenants. What is not understood becomes an `unknown`
item with everything that was there: Meta sends nothing twice once it has been answered.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crm_web.channels.adapters.meta.people import Contacts
from crm_web.channels.adapters.meta.values import MAX_DEPTH, clean_text, digest, mapping, shallow, stable_id
from crm_web.channels.normal import AccountKind, RawItem, RawKind

OBJECT = "whatsapp_business_account"
STREAM_FIELDS = frozenset({"messages", "smb_message_echoes", "calls"})
FRAME = frozenset({"messaging_product", "metadata", "contacts"})


@dataclass(slots=True)
class Change:
    """One `changes[]` element and what its items need to know of their surroundings."""

    field: str
    value: Any
    waba: str
    time: Any = None
    metadata: dict[str, Any] | None = None
    account: str = ""
    account_kind: AccountKind = "none"
    contacts: Contacts | None = None

    def __post_init__(self) -> None:
        """The number if the change names it, else the WABA, else the number as people read it."""
        value = mapping(self.value)
        self.metadata = mapping(value.get("metadata"))
        if number := stable_id(self.metadata.get("phone_number_id")):
            self.account, self.account_kind = number, "phone"
        elif self.waba:
            self.account, self.account_kind = self.waba, "waba"
        elif shown := stable_id(
            value.get("display_phone_number") or self.metadata.get("display_phone_number")
        ):
            self.account, self.account_kind = shown, "display_phone"
        self.contacts = Contacts(value.get("contacts"))

    def item(self, kind: RawKind, external_id: str, item: Any, contact: Any = None, **more: Any) -> RawItem:
        payload = {
            "field": self.field,
            "item": item,
            "contact": contact,
            "metadata": self.metadata,
            "waba": self.waba,
        }
        return RawItem(
            kind, self.account, self.account_kind, external_id, payload | more if more else payload
        )

    def unknown(self, item: Any) -> RawItem:
        return self.item("unknown", digest([self.field, item]), item)

    def event(self, kind: RawKind, item: Any) -> RawItem:
        """A fact without an id: told apart by its content and by the time of the entry."""
        return self.item(kind, digest([self.field, self.time, item]), item, time=self.time)

    def find(self, item: dict[str, Any], user_id: str, phone: str) -> dict[str, Any] | None:
        return self.contacts.find(item.get(user_id), item.get(phone)) if self.contacts else None


def read_body(raw: bytes) -> Any:
    """The request's JSON, safe to store: no NaN, no infinity, no bottomless nesting. Bad JSON is kept as
    its text.
    """
    try:
        body = json.loads(raw, parse_constant=_nothing, parse_float=_finite)
    except (ValueError, RecursionError):
        return clean_text(raw.decode("utf-8", "replace"))
    may_be_deep = raw.count(b"[") + raw.count(b"{") > MAX_DEPTH
    return shallow(body) if may_be_deep else body


def _nothing(_: str) -> None:
    return None


def _finite(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None


def split(body: object) -> list[RawItem]:
    """Every fact of a request, in its order. Never raises, whatever the JSON is."""
    entries = body.get("entry") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(entries, list):
        return [Change("", body, "").unknown(body)]
    items: list[RawItem] = []
    known = body.get("object") in (OBJECT, None)
    for entry in entries:
        items += _entry(entry) if known else [_foreign(entry)]
    return items


def _foreign(entry: Any) -> RawItem:
    """Another product of Meta, such as a page's leads, sent to this address."""
    return Change("", None, stable_id(mapping(entry).get("id")) or "").unknown(entry)


def _entry(entry: Any) -> list[RawItem]:
    changes = entry.get("changes") if isinstance(entry, dict) else None
    if not isinstance(changes, list):
        return [_foreign(entry)]
    waba = stable_id(entry.get("id")) or ""
    items: list[RawItem] = []
    for change in changes:
        items += _change(change, waba, entry.get("time"))
    return items


def _change(raw: Any, waba: str, time: Any) -> list[RawItem]:
    field = raw.get("field") if isinstance(raw, dict) else None
    value = raw.get("value") if isinstance(raw, dict) else None
    change = Change(clean_text(field) if isinstance(field, str) else "", value, waba, time)
    if not isinstance(value, dict) or not change.field:
        return [change.unknown(raw)]
    if change.field in STREAM_FIELDS or not LISTS.keys().isdisjoint(value.keys() - {"errors"}):
        return _stream(change, value)
    return [change.event("account", value)]


def _stream(change: Change, value: dict[str, Any]) -> list[RawItem]:
    """The members of every list we know, in order; what lies beside them is kept too."""
    items: list[RawItem] = []
    rest = {}
    for key, content in value.items():
        if key in FRAME:
            continue
        if key in LISTS and isinstance(content, list):
            make = LISTS[key]
            items += [
                make(change, item) if isinstance(item, dict) else change.unknown(item) for item in content
            ]
        else:
            rest[key] = content
    if rest or not items:
        items.append(change.unknown(rest or value))
    return items


def _message(change: Change, item: dict[str, Any]) -> RawItem:
    key = stable_id(item.get("id"))
    if key is None:
        return change.unknown(item)
    return change.item("message", key, item, change.find(item, "from_user_id", "from"))


def _echo(change: Change, item: dict[str, Any]) -> RawItem:
    key = stable_id(item.get("id"))
    if key is None:
        return change.unknown(item)
    return change.item("echo", key, item, change.find(item, "to_user_id", "to"))


def _status(change: Change, item: dict[str, Any]) -> RawItem:
    """In a group every participant has a status of their own."""
    target, state = stable_id(item.get("id")), stable_id(item.get("status"))
    if change.field == "calls":
        return change.event("account", {"statuses": [item]})
    if target is None or state is None:
        return change.unknown(item)
    member = stable_id(item.get("recipient_participant_user_id") or item.get("recipient_participant_id"))
    key = f"{target}:{state}:{member}" if member else f"{target}:{state}"
    prefix = "recipient_participant" if member else "recipient"
    return change.item("status", key, item, change.find(item, f"{prefix}_user_id", f"{prefix}_id"))


def _call(change: Change, item: dict[str, Any]) -> RawItem:
    """A call by the customer counts as their message; one by the business is news of the account."""
    key, event = stable_id(item.get("id")), stable_id(item.get("event"))
    if item.get("direction") == "BUSINESS_INITIATED":
        return change.event("account", {"calls": [item]})
    if key is None or event is None:
        return change.unknown(item)
    return change.item("message", f"{key}:{event}", item, change.find(item, "from_user_id", "from"))


def _error(change: Change, item: dict[str, Any]) -> RawItem:
    return change.event("error", item)


LISTS: dict[str, Callable[[Change, dict[str, Any]], RawItem]] = {
    "messages": _message,
    "statuses": _status,
    "message_echoes": _echo,
    "errors": _error,
    "calls": _call,
}

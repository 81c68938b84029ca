"""Who: the person behind a message, from the keys of the message and of the contact beside it.

Meta, "Business-scoped user IDs": the user id is the stable key since 2026, the phone may be missing (early
drafts said an empty string), a username is for display. A user id is unique within one business portfolio
only.
"""

from __future__ import annotations

from typing import Any

from crm_web.channels.adapters.meta.values import mapping, name, stable_id, text
from crm_web.channels.normal import Author
from crm_web.core.phone import digits_of, identity_key, is_bsuid


class Contacts:
    """The `contacts` of one value, found by user id, then by phone, then because there is only one."""

    def __init__(self, value: Any) -> None:
        self.all = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
        self._index: dict[str, dict[str, Any]] | None = None

    def find(self, user_id: Any, phone: Any) -> dict[str, Any] | None:
        if not self.all:
            return None
        if len(self.all) == 1:
            return self.all[0] if _may_be(self.all[0], user_id, phone) else None
        return self._lookup(user_id) or self._lookup(phone)

    def _lookup(self, key: Any) -> dict[str, Any] | None:
        if not key or not isinstance(key, str):
            return None
        if self._index is None:
            keyed = [(one.get(part), one) for part in ("wa_id", "user_id") for one in self.all]
            self._index = {given: one for given, one in keyed if given and isinstance(given, str)}
        return self._index.get(key)


def _may_be(contact: dict[str, Any], user_id: Any, phone: Any) -> bool:
    """A lone contact belongs to the message unless its ids say that it is somebody else."""
    theirs = contact.get("user_id")
    if user_id and theirs:
        return bool(user_id == theirs)
    wa_id = contact.get("wa_id")
    if not phone or not wa_id or phone == wa_id:
        return True
    return identity_key(text(phone)) == identity_key(text(wa_id))


def author(user_id: Any, parent_id: Any, phone: Any, contact: Any) -> Author:
    """The message's own keys first, the contact's where they are missing."""
    contact = mapping(contact)
    profile = mapping(contact.get("profile"))
    number, stray_id = _phone(phone)
    wa_id, stray_wa_id = _phone(contact.get("wa_id"))
    username = name(profile.get("username"))
    return Author(
        phone=number or wa_id,
        bsuid=stable_id(user_id) or stable_id(contact.get("user_id")) or stray_id or stray_wa_id,
        parent_bsuid=stable_id(parent_id) or stable_id(contact.get("parent_user_id")),
        username=username and (username.lstrip("@") or None),
        name=name(profile.get("name")),
    )


def _phone(value: Any) -> tuple[str | None, str | None]:
    """Digits, or a user id that stands where a phone belongs."""
    given = text(value)
    if is_bsuid(given):
        return None, given.strip()
    return digits_of(given) or None, None


def sender(item: dict[str, Any], contact: Any) -> Author:
    return author(item.get("from_user_id"), item.get("from_parent_user_id"), item.get("from"), contact)


def in_system(item: dict[str, Any]) -> dict[str, Any]:
    """System messages have no contact and perhaps no `from`: their own object names the person with the
    same keys.
    """
    news = mapping(item.get("system"))
    return news | {"wa_id": news.get("wa_id") or news.get("customer")}


def addressee(item: dict[str, Any], contact: Any) -> Author:
    """To whom the business wrote from its own telephone."""
    return author(item.get("to_user_id"), item.get("to_parent_user_id"), item.get("to"), contact)


def recipient(item: dict[str, Any], contact: Any) -> Author:
    """Of a status; in a group, the participant and not the group."""
    who = "recipient_participant" if item.get("recipient_type") == "group" else "recipient"
    return author(
        item.get(f"{who}_user_id"), item.get(f"{who}_parent_user_id"), item.get(f"{who}_id"), contact
    )

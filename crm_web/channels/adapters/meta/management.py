"""News about accounts, templates and people's wishes (Meta, "Webhook fields" reference, all but
`messages`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crm_web.channels.adapters.meta import people
from crm_web.channels.adapters.meta.values import (
    digest,
    listing,
    mapping,
    moment,
    name,
    stable_id,
    text,
    whole,
)
from crm_web.channels.normal import AccountChange, AccountKind, IdentityChange, Item, Preference

Data = dict[str, Any]
TIER = "max_daily_conversations_per_business"
UNLIMITED = -1
MAX_SUMMARY = 250

TEMPLATE = ("message_template_name", "message_template_language")
GROUP = ("groups.0.type", "groups.0.group_id", "groups.0.subject")
# What a line in a list of events shows; dots go down, other shapes are skipped.
SUMMARIES: dict[str, tuple[str, ...]] = {
    "message_template_status_update": (*TEMPLATE, "event", "reason"),
    "message_template_quality_update": (*TEMPLATE, "previous_quality_score", "new_quality_score"),
    "template_category_update": (*TEMPLATE, "previous_category", "new_category", "correct_category"),
    "message_template_components_update": TEMPLATE,
    "phone_number_quality_update": ("display_phone_number", "event", "current_limit", TIER),
    "business_capability_update": (TIER, "max_phone_numbers_per_business", "max_phone_numbers_per_waba"),
    "phone_number_name_update": (
        "display_phone_number",
        "decision",
        "requested_verified_name",
        "rejection_reason",
    ),
    "account_review_update": ("decision",),
    "account_update": (
        "event",
        "violation_info.violation_type",
        "ban_info.waba_ban_state",
        "ban_info.waba_ban_date",
        "waba_info.waba_id",
        "restriction_info.0.restriction_type",
        "restriction_info.0.expiration",
        "volume_tier_info.pricing_category",
        "volume_tier_info.tier",
    ),
    "account_alerts": ("alert_info.alert_severity", "alert_info.alert_type", "alert_info.alert_description"),
    "security": ("display_phone_number", "event", "requester"),
    "history": ("history.0.metadata.phase", "history.0.metadata.progress", "errors.0.code", "errors.0.title"),
    "calls": ("calls.0.event", "calls.0.direction", "statuses.0.status"),
    "flows": ("event", "message"),
    "group_lifecycle_update": GROUP,
    "group_participants_update": GROUP,
    "group_settings_update": GROUP,
    "group_status_update": GROUP,
}
TIERS = {
    "TIER_50": 50,
    "TIER_250": 250,
    "TIER_1K": 1000,
    "TIER_2K": 2000,
    "TIER_10K": 10_000,
    "TIER_100K": 100_000,
}


def account_items(payload: Data) -> list[Item]:
    """News of the account, except the two fields that are about people."""
    read = ABOUT_PEOPLE.get(text(payload.get("field")))
    items = read(payload) if read else []
    return items or [_account_change(payload)]


def _account_change(payload: Data) -> AccountChange:
    value = tidy(mapping(payload.get("item")))
    field = field_of(text(payload.get("field")), value)
    return account_change(payload | {"field": field}, summary(field, value), value)


def account_change(payload: Data, words: str, value: Data) -> AccountChange:
    account, kind = account_of(payload)
    field = text(payload.get("field"))
    return AccountChange(field, account, kind, words or field, value, moment(payload.get("time")))


def account_of(payload: Data) -> tuple[str, AccountKind]:
    """As `split` found it: the number, else the WABA, else the number as people read it."""
    metadata = mapping(payload.get("metadata"))
    if number := stable_id(metadata.get("phone_number_id")):
        return number, "phone"
    if waba := stable_id(payload.get("waba")):
        return waba, "waba"
    shown = mapping(payload.get("item")).get("display_phone_number") or metadata.get("display_phone_number")
    number = stable_id(shown)
    return (number, "display_phone") if number else ("", "none")


def field_of(field: str, value: Data) -> str:
    """One of Meta's own samples sends a quality update under the name of a status update: the keys tell."""
    if field == "message_template_status_update" and "new_quality_score" in value and "event" not in value:
        return "message_template_quality_update"
    return field


def tidy(value: Data) -> Data:
    """One spelling for what Meta spells in two: ids as text, `es_MX` for `es-MX`, limits as numbers (-1:
    none).
    """
    value = dict(value)
    if "message_template_id" in value:
        value["message_template_id"] = text(value["message_template_id"])
    if "message_template_language" in value:
        value["message_template_language"] = text(value["message_template_language"]).replace("-", "_")
    if TIER in value:
        value[TIER] = limit(value[TIER])
    return value


def limit(given: Any) -> Any:
    """People per day as a number, from `TIER_2K`, `2000` or 2000; a word we do not know stays."""
    word = text(given).strip().upper()
    if word == "TIER_UNLIMITED":
        return UNLIMITED
    number = TIERS.get(word, whole(word))
    return given if number is None else number


def summary(field: str, value: Data) -> str:
    words = (text(_down(value, path)) for path in SUMMARIES.get(field, ("event",)))
    return " · ".join(word for word in words if word and word != "NONE")[:MAX_SUMMARY]


def _down(value: Any, path: str) -> Any:
    for step in path.split("."):
        value = next(iter(listing(value)), None) if step == "0" else mapping(value).get(step)
    return value


def _preferences(payload: Data) -> list[Item]:
    """Meta, "user_preferences webhook reference": who stops and who resumes marketing."""
    value = mapping(payload.get("item"))
    contacts = people.Contacts(value.get("contacts"))
    return [
        _preference(one, contacts) for one in listing(value.get("user_preferences")) if isinstance(one, dict)
    ]


def _preference(one: Data, contacts: people.Contacts) -> Preference:
    user_id, wa_id = one.get("user_id"), one.get("wa_id")
    author = people.author(user_id, one.get("parent_user_id"), wa_id, contacts.find(user_id, wa_id))
    value, category = text(one.get("value")).lower(), text(one.get("category"))
    return Preference(author, value, category or "marketing_messages", moment(one.get("timestamp")))


def _identity_changes(payload: Data) -> list[Item]:
    """A field that was drafted in 2026 and withdrawn; accepted in case it comes."""
    changes = listing(mapping(payload.get("item")).get("user_id_update"))
    return [_identity_change(one) for one in changes if isinstance(one, dict)]


def _identity_change(one: Data) -> IdentityChange:
    ids, parents = mapping(one.get("user_id")), mapping(one.get("parent_user_id"))
    return IdentityChange(
        external_id="sha256:" + digest(one),
        author=people.author(ids.get("current"), parents.get("current"), one.get("wa_id"), {}),
        occurred_at=moment(one.get("timestamp")),
        previous_bsuid=stable_id(ids.get("previous")),
        new_bsuid=stable_id(ids.get("current")),
        body=name(one.get("detail")) or "",
    )


ABOUT_PEOPLE: dict[str, Callable[[Data], list[Item]]] = {
    "user_preferences": _preferences,
    "user_id_update": _identity_changes,
}

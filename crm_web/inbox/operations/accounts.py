"""What a provider says about the account itself or about a person, rather than in a conversation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crm_web.channels.normal import AccountChange, IdentityChange, Preference
from crm_web.channels.operations import note_account_change
from crm_web.core.phone import identity_key
from crm_web.leads.operations import Person, add_identity, find_or_create, set_marketing_consent
from crm_web.message_templates.operations import note_template_change

if TYPE_CHECKING:
    from crm_web.inbox.operations.receive import Told


def apply(told: Sequence[Told]) -> None:
    """What concerns people; it comes before what they say."""
    for one in told:
        if isinstance(one.item, Preference):
            _prefer(one, one.item)
        elif isinstance(one.item, IdentityChange):
            _know_anew(one, one.item)


def note(told: Sequence[Told]) -> None:
    """What concerns the account. It writes channels, and those are locked after conversations, by everybody."""
    for one in told:
        if isinstance(one.item, AccountChange):
            note_account_change(one.channel, one.item, at=one.item.occurred_at or one.received_at)
            note_template_change(one.channel, one.item)


def scope_of(told: Told) -> str:
    """Where a BSUID of this channel means a person: the portfolio, as far as we know it."""
    return told.channel.portfolio_id or told.channel.business_id or told.channel.account_id


def _prefer(told: Told, item: Preference) -> None:
    """The person stopped, or resumed, commercial messages from this business."""
    author = item.author
    person = Person(
        scope_of(told), author.phone, author.bsuid, author.parent_bsuid, author.username, author.name
    )
    find_or_create([person])
    if person.lead_id and item.value in ("stop", "resume"):
        set_marketing_consent(
            person.lead_id, allowed=item.value == "resume", at=item.occurred_at or told.received_at
        )


def _know_anew(told: Told, item: IdentityChange) -> None:
    """The person has a new number or a new id: the lead stays, and is known by both."""
    scope = scope_of(told)
    before = Person(scope, phone=item.previous_phone, bsuid=item.previous_bsuid)
    find_or_create([before])
    if before.lead_id is None:
        return
    if item.new_phone and (folded := identity_key(item.new_phone)):
        add_identity(before.lead_id, "phone", "", folded, item.new_phone)
    if item.new_bsuid:
        add_identity(before.lead_id, "bsuid", scope, item.new_bsuid, item.new_bsuid)

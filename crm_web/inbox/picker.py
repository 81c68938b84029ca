"""Choosing a template for a conversation: what there is, which one, and what can be filled in already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crm_web.inbox.models import Conversation
from crm_web.message_templates import rendering
from crm_web.message_templates.models import MessageTemplate
from crm_web.message_templates.queries import list_sendable


@dataclass(frozen=True)
class Picker:
    """`chosen` is one of `templates`, None only when there is none; `values` are by the keys of its variables."""

    templates: Sequence[MessageTemplate]
    chosen: MessageTemplate | None = None
    values: Mapping[str, str] = field(default_factory=dict)


def pick(conversation: Conversation, wanted: str | None) -> Picker:
    """The account's templates with the wanted one chosen, else the first, and the customer's name in its place."""
    found = list_sendable(conversation.channel.business_id)
    chosen = next((one for one in found if str(one.id) == wanted), found[0] if found else None)
    lead = conversation.lead
    name = lead.first_name or (lead.profile_name or "").split(" ")[0]
    return Picker(found, chosen, rendering.suggest(chosen, name) if chosen else {})

"""What can be done with a channel."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_web.channels import providers
from crm_web.channels.models import Channel
from crm_web.channels.normal import AccountChange, ProviderError
from crm_web.core.clock import now
from crm_web.core.db import db
from crm_web.core.errors import DomainError
from crm_web.core.sentences import lazy
from crm_web.core.tenancy import current_tenant_id
from crm_web.core.text import N_
from crm_web.tenants.models import Tenant


class PlanLimit(DomainError):
    """The plan allows no more numbers."""


class AlreadyConnected(DomainError):
    """This account is connected already, here or elsewhere."""


class NotConnected(DomainError):
    """The provider did not accept the connection; the sentence says why in the provider's words."""


def connect_channel(
    *, name: str, address: str, account_id: str, business_id: str, token: str, app_secret: str = ""
) -> Channel:
    """Connect a WhatsApp number and test it at once; a number whose token does not work stays `pending`.

    Raises PlanLimit, or AlreadyConnected. Events are routed to a channel only after a test has succeeded: whoever
    cannot show a working token for a number never receives its messages.
    """
    _require_room()
    channel = Channel(
        tenant_id=current_tenant_id(),
        kind="whatsapp",
        provider="meta",
        name=name,
        address=address,
        account_id=account_id,
        business_id=business_id,
        credentials={"token": token, "app_secret": app_secret},
        status="pending",
    )
    try:
        with db.session.begin_nested():
            db.session.add(channel)
    except sa.exc.IntegrityError:
        raise AlreadyConnected(lazy(N_("Ese número ya está conectado a una cuenta."))) from None
    test_channel(channel)
    return channel


def _require_room() -> None:
    tenant = db.session.get_one(Tenant, current_tenant_id(), with_for_update=True)
    count = db.session.scalar(
        sa.select(sa.func.count()).where(Channel.kind == "whatsapp", Channel.deleted_at.is_(None))
    )
    if (count or 0) >= tenant.max_whatsapp_numbers:
        raise PlanLimit(
            lazy(
                N_("Tu plan permite %(most)s números de WhatsApp. Cambia de plan para conectar otro."),
                most=tenant.max_whatsapp_numbers,
            )
        )


def test_channel(channel: Channel) -> bool:
    """Ask the provider about the account with our token; keep what it says, or its error. True when it works."""
    token = str((channel.credentials or {}).get("token", ""))
    client = providers.adapter_for(channel.provider).client
    try:
        found = client.phone(channel.account_id, token)
        _require_own(channel, client.numbers(channel.business_id, token))
    except ProviderError as error:
        _remember_error(channel, error, "error" if error.reaction == "channel_broken" else channel.status)
        return False
    channel.health = {**channel.health, "phone": found, "checked_at": now().isoformat()}
    channel.last_error = channel.last_error_at = None
    channel.last_connected_at = now()
    if channel.status in ("pending", "error", "disconnected"):
        channel.status = "active"
    if not channel.portfolio_id:
        channel.portfolio_id = str(found.get("portfolio_id") or "")
    return True


def _require_own(channel: Channel, numbers: set[str]) -> None:
    """The number must be one of the business account's: else its account events would come to a stranger."""
    if channel.account_id not in numbers:
        raise ProviderError(
            "the account does not hold this number",
            reaction="permanent",
            sentence=N_("Esa cuenta de WhatsApp (WABA) no tiene ese número."),
        )


def _remember_error(channel: Channel, error: ProviderError, status: str) -> None:
    channel.status = status
    channel.last_error = error.sentence or f"{error.title} ({error.code})"
    channel.last_error_at = now()


def update_limits(channel: Channel, *, daily_message_limit: int, rate_limit_per_minute: int) -> None:
    channel.daily_message_limit = daily_message_limit
    channel.rate_limit_per_minute = rate_limit_per_minute


def replace_credentials(channel: Channel, *, token: str, app_secret: str = "") -> bool:
    """Take new secrets and test them; an empty app secret keeps the old one. True when they work."""
    kept = str((channel.credentials or {}).get("app_secret", ""))
    channel.credentials = {"token": token, "app_secret": app_secret or kept}
    return test_channel(channel)


def set_status(channel: Channel, status: str) -> None:
    """Pause sending (`inactive`) or go on (`active`). Receiving is never stopped by a switch."""
    channel.status = status


def remove_channel(channel: Channel) -> None:
    """Disconnect the number: its secrets are erased, its conversations stay readable."""
    channel.deleted_at = now()
    channel.status = "inactive"
    channel.credentials = None


def channel_broke(channel_id: uuid.UUID, error: ProviderError) -> None:
    """The provider refuses the account itself (token, block, payment): stop sending and say so on the channel."""
    channel = db.session.get(Channel, channel_id)
    if channel is not None:
        _remember_error(channel, error, "error")


_BROKEN = {"DISABLED_UPDATE", "ACCOUNT_DELETED", "ACCOUNT_VIOLATION"}


def note_account_change(channel: Channel, change: AccountChange, *, at: datetime) -> None:
    """Keep the newest word on each subject (quality, limits, review, alerts) for the channel's page."""
    known: dict[str, Any] = dict(channel.health.get("notices") or {})
    if (known.get(change.field) or {}).get("at", "") > at.isoformat():
        return
    known[change.field] = {"at": at.isoformat(), "summary": change.summary}
    channel.health = {**channel.health, "notices": known}
    if change.field == "account_update" and change.payload.get("event") in _BROKEN:
        channel.status, channel.last_error, channel.last_error_at = "error", change.summary, at

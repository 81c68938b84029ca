"""Files that customers sent, brought here from the provider: claimed under a lease, downloaded in threads, recorded.

A claim is committed before the first byte moves, so no lock is held while a slow provider answers. Whoever dies
holding a lease loses nothing: when it ends, the file is due again. A file's number of attempts is its fence: a result
of an earlier attempt than the last one is not written. Meta keeps a file for seven days.
"""

from __future__ import annotations

import tempfile
import threading
import uuid
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, BinaryIO

import sqlalchemy as sa
import structlog
from sqlalchemy import orm

from crm_web.channels import providers
from crm_web.channels.models import Channel
from crm_web.channels.normal import ProviderError
from crm_web.core.clock import now
from crm_web.core.db import db
from crm_web.core.effects import commit
from crm_web.core.tenancy import as_tenant
from crm_web.core.text import N_
from crm_web.files import check, operations
from crm_web.files.models import File

AT_ONCE = 4
# Longer than the adapter may take to ask for an address and to load 100 MB from it.
LEASE = timedelta(minutes=3)
PAUSES = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))
MOST_ATTEMPTS = 5
KEPT_BY_PROVIDER = timedelta(days=7)
NO_CHANNEL = N_("El canal por el que llegó el archivo ya no está conectado.")
NEVER_CAME = N_("No pudimos descargar el archivo después de varios intentos.")

log = structlog.get_logger(__name__)
_one_picture_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Order:
    """One claimed file, with all that is needed to fetch it outside a transaction."""

    tenant_id: uuid.UUID
    file_id: uuid.UUID
    lead_id: uuid.UUID | None
    attempts: int
    created_at: datetime
    kind: str
    name: str
    claimed: str
    provider_id: str | None
    url: str | None
    provider: str
    account_id: str
    token: str


@dataclass(frozen=True)
class Fetched:
    """What came of an order: facts and keys, or the error that stopped it."""

    order: Order
    facts: check.Facts | None = None
    key: str = ""
    thumbnail_key: str | None = None
    error: Exception | None = None


class Porter:
    """Keeps up to four downloads under way for as long as any file is due."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="porter")
        self.under_way: set[Future[Fetched]] = set()

    def run(self) -> int:
        """Start what is due and there is room for; returns how many came to an end, 0 only when nothing is left."""
        while True:
            room = AT_ONCE - len(self.under_way)
            self.under_way |= {self.pool.submit(fetch, order) for order in claim(room)}
            if not self.under_way:
                return 0
            done, self.under_way = wait(self.under_way, timeout=0.5, return_when=FIRST_COMPLETED)
            if done:
                record([future.result() for future in done])
                return len(done)


# -- claiming ------------------------------------------------------------------------------------------------


def claim(room: int) -> list[Order]:
    """Lease up to `room` due files over all tenants, and commit."""
    if room <= 0:
        return []
    tenants = db.session.scalars(sa.text("SELECT tenant_id FROM tenants_with_due_files()")).all()
    db.session.rollback()
    orders: list[Order] = []
    for tenant_id in tenants:
        if len(orders) < room:
            with as_tenant(tenant_id):
                orders += _claim_some(tenant_id, room - len(orders))
                commit()
    return orders


def _claim_some(tenant_id: uuid.UUID, room: int) -> list[Order]:
    files = db.session.scalars(
        sa.select(File)
        .where(File.tenant_id == tenant_id, File.state == "pending", File.fetch_after <= sa.func.now())
        .order_by(File.fetch_after)
        .limit(room)
        .with_for_update(skip_locked=True)
    ).all()
    channels = _channels_of(files)
    return [order for file in files if (order := _order(file, channels.get(file.channel_id)))]


def _channels_of(files: Sequence[File]) -> dict[uuid.UUID | None, Channel]:
    wanted = {file.channel_id for file in files if file.channel_id}
    query = sa.select(Channel).options(orm.undefer(Channel.credentials)).where(Channel.id.in_(wanted))
    return {channel.id: channel for channel in db.session.scalars(query)} if wanted else {}


def _order(file: File, channel: Channel | None) -> Order | None:
    """The order for a file, which is leased by it; without a channel to ask there is none, ever."""
    if channel is None or not channel.credentials:
        operations.give_up(file, NO_CHANNEL)
        return None
    file.attempts += 1
    file.fetch_after = now() + LEASE
    return Order(
        file.tenant_id, file.id, file.lead_id, file.attempts, file.created_at, file.kind, file.name, file.mime,
        file.provider_id, file.provider_url, channel.provider, channel.account_id,
        str(channel.credentials.get("token", "")),
    )  # fmt: skip


# -- fetching: in threads, without the database ----------------------------------------------------------------


def fetch(order: Order) -> Fetched:
    """Download, check and keep one file; raises nothing."""
    try:
        with tempfile.TemporaryFile() as content:
            _download(order, content)
            facts = check.on_arrival(content, name=order.name, claimed=order.claimed, kind=order.kind)
            with _one_picture_at_a_time:
                keys = operations.keep(content, facts, order.tenant_id, order.lead_id, order.file_id)
            return Fetched(order, facts, *keys)
    except (ProviderError, check.Refused) as error:
        return Fetched(order, error=error)
    except Exception as error:
        log.exception("fetch_crashed", file_id=str(order.file_id))
        return Fetched(order, error=error)


def _download(order: Order, content: BinaryIO) -> None:
    """Ask for a fresh address, which lives five minutes, then load from it; never more than agreed."""
    client = providers.adapter_for(order.provider).client
    url = order.url
    if order.provider_id:
        described = client.media_meta(order.provider_id, order.token, order.account_id)
        _refuse_large(described)
        url = described["url"]
    client.download(url or "", order.token, content, check.LARGEST)


def _refuse_large(described: dict[str, Any]) -> None:
    if (described.get("file_size") or 0) > check.LARGEST:
        raise check.refused(check.TOO_LARGE)


# -- recording -----------------------------------------------------------------------------------------------


def record(results: Sequence[Fetched]) -> None:
    """Write down what came of each order, unless a later attempt has taken its place."""
    for result in results:
        order = result.order
        with as_tenant(order.tenant_id):
            file = db.session.scalar(
                sa.select(File)
                .where(File.id == order.file_id, File.state == "pending", File.attempts == order.attempts)
                .with_for_update()
            )
            if file is not None:
                _write_down(file, result)
            commit()


def _write_down(file: File, result: Fetched) -> None:
    error = result.error
    if result.facts:
        operations.arrived(file, result.facts, result.key, result.thumbnail_key)
    elif isinstance(error, check.Refused):
        operations.refuse(file, error.details["reason"])
    elif (pause := next_try(error, file.attempts, now() - file.created_at)) is not None:
        operations.ask_again_in(file, pause)
    else:
        operations.give_up(file, getattr(error, "sentence", "") or NEVER_CAME)
    if error:
        log.info(
            "file_not_fetched", file_id=str(file.id), state=file.state, error=file.reason or repr(error)[:200]
        )


def next_try(error: Exception | None, attempts: int, age: timedelta) -> timedelta | None:
    """How long to wait before trying again, or None: never.

    A channel whose token is refused may be mended by a person, so its files wait as long as the provider keeps them.
    """
    reaction = error.reaction if isinstance(error, ProviderError) else "retry"
    waits_for_people = reaction == "channel_broken" and age < KEPT_BY_PROVIDER
    if reaction == "permanent" or (attempts >= MOST_ATTEMPTS and not waits_for_people):
        return None
    pause = PAUSES[min(attempts, len(PAUSES)) - 1]
    wanted = getattr(error, "retry_after", None) or 0
    return max(pause, timedelta(seconds=wanted))

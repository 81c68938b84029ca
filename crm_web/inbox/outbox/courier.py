"""Carries parcels: many requests in flight, none of which touches the database."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
import structlog

from crm_web.channels import providers
from crm_web.channels.normal import OutgoingMessage, ProviderError
from crm_web.core.clock import now
from crm_web.core.effects import rollback
from crm_web.core.jobs import should_stop
from crm_web.files import storage
from crm_web.inbox.outbox.claim import claim
from crm_web.inbox.outbox.parcels import Parcel, Sent
from crm_web.inbox.outbox.record import record, record_one_by_one

IN_FLIGHT = 120  # with those claimed ahead, a number that is alone keeps a hundred under way
NAP = 0.1
log = structlog.get_logger(__name__)


class Courier:
    """Keeps up to `IN_FLIGHT` requests under way for as long as anything is due.

    A few more are claimed ahead, so that a connection that comes free finds its next message at once. What came back
    is kept until it is written down, whatever happens to the database meanwhile.
    """

    def __init__(self, in_flight: int = IN_FLIGHT) -> None:
        self.most = in_flight + in_flight // 4
        self.pool = ThreadPoolExecutor(in_flight, thread_name_prefix="courier")
        self.under_way: dict[Future[Sent], Parcel] = {}
        self.came_back: list[Sent] = []

    def run(self) -> int:
        """Send everything due now; returns how many messages were tried."""
        tried = 0
        while True:
            pause = self._set_out()
            if not self.under_way and not self.came_back:
                if pause is None:
                    return tried
                time.sleep(min(pause, NAP))
                continue
            done, _not_done = wait(self.under_way, timeout=0.02, return_when=FIRST_COMPLETED)
            for future in done:
                del self.under_way[future]
            self.came_back += [future.result() for future in done]
            tried += len(self.came_back)
            self._write_down()

    def _set_out(self) -> float | None:
        """Claim in handfuls, and nothing more once the process is to stop.

        Returns the seconds until some number may send again what is due, when that is worth waiting for.
        """
        room = self.most - len(self.under_way)
        if should_stop() or (self.under_way and room < self.most // 8):
            return None
        taken = claim(room, Counter(parcel.channel_id for parcel in self.under_way.values()))
        self.under_way |= {self.pool.submit(deliver, parcel): parcel for parcel in taken}
        return taken.pause

    def _write_down(self) -> None:
        """Tenant by tenant. While the database is away everything is kept; what one row refuses holds up no other."""
        for tenant_id in {sent.parcel.tenant_id for sent in self.came_back}:
            mine = [sent for sent in self.came_back if sent.parcel.tenant_id == tenant_id]
            try:
                record(mine)
            except sa.exc.OperationalError:
                raise
            except Exception:
                rollback()
                record_one_by_one(mine)
            self.came_back = [sent for sent in self.came_back if sent.parcel.tenant_id != tenant_id]


def deliver(parcel: Parcel) -> Sent:
    """Carry one message to its provider; runs in a thread, touches no database, raises nothing."""
    try:
        client = providers.adapter_for(parcel.provider).client
        outgoing = parcel.outgoing
        if parcel.file_key and not outgoing.media_id:
            outgoing = _with_media(client, parcel)
        if parcel.lease_until and now() >= parcel.lease_until:
            raise ProviderError("the lease was over before the message left", reaction="retry")
        return Sent(parcel, result=client.send(parcel.account_id, parcel.token, outgoing))
    except ProviderError as error:
        return Sent(parcel, error=error)
    except Exception as error:
        log.exception("deliver_crashed", message_id=str(parcel.message_id))
        return Sent(parcel, error=ProviderError(title=type(error).__name__, reaction="unknown"))


def _with_media(client: Any, parcel: Parcel) -> OutgoingMessage:
    """Upload first. Nothing was said to the customer yet, so an unclear upload is simply tried again."""
    try:
        data = storage.read(parcel.file_key or "")
        media_id = client.upload(
            parcel.account_id, parcel.token, data, parcel.file_mime, parcel.outgoing.filename or "archivo"
        )
    except ProviderError as error:
        if error.reaction == "unknown":
            error.reaction = "retry"
        raise
    return replace(parcel.outgoing, media_id=media_id)

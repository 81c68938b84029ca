"""Writing events into the ledger: one statement and one commit for everything that arrives together.

Whoever comes while a commit is under way waits for the next one, together with all others who came meanwhile. So
a burst costs a few commits and a few rings of the bell, and still nobody is answered before their events are durable.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from crm_web.channels.normal import RawItem
from crm_web.core.db import db, new_id
from crm_web.core.facts import announce_now

_STORE = sa.text(
    "SELECT store_events(:provider, CAST(:ids AS uuid[]), CAST(:account_kinds AS text[]), CAST(:accounts AS text[]),"
    " CAST(:kinds AS text[]), CAST(:keys AS text[]), CAST(:payloads AS text[]), CAST(:proofs AS uuid[]))"
)


@dataclass(frozen=True)
class Proven:
    """An item and, where it was signed with a channel's own secret, the only channel it may speak for."""

    item: RawItem
    only_channel: uuid.UUID | None = None


@dataclass
class Delivery:
    """What one request brought, until it is durable."""

    items: Sequence[Proven]
    done: bool = False
    error: BaseException | None = None


@dataclass
class Ledger:
    provider: str
    waiting: list[Delivery] = field(default_factory=list)
    door: threading.Lock = field(default_factory=threading.Lock)
    turn: threading.Lock = field(default_factory=threading.Lock)

    def store(self, items: Sequence[Proven]) -> None:
        """Return once the items are durable; raises what the database raised. Known facts are left as they are."""
        delivery = Delivery(items)
        with self.door:
            self.waiting.append(delivery)
        with self.turn:
            leads = not delivery.done
            if leads:
                self._store_waiting()
        if leads:
            announce_now("events.stored")
        if delivery.error is not None:
            raise delivery.error

    def _store_waiting(self) -> None:
        with self.door:
            deliveries, self.waiting = self.waiting, []
        try:
            self._write([proven for delivery in deliveries for proven in delivery.items])
        except sa.exc.DBAPIError:
            self._store_one_by_one(deliveries)
        except BaseException as error:
            self._fail(deliveries, error)
        for delivery in deliveries:
            delivery.done = True

    def _store_one_by_one(self, deliveries: list[Delivery]) -> None:
        """One delivery that the database refuses must not fail the others; a database that is away is asked once."""
        for place, delivery in enumerate(deliveries):
            try:
                self._write(delivery.items)
            except sa.exc.DataError as error:
                delivery.error = error
            except BaseException as error:
                self._fail(deliveries[place:], error)
                return

    @staticmethod
    def _fail(deliveries: list[Delivery], error: BaseException) -> None:
        """Nobody is told "stored" by a leader who gave up: not the pool's, not a killed greenlet's."""
        for delivery in deliveries:
            delivery.error = error

    def _write(self, items: Sequence[Proven]) -> None:
        """One statement, which is a transaction of its own: no round trips for its beginning and its end.

        In the order of their keys: two webs that hold the same facts then never wait for each other in a ring.
        """
        if not items:
            return
        arrived = [(new_id(), proven) for proven in items]
        arrived.sort(key=lambda one: (one[1].item.account, one[1].item.kind, one[1].item.external_id))
        items = [proven for _id, proven in arrived]
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(
                _STORE,
                {
                    "provider": self.provider,
                    "ids": [event_id for event_id, _proven in arrived],
                    "account_kinds": [proven.item.account_kind for proven in items],
                    "accounts": [proven.item.account for proven in items],
                    "kinds": [proven.item.kind for proven in items],
                    "keys": [proven.item.external_id for proven in items],
                    "payloads": [json.dumps(proven.item.payload) for proven in items],
                    "proofs": [proven.only_channel for proven in items],
                },
            )

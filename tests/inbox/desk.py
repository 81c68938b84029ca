"""Acme's desk at the stand-in: customers who have just written, what we write to them, and time that passes by decree."""

from __future__ import annotations

import itertools
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
import urllib3
from flask import Flask

from crm_web.channels.normal import SendResult
from crm_web.core import jobs
from crm_web.core.db import db
from crm_web.core.effects import commit
from crm_web.core.tenancy import as_tenant
from crm_web.inbox import operations, outbox
from crm_web.models import Channel, Conversation, Message, OutboxItem, User
from tests import meta
from tests.cast import ACME_NUMBER, ACME_WABA, House, connected
from tests.inbox.crowd import together
from tests.inbox.replay import tell

HTTP = urllib3.PoolManager(retries=False, timeout=30)
CALM = {
    "latency_ms": 0, "jitter_ms": 0, "delay_ms": 0, "sent_ms": 0, "delivered_ms": 0, "hang_ms": 1500, "statuses": True,
    "fail_next": [], "duplicate": 0, "shuffle": False,
}  # fmt: skip
# Numbers whose last digits ask the stand-in for nothing.
_numbers = itertools.count(573_215_000_000)
TRAVEL = """
    UPDATE outbox SET send_after = send_after - :by, lease_until = lease_until - :by;
    UPDATE conversations SET pair_clock = pair_clock - :by;
    UPDATE channels SET send_clock = send_clock - :by;
"""


class Desk:
    def __init__(self, house: House, url: str, owner: sa.Engine, run_jobs: Callable[[], int]) -> None:
        self.house, self.url, self.owner, self.run_jobs = house, url, owner, run_jobs
        self.turn(**CALM)
        self.after = self.ask("GET", "log/totals")["last_id"]

    def ask(self, method: str, path: str, **given: Any) -> Any:
        answer = HTTP.request(method, f"{self.url}/sandbox/{path}", **given)
        assert answer.status == 200, answer.data
        return answer.json()

    def turn(self, **knobs: Any) -> None:
        self.ask("POST", "knobs", json=knobs)

    def customers(
        self, count: int = 1, *, ending: str = "", number: str = ACME_NUMBER, waba: str = ACME_WABA
    ) -> list[uuid.UUID]:
        """The conversations of new customers who wrote a moment ago; `ending` chooses what the stand-in does to them."""
        numbers = [str(next(_numbers)) for _ in range(count)]
        phones = [f"57{number[-3:]}{ending}" if ending else number for number in numbers]
        self.ask(
            "POST",
            "windows",
            json={"items": [{"from": phone, "phone_number_id": number} for phone in phones]},
        )
        tell(meta.said(*(meta.text("Hola", phone) for phone in phones), number=number, waba=waba)["entry"])
        self.run_jobs()
        with as_tenant(self.house.id):
            found = sa.text(
                "SELECT c.id FROM conversations c JOIN lead_identities i USING (tenant_id, lead_id)"
                " WHERE i.raw = ANY(:phones) ORDER BY c.id"
            )
            return list(db.session.scalars(found, {"phones": phones}))

    def second_number(self, account_id: str = "100000000000077", waba: str = "200000000000077") -> uuid.UUID:
        """Another number of Acme's, at the stand-in too."""
        order = {"phone_number_id": account_id, "waba_id": waba, "display_phone_number": "+573000000077"}
        self.ask("POST", "numbers", json=order)
        with as_tenant(self.house.id):
            channel = connected("Otro número", "+573000000077", account_id, waba)
            commit()
            return channel.id

    def write(self, *conversations: uuid.UUID, body: str = "Hola") -> list[uuid.UUID]:
        """One message to each, in one transaction; the messages' ids."""
        with as_tenant(self.house.id):
            seller = db.session.scalars(sa.select(User).where(User.email == "seller@acme.test")).one()
            threads = [db.session.get_one(Conversation, conversation) for conversation in conversations]
            ids = [operations.send_message(thread, body=body, by=seller).id for thread in threads]
            commit()
            return ids

    def write_after(self, seconds: float, *conversations: uuid.UUID) -> tuple[float, set[str]]:
        """The same after a while: when it was written, and the references of the messages."""
        time.sleep(seconds)
        ids = {str(one) for one in self.write(*conversations)}
        return time.time(), ids

    def carry(self) -> int:
        """One round of the courier: everything that is due now."""
        return jobs.drain_all("inbox.outbox")

    def carry_with(self, app: Flask, couriers: Sequence[outbox.Courier]) -> None:
        """All of them at once, round after round, until nothing waits."""
        for _ in range(100):
            together(app, [courier.run for courier in couriers])
            if not self.waiting():
                break
        for courier in couriers:
            courier.pool.shutdown()

    def settle(self) -> None:
        """Until every webhook is delivered and worked off, but nothing more is sent."""
        for _ in range(500):
            jobs.drain_all("inbox.events")
            if not self.ask("GET", "deliveries?state=pending&limit=1")["pending"]:
                break
            time.sleep(0.01)
        jobs.drain_all("inbox.events")

    def pass_time(self, seconds: float) -> None:
        """Let what is due in that many seconds be due now."""
        with self.owner.begin() as connection:
            for statement in TRAVEL.split(";")[:-1]:
                connection.execute(sa.text(statement), {"by": timedelta(seconds=seconds)})

    def set_rate(self, per_minute: int) -> None:
        with self.owner.begin() as connection:
            connection.execute(
                sa.text("UPDATE channels SET rate_limit_per_minute = :rate"), {"rate": per_minute}
            )

    def set_status(self, status: str) -> None:
        with self.owner.begin() as connection:
            connection.execute(sa.text("UPDATE channels SET status = :status"), {"status": status})

    def channel(self) -> Channel:
        with as_tenant(self.house.id):
            db.session.rollback()
            return db.session.get_one(Channel, self.house.channel_id)

    def message(self, message_id: uuid.UUID) -> Message:
        with as_tenant(self.house.id):
            db.session.rollback()
            found = db.session.get_one(Message, message_id)
            db.session.refresh(found)
            db.session.expunge(found)
            return found

    def states(self, ids: Sequence[uuid.UUID]) -> Counter[str]:
        return Counter(self.message(one).status for one in ids)

    def waiting(self) -> list[OutboxItem]:
        with as_tenant(self.house.id):
            db.session.rollback()
            return list(db.session.scalars(sa.select(OutboxItem).order_by(OutboxItem.id)))

    def log(self) -> list[dict[str, Any]]:
        """The sends the stand-in accepted since this desk opened, in order."""
        found: list[dict[str, Any]] = self.ask("GET", f"log?after={self.after}&limit=100000")
        return found

    def accepted(self) -> list[str]:
        return [row["biz_opaque_callback_data"] for row in self.log()]


def claim_all(most: int = 1000) -> list[outbox.Parcel]:
    """What the couriers may take at this moment."""
    return outbox.claim(most)


def accept(parcels: Sequence[outbox.Parcel]) -> None:
    """The provider took them, without any request."""
    outbox.record([outbox.Sent(one, result=SendResult(f"wamid.taken-{one.message_id}")) for one in parcels])

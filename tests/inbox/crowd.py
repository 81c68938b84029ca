"""Many hands at once: threads that begin together, and what some of them do over and over."""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
import urllib3
from flask import Flask

from crm_web.channels.normal import ProviderError, SendResult
from crm_web.core import jobs
from crm_web.core.db import db
from crm_web.core.effects import commit, rollback
from crm_web.core.errors import DomainError
from crm_web.core.tenancy import as_tenant
from crm_web.inbox import operations, outbox
from crm_web.models import Conversation, Message, User
from tests import meta
from tests.cast import House
from tests.inbox.replay import tell

HTTP = urllib3.PoolManager(maxsize=64, retries=False, timeout=30)
Job = Callable[[], Any]


def together(app: Flask, work: Sequence[Job]) -> list[Any]:
    """Run every job in a thread of its own, all beginning at one moment; what they returned, or the first error."""
    start = threading.Barrier(len(work))

    def run(job: Job) -> Any:
        with app.app_context():
            start.wait()
            try:
                return job()
            finally:
                rollback()
                db.session.remove()

    with ThreadPoolExecutor(len(work)) as pool:
        return [done.result() for done in [pool.submit(run, job) for job in work]]


@contextmanager
def at_work(app: Flask, *drains: str) -> Iterator[None]:
    """Workers beside the test, one thread for each name, until the block ends; what one of them raises is raised here."""
    stop, failures = threading.Event(), []

    def live(name: str) -> None:
        with app.app_context():
            while not stop.is_set():
                try:
                    jobs.run_drain(name) or stop.wait(0.005)
                except Exception as error:
                    failures.append(error)

    threads = [threading.Thread(target=live, args=(name,)) for name in drains]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failures == []


def post(url: str, body: Any) -> int:
    """A webhook over HTTP, signed as Meta does; the status of the answer."""
    raw = meta.raw(body)
    headers = {"X-Hub-Signature-256": meta.signature(raw), "Content-Type": "application/json"}
    return HTTP.request("POST", f"{url}/webhooks/meta", body=raw, headers=headers).status


class Bustle:
    """Everything that can happen to a few conversations, in any order, by anybody."""

    def __init__(self, house: House, seed: int) -> None:
        self.house, self.chance = house, random.Random(seed)
        self.done: dict[str, int] = {}

    def things(self) -> tuple[Callable[[], Any], ...]:
        return (self.write, self.note, self.assign, self.close, self.reopen, self.read, self.retry, self.hear,
                self.receive, self.work, self.carry, self.reap)  # fmt: skip

    def do(self, times: int) -> dict[str, int]:
        """That many random things; refusals of the business count as done. How often each was done."""
        things = self.things()
        for _ in range(times):
            thing = self.chance.choice(things)
            with as_tenant(self.house.id):
                try:
                    thing()
                    commit()
                except DomainError:
                    rollback()
            self.done[thing.__name__] = self.done.get(thing.__name__, 0) + 1
        return self.done

    def one(self, model: type[Any]) -> Any:
        return self.chance.choice(db.session.scalars(sa.select(model).order_by(model.id)).all())

    def write(self) -> None:
        operations.send_message(self.one(Conversation), body="Va", by=self.one(User))

    def note(self) -> None:
        operations.write_note(self.one(Conversation), body="Ojo", by=self.one(User))

    def assign(self) -> None:
        operations.assign(
            self.one(Conversation), self.chance.choice([None, self.one(User)]), by=self.one(User)
        )

    def close(self) -> None:
        operations.close(self.one(Conversation), reason="resolved", by=self.one(User))

    def reopen(self) -> None:
        operations.reopen(self.one(Conversation), by=self.one(User))

    def read(self) -> None:
        operations.mark_read(self.one(Conversation))

    def retry(self) -> None:
        message = self.one(Message)
        operations.retry_message(
            message, db.session.get_one(Conversation, message.conversation_id), by=self.one(User)
        )

    def hear(self) -> None:
        """The provider speaks of some of our messages, and customers write."""
        refs = db.session.scalars(
            sa.select(Message.id).where(Message.direction == "outbound").limit(50)
        ).all()
        told = [
            meta.status(f"wamid.{ref}", self.chance.choice(("sent", "read", "failed")), ref=str(ref))
            for ref in refs
        ]
        self.chance.shuffle(told)
        tell(meta.reported(*told[:10])["entry"])

    def receive(self) -> None:
        senders = [f"57310555014{digit}" for digit in self.chance.sample(range(4), 3)]
        tell(meta.said(*(meta.text("Hola", sender) for sender in senders))["entry"])

    def work(self) -> None:
        operations.process_events()

    def carry(self) -> None:
        """A courier's round: claim, and come back with this or that."""
        with as_tenant(None):
            parcels = outbox.claim(20)
            outbox.record([self.brought(parcel) for parcel in parcels])

    def brought(self, parcel: outbox.Parcel) -> outbox.Sent:
        reaction = self.chance.choice((None, "permanent", "retry", "unknown"))
        if reaction is None:
            return outbox.Sent(parcel, result=SendResult(f"wamid.{parcel.message_id}"))
        return outbox.Sent(parcel, error=ProviderError("no", reaction=reaction, retry_after=0.01))

    def reap(self) -> None:
        with as_tenant(None):
            outbox.reap()


class Tug:
    """Somebody who assigns, closes and reopens one conversation as they please."""

    def __init__(self, house: House, conversation_id: uuid.UUID, seed: int) -> None:
        self.house, self.conversation_id, self.chance = house, conversation_id, random.Random(seed)

    def pull(self) -> None:
        for _ in range(12):
            with as_tenant(self.house.id):
                thread = db.session.get_one(Conversation, self.conversation_id)
                users = db.session.scalars(sa.select(User).order_by(User.id)).all()
                self.chance.choice((self.assign, self.close, self.reopen))(thread, users)
                commit()

    def assign(self, thread: Conversation, users: Sequence[User]) -> None:
        operations.assign(thread, self.chance.choice([None, *users]), by=users[0])

    def close(self, thread: Conversation, users: Sequence[User]) -> None:
        operations.close(thread, reason="resolved", by=users[0])

    def reopen(self, thread: Conversation, users: Sequence[User]) -> None:
        operations.reopen(thread, by=users[0])

    @staticmethod
    def last_assigned(lines: list[dict[str, Any]]) -> str | None:
        given = [line.get("to") for line in lines if line["event"] in ("assigned", "unassigned")]
        return given[-1] if given else None


def outcome_of(job: Callable[..., Any], *given: Any) -> str:
    """The name of the error a job ended with, or "done"."""
    try:
        job(*given)
    except Exception as error:
        return type(error).__name__
    return "done"


def deadlocks(owner: sa.Engine) -> int:
    """How many transactions PostgreSQL has had to break so far, because they waited for each other."""
    with owner.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_stat_force_next_flush()" if connection.dialect.server_version_info[0] > 14 else ""
        )
        return int(
            connection.exec_driver_sql(
                "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
            ).scalar_one()
        )

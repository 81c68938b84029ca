"""Twenty businesses in one house with few doors: what each sees when everybody goes in and out at once."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context

import sqlalchemy as sa
from flask import Flask

from crm_web.core.db import db
from crm_web.core.effects import commit
from crm_web.core.tenancy import as_tenant
from crm_web.inbox.operations import process_events
from crm_web.models import Conversation, Lead, Message
from crm_web.tenants.operations import create_tenant
from tests import meta
from tests.cast import Person, connected, hire
from tests.inbox.replay import tell

SECRET = re.compile(r"secreto-\d\d")


class Neighbour:
    """A tenant whose every message says its secret, and whose owner is signed in."""

    def __init__(self, app: Flask, number: int) -> None:
        self.app, self.secret = app, f"secreto-{number:02d}"
        self.number, self.waba = f"1000000000777{number:02d}", f"2000000000777{number:02d}"
        tenant = create_tenant(f"Vecino {number}", f"vecino-{number}", plan="pro")
        self.id = tenant.id
        with as_tenant(self.id):
            hire(f"owner{number}@vecino.test", "owner", "Olga", self.secret)
            connected("Principal", f"+57300777{number:04d}", self.number, self.waba)
            commit()
        self.receive()
        self.cookie = Person(app, f"owner{number}@vecino.test").client.get_cookie("crm_session")

    def receive(self) -> set[str]:
        """One more message comes and is worked off."""
        tell(meta.said(meta.text(self.secret), number=self.number, waba=self.waba, name=self.secret)["entry"])
        with as_tenant(self.id):
            process_events()
            return self.bodies()

    def browse(self) -> set[str]:
        """What the list of conversations shows to the owner."""
        client = self.app.test_client()
        client.set_cookie("crm_session", self.cookie.value)
        answer = Context().run(client.get, "/inbox/rows")
        assert answer.status_code == 200
        return set(SECRET.findall(answer.text))

    def look(self) -> set[str]:
        """What a job of this tenant reads."""
        with as_tenant(self.id):
            return set(db.session.scalars(sa.select(Lead.profile_name))) | self.bodies()

    def fail(self) -> set[str]:
        """A job that breaks in the middle of its writing, and the look of whoever comes next."""
        try:
            with as_tenant(self.id):
                db.session.execute(sa.update(Conversation).values(close_notes="a medias"))
                raise InterruptedError
        except InterruptedError:
            return self.look()

    def bodies(self) -> set[str]:
        found = set(db.session.scalars(sa.select(Message.body)))
        db.session.rollback()
        return found


def nobody_s() -> set[str]:
    """What code without a tenant reads: nothing."""
    with as_tenant(None):
        found = set(db.session.scalars(sa.select(Message.body)))
        db.session.rollback()
        return found


class Visitor:
    """Somebody who goes from one to the other; notes whoever saw anything but their own."""

    def __init__(self, neighbours: list[Neighbour], seed: int) -> None:
        self.neighbours, self.chance = neighbours, random.Random(seed)
        self.done: Counter[str] = Counter()
        self.leaks: list[tuple[str, str, set[str]]] = []

    def go_round(self, times: int) -> None:
        for _ in range(times):
            one = self.chance.choice(self.neighbours)
            deed = self.chance.choices(
                ("browse", "look", "receive", "fail", "nobody", "nest"), (25, 30, 8, 10, 12, 15)
            )[0]
            if deed == "nobody":
                self.note(deed, set(), nobody_s())
            elif deed == "nest":
                self.nest(one, self.chance.choice(self.neighbours))
            else:
                self.note(deed, {one.secret}, getattr(one, deed)())

    def nest(self, outer: Neighbour, inner: Neighbour) -> None:
        """A block inside a block, in one transaction: each sees its own, also after the inner one has ended."""
        with as_tenant(outer.id):
            before = set(db.session.scalars(sa.select(Message.body)))
            with as_tenant(inner.id):
                self.note("nested", {inner.secret}, set(db.session.scalars(sa.select(Message.body))))
            after = set(db.session.scalars(sa.select(Message.body)))
            db.session.rollback()
        self.note("nest", {outer.secret}, before | after)

    def note(self, deed: str, wanted: set[str], seen: set[str]) -> None:
        self.done[deed] += 1
        if seen != wanted:
            self.leaks.append((deed, str(wanted), seen))


@contextmanager
def few_connections(count: int) -> Iterator[None]:
    """Everything goes through this many connections, as with a small pool in front of a busy house."""
    usual = db.engines[None]
    db.engines[None] = sa.create_engine(
        usual.url, pool_size=count, max_overflow=0, pool_timeout=60, pool_reset_on_return="rollback"
    )
    try:
        yield
    finally:
        db.session.remove()
        db.engines[None].dispose()
        db.engines[None] = usual


def neighbours(app: Flask, count: int) -> list[Neighbour]:
    return [Neighbour(app, number) for number in range(count)]

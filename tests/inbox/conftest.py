"""Sockets that listen, and people who may see more or less, for tests of who hears what."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from crm_web.core.db import db
from crm_web.core.tenancy import as_tenant
from crm_web.models import User
from tests import meta
from tests.cast import Person
from tests.inbox.ears import Listener


@pytest.fixture
def listen(live_server: str) -> Iterator[Callable[..., Listener]]:
    opened: list[Listener] = []

    def open_one(person: Person | None, **headers: str) -> Listener:
        opened.append(Listener(live_server, person, **headers))
        return opened[-1]

    yield open_one
    for listener in opened:
        listener.client.disconnect()


@pytest.fixture
def give(boss, conversation, acme):
    """Whoever sees everything gives the conversation to somebody."""

    def to(email):
        with as_tenant(acme.id):
            user_id = db.session.scalar(sa.select(User.id).where(User.email == email)) if email else ""
            db.session.rollback()
        boss.post(f"/inbox/{conversation.id}/assignment", user_id=str(user_id))

    return to


@pytest.fixture
def own_only(decide, seller):
    """A seller who may see only what is theirs."""
    decide("seller@acme.test", "revoke", "conversations.all", "conversations.unassigned")
    return seller


@pytest.fixture
def says(deliver, run_jobs):
    def say(words):
        deliver(meta.said(meta.text(words)))
        run_jobs()

    return say

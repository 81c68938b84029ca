"""The word before the window closes: whom it reaches, exactly once, and whom it does not."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from crm_web.core.effects import commit
from crm_web.core.tenancy import as_tenant
from crm_web.inbox.jobs import nudge
from crm_web.inbox.operations import nudge_waiting
from crm_web.inbox.settings import InboxSettings, Nudge, change_settings, own_tenant
from crm_web.models import Conversation, Message, OutboxItem
from tests import meta
from tests.inbox.crowd import together


@pytest.fixture
def wanted(acme):
    with as_tenant(acme.id):
        nudge = Nudge(enabled=True, minutes=60, text="Hola, {{first_name}}: ¿seguimos?")
        change_settings(own_tenant(), InboxSettings(nudge=nudge))
        commit()


@pytest.fixture
def heard(owner):
    """The customer wrote that long ago, and nobody answered."""

    def ago(interval: str) -> None:
        with owner.begin() as connection:
            connection.execute(
                sa.text(
                    "UPDATE conversations SET last_inbound_at = now() - CAST(:ago AS interval),"
                    " waiting_since = now() - CAST(:ago AS interval)"
                ),
                {"ago": interval},
            )

    return ago


@pytest.fixture
def late(conversation, wanted, heard):
    heard("23 hours 10 minutes")


def sent(rows) -> list[Message]:
    return [message for message in rows(Message) if message.direction == "outbound"]


def test_it_reaches_the_telephone_once_and_is_marked_as_automatic(
    telephone, acme, wanted, heard, rows, only, seller
):
    telephone.says("Hola", name="Luisa Gómez")
    heard("23 hours 10 minutes")
    for _ in range(3):
        nudge()
        telephone.settle()
    [message] = sent(rows)
    assert (message.sender, message.body) == ("flow", "Hola, Luisa: ¿seguimos?")
    assert [one["text"] for one in telephone.received()] == ["Hola, Luisa: ¿seguimos?"]
    assert "automático" in seller.get(f"/inbox/{only(Conversation).id}").text


def test_who_waits_for_a_person_goes_on_waiting(conversation, late, only):
    nudge()
    talk = only(Conversation)
    assert talk.waiting_since is not None
    assert (talk.first_response_at, talk.unread_count, talk.status) == (None, 1, "new")
    assert (talk.last_message_direction, talk.message_count) == ("outbound", 2)


def test_two_schedulers_send_one(app, acme, conversation, late, rows):
    def run() -> None:
        with as_tenant(acme.id):
            nudge_waiting()
            commit()

    together(app, [run] * 6)
    assert len(sent(rows)) == len(rows(OutboxItem)) == 1


def test_without_a_text_it_is_the_usual_one_in_the_tenants_language(acme, conversation, heard, rows):
    with as_tenant(acme.id):
        change_settings(own_tenant(), InboxSettings(nudge=Nudge(enabled=True)))
        commit()
    heard("23 hours 30 minutes")
    nudge()
    assert sent(rows)[0].body.startswith("Hola, Ana. Seguimos atentos")


def test_it_is_off_by_default(conversation, heard, rows):
    heard("23 hours 10 minutes")
    nudge()
    assert sent(rows) == []


@pytest.mark.parametrize("ago", ["22 hours 50 minutes", "24 hours 1 minute", "3 hours"])
def test_too_early_or_too_late_nobody_is_written_to(conversation, wanted, heard, rows, ago):
    heard(ago)
    nudge()
    assert sent(rows) == []


@pytest.mark.parametrize(
    "undo",
    [
        "UPDATE conversations SET waiting_since = NULL",
        "UPDATE conversations SET status = 'closed', is_open = false",
        "UPDATE conversations SET status = 'snoozed'",
        "UPDATE channels SET status = 'disconnected'",
    ],
    ids=["answered", "closed", "snoozed", "paused number"],
)
def test_who_needs_none_gets_none(conversation, late, owner, rows, undo):
    with owner.begin() as connection:
        connection.execute(sa.text(undo))
    nudge()
    assert sent(rows) == []


def test_after_the_customer_writes_again_it_may_be_sent_again(
    conversation, late, heard, deliver, run_jobs, rows, owner
):
    nudge()
    deliver(meta.said(meta.text("Sí, dime")))
    run_jobs()
    with owner.begin() as connection:
        connection.execute(sa.text("UPDATE conversations SET nudged_at = nudged_at - interval '2 days'"))
    heard("23 hours 30 minutes")
    nudge()
    assert len(sent(rows)) == 2

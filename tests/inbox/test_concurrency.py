"""Many at once: one lead, one conversation, every message once, and nobody waits for ever."""

from __future__ import annotations

import time
from collections import Counter
from functools import partial
from uuid import uuid4

import sqlalchemy as sa

from crm_web.channels.adapters.meta.split import split
from crm_web.core.db import db
from crm_web.core.effects import commit
from crm_web.core.tenancy import as_tenant
from crm_web.inbox import operations
from crm_web.models import Conversation, InboundEvent, Lead, LeadIdentity, Message, OutboxItem, User
from crm_web.webhooks.ledger import Ledger, Proven
from tests import meta
from tests.cast import Person
from tests.inbox.crowd import Bustle, Tug, at_work, deadlocks, outcome_of, post, together
from tests.inbox.neighbours import Visitor, few_connections, neighbours
from tests.inbox.replay import tell


def test_fifty_webhooks_of_a_new_customer_are_one_lead_and_fifty_messages(
    app, acme, live_server, rows, run_jobs
):
    bodies = [meta.said(meta.text(f"Hola {number}")) for number in range(50)]
    with at_work(app, *["inbox.events"] * 4):
        answers = together(app, [partial(post, live_server, body) for body in bodies * 2])
    run_jobs()
    assert set(answers) == {200}
    assert [len(rows(table)) for table in (Lead, LeadIdentity, Conversation, Message)] == [1, 1, 1, 50]
    conversation = rows(Conversation)[0]
    assert conversation.message_count == conversation.unread_count == 50
    assert max(message.version for message in rows(Message)) <= conversation.version


def test_a_double_click_from_ten_hands_is_one_message(app, acme, seller, conversation, rows):
    click = str(uuid4())
    hands = [Person(app, "seller@acme.test") for _ in range(10)]
    url = f"/inbox/{conversation.id}/messages"
    together(app, [partial(hand.post, url, body="Una vez", client_id=click) for hand in hands])
    assert len([m for m in rows(Message) if m.direction == "outbound"]) == len(rows(OutboxItem)) == 1


def test_sellers_answer_while_statuses_arrive(app, acme, conversation, rows, run_jobs):
    def answer(number: int) -> None:
        with as_tenant(acme.id):
            thread = db.session.get_one(Conversation, conversation.id)
            message = operations.send_message(
                thread, body=f"Respuesta {number}", by=db.session.query(User).first()
            )
            commit()
            ref = str(message.id)
        tell(
            meta.reported(*(meta.status(f"wamid.r{number}", state, ref=ref) for state in ("read", "sent")))[
                "entry"
            ]
        )

    with at_work(app, "inbox.events", "inbox.events"):
        together(app, [partial(answer, number) for number in range(40)])
    run_jobs()
    assert [message.status for message in rows(Message) if message.direction == "outbound"] == ["read"] * 40
    assert (rows(Conversation)[0].message_count, rows(OutboxItem)) == (41, [])


def test_who_assigns_and_closes_last_is_what_the_conversation_says(app, acme, conversation, rows):
    together(app, [Tug(acme, conversation.id, seed).pull for seed in range(8)])
    end = rows(Conversation)[0]
    lines = [
        message.payload
        for message in sorted(rows(Message), key=lambda one: one.version)
        if message.kind == "system"
    ]
    closings = [line["event"] for line in lines if line["event"] in ("closed", "reopened")]
    assert closings == ["closed", "reopened"] * (len(closings) // 2) + ["closed"] * (len(closings) % 2)
    assert end.is_open == (closings[-1:] != ["closed"])
    assert (end.assigned_to is None) == (Tug.last_assigned(lines) is None)


def test_five_hundred_mixed_deeds_never_wait_for_each_other_in_a_ring(
    app, acme, conversation, owner, run_jobs
):
    before = deadlocks(owner)
    crowd = [Bustle(acme, seed) for seed in range(8)]
    together(app, [partial(one.do, 63) for one in crowd])
    done = {name: sum(one.done.get(name, 0) for one in crowd) for name in crowd[0].done}
    print(f"\n{sum(done.values())} deeds: {done}")
    assert deadlocks(owner) == before


def test_twenty_tenants_over_four_connections_see_their_own_rows_and_no_others(app, clean):
    with few_connections(4):
        houses = neighbours(app, 20)
        visitors = [Visitor(houses, seed) for seed in range(16)]
        together(app, [partial(visitor.go_round, 250) for visitor in visitors])
        done = sum((visitor.done for visitor in visitors), Counter())
    print(f"\n{done.total()} looks by 16 threads over 4 connections: {dict(done)}")
    assert [leak for visitor in visitors for leak in visitor.leaks] == []


def test_when_the_ledger_fails_nobody_who_waited_is_told_that_it_was_stored(app, acme, monkeypatch, rows):
    def too_busy(_ledger: Ledger, items: list[Proven]) -> None:
        time.sleep(0.05)
        if items:
            raise sa.exc.TimeoutError("the pool has no connection left")

    monkeypatch.setattr(Ledger, "_write", too_busy)
    ledger = Ledger("meta")
    items = [Proven(item) for item in split(meta.said(meta.text("Hola")))]
    outcomes = together(app, [partial(outcome_of, ledger.store, items) for _ in range(8)])
    assert outcomes == ["TimeoutError"] * 8
    assert rows(InboundEvent) == []


def test_two_webs_that_store_the_same_facts_in_opposite_order_both_succeed(app, acme, owner, rows):
    before = deadlocks(owner)
    for _ in range(10):
        texts = [meta.text("Hola") for _ in range(200)]
        together(app, [partial(tell, meta.said(*order)["entry"]) for order in (texts, texts[::-1])])
    assert len(rows(InboundEvent)) == 2000
    assert deadlocks(owner) == before

"""What we write leaves once, in order, as fast as the number may and no faster; what went wrong is said and settled."""

from __future__ import annotations

import time
from collections import defaultdict
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from crm_web.channels import providers
from crm_web.channels.adapters.meta.client import GraphClient
from crm_web.channels.normal import ProviderError
from crm_web.core.clock import now
from crm_web.inbox import outbox
from tests.inbox.crowd import together
from tests.inbox.desk import Desk, accept, claim_all

SECOND = timedelta(seconds=1)


@pytest.fixture
def desk(acme, stand_in, owner, run_jobs):
    return Desk(acme, stand_in, owner, run_jobs)


def test_messages_of_a_conversation_arrive_in_the_order_they_were_written(app, desk):
    people = desk.customers(6)
    desk.turn(latency_ms=5, jitter_ms=40)
    written = [desk.write(*people) for _ in range(6)]
    desk.carry_with(app, [outbox.Courier(in_flight=8) for _ in range(3)])
    by_person = defaultdict(list)
    for row in desk.log():
        by_person[row["person"]].append(row["biz_opaque_callback_data"])
    assert sorted(by_person.values()) == sorted(
        [str(one) for one in column] for column in zip(*written, strict=True)
    )


def test_four_couriers_at_once_take_every_message_once(app, desk):
    ids = desk.write(*desk.customers(300))
    desk.carry_with(app, [outbox.Courier(in_flight=20) for _ in range(4)])
    assert sorted(desk.accepted()) == sorted(str(one) for one in ids)


def test_a_number_sends_as_fast_as_it_may(desk):
    desk.set_rate(12_000)
    desk.write(*desk.customers(300))
    taken, began = len(claim_all()), time.monotonic()
    for _ in range(10):
        desk.pass_time(0.1)
        taken += len(claim_all())
    passed, real = (
        0.1 + 10 * 0.1,
        time.monotonic() - began,
    )  # what a slow machine takes besides may be lost to the burst
    assert 200 * passed * 0.8 <= taken <= 200 * (passed + real) + 1


@pytest.mark.parametrize("per_minute", [1, 6, 59])
def test_a_slow_number_sends_slowly_but_it_sends(desk, per_minute):
    desk.set_rate(per_minute)
    desk.write(*desk.customers(3))
    for _ in range(3):
        assert len(claim_all()) == 1
        assert claim_all() == []
        desk.pass_time(60 / per_minute)


def test_one_person_gets_45_at_once_and_then_one_every_six_seconds(desk):
    person, other = desk.customers(2)
    for _ in range(50):
        desk.write(person)
    taken = 0
    while parcels := claim_all():
        accept(parcels)
        taken += len(parcels)
    assert taken == 45
    desk.write(other)
    assert len(claim_all()) == 1
    desk.pass_time(6)
    assert len(claim_all()) == 1


def test_a_message_that_cannot_be_delivered_fails_with_words(desk):
    [sent] = desk.write(*desk.customers(ending="0131026"))
    desk.carry()
    desk.settle()
    message = desk.message(sent)
    assert (message.status, message.error_code) == ("failed", "131026")
    assert message.error_text


def test_after_24_hours_whatsapp_refuses_and_nothing_is_tried_again(desk):
    [sent] = desk.write(*desk.customers(ending="0131047"))
    desk.carry()
    message = desk.message(sent)
    assert (message.status, message.error_code, desk.waiting()) == ("failed", "131047", [])
    assert "24 horas" in message.error_text


@pytest.mark.parametrize(
    "ending", ["0130429", "0000500", "0131056"], ids=["throttled", "server error", "pair limit"]
)
def test_what_is_refused_twice_goes_at_the_third_try(desk, ending):
    [sent] = desk.write(*desk.customers(ending=ending))
    for tries in (1, 2):
        desk.carry()
        [item] = desk.waiting()
        assert (item.state, item.attempts, item.send_after > now()) == ("queued", tries, True)
        desk.pass_time(16)
    desk.carry()
    desk.settle()
    assert (desk.accepted(), desk.message(sent).status, desk.waiting()) == ([str(sent)], "delivered", [])


def test_a_number_slowed_down_for_spam_waits_for_hours(desk):
    [sent] = desk.write(*desk.customers(ending="0131048"))
    desk.carry()
    [item] = desk.waiting()
    assert item.send_after > now() + timedelta(hours=3)
    assert desk.message(sent).status == "queued"


def test_a_token_that_is_over_stops_the_number_and_keeps_the_rest(desk):
    broken, kept = desk.customers(ending="0000190"), desk.customers(3)
    [lost] = desk.write(*broken)
    desk.carry()
    waiting = desk.write(*kept)
    desk.carry()
    assert (desk.channel().status, desk.message(lost).status) == ("error", "failed")
    assert [item.message_id for item in desk.waiting()] == waiting
    assert desk.accepted() == []


@pytest.mark.parametrize("ending", ["0009999", "0008888", "0007777"], ids=["reset", "hang", "broken JSON"])
def test_an_answer_that_gets_lost_leaves_the_message_unconfirmed_until_a_status_settles_it(
    desk, ending, monkeypatch
):
    monkeypatch.setitem(GraphClient._call.__kwdefaults__, "read_seconds", 0.4)
    desk.turn(delay_ms=1200)
    [sent] = desk.write(*desk.customers(ending=ending))
    desk.carry()
    assert (desk.message(sent).status, desk.message(sent).can_retry, desk.waiting()) == (
        "unconfirmed",
        True,
        [],
    )
    desk.settle()
    assert (desk.message(sent).status, desk.message(sent).error_text) == ("delivered", None)
    assert desk.accepted() == [str(sent)]


def test_a_server_that_is_away_is_tried_again(desk, app, monkeypatch):
    [sent] = desk.write(*desk.customers())
    client = providers.adapter_for("meta").client
    monkeypatch.setattr(client, "base", "http://127.0.0.1:9/v26.0")
    desk.carry()
    assert (desk.message(sent).status, desk.waiting()[0].attempts) == ("queued", 1)
    monkeypatch.undo()
    desk.pass_time(10)
    desk.carry()
    assert desk.accepted() == [str(sent)]


def test_the_retry_button_sends_once_more_and_only_once(desk, seller):
    [sent] = desk.write(*desk.customers(ending="0131047"))
    desk.carry()
    with desk.owner.begin() as connection:
        connection.execute(
            sa.text("UPDATE lead_identities SET raw = '573001112233' WHERE raw LIKE '%0131047'")
        )
    desk.ask("POST", "windows", json={"from": "573001112233"})
    seller.post(f"/inbox/messages/{sent}/retry")
    seller.post(f"/inbox/messages/{sent}/retry", fragment=True, expect=422)
    desk.carry()
    desk.settle()
    assert (desk.accepted(), desk.message(sent).status, desk.message(sent).error_code) == (
        [str(sent)],
        "delivered",
        None,
    )


def test_who_dies_holding_a_lease_leaves_unconfirmed_messages(app, desk):
    [sent] = desk.write(*desk.customers())
    [parcel] = claim_all()
    assert outbox.reap() == 0
    desk.pass_time(app.config["OUTBOX_LEASE_SECONDS"])
    assert outbox.reap() == 1
    assert (desk.message(sent).status, desk.waiting(), claim_all()) == ("unconfirmed", [], [])
    accept([parcel])
    assert desk.message(sent).status == "sent"


def test_a_message_taken_over_by_a_person_is_not_touched_by_the_courier_who_comes_late(app, desk, seller):
    [sent] = desk.write(*desk.customers())
    [late] = claim_all()
    desk.pass_time(app.config["OUTBOX_LEASE_SECONDS"])
    outbox.reap()
    seller.post(f"/inbox/messages/{sent}/retry")
    outbox.record([outbox.Sent(late, error=ProviderError("no", reaction="permanent"))])
    assert (desk.message(sent).status, len(desk.waiting())) == ("queued", 1)


def test_a_paused_number_holds_its_messages(desk):
    desk.set_status("inactive")
    ids = desk.write(*desk.customers(3))
    desk.carry()
    assert (len(desk.waiting()), desk.accepted()) == (3, [])
    desk.set_status("active")
    desk.carry()
    assert sorted(desk.accepted()) == sorted(str(one) for one in ids)


def test_a_number_whose_server_hangs_does_not_hold_up_the_others(app, desk, monkeypatch):
    monkeypatch.setitem(GraphClient._call.__kwdefaults__, "read_seconds", 1.5)
    desk.second_number()
    good = desk.customers(40, number="100000000000077", waba="200000000000077")
    desk.write(*desk.customers(24, ending="0008888"))
    courier = outbox.Courier(in_flight=16)
    sent, _ = together(app, [partial(desk.write_after, 0.4, *good), courier.run])
    written, ids = sent
    took = [row["at"] - written for row in desk.log() if row["biz_opaque_callback_data"] in ids]
    print(f"\n40 messages left within {max(took):.2f} s while the other number hung")
    assert (len(took), max(took) < 1) == (40, True)


def test_what_came_back_is_written_down_when_the_database_is_back(desk, monkeypatch):
    [sent] = desk.write(*desk.customers())
    away = sa.exc.OperationalError("UPDATE", {}, Exception("the server closed the connection"))
    courier = outbox.Courier(in_flight=2)
    with monkeypatch.context() as patch:
        patch.setattr("crm_web.inbox.outbox.courier.record", partial(_raise, away))
        with pytest.raises(sa.exc.OperationalError):
            courier.run()
    assert desk.message(sent).status == "queued"
    courier.run()
    assert (desk.message(sent).status, desk.accepted()) == ("sent", [str(sent)])


def _raise(error, *_given):
    raise error

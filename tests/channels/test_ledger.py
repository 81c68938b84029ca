"""The ledger's pages: how fast, what is missing, what failed, and working it off once more."""

from __future__ import annotations

import logging
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
import structlog

from crm_web.channels.ledger.chart import draw
from crm_web.channels.ledger.queries import list_hours
from crm_web.core.clock import now
from crm_web.core.tenancy import as_tenant
from crm_web.models import InboundEvent, Message
from tests import meta
from tests.inbox.test_pages import counted_queries


@pytest.fixture
def events(acme, deliver, run_jobs, rows):
    """Three messages, worked off."""
    deliver(meta.said(meta.text("uno"), meta.text("dos"), meta.text("<script>alert(3)</script>")))
    run_jobs()
    return rows(InboundEvent)


@pytest.fixture
def failed(owner, events):
    """The first of them has failed, with words that must not become HTML."""
    with owner.begin() as connection:
        connection.execute(
            sa.text(
                "UPDATE inbound_events SET state = 'failed', error = 'KeyError: <b>x</b>', attempts = 1 WHERE id = :id"
            ),
            {"id": events[0].id},
        )
    return events[0]


def shift(owner, event, **by):
    with owner.begin() as connection:
        connection.execute(
            sa.text(
                "UPDATE inbound_events SET received_at = :at, processed_at = :at + interval '3 seconds' WHERE id = :id"
            ),
            {"at": now() - timedelta(**by), "id": event.id},
        )


def test_managers_read_it_and_sellers_do_not(events, manager, seller):
    page = manager.get("/settings/events").text
    assert page.count('<tr id="event-') == 3
    assert "Procesado" in page
    seller.get("/settings/events", expect=403)
    seller.get(f"/settings/events/{events[0].id}", expect=403)
    seller.post("/settings/events/replay", expect=403)
    seller.post(f"/settings/events/{events[0].id}/replay", expect=403)


def test_failures_come_first_with_their_error(failed, manager):
    page = manager.get("/settings/events").text
    assert page.index("KeyError") < page.index('<tr id="event-')
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "<b>x</b>" not in page


def test_one_event_shows_what_the_provider_sent(events, manager):
    page = manager.get(f"/settings/events/{events[2].id}").text
    assert "&lt;script&gt;alert(3)&lt;/script&gt;" in page
    assert "<script>alert(3)" not in page
    assert events[2].dedupe_key in page


def test_filters(failed, events, manager, acme):
    def shown(query):
        return manager.get(f"/settings/events?{query}").text.count('<tr id="event-')

    assert shown("state=failed") == 1
    assert shown("state=processed") == 2
    assert shown("kind=message") == 3
    assert shown("kind=status") == 0
    assert shown(f"channel={acme.channel_id}") == 3
    assert shown("channel=00000000-0000-0000-0000-000000000007") == 0
    assert shown(f"q={events[1].dedupe_key[-12:]}") == 1
    assert shown("q=100%25_") == 0


@pytest.mark.parametrize(
    "query", ["state=x", "kind=%00", "channel=x", "state=failed&q=%00", "q=" + "x" * 5000]
)
def test_nonsense_in_a_filter_is_no_filter(events, manager, query):
    manager.get(f"/settings/events?{query}")


def test_a_forged_cursor_is_not_found(events, manager):
    for cursor in ("x", "AAAA", "%00"):
        manager.get(f"/settings/events?cursor={cursor}", expect=404)


def test_pages_without_gaps(acme, deliver, run_jobs, manager):
    deliver(meta.said(*[meta.text(f"línea {number}") for number in range(120)]))
    run_jobs()
    page = manager.get("/settings/events").text
    seen = re.findall(r'<tr id="event-([0-9a-f-]+)', page)
    while cursor := re.search(r"cursor=([\w-]+)", page):
        page = manager.get(f"/settings/events?cursor={cursor.group(1)}").text
        seen += re.findall(r'<tr id="event-([0-9a-f-]+)', page)
    assert len(seen) == len(set(seen)) == 120


def test_hours_count_events_and_their_lag(acme, owner, events):
    shift(owner, events[0], hours=5)
    shift(owner, events[1], hours=5)
    with as_tenant(acme.id):
        hours = list_hours()
    assert len(hours) == 48
    assert (hours[-6].events, hours[-6].lag) == (2, 3.0)
    assert sum(hour.events for hour in hours) == 3
    assert len(draw(hours).bars) == 48


def test_an_hour_that_is_silent_for_once_is_a_gap(acme, owner, events):
    for event, days in zip(events, (7, 14, 21), strict=True):
        shift(owner, event, days=days, hours=5)
    with as_tenant(acme.id):
        gaps = [number for number, hour in enumerate(list_hours()) if hour.is_gap]
    assert gaps == [42]


def test_an_empty_ledger_has_a_page(manager):
    assert "Todavía no llegan eventos" in manager.get("/settings/events").text


def test_replaying_a_failed_event_has_the_same_end(failed, manager, rows, run_jobs):
    before = [(message.id, message.body) for message in rows(Message)]
    manager.post(f"/settings/events/{failed.id}/replay")
    event = next(event for event in rows(InboundEvent) if event.id == failed.id)
    assert (event.state, event.error) == ("pending", None)
    assert run_jobs() == 1
    assert {event.state for event in rows(InboundEvent)} == {"processed"}
    assert [(message.id, message.body) for message in rows(Message)] == before


@pytest.fixture
def talkative():
    """The log says everything, as in production."""
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    yield
    structlog.configure(wrapper_class=before)


def test_replaying_leaves_a_line_in_the_log(failed, manager, talkative):
    with structlog.testing.capture_logs() as lines:
        manager.post(f"/settings/events/{failed.id}/replay")
    told = next(line for line in lines if line["event"] == "event_replayed")
    assert told["event_id"] == str(failed.id)
    assert told["by"]


def test_what_waits_for_its_turn_is_not_replayed(failed, manager):
    manager.post(f"/settings/events/{failed.id}/replay")
    manager.post(f"/settings/events/{failed.id}/replay", expect=422)


def test_replaying_all_failed_of_a_filter(failed, owner, manager, rows, run_jobs):
    manager.post("/settings/events/replay", kind="status")
    assert [event.state for event in rows(InboundEvent)].count("failed") == 1
    manager.post("/settings/events/replay", kind="message")
    assert [event.state for event in rows(InboundEvent)].count("pending") == 1
    run_jobs()
    assert [event.state for event in rows(InboundEvent)].count("processed") == 3


def test_rival_is_blind(failed, owner, rival, rows):
    rival.get(f"/settings/events/{failed.id}", expect=404)
    rival.post(f"/settings/events/{failed.id}/replay", expect=404)
    rival.post("/settings/events/replay")
    assert '<tr id="event-' not in rival.get("/settings/events").text
    assert [event.state for event in rows(InboundEvent)].count("failed") == 1


def test_the_page_costs_the_same_queries_however_long(acme, deliver, run_jobs, manager):
    deliver(meta.said(*[meta.text(f"línea {number}") for number in range(80)]))
    run_jobs()
    manager.get("/settings/events")
    with counted_queries() as seen:
        manager.get("/settings/events")
    assert len(seen) <= 7, seen

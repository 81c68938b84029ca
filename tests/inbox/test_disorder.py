"""Whatever order Meta tells things in, however often, and however it cuts them up: the same end.

What cannot be free of order, and is left out on purpose:

- Two identities that only a later event shows to be one person. Whoever came first under another name has a lead and a
  conversation of their own by then; people merge leads, not webhooks.
- Facts without a time of their own: for them the time of arrival counts.
- Two different facts under one key (the same status of the same message with other contents): the first one counts.
- Facts of one second: the later told is shown as the last one in the list of conversations.
- An event that does not name the person (no contact beside the message) between two that give different names.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crm_web.core import live
from crm_web.core.tenancy import as_tenant
from crm_web.inbox.operations import process_events
from crm_web.models import Lead
from tests.inbox import history, ladders
from tests.inbox.replay import as_table, side_by_side, tell

AFTERNOONS, TIMES = 25, 40
FACTS = 42


@pytest.fixture
def afternoons(acme, owner, monkeypatch):
    monkeypatch.setattr(live, "emit_all", lambda _hints: None)
    with side_by_side(acme.id, owner, AFTERNOONS) as afternoons:
        yield afternoons


@settings(
    max_examples=TIMES,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**64))
def shuffled_afternoons_end_alike(afternoons, expected, seed):
    for number, end in afternoons.tell_shuffled(random.Random(seed)).items():
        assert (number, set(end) ^ set(expected), len(end)) == (number, set(), len(expected))


def test_a_thousand_shuffled_afternoons_end_alike(afternoons):
    expected = afternoons.tell_in_order()
    assert {len(each.facts) for each in afternoons.all} == {FACTS}
    shuffled_afternoons_end_alike(afternoons, expected)


def test_an_afternoon_ends_as_a_person_would_tell_it(afternoons):
    end = afternoons.tell_in_order()
    ours = {
        message["body"]: message["status"]
        for message in as_table(end, "message")
        if message["sender"] == "user"
    }
    assert ours == {"Respuesta 0": "played", "Respuesta 1": "delivered"}
    assert {lead["profile_name"] for lead in as_table(end, "lead")} == {"Ana María", "Beto R.", "Luz Mora"}
    assert sorted(each["message_count"] for each in as_table(end, "conversation")) == [3, 5, 7]
    hearts = {each["emoji"]: each["author_key"] for each in as_table(end, "reaction") if each["emoji"]}
    assert hearts == {"❤️": "business", "🙏": "customer"}
    assert as_table(end, "outbox") == []


@pytest.mark.parametrize("at_once", [True, False], ids=["in one batch", "one after the other"])
def test_every_order_of_every_set_of_statuses_ends_on_its_highest_step(acme, conversation, at_once):
    with as_tenant(acme.id):
        climbers = ladders.climbers()
        for step in range(len(ladders.STATES)):
            tell([climber.status(step) for climber in climbers if step < len(climber.climb)])
            for climber in climbers if step == 0 else ():
                climber.hears_at_once()
            while not at_once and process_events():
                pass
            for climber in climbers if step == 0 else ():
                climber.hears_nothing()
        while process_events(limit=2000):
            pass
        assert [each.found() for each in climbers] == [each.expected() for each in climbers]


@pytest.mark.parametrize("shuffled", [False, True])
def test_the_newest_wish_about_advertising_counts(acme, conversation, only, shuffled):
    wishes = [history.wish(1, history.ANA, "stop"), history.wish(2, history.ANA, "resume")]
    for wish in reversed(wishes) if shuffled else wishes:
        tell([wish])
        with as_tenant(acme.id):
            process_events()
    assert (only(Lead).opt_in, only(Lead).opted_out_at) == (True, None)

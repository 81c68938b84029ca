"""Putting a conversation aside: until when, what wakes it, and whom it comes back to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from crm_web.core.clock import now
from crm_web.inbox.jobs import wake_snoozed
from crm_web.inbox.operations.snoozes import choices
from crm_web.models import Conversation, Message
from tests import meta
from tests.inbox.colleagues import id_of, sees_only_own
from tests.inbox.ears import Listener

BOGOTA = ZoneInfo("America/Bogota")


@pytest.fixture
def url(conversation) -> str:
    return f"/inbox/{conversation.id}"


@pytest.fixture
def time_passes(owner):
    """The moment it was put aside until has come."""

    def pass_it() -> None:
        with owner.begin() as connection:
            connection.execute(
                sa.text("UPDATE conversations SET snoozed_until = now() - interval '1 second'")
            )

    return pass_it


def moment(at: datetime) -> dict[str, str]:
    local = at.astimezone(BOGOTA)
    return {"until": "moment", "date": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}"}


def test_the_usual_moments_are_exact_in_the_tenants_zone():
    friday_night = datetime(2027, 1, 30, 3, 20, 44, tzinfo=UTC)  # Friday the 29th, 22:20 in Bogotá
    found = {choice.key: choice.until for choice in choices(BOGOTA, friday_night)}
    assert found == {
        "hour": datetime(2027, 1, 29, 23, 20, tzinfo=BOGOTA),
        "tomorrow": datetime(2027, 1, 30, 9, tzinfo=BOGOTA),
        "monday": datetime(2027, 2, 1, 9, tzinfo=BOGOTA),
        "month": datetime(2027, 2, 28, 9, tzinfo=BOGOTA),
    }


def test_it_is_out_of_sight_and_the_head_says_until_when(seller, url, only, rows, owner):
    head = seller.post(f"{url}/snooze", until="tomorrow", fragment=True).text
    talk = only(Conversation)
    assert (talk.status, talk.is_open, talk.snoozed_by) == ("snoozed", True, id_of(owner, "seller@acme.test"))
    assert talk.snoozed_until.astimezone(BOGOTA).hour == 9
    assert "Mañana, 9:00" in head
    assert rows(Message)[-1].payload["until"] == talk.snoozed_until.astimezone(BOGOTA).isoformat()
    assert str(talk.id) not in seller.get("/inbox/list").text
    assert str(talk.id) in seller.get("/inbox/list?state=snoozed").text


def test_a_date_and_a_time_of_ones_own(seller, url, only):
    at = (now() + timedelta(days=3)).replace(second=0, microsecond=0)
    seller.post(f"{url}/snooze", **moment(at))
    assert only(Conversation).snoozed_until == at


def test_the_moment_that_was_shown_is_the_moment(seller, url, only):
    shown = (now() + timedelta(minutes=47)).replace(second=0, microsecond=0)
    seller.post(f"{url}/snooze", until=f"hour@{shown.isoformat()}")
    assert only(Conversation).snoozed_until == shown
    passed = (now() - timedelta(minutes=5)).isoformat()
    for stale in (passed, "nonsense", "2026-01-01T10:00"):
        seller.post(f"{url}/snooze", until=f"hour@{stale}")
        assert only(Conversation).snoozed_until > now() + timedelta(minutes=58)


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        (moment(now() - timedelta(hours=1)), "Ese momento ya pasó"),
        (moment(now() + timedelta(days=400)), "hasta por un año"),
        ({"until": "moment", "date": "2027-02-30", "time": "09:00"}, "Elige hasta cuándo"),
        ({"until": "moment", "date": "", "time": ""}, "Elige hasta cuándo"),
        ({"until": "someday"}, "Elige hasta cuándo"),
        ({}, "Elige hasta cuándo"),
    ],
    ids=["past", "beyond a year", "no such day", "nothing chosen", "nonsense", "empty"],
)
def test_what_is_no_moment_is_refused_in_words(seller, url, only, form, sentence):
    assert sentence in seller.post(f"{url}/snooze", expect=422, fragment=True, **form).text
    assert only(Conversation).status == "new"


def test_a_closed_one_cannot_be_put_aside(seller, url, only):
    seller.post(f"{url}/closure", reason="resolved")
    assert "está cerrada" in seller.post(f"{url}/snooze", until="hour", expect=422, fragment=True).text
    assert only(Conversation).status == "closed"


def test_when_its_time_comes_it_is_back_with_its_assignee_who_hears(
    live_server, seller, url, conversation, time_passes, only, rows
):
    seller.post(f"{url}/assignment", user_id="me")
    seller.post(f"{url}/snooze", until="hour")
    ear = Listener(live_server, seller)
    wake_snoozed()
    assert only(Conversation).status == "snoozed"
    time_passes()
    wake_snoozed()
    wake_snoozed()
    talk = only(Conversation)
    assert (talk.status, talk.snoozed_until, talk.snoozed_by, talk.unread_count) == (
        "assigned",
        None,
        None,
        1,
    )
    assert [m.payload["event"] for m in rows(Message) if m.kind == "system"] == [
        "assigned",
        "snoozed",
        "woken",
    ]
    assert ear.hears("woken") == {"id": str(conversation.id)}
    ear.client.disconnect()
    assert "Volvió la conversación con Ana Restrepo" in seller.get(f"{url}/waking").text


def test_the_customers_message_wakes_it(seller, url, deliver, run_jobs, only):
    seller.post(f"{url}/assignment", user_id="me")
    seller.post(f"{url}/snooze", until="reply")
    assert only(Conversation).snoozed_until is None
    deliver(meta.said(meta.text("¿Siguen ahí?")))
    run_jobs()
    talk = only(Conversation)
    assert (talk.status, talk.snoozed_until, talk.snoozed_by, talk.unread_count) == (
        "assigned",
        None,
        None,
        1,
    )


def test_an_emoji_of_the_customers_wakes_nothing(seller, url, deliver, run_jobs, only, rows):
    seller.post(f"{url}/snooze", until="tomorrow")
    target = rows(Message)[0].external_id
    deliver(meta.said(meta.message(type="reaction", reaction={"message_id": target, "emoji": "👍"})))
    run_jobs()
    assert only(Conversation).status == "snoozed"


def test_our_answer_wakes_it(seller, url, only):
    seller.post(f"{url}/snooze", until="tomorrow")
    seller.post(f"{url}/messages", body="Ya te confirmo")
    talk = only(Conversation)
    assert (talk.status, talk.snoozed_until, talk.snoozed_by) == ("active", None, None)


def test_a_note_wakes_nothing(seller, url, only):
    seller.post(f"{url}/snooze", until="tomorrow")
    seller.post(f"{url}/messages", body="Ojo", kind="note")
    assert only(Conversation).status == "snoozed"


def test_somebody_brings_it_back(seller, url, only, rows):
    seller.post(f"{url}/snooze", until="month")
    seller.post(f"{url}/waking")
    seller.post(f"{url}/waking")
    assert (only(Conversation).status, only(Conversation).snoozed_until) == ("new", None)
    assert [m.payload["event"] for m in rows(Message) if m.kind == "system"] == ["snoozed", "woken"]


def test_closing_ends_it_for_good(seller, url, time_passes, only):
    seller.post(f"{url}/snooze", until="hour")
    seller.post(f"{url}/closure", reason="resolved")
    wake_snoozed()
    assert (only(Conversation).status, only(Conversation).snoozed_until) == ("closed", None)


def test_who_may(auditor, rival, seller2, url, owner, only):
    for path in ("snooze", "waking"):
        auditor.post(f"{url}/{path}", until="hour", expect=403)
        rival.post(f"{url}/{path}", until="hour", expect=404)
    sees_only_own(owner, "seller2@acme.test")
    seller2.post(f"{url}/snooze", until="hour", expect=404)
    seller2.get(f"{url}/waking", expect=404)
    assert only(Conversation).status == "new"

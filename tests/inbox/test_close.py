"""Closing with what came of it; and people who close and answer at one moment."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

import pytest

from crm_web.models import Conversation, Message, OutboxItem
from tests.cast import Person
from tests.inbox.crowd import together


@pytest.fixture
def url(conversation) -> str:
    return f"/inbox/{conversation.id}"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1.850.000", "1850000"), ("1,850,000.50", "1850000.50"), ("$ 1850000,5", "1850000.50"), ("12.50", "12.50"),
        ("0", "0"),
    ],
)  # fmt: skip
def test_a_value_as_people_write_it(seller, url, only, written, meant):
    seller.post(f"{url}/closure", reason="sale", outcome="sale", value=written, notes="Separó")
    talk = only(Conversation)
    assert (talk.outcome, talk.outcome_value, talk.close_notes) == ("sale", Decimal(meant), "Separó")


def test_outcome_and_value_are_optional_and_shown(seller, url, only, rows):
    seller.post(f"{url}/closure", reason="resolved", outcome="", value="")
    assert (only(Conversation).outcome, only(Conversation).outcome_value) == (None, None)
    seller.post(f"{url}/reopening")
    seller.post(f"{url}/closure", reason="sale", outcome="appointment", value="250000")
    assert rows(Message)[-1].payload["outcome"] == "appointment"
    pane = seller.get(f"{url}/customer").text
    assert "Cita" in pane
    assert "$ 250.000" in pane.replace("\u00a0", " ")


@pytest.mark.parametrize(
    "bad",
    [
        {"value": "mucho"}, {"value": "-5"}, {"value": "1e30"}, {"value": "NaN"}, {"value": "Infinity"},
        {"outcome": "magic"}, {"reason": "because"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_words(seller, url, only, bad):
    answer = seller.post(f"{url}/closure", expect=422, fragment=True, **{"reason": "sale", **bad})
    assert "toast-error" in answer.text
    assert only(Conversation).is_open


def test_two_who_close_at_one_moment_are_one_closing(app, acme, seller, url, rows, only):
    hands = [Person(app, f"{name}@acme.test") for name in ("seller", "seller2", "manager", "owner")]
    answers = together(
        app,
        [
            partial(hand.post, f"{url}/closure", reason=reason, fragment=True)
            for hand, reason in zip(hands, ("sale", "resolved", "spam", "other"), strict=True)
        ],
    )
    [line] = [message for message in rows(Message) if message.kind == "system"]
    talk = only(Conversation)
    assert (talk.is_open, talk.close_reason) == (False, line.payload["reason"])
    assert all("Cerrada" in answer.text and answer.status_code == 200 for answer in answers)


def test_closing_and_answering_at_one_moment_both_know_how_it_ended(app, acme, seller, url, rows, only):
    closer, writer = Person(app, "manager@acme.test"), Person(app, "seller2@acme.test")
    for number in range(12):
        seller.post(f"{url}/reopening")
        before = len(rows(OutboxItem))

        def write(number: int = number) -> int:
            answer = writer.open(
                f"{url}/messages",
                method="POST",
                data={"csrf_token": writer.token, "body": f"Respuesta {number}"},
                headers={"HX-Request": "true"},
            )
            assert answer.status_code == 201 or "está cerrada" in answer.text
            return answer.status_code

        closed, status = together(
            app, [partial(closer.post, f"{url}/closure", reason="sale", fragment=True), write]
        )
        assert "Cerrada" in closed.text
        assert (only(Conversation).status, only(Conversation).waiting_since) == ("closed", None)
        assert len(rows(OutboxItem)) - before == (status == 201)

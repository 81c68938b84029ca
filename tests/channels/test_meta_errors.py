"""Each refusal has one reaction and one sentence."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import get_args

import pytest

from crm_web.channels.adapters.meta.errors import (
    RANGES,
    RULES,
    WORDS,
    error_from,
    error_in,
    explain,
    retry_after,
    rule_for,
)
from crm_web.channels.normal import ErrorReaction


@pytest.mark.parametrize(
    ("code", "reaction"),
    [
        (0, "channel_broken"),
        (1, "retry_once"),
        (2, "retry"),
        (4, "retry_slow"),
        (100, "permanent"),
        (190, "channel_broken"),
        (219, "channel_broken"),
        (80007, "retry_slow"),
        (130429, "retry"),
        (131000, "retry"),
        (131026, "permanent"),
        (131047, "permanent"),
        (131048, "pause"),
        (131049, "wait"),
        (131050, "permanent"),
        (131056, "pair_limit"),
        (131215, "permanent"),
        (132015, "pause"),
        (133010, "channel_broken"),
        (133016, "wait"),
        (138006, "permanent"),
        (139102, "permanent"),
        (147001, "permanent"),
    ],
)
def test_a_code_decides(code, reaction):
    assert rule_for(code, 500).reaction == reaction


@pytest.mark.parametrize(
    ("http", "reaction"),
    [(302, "channel_broken"), (400, "permanent"), (401, "channel_broken"), (404, "permanent"),
     (429, "retry"), (500, "retry"), (503, "retry"), (None, "permanent")],
)  # fmt: skip
def test_without_a_known_code_the_http_status_decides(http, reaction):
    assert rule_for(None, http).reaction == reaction
    assert rule_for(987654, http).reaction == reaction


def test_every_rule_has_a_known_reaction_and_a_sentence():
    rules = [*RULES.values(), *(rule for _, rule in RANGES)]
    assert {rule.reaction for rule in rules} <= set(get_args(ErrorReaction))
    assert {rule.key for rule in rules} <= WORDS.keys()
    assert all(sentence.endswith(".") for sentence in WORDS.values())


def test_a_seller_reads_why():
    assert WORDS[explain(131026)] == "El número no está en WhatsApp o no puede recibir mensajes."
    assert explain(131047) == "window_closed"
    assert explain(None, 503) == "provider_trouble"


def test_an_answer_becomes_an_error():
    body = {
        "error": {
            "message": "(#131026) Message undeliverable",
            "code": 131026,
            "error_subcode": 2494010,
            "error_data": {"details": "Not on WhatsApp"},
            "fbtrace_id": "AbC",
        }
    }
    error = error_from(400, body, {})
    assert (error.code, error.subcode, error.http, error.trace_id) == (131026, 2494010, 400, "AbC")
    assert error.permanent
    assert error.sentence == WORDS["undeliverable"]
    assert str(error) == "(131026) (#131026) Message undeliverable: Not on WhatsApp"


@pytest.mark.parametrize("body", [None, [], "x", {"error": "x"}, {"error": {"code": {}, "error_data": 7}}])
def test_an_answer_of_any_shape_becomes_an_error(body):
    error = error_from(503, body, {})
    assert (error.code, error.reaction, error.title) == (None, "retry", "HTTP 503")


def test_waiting_is_as_long_as_meta_says_or_the_table_does():
    limited = {"error": {"code": 131049}}
    assert error_from(400, limited, {}).retry_after == 24 * 3600
    assert error_from(400, limited, {"Retry-After": "90000"}).retry_after == 90000
    assert error_from(429, None, {"Retry-After": "7"}).retry_after == 7
    assert error_from(429, None, {}).retry_after is None


def test_retry_after_is_a_number_or_a_date():
    soon = format_datetime(datetime.now(UTC) + timedelta(minutes=2), usegmt=True)
    assert 110 < retry_after(soon) <= 120
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert retry_after("Wed, 21 Oct 2015 07:28:00 -0000") == 0
    assert [retry_after(word) for word in ("5", "-5", "mañana", "", None)] == [5, 0, None, None, None]


def test_the_error_of_a_status_says_what_to_do():
    error = error_in([{"code": 131048, "title": "Spam rate limit hit", "error_data": {"details": "quality"}}])
    assert (error["code"], error["reaction"], error["details"]) == (131048, "pause", "quality")
    assert error["sentence"] == WORDS["spam_limit"]
    assert error_in([]) is error_in(None) is error_in(["x"]) is None

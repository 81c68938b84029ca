"""Sending, and what every way of failing means for repeating it."""

import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crm_web.channels.adapters.meta import transport
from crm_web.channels.adapters.meta.client import GraphClient
from crm_web.channels.adapters.meta.errors import RULES, WORDS
from crm_web.channels.normal import OutgoingMessage
from tests.channels.meta_server import (
    ACCEPTED,
    HELLO,
    NUMBER,
    TOKEN,
    Request,
    answer,
    connections,
    cut_short,
    drip,
    failure,
    graph_server,
    hang,
    refused,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture
def meta():
    with graph_server() as server:
        yield server


@pytest.fixture
def client(meta):
    return GraphClient(meta.url, read_seconds=0.4)


def test_a_message_is_accepted(client, meta):
    result = client.send(NUMBER, TOKEN, HELLO)
    assert (result.external_id, result.wa_id, result.message_status) == (
        "wamid.OUT1",
        "573105550142",
        "accepted",
    )
    (request,) = meta.seen
    assert request.path == f"/sandbox/graph/v26.0/{NUMBER}/messages"
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.headers["Content-Type"] == "application/json"
    assert request.json()["to"] == "+573105550142"
    assert request.json()["biz_opaque_callback_data"] == "0193a7c2-0001"


def test_a_message_to_a_user_id_is_accepted(client, meta):
    meta.behave = answer(
        {"contacts": [{"input": "CO.1", "user_id": "CO.1"}], "messages": [{"id": "wamid.2"}]}
    )
    result = client.send(NUMBER, TOKEN, OutgoingMessage("ref", None, "CO.1", "text", "Hola"))
    assert (result.bsuid, result.wa_id, result.message_status) == ("CO.1", None, None)
    assert meta.seen[0].json()["recipient"] == "CO.1"


@pytest.mark.parametrize("code", RULES)
def test_each_refusal_has_its_reaction(client, meta, code):
    meta.behave = refused(code)
    error = failure(client.send, NUMBER, TOKEN, HELLO)
    assert (error.code, error.reaction, error.trace_id) == (code, RULES[code].reaction, "AbC")


def test_a_kind_nobody_knows_is_not_sent(client, meta):
    error = failure(client.send, NUMBER, TOKEN, OutgoingMessage("ref", "573105550142", None, "hologram"))
    assert (error.permanent, meta.seen) == (True, [])


def test_refusals_keep_the_connection(client, meta):
    meta.behave = refused(131026)
    for _ in range(3):
        failure(client.send, NUMBER, TOKEN, HELLO)
    assert connections(meta) == 1


def test_a_rate_limit_says_how_long(client, meta):
    meta.behave = answer(b"slow down", 429, Retry_After="17")
    error = failure(client.send, NUMBER, TOKEN, HELLO)
    assert (error.reaction, error.retry_after, error.http) == ("retry", 17, 429)


def test_trouble_with_a_reason_can_be_repeated_and_without_one_cannot(client, meta):
    meta.behave = refused(131000, 500)
    assert failure(client.send, NUMBER, TOKEN, HELLO).reaction == "retry"
    meta.behave = answer(b"<html>Bad gateway</html>", 502, "text/html")
    assert failure(client.send, NUMBER, TOKEN, HELLO).reaction == "unknown"
    assert failure(client.phone, NUMBER, TOKEN).reaction == "retry"


@pytest.mark.parametrize("behave", [hang, drip, cut_short, Request.reset], ids=lambda one: one.__name__)
def test_a_lost_answer_leaves_us_not_knowing(client, meta, behave):
    meta.behave = behave
    error = failure(client.send, NUMBER, TOKEN, HELLO)
    assert (error.reaction, error.sentence) == ("unknown", WORDS["no_answer"])
    assert failure(client.phone, NUMBER, TOKEN).reaction == "retry"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b'{"messages": []}', b'{"messages": [{}]}', b"[" * 9999]
)
def test_a_good_answer_that_says_nothing_leaves_us_not_knowing(client, meta, body):
    meta.behave = answer(body)
    assert failure(client.send, NUMBER, TOKEN, HELLO).reaction == "unknown"


def test_an_endless_answer_is_not_read_to_its_end(client, meta):
    meta.behave = answer(b" " * 2_000_000)
    assert failure(client.send, NUMBER, TOKEN, HELLO).reaction == "unknown"


def test_a_closed_door_can_be_knocked_at_again():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    error = failure(GraphClient(f"http://127.0.0.1:{port}").send, NUMBER, TOKEN, HELLO)
    assert (error.reaction, error.sentence) == ("retry", WORDS["unreachable"])


def test_a_failed_handshake_has_sent_nothing(meta):
    secure = GraphClient(meta.url.replace("http:", "https:"))
    assert failure(secure.send, NUMBER, TOKEN, HELLO).reaction == "retry"
    assert meta.seen == []


def test_an_unknown_host_has_received_nothing():
    error = failure(GraphClient("http://nowhere.invalid").send, NUMBER, TOKEN, HELLO)
    assert error.reaction == "retry"


def test_redirects_are_not_followed(client, meta):
    meta.behave = answer(b"", 302, Location=f"http://127.0.0.1:{meta.server_port}/elsewhere")
    assert failure(client.send, NUMBER, TOKEN, HELLO).reaction == "channel_broken"
    assert len(meta.seen) == 1


@pytest.mark.parametrize("token", ["", "with space", "línea", "a\r\nX-Injected: 1", "\ud800"])
def test_a_token_that_cannot_be_one_stops_the_channel(client, meta, token):
    assert failure(client.send, NUMBER, token, HELLO).reaction == "channel_broken"
    assert meta.seen == []


@pytest.mark.parametrize("number", ["", "..", "1/../2", "1?x=1", "1#", "a b", "ñ"])
def test_an_id_cannot_climb_to_another_address(client, meta, number):
    assert failure(client.send, number, TOKEN, HELLO).permanent
    assert meta.seen == []


def test_one_connection_serves_many_messages(client, meta):
    for _ in range(30):
        client.send(NUMBER, TOKEN, HELLO)
    assert connections(meta) == 1


def test_two_clients_share_their_connections(client, meta):
    client.send(NUMBER, TOKEN, HELLO)
    GraphClient(meta.url).send(NUMBER, "other-token", HELLO)
    assert connections(meta) == 1


def test_many_threads_keep_their_connections(client, meta):
    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(lambda _: client.send(NUMBER, TOKEN, HELLO), range(400)))
    assert len(results) == len(meta.seen) == 400
    assert connections(meta) <= 16


def test_a_connection_closed_by_the_other_side_is_replaced(client, meta):
    meta.behave = answer(ACCEPTED, Connection="close")
    client.send(NUMBER, TOKEN, HELLO)
    meta.behave = answer(ACCEPTED)
    client.send(NUMBER, TOKEN, HELLO)
    assert connections(meta) == 2


def test_a_connection_that_died_while_idle_is_replaced(client, meta):
    def answer_and_leave(request):
        answer(ACCEPTED)(request)
        request.close_connection = True

    meta.behave = answer_and_leave
    client.send(NUMBER, TOKEN, HELLO)
    time.sleep(0.1)
    assert client.send(NUMBER, TOKEN, HELLO).external_id == "wamid.OUT1"


def test_a_forked_process_has_connections_of_its_own(monkeypatch):
    ours = transport.pool_manager(7)
    assert transport.pool_manager(7) is ours
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert transport.pool_manager(7) is not ours


def test_greenlets_wait_side_by_side(meta):
    def slowly(request):
        time.sleep(0.2)
        answer(ACCEPTED)(request)

    meta.behave = slowly
    script = f"""
from gevent import monkey; monkey.patch_all()
import time, gevent.pool
from crm_web.channels.adapters.meta.client import GraphClient
from crm_web.channels.normal import OutgoingMessage
client = GraphClient({meta.url!r})
message = OutgoingMessage("ref", "573105550142", None, "text", "Hola")
begin = time.monotonic()
sent = gevent.pool.Pool(60).map(lambda _: client.send("{NUMBER}", "token", message), range(120))
print(len(sent), time.monotonic() - begin)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    count, seconds = done.stdout.split()
    assert count == "120"
    assert float(seconds) < 3  # one after the other they would take 24
    assert connections(meta) <= 60


def test_a_message_is_marked_as_read(client, meta):
    meta.behave = answer({"success": True})
    client.mark_read(NUMBER, TOKEN, "wamid.IN1")
    client.mark_read(NUMBER, TOKEN, "wamid.IN1", typing=True)
    read, typing = (request.json() for request in meta.seen)
    assert read == {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.IN1"}
    assert typing == read | {"typing_indicator": {"type": "text"}}


def test_a_number_is_looked_at(client, meta):
    meta.behave = answer(
        {"id": NUMBER, "quality_rating": "GREEN", "status": "CONNECTED", "verified_name": "Nogal"}
    )
    assert client.phone(NUMBER, TOKEN)["quality_rating"] == "GREEN"
    for field in (
        "display_phone_number",
        "whatsapp_business_manager_messaging_limit",
        "throughput",
        "health_status",
    ):
        assert field in meta.seen[0].path


def test_the_number_tells_its_portfolio(client, meta):
    entities = [{"entity_type": "WABA", "id": "2"}, "x", {"entity_type": "BUSINESS", "id": "500000000000001"}]
    meta.behave = answer({"id": NUMBER, "health_status": {"entities": entities}})
    assert client.phone(NUMBER, TOKEN)["portfolio_id"] == "500000000000001"
    meta.behave = answer({"id": NUMBER})
    assert client.phone(NUMBER, TOKEN)["portfolio_id"] == ""


def test_an_account_is_subscribed(client, meta):
    meta.behave = answer({"success": True})
    client.subscribe("200000000000001", TOKEN)
    assert (meta.seen[0].method, meta.seen[0].path[-32:]) == ("POST", "/200000000000001/subscribed_apps")

"""Who hears what: sockets of Acme, of Rival, of strangers, and of somebody whose session ends."""

from __future__ import annotations

import threading
import uuid
from http.cookies import SimpleCookie

import pytest
from socketio.exceptions import ConnectionError as Refused

from crm_web.models import Conversation
from tests import meta
from tests.cast import Person
from tests.inbox.lists import fill


def test_a_new_message_is_heard_in_the_list_and_in_the_thread(
    listen, seller, conversation, deliver, run_jobs, only
):
    ear = listen(seller)
    answer = ear.watch(conversation.id)
    assert answer == {"ok": True, "version": only(Conversation).version}
    deliver(meta.said(meta.text("otra cosa")))
    run_jobs()
    assert ear.hears("conversation") == {"id": str(conversation.id), "version": only(Conversation).version}
    assert ear.hears("inbox") is not None


def test_hints_carry_no_words(listen, seller, conversation, deliver, run_jobs):
    ear = listen(seller)
    ear.watch(conversation.id)
    deliver(meta.said(meta.text("palabra-secreta")))
    run_jobs()
    ear.hears("conversation")
    assert "palabra-secreta" not in str(ear.heard)


def test_rival_hears_nothing_and_may_watch_nothing(listen, rival, conversation, deliver, run_jobs):
    ear = listen(rival)
    assert ear.watch(conversation.id) == {"ok": False}
    deliver(meta.said(meta.text("para Acme")))
    run_jobs()
    assert ear.hears("inbox", timeout=0.7) is None
    assert ear.heard == []


@pytest.mark.parametrize(
    "asked", [None, "x", {"conversation_id": "x"}, {"conversation_id": None}, [1], {"id": 1}]
)
def test_nonsense_is_answered_not_crashed(listen, seller, asked):
    assert listen(seller).client.call("watch", asked, timeout=5) == {"ok": False}


def test_strangers_get_no_socket(listen, conversation):
    with pytest.raises(Refused):
        listen(None)


def test_other_sites_get_no_socket(listen, seller):
    with pytest.raises(Refused):
        listen(seller, Origin="https://evil.test")


def test_ending_a_session_drops_its_sockets(app, listen, seller):
    elsewhere = Person(app, "seller@acme.test")
    ear = listen(elsewhere)
    seller.post("/me/sessions/revocation")
    assert ear.hears("session_ended") is not None
    for _ in range(50):
        if not ear.client.connected:
            break
        threading.Event().wait(0.05)
    assert not ear.client.connected


def test_the_pulse_tells_what_a_deaf_page_missed(seller, conversation, deliver, run_jobs):
    before = seller.get(f"/inbox/pulse?conversation={conversation.id}").json
    deliver(meta.said(meta.text("otra")))
    run_jobs()
    after = seller.get(f"/inbox/pulse?conversation={conversation.id}").json
    assert after["version"] > before["version"]
    assert after["inbox"] > before["inbox"]
    seller.get(f"/inbox/pulse?conversation={uuid.uuid4()}", expect=404)


def test_the_session_cookie_is_read_by_scripts_of_nobody(seller):
    answer = seller.open("/login", method="GET")
    cookie = SimpleCookie(answer.headers.get("Set-Cookie", ""))
    assert all(morsel["httponly"] and morsel["samesite"] == "Lax" for morsel in cookie.values())


def test_an_action_on_many_is_heard_where_each_of_them_is_open(listen, seller, seller2, conversation):
    ear = listen(seller2)
    ear.watch(conversation.id)
    seller.post("/inbox/bulk", order="close:sale", ids=str(conversation.id), fragment=True)
    assert ear.hears("conversation") == {"id": str(conversation.id), "version": 2}
    assert ear.hears("inbox")


def test_the_progress_of_a_long_action_is_heard_by_its_person_alone(
    listen, acme, owner, seller, seller2, run_jobs
):
    fill(owner, acme, 700)
    mine, other = listen(seller), listen(seller2)
    begun = seller.post("/inbox/bulk", order="priority:low", everything="1", fragment=True, expect=202).text
    run_jobs()
    assert mine.hears("bulk")["id"] in begun
    assert other.hears("bulk", timeout=0.3) is None

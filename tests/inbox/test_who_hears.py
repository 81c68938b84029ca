"""Who hears what: sockets follow what may be seen, also when that changes while somebody is connected."""

from __future__ import annotations

from crm_web.core.live import CHANNEL, Herald, conversation_room
from tests import meta
from tests.inbox.test_pages import counted_queries

SOON = 0.6


def test_who_may_see_only_their_own_hears_nothing_of_others(listen, own_only, conversation, give, says):
    ear = listen(own_only)
    give("seller2@acme.test")
    says("para Simón")
    assert ear.watch(conversation.id) == {"ok": False}
    says("otra para Simón")
    assert ear.hears("inbox", SOON) is None
    assert ear.heard == []


def test_their_own_they_hear(listen, own_only, conversation, give, says):
    ear = listen(own_only)
    give("seller@acme.test")
    assert ear.hears("inbox") is not None
    assert ear.open(conversation.id)["ok"]
    says("para Sofía")
    assert ear.hears("conversation")["id"] == str(conversation.id)
    assert ear.hears("inbox") is not None


def test_those_of_nobody_are_heard_by_who_may_take_them(listen, decide, seller, conversation, give, says):
    decide("seller@acme.test", "revoke", "conversations.all")
    ear = listen(seller)
    says("¿hay alguien?")
    assert ear.hears("inbox") is not None
    give("seller2@acme.test")
    assert ear.hears("inbox") is not None
    ear.forget()
    says("gracias")
    assert ear.hears("inbox", SOON) is None


def test_giving_it_away_is_heard_by_both_and_the_first_is_shown_out(
    listen, own_only, seller2, decide, conversation, give, says
):
    decide("seller2@acme.test", "revoke", "conversations.all", "conversations.unassigned")
    give("seller@acme.test")
    sofia, simon = listen(own_only), listen(seller2)
    assert sofia.open(conversation.id)["ok"]
    give("seller2@acme.test")
    assert sofia.hears("access") == {"id": str(conversation.id)}
    assert sofia.hears("inbox") is not None
    assert simon.hears("inbox") is not None
    assert sofia.hears("conversation") is not None
    sofia.forget()
    says("ya es de Simón")
    assert sofia.hears("conversation", SOON) is None
    assert sofia.heard == []
    assert sofia.watch(conversation.id) == {"ok": False}
    own_only.get(f"/inbox/{conversation.id}", expect=404)


def test_who_still_may_comes_in_again_by_the_door(listen, manager, conversation, give, says):
    ear = listen(manager)
    ear.open(conversation.id)
    give("seller@acme.test")
    assert ear.hears("access") is not None
    assert ear.open(conversation.id)["ok"]
    says("sigo aquí")
    assert ear.hears("conversation") is not None


def test_a_room_emptied_by_another_process_is_empty_here(app, listen, seller, conversation, says):
    ear = listen(seller)
    ear.open(conversation.id)
    elsewhere = Herald(app.config["REDIS_URL"], channel=CHANNEL, write_only=True)
    elsewhere.emit_all([("access", {"id": str(conversation.id)}, conversation_room(conversation.id))])
    elsewhere.close_room(conversation_room(conversation.id), "/")
    assert ear.hears("access") is not None
    ear.says("writing", "reply")
    says("nadie oye")
    assert ear.hears("inbox") is not None
    assert ear.hears("conversation", SOON) is None


def test_a_permission_taken_away_while_connected_drops_the_socket(listen, decide, seller, conversation, says):
    ear = listen(seller)
    ear.open(conversation.id)
    decide("seller@acme.test", "revoke", "conversations.all", "conversations.unassigned")
    assert ear.hears("permissions_changed") is not None
    again = listen(seller)
    assert again.watch(conversation.id) == {"ok": False}
    again.forget()
    says("nadie oye")
    assert again.hears("inbox", SOON) is None
    assert ear.hears("conversation", SOON) is None


def test_the_pulse_of_who_sees_little_beats_for_what_they_see(own_only, conversation, give, says):
    before = own_only.get("/inbox/pulse").json["inbox"]
    says("de nadie")
    assert own_only.get("/inbox/pulse").json["inbox"] == before
    give("seller@acme.test")
    assert own_only.get("/inbox/pulse").json["inbox"] != before
    own_only.get(f"/inbox/pulse?conversation={conversation.id}")
    give("seller2@acme.test")
    own_only.get(f"/inbox/pulse?conversation={conversation.id}", expect=404)
    assert own_only.get("/inbox/pulse").json["inbox"] == before


def test_messages_cost_no_query_more_for_knowing_whose_they_are(conversation, give, deliver, run_jobs):
    counts = []
    for owner in ("", "seller@acme.test"):
        give(owner)
        deliver(meta.said(meta.text("hola")))
        with counted_queries() as seen:
            run_jobs()
        counts.append(len(seen))
    assert counts[0] == counts[1]

"""Actions on many: on the selected, on all that match, at once or by a worker; never on what one may not see."""

from __future__ import annotations

import re
from collections import Counter

import pytest
import sqlalchemy as sa

from crm_web.core import jobs
from crm_web.models import Conversation, ConversationTag, Message
from tests.inbox.lists import all_names, fill, revoke, user_id
from tests.inbox.test_pages import counted_queries


@pytest.fixture
def many(acme, owner):
    fill(owner, acme, 60)
    return acme


def do(person, order, ids=(), expect=200, **form):
    given = {"everything": "1"} if ids == "all" else {"ids": ",".join(str(one) for one in ids)}
    answer = person.post("/inbox/bulk", order=order, expect=expect, fragment=True, **given, **form)
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def ids_where(rows, test) -> list:
    return [one.id for one in rows(Conversation) if test(one)]


def lines(rows) -> Counter:
    return Counter(one.payload["event"] for one in rows(Message) if one.kind == "system")


def test_closing_the_selected_says_how_many_and_why_not(many, seller, rows):
    open_ids, closed = ids_where(rows, lambda c: c.is_open)[:5], ids_where(rows, lambda c: not c.is_open)[:2]
    said = do(seller, "close:sale", open_ids + closed)
    assert said == "5 conversaciones cambiaron · 2 están cerradas"
    assert lines(rows) == {"closed": 5}
    done = [one for one in rows(Conversation) if one.id in open_ids]
    assert {
        (one.status, one.close_reason, one.unread_count, one.waiting_since, one.version) for one in done
    } == {("closed", "sale", 0, None, 2)}
    assert {one.version for one in rows(Message)} == {2}


def test_assigning(many, seller, rows, owner):
    other = user_id(owner, "seller2@acme.test")
    ids = ids_where(rows, lambda c: c.is_open)[:6]
    expected = len([one for one in rows(Conversation) if one.id in ids and one.assigned_to != other])
    assert do(seller, f"assign:{other}", ids).startswith(f"{expected} conversaciones")
    assert {one.assigned_to for one in rows(Conversation) if one.id in ids} == {other}
    assert {one.payload["to"] for one in rows(Message) if one.kind == "system"} == {"Simón Díaz"}
    do(seller, "assign:", ids)
    assert {(one.assigned_to, one.assigned_at) for one in rows(Conversation) if one.id in ids} == {
        (None, None)
    }


def test_tags_on_and_off_whatever_their_case(many, seller, rows):
    ids = ids_where(rows, lambda c: True)[:4]
    do(seller, "tag:", ids, tags="Feria, VIP , feria")
    assert Counter(one.tag for one in rows(ConversationTag) if one.conversation_id in ids)["Feria"] == 4
    assert do(seller, "tag:", ids, tags="FERIA") == "Ninguna cambió · 4 ya estaban así"
    do(seller, "untag:", ids, tags="feria,vip")
    assert not {one.tag for one in rows(ConversationTag) if one.conversation_id in ids} & {"Feria", "VIP"}
    assert lines(rows) == {"tagged": 4, "untagged": 4}


@pytest.mark.parametrize(
    ("order", "form"),
    [
        ("tag:", {"tags": ",".join(f"etiqueta {n}" for n in range(300))}), ("tag:", {"tags": "x" * 51}),
        ("tag:", {"tags": " , "}), ("close:because", {}), ("priority:9", {}), ("snooze:at", {"until": "2001-01-01T10:00"}),
        ("snooze:at", {"until": "mañana"}), ("explode:", {}),
    ],
)  # fmt: skip
def test_an_order_that_makes_no_sense_is_refused_in_words(many, seller, rows, order, form):
    ids = ids_where(rows, lambda c: True)[:3]
    assert len(do(seller, order, ids, expect=422, **form)) > 15
    assert lines(rows) == {}


def test_twenty_tags_are_the_most_one_carries(many, seller, rows):
    ids = ids_where(rows, lambda c: True)[:1]
    do(seller, "tag:", ids, tags=",".join(f"e{n}" for n in range(19)))
    assert "demasiadas etiquetas" in do(seller, "tag:", ids, tags="una,otra")


def test_priority_snooze_and_read(many, seller, rows):
    ids = ids_where(rows, lambda c: c.is_open and c.unread_count and c.priority == "normal")[:3]
    do(seller, "read:", ids)
    do(seller, "priority:urgent", ids)
    do(seller, "snooze:tomorrow", ids)
    done = [one for one in rows(Conversation) if one.id in ids]
    assert {(one.priority, one.priority_rank, one.status, one.unread_count) for one in done} == {
        ("urgent", 3, "snoozed", 0)
    }
    assert all(one.snoozed_until and one.snoozed_by for one in done)
    do(seller, "snooze:answer", ids)
    assert {one.snoozed_until for one in rows(Conversation) if one.id in ids} == {None}
    assert lines(rows) == {"priority": 3, "snoozed": 6}


def test_everything_that_matches_and_nothing_else(many, seller, rows):
    waiting = all_names(seller, "unanswered=1")
    said = do(seller, "close:no_answer", "all", query="unanswered=1")
    assert said.startswith(f"{len(waiting)} conversaciones")
    assert all_names(seller, "unanswered=1") == []
    assert lines(rows) == {"closed": len(waiting)}


def test_a_filter_that_is_not_understood_is_never_widened(many, seller, rows):
    for query in (
        "tag=perdida",
        "status=zombie",
        "ignored=zombie",
        "channel=00000000-0000-0000-0000-000000000007",
    ):
        assert "Parte del filtro" in do(seller, "close:sale", "all", expect=422, query=query)
    assert lines(rows) == {}


def test_nothing_selected_and_no_ids(many, seller):
    do(seller, "read:", (), expect=422)
    do(seller, "read:", ("x",), expect=404)


def test_who_may_not_act_finds_no_address(many, auditor, rows):
    ids = ids_where(rows, lambda c: True)[:3]
    for order in ("close:sale", "assign:", "read:", "priority:high"):
        do(auditor, order, ids, expect=404)


def test_rivals_conversations_are_not_there(many, rival, rows):
    ids = ids_where(rows, lambda c: True)[:3]
    assert do(rival, "close:sale", ids) == "Ninguna cambió · 3 ya no están a tu alcance"
    assert lines(rows) == {}


def test_who_sees_only_their_own_changes_only_their_own(many, seller, rows, owner):
    revoke(owner, "seller@acme.test", "conversations.all", "conversations.unassigned")
    me = user_id(owner, "seller@acme.test")
    mine, others = (
        ids_where(rows, lambda c: c.assigned_to == me),
        ids_where(rows, lambda c: c.assigned_to != me),
    )
    do(seller, "priority:urgent", mine[:2] + others[:5])
    do(seller, "priority:low", "all", query="")
    touched = {one.conversation_id for one in rows(Message) if one.kind == "system"}
    assert touched
    assert touched <= set(mine)


def test_a_batch_costs_the_same_statements_however_long(many, seller, rows):
    ids = ids_where(rows, lambda c: c.is_open)
    do(seller, "priority:urgent", ids[:2])
    with counted_queries() as seen:
        do(seller, "priority:low", ids[:40])
    assert len(seen) <= 7, seen


@pytest.fixture
def thousands(acme, owner):
    fill(owner, acme, 1_400)
    return acme


def job_of(person, page) -> str:
    return re.search(r'data-url="([^"]+)"', page).group(1)


def state(person, url):
    page = person.get(url).text
    return re.search(r'data-state="(\w+)"', page).group(1), page


def test_many_are_closed_by_a_worker_that_says_how_far_it_is(thousands, seller, run_jobs, rows):
    total = len(all_names(seller))
    assert total > 1_150
    begun = seller.post(
        "/inbox/bulk", order="close:resolved", everything="1", query="", fragment=True, expect=202
    )
    url = job_of(seller, begun.text)
    assert f"0 de {total}" in begun.text
    assert jobs.run_drain("inbox.bulk") == 200
    assert state(seller, url)[0] == "running"
    assert f"200 de {total}" in state(seller, url)[1]
    run_jobs()
    assert state(seller, url)[0] == "done"
    assert f"{total} conversaciones cambiaron" in state(seller, url)[1]
    assert lines(rows) == {"closed": total}
    assert all_names(seller) == []


def test_a_worker_stops_when_told_to(thousands, seller, seller2, rival, run_jobs, rows):
    begun = seller.post(
        "/inbox/bulk", order="close:resolved", everything="1", query="", fragment=True, expect=202
    )
    url = job_of(seller, begun.text)
    jobs.run_drain("inbox.bulk")
    for stranger in (seller2, rival):
        stranger.get(url, expect=404)
        stranger.post(f"{url}/cancellation", expect=404)
    assert "Detenida" in seller.post(f"{url}/cancellation").text
    run_jobs()
    assert state(seller, url)[0] == "cancelled"
    assert lines(rows) == {"closed": 200}


def test_selected_ones_beyond_a_batch_go_to_the_worker_too(thousands, seller, run_jobs, rows):
    ids = ids_where(rows, lambda c: c.is_open)[:700]
    begun = seller.post(
        "/inbox/bulk", order="tag:", tags="feria", ids=",".join(map(str, ids)), fragment=True, expect=202
    )
    run_jobs()
    assert state(seller, job_of(seller, begun.text))[0] == "done"
    assert {one.conversation_id for one in rows(ConversationTag) if one.tag == "feria"} == set(ids)


def test_whoever_loses_the_permission_meanwhile_is_stopped(thousands, seller, run_jobs, owner, rows):
    begun = seller.post(
        "/inbox/bulk", order="close:resolved", everything="1", query="", fragment=True, expect=202
    )
    url = job_of(seller, begun.text)
    jobs.run_drain("inbox.bulk")
    revoke(owner, "seller@acme.test", "conversations.close")
    run_jobs()
    assert state(seller, url)[0] == "failed"
    assert lines(rows) == {"closed": 200}


def test_who_writes_after_the_order_is_left_alone(thousands, seller, run_jobs, owner, only):
    seller.post("/inbox/bulk", order="close:resolved", everything="1", query="", fragment=True, expect=202)
    with owner.begin() as connection:
        connection.execute(
            sa.text("UPDATE conversations SET created_at = now() + interval '1 s' WHERE unread_count = 41")
        )
        newer = connection.scalar(
            sa.text("SELECT count(*) FROM conversations WHERE unread_count = 41 AND is_open")
        )
    run_jobs()
    assert newer
    assert len(all_names(seller)) == connection_count(
        owner, "is_open AND status <> 'snoozed' AND unread_count = 41"
    )


def connection_count(owner, where) -> int:
    with owner.connect() as connection:
        return connection.scalar(sa.text(f"SELECT count(*) FROM conversations WHERE {where}"))

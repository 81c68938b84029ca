"""Messages written now and sent later: exactly once, by the clock, under the conditions they were given."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from crm_web.core.clock import now
from crm_web.core.db import db
from crm_web.core.tenancy import as_tenant
from crm_web.inbox.jobs import send_scheduled
from crm_web.inbox.operations.schedule import send_due
from crm_web.models import Conversation, OutboxItem, ScheduledMessage
from tests import meta
from tests.inbox.crowd import together
from tests.inbox.sending import close_window, let_undo, make_template, ours


def in_(**time) -> str:
    return (now() + timedelta(**time)).isoformat()


def plan(person, conversation, **form):
    given = {"body": "Buenos días", "when": in_(hours=2)}
    return person.post(f"/inbox/{conversation.id}/schedule", **{**given, **form})


@pytest.fixture
def pass_time(owner):
    """Let everything scheduled be due."""

    def run() -> None:
        with owner.begin() as connection:
            connection.execute(sa.text("UPDATE scheduled_messages SET send_at = now() - interval '1 second'"))

    return run


def test_it_becomes_a_message_when_its_time_comes(seller, telephone, only, rows, pass_time):
    telephone.says("Hola")
    plan(seller, only(Conversation))
    send_scheduled()
    assert ours(rows) == []
    pass_time()
    send_scheduled()
    telephone.settle()
    assert telephone.last()["text"] == "Buenos días"
    after = only(ScheduledMessage)
    assert (after.state, after.message_id) == ("sent", ours(rows)[0].id)


def test_the_author_is_whoever_wrote_it_and_nothing_is_held(
    acme, seller, conversation, rows, pass_time, only
):
    let_undo(acme, 30)
    plan(seller, conversation)
    pass_time()
    send_scheduled()
    [message] = ours(rows)
    assert (message.author_id, message.held_until) == (only(ScheduledMessage).author_id, None)


def test_exactly_once_however_often_the_clock_ticks(app, acme, seller, conversation, rows, pass_time):
    for number in range(10):
        plan(seller, conversation, body=f"mensaje {number}")
    pass_time()

    def tick() -> int:
        with as_tenant(acme.id):
            return send_due()

    assert sum(together(app, [tick] * 4)) == 10
    for _ in range(3):
        send_scheduled()
    assert sorted(one.body for one in ours(rows)) == sorted(f"mensaje {number}" for number in range(10))
    assert len(rows(OutboxItem)) == 10


def test_a_row_that_went_wrong_holds_up_no_other(acme, seller, conversation, rows, pass_time, owner):
    plan(seller, conversation, body="roto")
    plan(seller, conversation, body="sano")
    with owner.begin() as connection:
        connection.execute(
            sa.text(
                "UPDATE scheduled_messages SET variables = '[]', body = repeat('x', 5000) WHERE body = 'roto'"
            )
        )
    pass_time()
    send_scheduled()
    assert [one.body for one in ours(rows)] == ["sano"]
    assert {one.state for one in rows(ScheduledMessage)} == {"failed", "sent"}


def test_it_is_skipped_when_the_customer_answered(
    seller, conversation, deliver, run_jobs, rows, pass_time, only
):
    plan(seller, conversation, only_if_unanswered="1")
    deliver(meta.said(meta.text("Ya volví")))
    run_jobs()
    pass_time()
    send_scheduled()
    assert (only(ScheduledMessage).state, only(ScheduledMessage).reason, ours(rows)) == (
        "skipped",
        "answered",
        [],
    )
    assert "El cliente respondió antes" in seller.get(f"/inbox/{conversation.id}").text


def test_it_goes_when_nobody_answered(seller, conversation, rows, pass_time):
    plan(seller, conversation, only_if_unanswered="1")
    pass_time()
    send_scheduled()
    assert len(ours(rows)) == 1


def test_with_the_window_closed_it_fails_in_words_and_asks_for_attention(
    seller, conversation, rows, pass_time, only, owner
):
    plan(seller, conversation)
    close_window(owner)
    pass_time()
    send_scheduled()
    assert (only(ScheduledMessage).state, only(ScheduledMessage).reason) == ("failed", "window")
    assert (only(Conversation).requires_attention, ours(rows)) == (True, [])
    assert "solo aceptaba plantillas" in seller.get(f"/inbox/{conversation.id}").text
    seller.post(f"/inbox/scheduled/{only(ScheduledMessage).id}/cancellation")
    assert only(Conversation).requires_attention is False


def test_a_template_goes_all_the_same(acme, seller, conversation, rows, pass_time, owner):
    close_window(owner)
    template = make_template(acme, "Hola, {{1}}. Va.")
    plan(seller, conversation, body="", template_id=template, **{"variable-body-1": "Ana"})
    pass_time()
    send_scheduled()
    assert [(one.kind, one.body) for one in ours(rows)] == [("template", "Hola, Ana. Va.")]


def test_a_template_that_was_withdrawn_meanwhile_fails_in_words(
    acme, seller, conversation, pass_time, only, owner
):
    plan(seller, conversation, body="", template_id=make_template(acme, "Hola, a todos."))
    with owner.begin() as connection:
        connection.execute(sa.text("UPDATE message_templates SET status = 'PAUSED'"))
    pass_time()
    send_scheduled()
    assert (only(ScheduledMessage).state, only(ScheduledMessage).reason) == ("failed", "template")


def test_a_closed_conversation_and_a_person_who_left(seller, conversation, rows, pass_time, owner):
    plan(seller, conversation, body="a")
    seller.post(f"/inbox/{conversation.id}/closure", reason="resolved")
    pass_time()
    send_scheduled()
    seller.post(f"/inbox/{conversation.id}/reopening")
    plan(seller, conversation, body="b")
    with owner.begin() as connection:
        connection.execute(sa.text("UPDATE users SET status = 'inactive' WHERE email = 'seller@acme.test'"))
    pass_time()
    send_scheduled()
    assert {one.reason for one in rows(ScheduledMessage)} == {"closed", "author"}


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"when": in_(seconds=-5)}, "ya pasó"),
        ({"when": in_(days=400)}, "próximo año"),
        ({"when": "", "at": ""}, "fecha y la hora"),
        ({"when": "mañana"}, "fecha y la hora"),
        ({"body": "   "}, "Escribe un mensaje"),
        ({"body": "x" * 4097}, "4096"),
    ],
    ids=["past", "far", "none", "nonsense", "empty", "long"],
)
def test_what_cannot_be_scheduled_is_refused_in_words(seller, conversation, rows, form, words):
    assert words in plan(seller, conversation, **form, fragment=True, expect=422).text
    assert rows(ScheduledMessage) == []


def test_a_typed_time_is_the_tenants(seller, conversation, only):
    typed = (now() + timedelta(days=2)).strftime("%Y-%m-%dT09:00")
    plan(seller, conversation, when="", at=typed)
    assert only(ScheduledMessage).send_at == datetime.fromisoformat(f"{typed}:00-05:00")


def test_the_choices_are_exact_and_to_come(seller, conversation):
    page = seller.get(f"/inbox/{conversation.id}/later").text
    moments = [datetime.fromisoformat(one) for one in re.findall(r'value="(20[^"]+)"', page)]
    assert len(moments) == 3
    assert all(moment > now() for moment in moments)
    assert (moments[1].hour, moments[2].hour, moments[2].weekday()) == (9, 9, 0)


def test_it_is_listed_changed_sent_now_and_cancelled(seller, seller2, conversation, rows, only):
    assert "Buenos días" in plan(seller, conversation, fragment=True).text
    one = only(ScheduledMessage)
    url = f"/inbox/scheduled/{one.id}"
    later = in_(hours=5)
    seller2.post(url, words="Buenas tardes", at=later, fragment=True)
    assert (only(ScheduledMessage).body, only(ScheduledMessage).send_at) == (
        "Buenas tardes",
        datetime.fromisoformat(later),
    )
    assert "ya pasó" in seller.post(url, words="x", at=in_(hours=-1), fragment=True, expect=422).text
    seller.post(f"{url}/departure")
    assert [message.body for message in ours(rows)] == ["Buenas tardes"]
    seller.post(f"{url}/departure", fragment=True, expect=409)
    seller.post(f"{url}/cancellation", fragment=True, expect=409)
    assert len(ours(rows)) == 1


def test_what_was_cancelled_never_goes(seller, conversation, rows, pass_time, only):
    plan(seller, conversation)
    seller.post(f"/inbox/scheduled/{only(ScheduledMessage).id}/cancellation")
    pass_time()
    send_scheduled()
    assert ours(rows) == []
    assert "Buenos días" not in seller.get(f"/inbox/{conversation.id}").text


def test_who_may_not_answer_sees_the_list_and_changes_nothing(seller, auditor, conversation, only):
    plan(seller, conversation)
    page = auditor.get(f"/inbox/{conversation.id}/scheduled").text
    assert "Buenos días" in page
    assert "<form" not in page
    plan(auditor, conversation, expect=403)
    auditor.post(f"/inbox/scheduled/{only(ScheduledMessage).id}/cancellation", expect=403)
    assert only(ScheduledMessage).state == "pending"


def test_rival_is_blind(seller, rival, conversation, only):
    plan(seller, conversation)
    url = f"/inbox/scheduled/{only(ScheduledMessage).id}"
    plan(rival, conversation, expect=404)
    rival.get(f"/inbox/{conversation.id}/scheduled", expect=404)
    for path in (url, f"{url}/cancellation", f"{url}/departure"):
        rival.post(path, body="x", at=in_(hours=1), expect=404)
    assert only(ScheduledMessage).state == "pending"


def test_it_works_without_javascript(seller, conversation):
    page = seller.get(f"/inbox/{conversation.id}").text
    assert f'formaction="/inbox/{conversation.id}/schedule"' in page
    answer = plan(seller, conversation, expect=303)
    listed = seller.get(answer.location).text
    assert "Buenos días" in listed
    assert "Cancelar el envío" in listed


def test_fifty_at_the_most(seller, conversation, acme, rows):
    with as_tenant(acme.id):
        author = rows(Conversation)[0]
        user = db.session.scalar(sa.text("SELECT id FROM users WHERE email = 'seller@acme.test'"))
        for _ in range(50):
            db.session.add(ScheduledMessage(tenant_id=acme.id, conversation_id=author.id, author_id=user, body="x",
                                            send_at=now() + timedelta(hours=1)))  # fmt: skip
        db.session.commit()
    assert "demasiados" in plan(seller, conversation, fragment=True, expect=422).text

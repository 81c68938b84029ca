"""Colleagues named in notes: written down, told at once, seen when they open the conversation."""

from __future__ import annotations

import uuid
from contextlib import closing

import pytest
import sqlalchemy as sa

from crm_web.core.db import db
from crm_web.core.tenancy import as_tenant
from crm_web.inbox.named import by_mention
from crm_web.inbox.queries.mentions import count_unseen_mentions
from crm_web.models import Mention, Message
from crm_web.team.models import User
from crm_web.team.operations import decide_permission
from crm_web.team.permissions import ALL
from tests.inbox.ears import Listener


@pytest.fixture
def person(acme):
    """Somebody of Acme by the first part of their address, with everything they may do."""

    def find(name: str) -> User:
        with as_tenant(acme.id):
            user = db.session.scalars(sa.select(User).where(User.email == f"{name}@acme.test")).one()
            db.session.expunge(user)
            db.session.rollback()
        user.permissions = ALL
        return user

    return find


@pytest.fixture
def unseen(acme, person):
    def count(name: str) -> int:
        with as_tenant(acme.id):
            db.session.rollback()
            return count_unseen_mentions(person(name))

    return count


def note(writer, conversation, body, *people, **more):
    ids = ",".join(str(one) for one in people)
    return writer.post(
        f"/inbox/{conversation.id}/messages", body=body, kind="note", mentions=ids, fragment=True, **more
    )


def test_a_colleague_is_named_and_told(live_server, seller, seller2, conversation, person, rows, unseen):
    simon = person("seller2")
    with closing_listener(live_server, seller2) as ear:
        answer = note(seller, conversation, "@Simón Díaz míralo", simon.id)
        assert ear.hears("mention") == {"id": str(conversation.id)}
    assert [(one.user_id, one.seen_at) for one in rows(Mention)] == [(simon.id, None)]
    assert f'<b class="mention" data-user="{simon.id}">@Simón Díaz</b> míralo' in answer.text
    assert "data-notice" not in answer.text
    assert unseen("seller2") == 1


def closing_listener(url, who):
    ear = Listener(url, who)
    ear.close = ear.client.disconnect
    return closing(ear)


def test_it_is_seen_when_they_open_the_conversation(seller, seller2, conversation, person, only, unseen):
    note(seller, conversation, "@Simón Díaz míralo", person("seller2").id)
    seller.get(f"/inbox/{conversation.id}")
    assert only(Mention).seen_at is None
    seller2.get(f"/inbox/{conversation.id}")
    assert only(Mention).seen_at is not None
    assert unseen("seller2") == 0


def test_or_when_it_is_open_already(seller, quality, conversation, person, only):
    note(seller, conversation, "@Quintín Mora míralo", person("quality").id)
    quality.post(f"/inbox/{conversation.id}/reading", expect=204)
    assert only(Mention).seen_at is not None


def test_two_mentions_in_one_conversation_count_once(seller, conversation, person, unseen, rows):
    for words in ("uno", "dos"):
        note(seller, conversation, f"@Simón Díaz {words}", person("seller2").id)
    assert len(rows(Mention)) == 2
    assert unseen("seller2") == 1


def test_a_double_click_tells_once(seller, conversation, person, rows):
    for _ in range(2):
        note(seller, conversation, "@Simón Díaz", person("seller2").id, client_id="c1")
    assert len(rows(Mention)) == 1
    assert [message.kind for message in rows(Message)] == ["text", "note"]


def test_whose_name_was_taken_out_is_not_told(seller, conversation, person, rows):
    answer = note(seller, conversation, "@Simón Díazcano", person("seller2").id)
    assert rows(Mention) == []
    assert "data-notice" not in answer.text


def test_who_left_is_ignored_and_said(seller, conversation, person, acme, rows):
    simon = person("seller2")
    with as_tenant(acme.id):
        db.session.execute(sa.update(User).where(User.id == simon.id).values(status="inactive"))
        db.session.commit()
    answer = note(seller, conversation, "@Simón Díaz y @Sara Téllez", simon.id, person("setter").id)
    assert "sin avisar a 1 persona" in answer.text
    assert [one.user_id for one in rows(Mention)] == [person("setter").id]
    assert rows(Message)[-1].body == "@Simón Díaz y @Sara Téllez"


def test_who_may_not_see_it_is_ignored_and_not_offered(seller, conversation, person, acme, rows):
    simon = person("seller2")
    with as_tenant(acme.id):
        for name in ("conversations.all", "conversations.unassigned"):
            decide_permission(db.session.get_one(User, simon.id), name, "revoke")
        db.session.commit()
    offered = seller.get(f"/inbox/{conversation.id}/colleagues").text
    assert "Simón" not in offered
    assert "Sara" in offered
    assert "sin avisar" in note(seller, conversation, "@Simón Díaz", simon.id).text
    assert rows(Mention) == []
    seller.post(f"/inbox/{conversation.id}/assignment", user_id=str(simon.id))
    assert "Simón" in seller.get(f"/inbox/{conversation.id}/colleagues").text


def test_another_businesss_person_is_ignored(seller, rival, owner, conversation, rows):
    with owner.connect() as connection:
        stranger = connection.scalar(sa.text("SELECT id FROM users WHERE email = 'owner@rival.test'"))
    answer = note(seller, conversation, "@Óscar Rival", stranger, uuid.uuid4())
    assert "sin avisar a 2 personas" in answer.text
    assert rows(Mention) == []
    assert "Rival" not in seller.get(f"/inbox/{conversation.id}/colleagues").text


def test_oneself_is_not_told(seller, conversation, person, rows):
    note(seller, conversation, "@Sofía Ríos recordar", person("seller").id)
    assert rows(Mention) == []


def test_a_reply_mentions_nobody(seller, conversation, person, rows):
    seller.post(f"/inbox/{conversation.id}/messages", body="@Simón Díaz", mentions=str(person("seller2").id))
    assert rows(Mention) == []


def test_nonsense_is_not_found(seller, conversation, rows):
    note(seller, conversation, "@x", "no-id", expect=404)
    assert len(rows(Message)) == 1


def test_without_javascript_the_notice_is_shown_too(seller, conversation):
    seller.post(f"/inbox/{conversation.id}/messages", body="@Nadie", kind="note", mentions=str(uuid.uuid4()))
    assert "sin avisar a 1 persona" in seller.get(f"/inbox/{conversation.id}").text


def test_who_writes_no_notes_gets_no_list(auditor, rival, conversation):
    auditor.get(f"/inbox/{conversation.id}/colleagues", expect=403)
    rival.get(f"/inbox/{conversation.id}/colleagues", expect=404)


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        ("@Ana Díaz hola", [("@Ana Díaz", "2"), (" hola", None)]),
        ("hola @Ana", [("hola ", None), ("@Ana", "1")]),
        ("@Anabel", [("@Anabel", None)]),
        ("", []),
    ],
)
def test_words_are_cut_at_names_the_longest_first(body, parts):
    named = [{"id": "1", "name": "Ana"}, {"id": "2", "name": "Ana Díaz"}]
    assert by_mention(body, named) == parts


def test_markup_around_a_name_stays_words(seller, conversation, person):
    answer = note(seller, conversation, "<b>@Simón Díaz</b><script>1</script>", person("seller2").id)
    assert "<script>" not in answer.text
    assert "&lt;b&gt;" in answer.text


def test_who_sees_only_their_own_finds_nobody_and_nothing(seller, conversation, person, acme, only):
    sofia, simon = person("seller"), person("seller2")
    note(seller, conversation, "@Simón Díaz", simon.id)
    with as_tenant(acme.id):
        for name in ("conversations.all", "conversations.unassigned"):
            decide_permission(db.session.get_one(User, sofia.id), name, "revoke")
        db.session.commit()
    seller.get(f"/inbox/{conversation.id}/colleagues", expect=404)
    seller.get(f"/inbox/{conversation.id}/quick-replies", expect=404)
    note(seller, conversation, "@Simón Díaz", simon.id, expect=404)
    assert only(Mention).seen_at is None

"""`flask demo seed`: two businesses that look alive, whose every number agrees with every other."""

from __future__ import annotations

import hashlib
import io
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from PIL import Image

from crm_web.core.db import db
from crm_web.core.effects import rollback
from crm_web.core.tenancy import set_tenant
from crm_web.files import storage
from crm_web.inbox.models import KINDS, SENDERS
from crm_web.inbox.preview import preview_of
from crm_web.ops.demo.build import seed
from crm_web.ops.demo.clear import clear
from tests.cast import ACME_NUMBER, Person
from tests.conftest import TABLES

pytestmark = pytest.mark.xdist_group("demo")
TROUBLE = ("0131026", "0130429", "0000500", "0131047", "0131056", "0009999", "0008888", "0007777", "0000190")


@pytest.fixture(scope="module")
def house(app, owner) -> Iterator[str]:
    """The demo, made once for all tests here; what the command said."""
    with owner.begin() as connection:
        connection.execute(sa.text(f"TRUNCATE {connection.scalar(TABLES)} CASCADE"))
    with app.app_context():
        app.config["DEMO"] = True
        yield run(app)
        app.config["DEMO"] = False
        rollback()
        db.session.remove()
        set_tenant(None)


def run(app, *options: str) -> str:
    result = app.test_cli_runner().invoke(args=["demo", "seed", *options])
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


@pytest.fixture
def ask(owner, house):
    """Ask the database from outside the fence."""

    def rows(question: str, **values):
        with owner.connect() as connection:
            return connection.execute(sa.text(question), values).all()

    return rows


ACME = "tenant_id = (SELECT id FROM tenants WHERE slug = 'acme')"


def test_the_houses_are_as_large_as_they_should_be(ask):
    leads = dict(ask("SELECT t.slug, count(*) FROM leads l JOIN tenants t ON t.id = l.tenant_id GROUP BY 1"))
    talks = dict(
        ask("SELECT t.slug, count(*) FROM conversations c JOIN tenants t ON t.id = c.tenant_id GROUP BY 1")
    )
    assert (leads, talks) == ({"acme": 320, "rival": 120}, {"acme": 140, "rival": 60})


def test_the_inbox_has_mine_and_nobodys_and_everybodys(ask):
    owners = Counter(
        row.email
        for row in ask(
            f"SELECT u.email FROM conversations c LEFT JOIN users u ON u.id = c.assigned_to"
            f" WHERE c.is_open AND c.{ACME}"
        )
    )
    assert (owners["seller@acme.test"], owners[None], owners.total()) == (14, 5, 48)
    new = ask(
        f"SELECT status, unread_count FROM conversations WHERE is_open AND assigned_to IS NULL AND {ACME}"
    )
    assert all(row.status == "new" and row.unread_count > 0 for row in new)


def test_windows_are_fresh_short_nearly_over_and_closed(ask):
    left = Counter(
        "closed" if hours is None or hours <= 0 else "red" if hours < 1 else "amber" if hours < 6 else "green"
        for (hours,) in ask(
            f"SELECT extract(epoch FROM last_inbound_at + interval '24 h' - now()) / 3600"
            f" FROM conversations WHERE is_open AND {ACME}"
        )
    )
    assert left["green"] >= 20
    assert min(left["amber"], left["red"], left["closed"]) >= 3


def test_everybody_signs_in(app, house):
    for email in ("seller@acme.test", "owner@rival.test"):
        Person(app, email).get("/inbox")


def test_every_kind_of_message_is_there(ask):
    seen = Counter(row.kind for row in ask(f"SELECT kind FROM messages WHERE {ACME}"))
    assert set(seen) == set(KINDS)
    assert {row.sender for row in ask("SELECT DISTINCT sender FROM messages")} == set(SENDERS)
    ways = {(row.kind, row.direction) for row in ask("SELECT DISTINCT kind, direction FROM messages")}
    assert {("image", "inbound"), ("image", "outbound"), ("audio", "inbound"), ("audio", "outbound")} <= ways


def test_every_fate_of_a_message_is_there(ask):
    fates = {row.status for row in ask("SELECT DISTINCT status FROM messages WHERE direction = 'outbound'")}
    assert {"sent", "delivered", "read", "played", "failed", "unconfirmed"} <= fates
    assert not fates & {"queued", "sending"}
    codes = {
        row.error_code
        for row in ask("SELECT error_code FROM messages WHERE status = 'failed' AND error_text <> ''")
    }
    assert "131026" in codes
    assert not ask("SELECT 1 FROM outbox")


def test_what_people_do_with_messages_is_there(ask):
    (found,) = ask(
        "SELECT count(*) FILTER (WHERE edited_at IS NOT NULL AND jsonb_array_length(payload->'versions') = 2) AS edited,"
        " count(*) FILTER (WHERE revoked_at IS NOT NULL) AS revoked,"
        " count(*) FILTER (WHERE payload ? 'forwarded') AS forwarded,"
        " count(*) FILTER (WHERE payload ? 'referral') AS from_ads,"
        " count(*) FILTER (WHERE kind = 'note' AND body ~ '^@') AS mentions,"
        " max(length(body)) AS longest, count(*) FILTER (WHERE body ~ '[\u0600-\u06ff]') AS arabic FROM messages"
    )
    assert min(found.edited, found.revoked, found.forwarded, found.from_ads, found.mentions, found.arabic) > 0
    assert 3_400 <= found.longest <= 4_096
    assert {row.author_key for row in ask("SELECT DISTINCT author_key FROM message_reactions")} == {
        "customer",
        "business",
    }
    assert ask("SELECT 1 FROM leads WHERE profile_name LIKE '<b>%'")


def test_templates_are_those_of_the_stand_in(app, ask):
    for slug, waba, approved in (("acme", "200000000000001", 6), ("rival", "200000000000002", 2)):
        rows = ask(
            "SELECT t.* FROM message_templates t JOIN tenants n ON n.id = t.tenant_id WHERE n.slug = :slug",
            slug=slug,
        )
        assert sorted(row.status for row in rows) == ["APPROVED"] * approved + ["PENDING", "REJECTED"]
        theirs = app.extensions["sandbox"].state.all("SELECT * FROM templates WHERE waba_id = ?", waba)
        assert {(row.name, row.status, row.external_id) for row in rows} == {
            (row["name"], row["status"], str(row["id"])) for row in theirs
        }


def test_answers_answer_messages_of_their_own_conversation(ask):
    lost = ask(
        "SELECT m.id FROM messages m LEFT JOIN messages q ON q.conversation_id = m.conversation_id"
        " AND q.external_id = m.reply_to AND q.occurred_at < m.occurred_at WHERE m.reply_to IS NOT NULL AND q.id IS NULL"
    )
    assert not lost
    taps = ask("SELECT reply_to, payload->>'id' AS id FROM messages WHERE kind = 'choice'")
    assert taps
    assert all(row.reply_to and row.id for row in taps)


def test_nothing_lies_in_the_future_and_versions_rise(ask):
    (late,) = ask(
        "SELECT (SELECT count(*) FROM messages WHERE greatest(occurred_at, sent_at, delivered_at, read_at, played_at,"
        " failed_at, edited_at, revoked_at, updated_at) > now()) + (SELECT count(*) FROM conversations WHERE"
        " greatest(last_message_at, updated_at, closed_at, assigned_at, read_at) > now())"
        " + (SELECT count(*) FROM message_reactions WHERE reacted_at > now())"
        " + (SELECT count(*) FROM leads WHERE greatest(created_at, last_activity_at, opted_out_at) > now())"
    )
    assert late[0] == 0
    wrong = ask(
        "SELECT m.id FROM messages m JOIN conversations c ON c.id = m.conversation_id"
        " WHERE m.version > c.version OR m.version < 1 OR m.read_at < m.delivered_at"
        " OR m.delivered_at < m.sent_at OR m.sent_at < m.occurred_at"
    )
    assert not wrong


def test_conversations_agree_with_their_messages(ask):
    messages, reactions = defaultdict(list), defaultdict(list)
    for row in ask("SELECT * FROM messages ORDER BY occurred_at, id"):
        messages[row.conversation_id].append(row)
    for row in ask("SELECT * FROM message_reactions WHERE author_key = 'customer' ORDER BY reacted_at"):
        reactions[row.conversation_id].append(row)
    conversations = ask("SELECT * FROM conversations")
    assert conversations
    for row in conversations:
        assert agrees(row, messages[row.id], reactions[row.id]) == {}


def agrees(row, messages, reactions) -> dict[str, tuple]:
    """What the conversation's row says otherwise than its messages do: (said, true)."""
    said = [m for m in messages if m.direction != "internal"]
    inbound, ours = (
        [m for m in said if m.direction == "inbound"],
        [m for m in said if m.direction == "outbound"],
    )
    unanswered = [m for m in inbound if not ours or m.occurred_at > ours[-1].occurred_at]
    unread = [m for m in inbound if row.read_at is None or m.occurred_at > row.read_at]
    last = said[-1]
    truth = {
        "version": max(m.version for m in messages),
        "message_count": len(said),
        "first_inbound_at": inbound[0].occurred_at if inbound else None,
        "last_inbound_at": inbound[-1].occurred_at if inbound else None,
        "last_outbound_at": ours[-1].occurred_at if ours else None,
        "first_response_at": next((m.occurred_at for m in ours if m.sender == "user"), None),
        "unread_count": len(unread) if row.is_open else 0,
        "waiting_since": unanswered[0].occurred_at if unanswered and row.is_open else None,
        "is_open": row.status != "closed",
        **shown(last, reactions),
    }
    assert not row.is_open or {m.id for m in unread} <= {m.id for m in unanswered}
    return {name: (getattr(row, name), true) for name, true in truth.items() if getattr(row, name) != true}


def shown(last, reactions) -> dict[str, object]:
    if reactions and reactions[-1].reacted_at > last.occurred_at:
        newest = reactions[-1]
        return {
            "last_message_at": newest.reacted_at,
            "last_message_kind": "reaction",
            "last_message_preview": newest.emoji,
            "last_message_direction": "inbound",
            "last_message_status": "received",
            "last_message_by": None,
            "last_message_id": None,
        }
    ours = last.direction == "outbound"
    return {
        "last_message_at": last.occurred_at,
        "last_message_kind": last.kind,
        "last_message_direction": last.direction,
        "last_message_preview": preview_of(last.kind, last.body, last.payload),
        "last_message_status": last.status,
        "last_message_by": last.author_id if ours else None,
        "last_message_id": last.id if ours else None,
    }


def test_closed_conversations_say_why_and_when(ask):
    closed = ask("SELECT * FROM conversations WHERE NOT is_open")
    assert {row.close_reason for row in closed} == {
        "resolved",
        "sale",
        "no_interest",
        "no_answer",
        "spam",
        "other",
    }
    assert all(
        row.closed_at and row.closed_by and row.closed_at >= row.last_message_at - timedelta(minutes=10)
        for row in closed
    )
    assert all((row.outcome_value is not None) == (row.close_reason == "sale") for row in closed)


def test_nobody_of_us_writes_when_the_window_is_closed(ask):
    heard: dict[object, datetime] = {}
    for row in ask(
        "SELECT conversation_id, direction, kind, sender, occurred_at FROM messages ORDER BY occurred_at, id"
    ):
        if row.direction == "inbound":
            heard[row.conversation_id] = row.occurred_at
        elif row.direction == "outbound" and row.kind != "template":
            assert row.occurred_at - heard[row.conversation_id] < timedelta(hours=24)


def test_numbers_are_different_and_cause_no_trouble_at_the_stand_in(ask):
    phones = [row.value for row in ask("SELECT value FROM lead_identities WHERE kind = 'phone'")]
    assert len(phones) == len(set(phones)) > 400
    assert not [phone for phone in phones if phone.endswith(TROUBLE)]
    assert ask(f"SELECT 1 FROM leads WHERE phone IS NULL AND username <> '' AND {ACME}")
    assert not ask(
        "SELECT 1 FROM leads l WHERE NOT EXISTS (SELECT 1 FROM lead_identities i WHERE i.lead_id = l.id)"
    )
    countries = {row.country for row in ask("SELECT DISTINCT country FROM leads")}
    assert {"Colombia", "México", "Brasil", "Argentina", "Perú", "Ecuador"} <= countries


def test_files_lie_where_their_rows_say(ask):
    ready = ask("SELECT * FROM files WHERE state = 'ready'")
    assert {row.kind for row in ready} == {"image", "audio", "document", "video", "sticker"}
    contents = {row.id: storage.read(row.key) for row in ready}
    assert all(len(contents[row.id]) == row.size for row in ready)
    assert all(hashlib.sha256(contents[row.id]).hexdigest() == row.sha256 for row in ready)
    for row in ready[:60]:
        if row.kind in ("image", "sticker"):
            assert Image.open(io.BytesIO(contents[row.id])).size == (row.width, row.height)
    assert all(contents[row.id].startswith(b"%PDF-1.4") for row in ready if row.kind == "document")
    assert all(storage.exists(row.thumbnail_key) for row in ready if row.kind == "image")
    assert [row.reason for row in ask("SELECT reason FROM files WHERE state = 'failed'")] != [None]


def test_availability_is_the_open_stretch_of_its_history(ask):
    people = ask(
        "SELECT u.email, u.availability, s.availability AS stretch, s.reason FROM users u"
        " JOIN agent_states s ON s.user_id = u.id AND s.ended_at IS NULL"
    )
    now = {row.email: row.availability for row in people}
    assert len(people) == 9
    assert all(row.availability == row.stretch for row in people)
    assert (now["seller@acme.test"], now["seller2@acme.test"], now["setter@acme.test"]) == (
        "available",
        "busy",
        "paused",
    )
    assert not ask(
        "SELECT 1 FROM agent_states a JOIN agent_states b ON b.user_id = a.user_id AND b.id <> a.id"
        " AND b.started_at < a.ended_at AND coalesce(b.ended_at, now()) > a.started_at"
    )
    assert not ask(
        "SELECT 1 FROM user_sessions s JOIN users u ON u.id = s.user_id WHERE u.email LIKE 'setter%'"
    )


def test_the_stand_in_lets_a_seller_answer_where_the_window_is_open(app, ask):
    phones = {
        bool(row.is_open): row.raw
        for row in ask(
            f"SELECT i.raw, c.last_inbound_at > now() - interval '12 h' AS is_open FROM conversations c"
            f" JOIN lead_identities i ON i.lead_id = c.lead_id AND i.kind = 'phone' WHERE c.{ACME}"
            f" AND abs(extract(epoch FROM now() - c.last_inbound_at) / 3600 - 18) > 7"
        )
    }
    statuses = {is_open: _send(app, phone).status_code for is_open, phone in phones.items()}
    assert statuses == {True: 200, False: 400}


def _send(app, phone: str):
    body = {"messaging_product": "whatsapp", "to": f"+{phone}", "type": "text", "text": {"body": "hola"}}
    headers = {"Authorization": "Bearer sandbox-token-acme"}
    return app.test_client().post(f"/sandbox/graph/v26.0/{ACME_NUMBER}/messages", json=body, headers=headers)


def test_a_second_run_changes_nothing(app, ask):
    before = ask("SELECT id FROM conversations ORDER BY id")
    assert "nothing to do" in run(app)
    assert ask("SELECT id FROM conversations ORDER BY id") == before


def test_it_refuses_where_no_demo_is_wanted(app, house):
    app.config["DEMO"] = False
    result = app.test_cli_runner().invoke(args=["demo", "seed"])
    app.config["DEMO"] = True
    assert result.exit_code == 1
    assert "CRM_DEMO" in result.output


def test_the_same_moment_gives_the_same_demo_and_two_helpings_twice_as_much(ask):
    at = datetime(2026, 6, 18, 15, 30, tzinfo=UTC)
    fingerprints = []
    for scale in (1, 1, 2):
        clear({"acme", "rival"})
        counts = list(seed(scale, at))
        assert [(one.leads, one.conversations) for one in counts] == [
            (320 * scale, 140 * scale),
            (120 * scale, 60 * scale),
        ]
        fingerprints.append(fingerprint(ask))
    assert fingerprints[0] == fingerprints[1]


def fingerprint(ask) -> str:
    said = ask(
        "SELECT l.phone, m.id, m.occurred_at, m.body, m.status FROM messages m JOIN conversations c ON c.id = m.conversation_id"
        " JOIN leads l ON l.id = c.lead_id ORDER BY m.id"
    )
    return hashlib.sha256(repr(said).encode()).hexdigest()

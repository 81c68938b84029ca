"""The inbox's pages: what each tab shows, pages of the list and of a thread, and how many queries they cost."""

from __future__ import annotations

import re
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from crm_web.core.db import db
from crm_web.models import Conversation, Message
from tests import meta


@contextmanager
def counted_queries():
    """The statements the application's engine runs inside the block, less transaction talk and the tenant's name."""
    seen: list[str] = []

    def note(_conn, _cursor, statement, *_rest):
        if "set_config" not in statement:
            seen.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def crowd(acme, deliver, run_jobs):
    """Thirty-five customers wrote, one of them a hundred times."""
    start = 1_700_000_000
    for number in range(35):
        sender = f"5730011122{number:02d}"
        deliver(meta.said(meta.text(f"Hola {number}", sender, at=start + number), name=f"Cliente {number}"))
    deliver(
        meta.said(
            *[meta.text(f"línea {n}", "573001112200", at=start + 100 + n) for n in range(100)],
            name="Cliente 0",
        )
    )
    run_jobs()


def test_the_list_comes_in_pages_without_gaps(crowd, seller):
    first = seller.get("/inbox/list").text
    cursor = re.search(r"cursor=([\w-]+)", first).group(1)
    second = seller.get(f"/inbox/rows?cursor={cursor}").text
    names = re.findall(r"Cliente (\d+)<", first + second)
    assert len(set(names)) == 35


def test_a_forged_cursor_is_not_found(seller, crowd):
    for cursor in ("x", "AAAA", "MjAyNg", "%00", "a" * 5000):
        seller.get(f"/inbox/rows?cursor={cursor}", expect=404)


def test_a_thread_comes_in_pages_without_gaps(crowd, seller, rows):
    busy = max(rows(Conversation), key=lambda c: c.message_count)
    page = seller.get(f"/inbox/{busy.id}").text
    seen = set(re.findall(r"línea (\d+)", page))
    while cursor := re.search(r"before=([\w-]+)", page):
        page = seller.get(f"/inbox/{busy.id}/messages?before={cursor.group(1)}").text
        seen |= set(re.findall(r"línea (\d+)", page))
    assert seen == {str(n) for n in range(100)}


def test_changes_since_a_version_are_exactly_those(seller, conversation, deliver, run_jobs, only):
    before = only(Conversation).version
    deliver(meta.said(meta.text("y otra cosa")))
    run_jobs()
    answer = seller.get(f"/inbox/{conversation.id}/messages?since={before}")
    assert answer.text.count('id="message-') == 1
    assert "y otra cosa" in answer.text
    assert int(answer.headers["X-Version"]) == only(Conversation).version
    assert (
        seller.get(f"/inbox/{conversation.id}/messages?since={answer.headers['X-Version']}").text.strip()
        == ""
    )


def test_too_many_changes_ask_for_a_reload(crowd, seller, rows):
    busy = max(rows(Conversation), key=lambda c: c.message_count)
    assert seller.get(f"/inbox/{busy.id}/messages?since=0").headers["X-Reload"] == "1"


@pytest.mark.parametrize(("url", "most"), [("/inbox", 6), ("/inbox/list", 5), ("/inbox/rows", 3)])
def test_lists_cost_the_same_queries_however_long(crowd, seller, url, most):
    seller.get(url)
    with counted_queries() as seen:
        seller.get(url)
    assert len(seen) <= most, seen


def test_a_thread_costs_the_same_queries_however_long(crowd, seller, rows):
    busy = max(rows(Conversation), key=lambda c: c.message_count)
    seller.get(f"/inbox/{busy.id}")
    with counted_queries() as seen:
        seller.get(f"/inbox/{busy.id}")
    assert len(seen) <= 13, (
        seen
    )  # with the list, its views and counts, templates to choose from, what is scheduled


def test_tabs_count_what_they_show(crowd, seller, setter):
    text = seller.get("/inbox/list?tab=unassigned").text
    assert text.count('data-conversation="') == 30
    assert "35" in text
    assert 'data-conversation="' not in seller.get("/inbox/list?tab=mine").text


def test_reading_and_replying_work_without_javascript(seller, conversation, rows):
    page = seller.get("/inbox").text
    link = re.search(rf'href="(/inbox/{conversation.id}[^"]*)"', page).group(1).replace("&amp;", "&")
    thread = seller.get(link).text
    form = re.search(rf'<form[^>]*action="/inbox/{conversation.id}/messages"[^>]*>', thread).group(0)
    assert 'method="post"' in form
    answer = seller.post(f"/inbox/{conversation.id}/messages", body="sin JavaScript", expect=303)
    assert "sin JavaScript" in seller.get(answer.location).text


def test_every_kind_of_message_is_shown(seller, deliver, run_jobs, only, rows):
    deliver(meta.said(*every_kind()))
    run_jobs()
    kinds = {message.kind for message in rows(Message)}
    page = seller.get(f"/inbox/{only(Conversation).id}").text
    assert len(re.findall(r'id="message-[0-9a-f-]{36}"', page)) == len(rows(Message))
    assert {
        "text",
        "image",
        "video",
        "audio",
        "document",
        "sticker",
        "location",
        "contacts",
        "choice",
        "order",
        "unsupported",
    } <= kinds


def every_kind():
    media = {"id": "1", "mime_type": "image/jpeg", "sha256": "x"}
    return [
        meta.text("texto"),
        meta.message(type="image", image={**media, "caption": "la fachada"}),
        meta.message(type="video", video={**media, "mime_type": "video/mp4"}),
        meta.message(type="audio", audio={**media, "mime_type": "audio/ogg; codecs=opus", "voice": True}),
        meta.message(
            type="document", document={**media, "mime_type": "application/pdf", "filename": "../../x.pdf"}
        ),
        meta.message(type="sticker", sticker={**media, "mime_type": "image/webp", "animated": False}),
        meta.message(type="location", location={"latitude": 4.6, "longitude": -74.1, "name": "Parque"}),
        meta.message(
            type="contacts", contacts=[{"name": {"formatted_name": "Juan"}, "phones": [{"phone": "+57 1"}]}]
        ),
        meta.message(
            type="interactive",
            interactive={"type": "button_reply", "button_reply": {"id": "1", "title": "Sí"}},
        ),
        meta.message(
            type="interactive",
            interactive={
                "type": "list_reply",
                "list_reply": {"id": "2", "title": "Norte", "description": "d"},
            },
        ),
        meta.message(type="button", button={"payload": "p", "text": "Agendar"}),
        meta.message(
            type="order",
            order={
                "catalog_id": "1",
                "product_items": [
                    {"product_retailer_id": "a", "quantity": 1, "item_price": 5, "currency": "COP"}
                ],
            },
        ),
        meta.message(
            type="unsupported",
            errors=[{"code": 131051, "title": "Unsupported"}],
            unsupported={"type": "poll"},
        ),
        meta.message(
            type="system", system={"type": "user_changed_number", "body": "cambió", "wa_id": "573105550143"}
        ),
    ]

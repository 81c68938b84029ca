"""Saved views: kept, shared, changed by their maker alone, and of use when what they name is gone."""

from __future__ import annotations

import pytest

from crm_web.models import InboxView
from tests.inbox.lists import all_names, fill, names


@pytest.fixture
def many(acme, owner):
    fill(owner, acme, 100)
    return acme


def keep(person, query="unanswered=1&sort=waiting", expect=303, **form):
    return person.post(
        "/inbox/views", query=query, expect=expect, **{"name": "Esperan", "icon": "clock", **form}
    )


def test_a_view_opens_as_it_was_kept_and_counts(many, seller, rows):
    answer = keep(seller)
    assert answer.location == "/inbox?unanswered=1&sort=waiting"
    page = seller.get(answer.location).text
    assert '<h1 class="cut">Esperan</h1>' in page
    assert "Vista guardada" in page
    assert rows(InboxView)[0].query == {"unanswered": 1, "sort": "waiting"}
    listed = seller.get("/inbox/list").text.split(">Esperan</span>")[1]
    assert listed.split('pill-quiet">')[1].split("<")[0] == str(
        len(all_names(seller, "unanswered=1&sort=waiting"))
    )


def test_a_private_view_is_nobody_elses(many, seller, seller2, rows):
    keep(seller)
    assert "Esperan" not in seller2.get("/inbox/list").text
    view = rows(InboxView)[0]
    seller2.get(f"/inbox/views/{view.id}/edit", expect=404)
    for action in ("", "/deletion"):
        seller2.post(f"/inbox/views/{view.id}{action}", name="mía", expect=404)
    assert rows(InboxView)[0].name == "Esperan"


def test_a_shared_view_is_everybodys_to_use_and_its_makers_to_change(many, manager, seller, rows):
    keep(manager, is_shared="1")
    page = seller.get("/inbox/list").text
    assert "Esperan" in page
    assert "/edit" not in page
    seller.post(f"/inbox/views/{rows(InboxView)[0].id}", name="mía", expect=404)


def test_sharing_needs_the_permission(many, seller, rows):
    answer = keep(seller, is_shared="1", expect=422)
    assert "No puedes compartir vistas" in answer.text
    assert rows(InboxView) == []


def test_its_maker_names_it_anew_changes_and_deletes_it(many, seller, rows):
    keep(seller)
    view = rows(InboxView)[0]
    seller.get(f"/inbox/views/{view.id}/edit?tab=mine")
    seller.post(f"/inbox/views/{view.id}", name="Otra", icon="bolt", query="tab=mine")
    assert (rows(InboxView)[0].name, rows(InboxView)[0].query) == (
        "Otra",
        {"unanswered": 1, "sort": "waiting"},
    )
    seller.post(f"/inbox/views/{view.id}", name="Otra", icon="bolt", renew="1", query="tab=mine")
    assert rows(InboxView)[0].query == {"tab": "mine"}
    seller.post(f"/inbox/views/{view.id}/deletion", query="tab=mine")
    assert rows(InboxView) == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 41])
def test_a_view_needs_a_name_and_gets_words(many, seller, name, rows):
    assert "nombre" in keep(seller, name=name, expect=422).text.lower()
    assert rows(InboxView) == []


def test_an_icon_nobody_has_becomes_the_usual_one(many, seller, rows):
    keep(seller, icon='"><script>')
    assert rows(InboxView)[0].icon == "filter"


def test_thirty_are_enough(many, seller, rows):
    for number in range(30):
        keep(seller, name=f"Vista {number}")
    assert "30" in keep(seller, expect=422).text
    assert len(rows(InboxView)) == 30


def test_a_view_whose_filter_is_gone_says_so_and_shows_the_rest(many, seller, owner, rows):
    keep(seller, query=f"unanswered=1&channel={many.channel_id}&tag=norte")
    query = "&".join(f"{name}={value}" for name, value in rows(InboxView)[0].query.items())
    with owner.begin() as connection:
        connection.exec_driver_sql("DELETE FROM conversation_tags")
        connection.exec_driver_sql("UPDATE channels SET deleted_at = now()")
    page = seller.get(f"/inbox/list?{query}").text
    assert page.count("(ya no existe)") == 2
    assert names(page) == all_names(seller, "unanswered=1")[:30]
    assert '<h1 class="cut">Esperan</h1>' in page


def test_a_view_from_another_time_never_breaks_the_list(many, seller, owner):
    keep(seller)
    with owner.begin() as connection:
        connection.exec_driver_sql(
            """UPDATE inbox_views SET query = '{"sort": "size", "status": ["zombie", 3], "tab": null, "x": {"y": 1}}'"""
        )
    assert "Esperan" in seller.get("/inbox/list").text


def test_rival_finds_no_view(many, seller, rival, rows):
    keep(seller)
    view = rows(InboxView)[0]
    rival.get(f"/inbox/views/{view.id}/edit", expect=404)
    for action in ("", "/deletion"):
        rival.post(f"/inbox/views/{view.id}{action}", name="mía", expect=404)
    assert "Esperan" not in rival.get("/inbox/list").text

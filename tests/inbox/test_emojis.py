"""The emoji to choose from, in the reader's language, kept by the browser."""

from __future__ import annotations

import emoji
import pytest

from crm_web.inbox.emojis import LANGUAGES, list_groups


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_has_a_name_and_stands_once(language):
    found = [one for group in list_groups(language) for one in group.emojis]
    assert len({one.sign for one in found}) == len(found) > 500
    assert all(one.name and emoji.is_emoji(one.sign) for one in found)


def test_they_are_named_as_the_reader_speaks(seller, auditor):
    auditor.post("/me/preferences", locale="pt")
    assert 'aria-label="casa con jardín"' in seller.get("/inbox/emojis").text
    assert 'aria-label="casa com jardim"' in auditor.get("/inbox/emojis").text


def test_a_browser_that_has_them_gets_nothing_again(seller):
    first = seller.get("/inbox/emojis")
    assert "max-age=604800" in first.headers["Cache-Control"]
    again = seller.get("/inbox/emojis", expect=304, headers={"If-None-Match": first.headers["ETag"]})
    assert again.data == b""

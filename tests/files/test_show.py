"""Files as browsers get them: shown when nothing in them can run, downloaded otherwise, in parts if they ask so."""

from __future__ import annotations

import hashlib

import pytest

from crm_web.core.db import db, new_id
from crm_web.core.tenancy import as_tenant
from crm_web.files import storage
from crm_web.models import File
from tests.cast import Person
from tests.files import corpus

DAY_AND_MORE = "private, max-age=31536000, immutable"
SHOWN = ["image/jpeg", "image/png", "image/webp", "image/gif", "audio/ogg", "video/mp4", "application/pdf"]
SAVED = [
    "text/plain",
    "text/html",
    "image/svg+xml",
    "application/octet-stream",
    "application/zip",
    "image/heic",
]


@pytest.fixture
def kept(acme, clean):
    """A file of Acme's that is here, with this content and whatever else is said of it."""

    def keep(content: bytes = b"0123456789", **given) -> File:
        file_id = new_id()
        given = {
            "kind": "document",
            "name": "cédula de Ana.pdf",
            "mime": "application/pdf",
            "state": "ready",
            **given,
        }
        file = File(
            id=file_id, tenant_id=acme.id, size=len(content), sha256=hashlib.sha256(content).hexdigest(),
            key=f"{acme.id}/uploads/{file_id}", **given,
        )  # fmt: skip
        storage.write(file.key, content, file.mime)
        with as_tenant(acme.id):
            db.session.add(file)
            db.session.commit()
            db.session.refresh(file)
            db.session.expunge(file)
            db.session.rollback()
        return file

    return keep


def url(file: File, more: str = "") -> str:
    return f"/files/{file.id}{more}"


def test_a_seller_sees_it(seller, kept):
    file = kept()
    answer = seller.get(url(file))
    assert answer.data == b"0123456789"
    assert (answer.mimetype, answer.content_length) == ("application/pdf", 10)
    assert answer.headers["Cache-Control"] == DAY_AND_MORE
    assert answer.headers["ETag"] == f'"{file.sha256}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_its_name_survives_accents(seller, kept):
    disposition = seller.get(url(kept())).headers["Content-Disposition"]
    assert disposition.startswith("inline;")
    assert 'filename="cedula de Ana.pdf"' in disposition
    assert "filename*=UTF-8''c%C3%A9dula%20de%20Ana.pdf" in disposition


def test_without_a_name_it_is_called_after_what_it_is(seller, kept):
    disposition = seller.get(url(kept(name="", mime="image/jpeg", kind="image"))).headers[
        "Content-Disposition"
    ]
    assert "image-20" in disposition
    assert ".jpg" in disposition


@pytest.mark.parametrize("mime", SHOWN)
def test_what_cannot_run_is_shown(seller, kept, mime):
    assert seller.get(url(kept(mime=mime))).headers["Content-Disposition"].startswith("inline")


@pytest.mark.parametrize(
    "mime, sandboxed",
    [("image/jpeg", True), ("application/pdf", True), ("text/html", True), ("audio/ogg", False)],
)
def test_nothing_of_ours_can_be_reached_from_it(seller, kept, mime, sandboxed):
    policy = seller.get(url(kept(mime=mime))).headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert ("sandbox" in policy) is sandboxed


@pytest.mark.parametrize("mime", SAVED)
def test_everything_else_is_saved(seller, kept, mime):
    answer = seller.get(url(kept(mime=mime)))
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_saving_needs_a_permission(seller, auditor, kept):
    file, text = kept(), kept(mime="text/plain")
    assert seller.get(url(file, "?download=1")).headers["Content-Disposition"].startswith("attachment")
    assert auditor.get(url(file)).status_code == 200
    auditor.get(url(file, "?download=1"), expect=403)
    auditor.get(url(text), expect=403)


def test_rival_and_strangers_find_nothing(rival, anonymous, kept):
    file = kept()
    for more in ("", "?download=1", "/thumbnail"):
        rival.get(url(file, more), expect=404)
        anonymous.get(url(file, more), expect=302)


@pytest.mark.parametrize("state", ["pending", "refused", "failed"])
def test_what_is_not_here_is_not_found(seller, kept, state):
    file = kept(state=state)
    for more in ("", "/thumbnail"):
        seller.get(url(file, more), expect=404)


def test_what_the_store_has_lost_is_not_found(seller, kept):
    file = kept()
    storage.delete(file.key)
    seller.get(url(file), expect=404)


@pytest.mark.parametrize(
    "asked, part, content_range",
    [
        ("bytes=2-4", b"234", "bytes 2-4/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-2", b"89", "bytes 8-9/10"),
        ("bytes=0-999", b"0123456789", "bytes 0-9/10"),
    ],
)
def test_a_part_of_it(seller, kept, asked, part, content_range):
    answer = seller.get(url(kept(mime="video/mp4")), headers={"Range": asked}, expect=206)
    assert (answer.data, answer.headers["Content-Range"]) == (part, content_range)
    assert answer.content_length == len(part)
    assert answer.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize("asked", ["bytes=0-1,4-5", "lines=1-2", "bytes=x"])
def test_a_part_we_do_not_understand_is_the_whole(seller, kept, asked):
    assert seller.get(url(kept()), headers={"Range": asked}).data == b"0123456789"


def test_a_part_that_does_not_exist(seller, kept):
    answer = seller.get(url(kept()), headers={"Range": "bytes=10-"}, expect=416)
    assert answer.headers["Content-Range"] == "bytes */10"


def test_a_part_of_another_version_is_the_whole(seller, kept):
    file = kept()
    for etag, status in ((f'"{file.sha256}"', 206), ('"of yesterday"', 200)):
        seller.get(url(file), headers={"Range": "bytes=2-4", "If-Range": etag}, expect=status)


def test_what_the_browser_has_is_not_sent_again(seller, kept, only):
    file = kept()
    answer = seller.get(url(file), headers={"If-None-Match": f'"{file.sha256}"'}, expect=304)
    assert answer.data == b""
    assert answer.headers["ETag"] == f'"{file.sha256}"'
    assert only(File).access_count == 0


def test_head_tells_without_sending(seller, kept, only):
    answer = seller.open(url(kept()), method="HEAD")
    assert (answer.status_code, answer.content_length, answer.data) == (200, 10, b"")
    assert only(File).access_count == 0


def test_looks_at_the_original_are_counted_once_each(seller, kept, only):
    file = kept(mime="video/mp4")
    for asked in ("bytes=0-", "bytes=4-", "bytes=8-"):
        seller.get(url(file), headers={"Range": asked}, expect=206)
    seller.get(url(file, "/thumbnail"), expect=404)
    counted = only(File)
    assert counted.access_count == 1
    assert counted.last_accessed_at is not None


def test_the_small_copy_is_webp_and_not_counted(seller, kept, only):
    file = kept(corpus.picture(), mime="image/jpeg", kind="image", thumbnail_key="small/copy")
    storage.write("small/copy", b"webp bytes", "image/webp")
    answer = seller.get(url(file, "/thumbnail"))
    assert (answer.data, answer.mimetype, answer.headers["Cache-Control"]) == (
        b"webp bytes",
        "image/webp",
        DAY_AND_MORE,
    )
    assert only(File).access_count == 0


def test_a_picture_without_a_small_copy_is_shown_whole(seller, kept):
    assert (
        seller.get(url(kept(corpus.picture(), mime="image/jpeg", kind="image"), "/thumbnail")).data
        == corpus.picture()
    )


def test_a_large_file_comes_in_pieces(app, seller, kept):
    content = bytes(range(256)) * 8192
    answer = seller.open(url(kept(content, mime="video/mp4")), method="GET", buffered=False)
    pieces = list(answer.response)
    assert b"".join(pieces) == content
    assert len(pieces) > 1


def test_the_person_is_asked_each_time(app, kept, seller):
    file = kept()
    seller.post("/logout")
    Person.get(seller, url(file), expect=302)

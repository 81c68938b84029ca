"""What customers send is brought here, checked, and shown; what cannot be is said so."""

from __future__ import annotations

import base64
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from crm_web.channels import providers
from crm_web.channels.normal import ProviderError
from crm_web.core import jobs
from crm_web.core.clock import now
from crm_web.core.db import db, new_id
from crm_web.core.tenancy import as_tenant
from crm_web.files import check, fetch, storage
from crm_web.files.fetch import KEPT_BY_PROVIDER, PAUSES, next_try
from crm_web.models import Channel, Conversation, File, Message
from tests.files import corpus


class Provider:
    """Gives `content` for whatever is asked, or raises `error`; remembers what it was asked."""

    def __init__(self) -> None:
        self.content, self.error, self.size, self.asked = corpus.picture(), None, None, []
        self.meanwhile = lambda: None

    def media_meta(self, media_id, token, account_id):
        self.asked.append((media_id, token, account_id))
        return {"url": "https://lookaside.test/x", "file_size": self.size or len(self.content)}

    def download(self, url, token, sink, max_bytes):
        self.meanwhile()
        if self.error:
            raise self.error
        sink.write(self.content)
        return "image/jpeg", len(self.content)


@pytest.fixture
def provider(monkeypatch):
    fake = Provider()
    monkeypatch.setattr(providers, "adapter_for", lambda name: type("Adapter", (), {"client": fake}))
    return fake


@pytest.fixture
def expected(acme, clean, owner):
    """A file of Acme's that is due to be fetched."""

    def expect(**given) -> File:
        given = {
            "kind": "image",
            "mime": "image/jpeg",
            "channel_id": acme.channel_id,
            "provider_id": "media-1",
            **given,
        }
        with as_tenant(acme.id):
            file = File(id=new_id(), tenant_id=acme.id, state="pending", fetch_after=now(), **given)
            db.session.add(file)
            db.session.commit()
            db.session.expunge_all()
            db.session.rollback()
        return file

    return expect


def drain() -> int:
    return jobs.drain_all("files.media")


def make_due(owner) -> None:
    with owner.begin() as connection:
        connection.execute(sa.text("UPDATE files SET fetch_after = now() WHERE state = 'pending'"))


def test_a_picture_from_a_telephone_is_there_with_its_small_copy(telephone, seller, only, rows):
    telephone.says(
        "Mira", bytes=base64.b64encode(corpus.sideways_jpeg((1200, 800))).decode(), mime_type="image/jpeg"
    )
    file = only(File)
    assert (file.state, file.kind, file.width, file.height) == ("ready", "image", 800, 1200)
    assert file.key == f"{file.tenant_id}/clients/{file.lead_id}/media/images/{file.id}.jpg"
    assert seller.get(f"/files/{file.id}").data == corpus.sideways_jpeg((1200, 800))
    assert seller.get(f"/files/{file.id}/thumbnail").mimetype == "image/webp"
    assert rows(Message)[-1].file_id == file.id


def test_the_message_counts_as_changed_when_its_file_arrives(telephone, only, rows):
    telephone.says("Mira", bytes=base64.b64encode(corpus.picture()).decode(), mime_type="image/jpeg")
    assert rows(Message)[-1].version == only(Conversation).version > 1
    assert not only(File).has_news


def test_the_provider_is_asked_with_the_channels_own_token(provider, expected, acme, only):
    expected()
    assert drain() == 1
    assert provider.asked == [("media-1", "test-token-100000000000001", "100000000000001")]
    assert (only(File).state, only(File).fetch_after, only(File).attempts) == ("ready", None, 1)


def test_nothing_is_locked_while_it_downloads(provider, expected, owner):
    expected()

    def look() -> None:
        with owner.begin() as connection:
            connection.execute(sa.text("SET LOCAL lock_timeout = '1s'"))
            connection.execute(sa.text("SELECT id FROM files FOR UPDATE"))

    provider.meanwhile = look
    assert drain() == 1


def test_a_leased_file_is_nobody_elses(provider, expected, owner):
    expected()
    seen = []

    def look() -> None:
        with owner.connect() as connection:
            seen.append(connection.scalar(sa.text("SELECT fetch_after FROM files")))

    provider.meanwhile = look
    drain()
    assert seen[0] > now() + timedelta(minutes=2)


def test_four_come_at_once(provider, expected, rows):
    for _ in range(6):
        expected()
    together = threading.Barrier(2, timeout=5)
    provider.meanwhile = together.wait
    assert drain() == 6
    assert {file.state for file in rows(File)} == {"ready"}


def trouble(reaction: str, **more) -> ProviderError:
    return ProviderError("trouble", reaction=reaction, sentence="El proveedor no responde.", **more)


def test_trouble_is_tried_five_times_and_then_said(provider, expected, owner, only):
    expected()
    provider.error = trouble("retry")
    for attempt in range(1, 5):
        assert drain() == 1
        assert (only(File).state, only(File).attempts) == ("pending", attempt)
        make_due(owner)
    drain()
    assert (only(File).state, only(File).reason) == ("failed", "El proveedor no responde.")
    assert only(File).has_news


def test_it_comes_when_the_trouble_is_over(provider, expected, owner, only):
    expected()
    provider.error = trouble("retry")
    drain()
    provider.error = None
    make_due(owner)
    drain()
    assert only(File).state == "ready"


def test_a_final_refusal_of_the_provider_ends_it(provider, expected, only):
    expected()
    provider.error = trouble("permanent")
    drain()
    assert (only(File).state, only(File).attempts) == ("failed", 1)


@pytest.mark.parametrize(
    "reaction, attempts, age, pause",
    [
        ("retry", 1, timedelta(0), PAUSES[0]),
        ("retry", 2, timedelta(0), PAUSES[1]),
        ("retry", 4, timedelta(0), PAUSES[3]),
        ("retry", 5, timedelta(0), None),
        ("unknown", 1, timedelta(0), PAUSES[0]),
        ("permanent", 1, timedelta(0), None),
        ("channel_broken", 40, timedelta(days=6), PAUSES[3]),
        ("channel_broken", 40, KEPT_BY_PROVIDER, None),
    ],
)
def test_when_to_try_again(reaction, attempts, age, pause):
    assert next_try(trouble(reaction), attempts, age) == pause


def test_the_providers_own_pause_is_kept():
    assert next_try(trouble("retry", retry_after=90), 1, timedelta(0)) == timedelta(seconds=90)


def test_our_own_mistake_is_tried_again(provider, expected, only):
    expected()
    provider.error = OSError("the disk is full")
    drain()
    assert only(File).state == "pending"


@pytest.mark.parametrize("content", [b"", corpus.HTML, corpus.pixel_bomb()], ids=["empty", "page", "bomb"])
def test_what_is_not_accepted_says_why(provider, expected, only, content):
    expected()
    provider.content = content
    drain()
    file = only(File)
    assert file.state == "refused"
    assert file.reason
    assert file.key is None
    assert file.has_news


def test_a_claim_of_four_gigabytes_is_not_even_asked_for(provider, expected, only):
    expected()
    provider.size = 4 * 1024**3
    provider.meanwhile = lambda: pytest.fail("downloaded")
    drain()
    assert (only(File).state, only(File).reason) == ("refused", check.TOO_LARGE)


def test_without_its_channel_a_file_is_not_expected_any_more(provider, expected, acme, only):
    expected()
    with as_tenant(acme.id):
        db.session.get_one(Channel, acme.channel_id).credentials = None
        db.session.commit()
    drain()
    assert (only(File).state, provider.asked) == ("failed", [])


def test_a_late_result_does_not_overwrite_a_newer_attempt(provider, expected, owner, only):
    expected()

    def take_over() -> None:
        with owner.begin() as connection:
            connection.execute(sa.text("UPDATE files SET attempts = attempts + 1"))

    provider.meanwhile = take_over
    drain()
    assert only(File).state == "pending"


def test_who_dies_with_a_lease_loses_nothing(provider, expected, owner, only):
    expected()
    orders = fetch.claim(4)
    assert [order.attempts for order in orders] == [1]
    assert drain() == 0
    make_due(owner)
    assert drain() == 1
    assert only(File).state == "ready"


def test_each_tenant_gets_its_own(provider, expected, rival_house, only):
    expected()
    with as_tenant(rival_house.id):
        theirs = File(
            id=new_id(), tenant_id=rival_house.id, channel_id=rival_house.channel_id, kind="image", state="pending",
            fetch_after=now(), provider_id="media-2",
        )  # fmt: skip
        db.session.add(theirs)
        db.session.commit()
        theirs_id = theirs.id
    assert drain() == 2
    assert {asked[1] for asked in provider.asked} == {
        "test-token-100000000000001",
        "test-token-100000000000002",
    }
    with as_tenant(rival_house.id):
        key = db.session.get_one(File, theirs_id).key
    assert key.startswith(str(rival_house.id))
    assert storage.exists(key)

"""Somebody of the team attaches a file: it is kept, shown and sent."""

from __future__ import annotations

import io
import uuid

import pytest
import sqlalchemy as sa
from werkzeug.datastructures import FileStorage

from crm_web.core.db import db
from crm_web.files import storage
from crm_web.files.check import Refused
from crm_web.files.operations import store_upload
from crm_web.leads.models import Lead
from crm_web.models import Conversation, File, Message
from crm_web.team.models import User
from tests.files import corpus


@pytest.fixture
def upload(inside, conversation):
    """Keep a file for Ana's lead, as the seller."""
    by = db.session.scalars(sa.select(User).where(User.email == "seller@acme.test")).one()

    def store(
        content: bytes, name: str = "casa.jpg", mime: str = "image/jpeg", lead_id=conversation.lead_id
    ) -> File:
        return store_upload(FileStorage(io.BytesIO(content), name, content_type=mime), lead_id=lead_id, by=by)

    return store


def test_it_is_ready_at_once(upload, inside, conversation):
    content = corpus.sideways_jpeg((1200, 800))
    file = upload(content)
    assert (file.state, file.kind, file.mime, file.size) == ("ready", "image", "image/jpeg", len(content))
    assert (file.width, file.height, file.name) == (800, 1200, "casa.jpg")
    assert file.key == f"{inside.id}/clients/{conversation.lead_id}/media/images/{file.id}.jpg"
    assert storage.read(file.key) == content
    assert storage.exists(file.thumbnail_key)
    assert file.thumbnail_key.endswith(".640.webp")


def test_without_a_lead_it_waits_under_uploads(upload, inside):
    file = upload(corpus.PDF, "lista.pdf", "application/pdf", lead_id=None)
    assert file.key == f"{inside.id}/uploads/{file.id}.pdf"
    assert file.thumbnail_key is None


def test_the_same_content_lies_there_once(upload):
    first, second = upload(corpus.picture(), "a.jpg"), upload(corpus.picture(), "b.jpg")
    assert (first.key, first.thumbnail_key) == (second.key, second.thumbnail_key)
    assert (first.name, second.name) == ("a.jpg", "b.jpg")


def test_but_never_for_two_leads(upload, inside):
    other = Lead(tenant_id=inside.id, first_name="Otra")
    db.session.add(other)
    db.session.flush()
    assert upload(corpus.picture()).key != upload(corpus.picture(), lead_id=other.id).key
    assert upload(corpus.picture()).key != upload(corpus.picture(), lead_id=None).key


def test_a_damaged_picture_has_no_small_copy(upload):
    assert upload(corpus.picture(size=(2000, 1500))[:-400]).thumbnail_key is None


def test_what_is_refused_leaves_nothing(upload, inside):
    with pytest.raises(Refused):
        upload(corpus.HTML, "foto.jpg")
    assert db.session.scalars(sa.select(File)).all() == []


def attach(person, conversation, content: bytes, name: str, mime: str, expect: int):
    return person.post(
        f"/inbox/{conversation.id}/messages", expect=expect, fragment=True, client_id=str(uuid.uuid4()),
        body="", file=(io.BytesIO(content), name, mime),
    )  # fmt: skip


def test_over_http_it_becomes_a_message_that_the_customer_receives(seller, telephone, only, rows):
    telephone.says("Hola, ¿me mandas una foto?")
    attach(seller, only(Conversation), corpus.picture(), "../../casa.jpg", "image/jpeg", 201)
    telephone.settle()
    assert telephone.last()["type"] == "image"
    assert only(File).name == "casa.jpg"


def test_over_http_a_refusal_says_why_and_writes_nothing(seller, conversation, rows):
    answer = attach(seller, conversation, corpus.SVG, "logo.svg", "image/svg+xml", 422)
    assert "SVG" in answer.text
    assert rows(File) == []
    assert len(rows(Message)) == 1

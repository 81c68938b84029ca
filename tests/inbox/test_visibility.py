"""A seller who may see only their own conversations finds nothing of the others'."""

from __future__ import annotations

import base64

from crm_web.models import Conversation, File
from tests.inbox.test_media import picture


def test_others_conversations_are_not_found(narrow, seller, conversation):
    assert "Ana" in seller.get("/inbox").text
    narrow("seller@acme.test")
    assert "Ana" not in seller.get("/inbox").text
    for url in ("", "/thread", "/head", "/customer", "/composer", "/messages?since=0"):
        seller.get(f"/inbox/{conversation.id}{url}", expect=404)


def test_nothing_can_be_done_with_them(narrow, seller, conversation, only):
    narrow("seller@acme.test")
    for verb in ("messages", "assignment", "closure", "reopening", "reading"):
        seller.post(f"/inbox/{conversation.id}/{verb}", body="Hola", reason="resolved", expect=404)
    assert only(Conversation).version == conversation.version


def test_ones_own_is_open(narrow, seller, boss, conversation, id_of):
    narrow("seller@acme.test")
    boss.post(f"/inbox/{conversation.id}/assignment", user_id=id_of("seller@acme.test"))
    assert "Ana" in seller.get(f"/inbox/{conversation.id}").text


def test_a_file_is_seen_by_whoever_sees_its_conversation(narrow, seller, boss, telephone, only, id_of):
    telephone.says("", type="image", bytes=base64.b64encode(picture()).decode(), mime_type="image/jpeg")
    narrow("seller@acme.test")
    seller.get(f"/files/{only(File).id}", expect=404)
    boss.post(f"/inbox/{only(Conversation).id}/assignment", user_id=id_of("seller@acme.test"))
    seller.get(f"/files/{only(File).id}")

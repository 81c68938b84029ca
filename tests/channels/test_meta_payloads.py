"""Every payload of the corpus, and what it means. A payload without an expectation fails the last test."""

import json
from pathlib import Path

import pytest

from crm_web.channels.adapters.meta.normalise import normalise
from crm_web.channels.adapters.meta.split import read_body, split
from crm_web.channels.normal import Author, InboundMessage
from tests.channels.meta_expected import ACME, ANA, AT, EXPECTED, OURS, THEIRS

CORPUS = Path(__file__).parents[1] / "payloads" / "meta"


def items_of(name):
    raw = split(read_body((CORPUS / f"{name}.json").read_bytes()))
    return [item for one in raw for item in normalise(one.kind, one.payload)]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_payload_means_what_it_should(name):
    items = items_of(name)
    assert [type(item) for item in items] == [kind for kind, _ in EXPECTED[name]]
    for item, (_, fields) in zip(items, EXPECTED[name], strict=True):
        assert {field: getattr(item, field) for field in fields} == fields


def test_an_edit_carries_the_whole_new_version():
    (edit,) = items_of("message_edit")
    assert edit.message.external_id == edit.target == THEIRS + "TEXT01"
    assert edit.message.body == "Hola, ¿el apartamento de Usaquén sigue disponible?"
    assert (edit.message.reply_to, edit.message.author, edit.message.occurred_at) == (OURS, ANA, AT)
    (edit,) = items_of("message_edit_caption")
    assert (edit.message.kind, edit.message.body) == ("image", "La fachada nueva")


def test_an_echo_is_the_businesss_own_message():
    first, second, *_ = items_of("echoes")
    assert first.message.author == Author(phone="573000000001")
    assert (first.message.body, first.message.external_id) == ("Le escribo desde el celular", "wamid.ECHO1")
    assert second.message.media.provider_id == "77"


def test_an_arrival_from_an_ad_keeps_where_it_came_from():
    (message,) = items_of("referral_ad")
    assert message.referral["source_type"] == "ad"
    assert message.referral["ctwa_clid"] == "Aff-n8ZTODiE79d22KtAwQKj9e_mIEOOj27"
    (post,) = items_of("referral_post")
    assert post.referral["source_id"] == "998877"
    assert items_of("message_text")[0].referral is None


def test_a_status_keeps_what_it_cost():
    (status,) = items_of("status_sent")
    assert status.pricing == {
        "billable": True,
        "pricing_model": "PMP",
        "type": "regular",
        "category": "marketing",
    }
    assert status.conversation["origin"] == {"type": "referral_conversion"}


def test_a_code_written_as_text_is_still_an_opt_out():
    (status,) = items_of("status_failed_optout")
    assert (status.error["code"], status.error["reaction"]) == (131050, "permanent")


def test_the_order_and_the_cards_are_kept_whole():
    (order,) = items_of("message_order")
    assert order.payload["product_items"][0]["item_price"] == 320000000
    (cards,) = items_of("message_contacts")
    assert [len(card.get("phones", [])) for card in cards.payload["contacts"]] == [1, 1]
    (answer,) = items_of("message_contacts_requested")
    assert answer.payload["origin"] == "contact_request"


def test_an_unsupported_message_says_what_it_was():
    (poll,) = items_of("message_unsupported")
    assert (poll.payload["type"], poll.payload["errors"][0]["code"]) == ("poll", 131051)
    (answer,) = items_of("message_interactive_missing")
    assert (answer.payload["type"], answer.payload["errors"][0]["code"]) == ("interactive", 131000)


def test_spellings_of_templates_and_limits_are_made_one():
    (rejected,) = items_of("field_template_rejected")
    assert rejected.payload["message_template_language"] == "es_MX"
    assert rejected.payload["message_template_id"] == "594425479261596"
    limits = [
        items_of(f"field_capability_{way}")[0].payload["max_daily_conversations_per_business"]
        for way in ("text", "number", "unlimited", "unknown")
    ]
    assert limits == [2000, 2000, -1, "TIER_GALACTIC"]


def test_a_call_says_how_it_ended():
    connect, end = items_of("calls_by_customer")
    assert connect.payload["id"] == end.payload["id"] == "wacid.HBgC1"
    assert (end.payload["status"], end.payload["duration"]) == ("COMPLETED", 90)


def test_the_mixed_batch_gives_everybody_their_own():
    raw = split(json.loads((CORPUS / "batch_mixed.json").read_text()))
    kinds = [item.kind for item in raw]
    assert kinds == [
        "message",
        "message",
        "status",
        "status",
        "status",
        "message",
        "message",
        "account",
        "account",
    ]
    assert [item.account for item in raw if item.kind == "message"] == [ACME, ACME, ACME, "100000000000002"]
    names = [item.author.name for item in items_of("batch_mixed") if isinstance(item, InboundMessage)]
    assert names == ["Ana María Restrepo", "Beto", None, "Carla"]


def test_every_payload_is_expected_here_or_broken():
    names = {path.stem for path in CORPUS.glob("*.json")}
    assert {name for name in names if not name.startswith(("broken_", "batch_"))} == EXPECTED.keys()

"""A request is cut into items: nothing lost, nothing mixed up, never an exception."""

import copy
import json
import random
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_web.channels.adapters.meta import normalise as meaning
from crm_web.channels.adapters.meta.normalise import normalise
from crm_web.channels.adapters.meta.split import read_body, split
from crm_web.channels.adapters.meta.values import MAX_DEPTH
from crm_web.channels.normal import InboundMessage

calm = settings(deadline=None)  # a busy machine is not a failure
CORPUS = sorted((Path(__file__).parents[1] / "payloads" / "meta").glob("*.json"))
BODIES = {path.stem: json.loads(path.read_text()) for path in CORPUS}
ACME, WABA = "100000000000001", "200000000000001"
WORDS = [
    "entry",
    "changes",
    "field",
    "value",
    "messages",
    "statuses",
    "errors",
    "contacts",
    "metadata",
    "phone_number_id",
    "id",
    "type",
    "text",
    "body",
    "timestamp",
    "from",
    "from_user_id",
    "wa_id",
    "user_id",
    "profile",
    "name",
    "interactive",
    "context",
    "reaction",
    "edit",
    "system",
    "calls",
    "message_echoes",
    "status",
    "recipient_id",
    "user_preferences",
    "image",
    "location",
    "whatsapp_business_account",
]
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.sampled_from(WORDS)
)
names = st.sampled_from(WORDS) | st.text(st.characters())
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=5),
    max_leaves=25,
)


def body(*changes, waba=WABA, **entry):
    return {"object": "whatsapp_business_account", "entry": [{"id": waba, "changes": list(changes), **entry}]}


def messages(*items, **value):
    metadata = {"phone_number_id": ACME, "display_phone_number": "573000000001"}
    return {"field": "messages", "value": {"metadata": metadata, "messages": list(items), **value}}


def text(key, **more):
    return {"id": key, "type": "text", "text": {"body": "hola"}, "from": "573105550142", **more}


def keys(items):
    return [(item.kind, item.account, item.external_id) for item in items]


def understood(tree):
    """Split, normalise, and write down, as the product does."""
    items = split(tree)
    for item in items:
        json.dumps(item.payload)
        assert (item.account_kind == "none") == (item.account == "")
        storable([item.account, item.external_id, item.payload["field"]])
        storable([asdict(fact) for fact in normalise(item.kind, item.payload)])
    return items


def storable(value):
    """PostgreSQL takes no NUL, no half characters and no NaN."""
    written = json.dumps(value, default=str, ensure_ascii=False, allow_nan=False)
    assert "\\u0000" not in written.replace("\\\\", "")
    written.encode()


@calm
@given(anything)
def test_no_json_at_all_breaks_it(tree):
    understood(tree)


@calm
@given(anything)
def test_no_value_breaks_it(value):
    understood(body({"field": "messages", "value": value}))


@calm
@given(st.sampled_from(["message", "status", "echo", "error", "account", "unknown", "?"]), anything, anything)
def test_no_item_breaks_the_meaning(kind, item, field):
    payload = {"field": field, "item": item, "contact": item, "metadata": item, "waba": field, "time": item}
    storable([asdict(fact) for tree in (item, payload) for fact in normalise(kind, tree)])


@settings(calm, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(BODIES)), st.integers(0, 10**6), anything)
def test_no_damage_to_a_real_payload_breaks_it(name, seed, foreign):
    understood(damaged(BODIES[name], random.Random(seed), foreign))


def damaged(tree, chance, foreign):
    """The payload with one of its parts replaced by something else."""
    tree = copy.deepcopy(tree)
    places = [(tree, key) for key in tree]
    for holder, key in places:
        inner = holder[key]
        places += (
            [(inner, k) for k in (inner if isinstance(inner, dict) else range(len(inner)))]
            if isinstance(inner, dict | list)
            else []
        )
    holder, key = chance.choice(places)
    holder[key] = foreign
    return tree


@calm
@given(st.lists(anything, max_size=5), st.lists(anything, max_size=5))
def test_siblings_survive_any_neighbour(before, after):
    items = split(body(*before, messages(*before, text("wamid.good"), *after, statuses=before), *after))
    assert ("message", ACME, "wamid.good") in keys(items)


@calm
@given(st.lists(st.sampled_from(sorted(BODIES)), min_size=1, max_size=4))
def test_a_batch_is_the_sum_of_its_parts(names):
    bodies = [BODIES[name] for name in names if isinstance(BODIES[name].get("entry"), list)]
    bodies = [one for one in bodies if one.get("object") == "whatsapp_business_account"]
    batch = {
        "object": "whatsapp_business_account",
        "entry": [entry for one in bodies for entry in one["entry"]],
    }
    assert split(batch) == [item for one in bodies for item in split(one)]


@pytest.mark.parametrize("name", BODIES)
def test_a_redelivery_has_the_same_keys(name):
    shuffled = json.loads(json.dumps(BODIES[name], sort_keys=True))
    assert sorted(keys(split(shuffled))) == sorted(keys(split(BODIES[name])))


@pytest.mark.parametrize("name", BODIES)
def test_each_item_can_be_understood_alone_and_from_storage(name):
    for item in split(BODIES[name]):
        stored = json.loads(json.dumps(item.payload))
        assert normalise(item.kind, stored) == normalise(item.kind, item.payload)
        assert stored.keys() >= {"field", "item", "contact", "metadata", "waba"}


def test_an_item_brings_only_its_own_contact():
    first, second, third = split(BODIES["person_two_contacts"])
    assert first.payload["contact"]["profile"]["name"] == "Ana"
    assert second.payload["contact"]["profile"]["name"] == "Beto"
    assert third.payload["contact"] is None


def test_a_lone_contact_of_somebody_else_is_not_taken():
    contacts = [{"wa_id": "573115550199", "user_id": "CO.2", "profile": {"name": "Beto"}}]
    (item,) = split(body(messages(text("wamid.1", from_user_id="CO.1"), contacts=contacts)))
    assert item.payload["contact"] is None
    (item,) = split(body(messages(text("wamid.1"), contacts=[{"wa_id": "573115550199"}])))
    assert item.payload["contact"] is None


def test_a_lone_contact_in_another_spelling_is_taken():
    message = text("wamid.1") | {"from": "553187654321"}
    (item,) = split(body(messages(message, contacts=[{"wa_id": "5531987654321"}])))
    assert item.payload["contact"] == {"wa_id": "5531987654321"}


def test_statuses_are_one_fact_per_message_state_and_participant():
    assert [item.external_id for item in split(BODIES["status_group"])] == [
        "wamid.OUTG1:read:CO.1",
        "wamid.OUTG1:read:CO.2",
    ]
    assert [item.external_id for item in split(BODIES["status_read"])] == ["wamid.OUTS1:read"]


def test_account_news_are_told_apart_by_time():
    change = {"field": "account_update", "value": {"event": "PARTNER_ADDED"}}
    first, again, later = (split(body(change, time=time))[0].external_id for time in (1, 1, 2))
    assert first == again != later


def test_the_account_is_the_number_then_the_waba_then_the_shown_number():
    told = {name: split(BODIES[name])[0] for name in BODIES}
    found = {
        name: (told[name].account, told[name].account_kind)
        for name in ("message_text", "field_security", "broken_display_phone_only", "broken_without_account")
    }
    assert found == {
        "message_text": (ACME, "phone"),
        "field_security": (WABA, "waba"),
        "broken_display_phone_only": ("573000000001", "display_phone"),
        "broken_without_account": ("", "none"),
    }


def test_what_has_no_id_is_kept_beside_its_siblings():
    items = split(BODIES["broken_siblings"])
    assert [item.kind for item in items] == ["unknown"] * 3 + ["message"] + ["unknown"] * 2
    assert [item.payload["item"] for item in items[:2]] == [None, "hola"]
    assert items[2].payload["item"]["text"] == {"body": "sin id"}


def test_odd_shapes_are_kept_whole():
    (item,) = split(BODIES["broken_entry_is_text"])
    assert item.payload["item"] == BODIES["broken_entry_is_text"]
    beside = split(BODIES["broken_unknown_beside"])[1]
    assert (beside.kind, beside.payload["item"]) == ("unknown", {"surprise": [{"x": 1}]})
    status, lost = split(BODIES["broken_messages_is_object"])
    assert (status.kind, lost.payload["item"]) == ("status", {"messages": {"id": "x"}})
    assert split(BODIES["broken_empty_value"])[0].payload["item"]["messaging_product"] == "whatsapp"


def test_broken_content_still_shows_that_somebody_wrote():
    facts = [fact for item in split(BODIES["broken_content"]) for fact in normalise(item.kind, item.payload)]
    assert len(facts) == 8
    assert all(isinstance(fact, InboundMessage) for fact in facts)
    assert [fact.kind for fact in facts] == ["unsupported"] * 3 + ["contacts"] + ["unsupported"] * 4


def test_an_endless_or_unprintable_id_becomes_a_short_key():
    items = split(body(messages(text("w" * 5000), text("wamid\x00"), text(12345))))
    assert [item.external_id[:7] for item in items] == ["sha256:", "sha256:", "12345"]
    assert len(items[0].external_id) < 100
    facts = [normalise(item.kind, item.payload)[0] for item in items]
    assert facts[0].external_id == items[0].external_id


def test_other_products_of_meta_are_not_taken_for_messages():
    (item,) = split(BODIES["broken_other_product"])
    assert (item.kind, item.account) == ("unknown", "444")
    assert item.payload["item"]["changes"][0]["field"] == "leadgen"


def test_the_body_is_read_without_numbers_that_cannot_be_stored():
    read = read_body(b'{"a": NaN, "b": [Infinity, -1e999, 1.5]}')
    assert read == {"a": None, "b": [None, None, 1.5]}


def test_a_bottomless_body_is_cut():
    deep = b'{"entry": ' + b"[" * 300 + b"]" * 300 + b', "object": "x"}'
    (item,) = split(read_body(deep))
    assert json.dumps(item.payload).count("[") <= MAX_DEPTH + 1


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe\x00", b"[" * 100_000, b"9" * 10_000])
def test_what_is_no_json_is_kept_as_text(raw):
    (item,) = understood(read_body(raw))
    assert item.kind == "unknown"
    assert isinstance(item.payload["item"], str)


@calm
@given(st.binary(max_size=200))
def test_no_bytes_break_it(raw):
    understood(read_body(raw))


def test_a_failure_inside_becomes_a_message_that_can_be_seen(monkeypatch):
    def explode(_):
        raise ZeroDivisionError

    monkeypatch.setattr(meaning, "content_of", explode)
    (item,) = split(BODIES["message_text"])
    (fact,) = normalise(item.kind, item.payload)
    assert (fact.kind, fact.external_id) == ("unsupported", item.external_id)
    assert fact.payload["error"] == "ZeroDivisionError"
    assert fact.payload["data"]["text"]["body"].startswith("Hola")

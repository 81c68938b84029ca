"""One person, one key; nothing that people type is an error."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_web.core.phone import NBSP, digits_of, identity_key, is_bsuid, pretty, to_e164

calm = settings(deadline=None)  # a busy machine is not a failure
written = st.text(alphabet=st.sampled_from("+0123456789 ()-./;#xetl:٣５\u00a0"), max_size=30)
digits = st.text(alphabet="0123456789", max_size=20)
latin = st.builds("{}{}".format, st.sampled_from(["52", "521", "55", "54", "549", "57"]), digits)
anything = st.text() | written | digits | latin
regions = st.sampled_from([None, "CO", "MX", "BR", "AR", "ES", "US", "IT", "XX", ""])

SPELLINGS = {
    "573105550142": [
        "+57 310 555 0142",
        "573105550142",
        "0057 310-555-0142",
        "tel:+573105550142",
        "+57 (310) 5550142",
    ],
    "525512345678": [
        "5215512345678",
        "525512345678",
        "+52 1 55 1234 5678",
        "+52 55 1234 5678",
        "52 044 55 1234 5678",
    ],
    "5531987654321": ["553187654321", "5531987654321", "+55 (31) 98765-4321", "+55 031 8765-4321"],
    "5511987654321": ["551187654321", "+55 11 98765-4321"],
    "541123456789": [
        "5491123456789",
        "541123456789",
        "+54 11 15 2345-6789",
        "+54 9 11 2345-6789",
        "+54 (0)11 2345 6789",
    ],
    "542215551234": ["5492215551234", "+54 221 15 555-1234", "+54 0221 15 555-1234"],
    "542966555123": ["5492966555123", "+54 2966 15 555123"],
}


@pytest.mark.parametrize(("key", "raw"), [(key, raw) for key, all_ in SPELLINGS.items() for raw in all_])
def test_every_spelling_is_the_same_person(key, raw):
    assert identity_key(raw) == key


def test_a_landline_in_brazil_is_not_the_mobile_with_the_same_ending():
    assert identity_key("+55 11 4004-5678") == "551140045678"
    assert identity_key("+55 11 94004-5678") == "5511940045678"


def test_neighbours_are_not_folded():
    assert identity_key("12125550123") == "12125550123"
    assert identity_key("34612345678") == "34612345678"
    assert identity_key("5215512345") == "5215512345"


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        "  ",
        "Ana",
        "ana12@example.com",
        "CO.10238845577",
        "CO.ENT.5001",
        "120363041234567890",
        "5" * 99,
    ],
)
def test_what_is_no_number_has_no_key(raw):
    assert (identity_key(raw), to_e164(raw), to_e164(raw, "CO")) == ("", None, None)


@pytest.mark.parametrize("raw", ["US.13491208655302741918", "CO.1", " CO.abc123 ", "CO.ENT.9"])
def test_a_user_id_is_not_a_phone(raw):
    assert is_bsuid(raw)
    assert digits_of(raw) == ""


@pytest.mark.parametrize("raw", ["573105550142", "co.1", "COL.1", "CO.", "CO.1-2", "+57.310"])
def test_a_phone_is_not_a_user_id(raw):
    assert not is_bsuid(raw)


@pytest.mark.parametrize(
    ("raw", "region", "e164"),
    [
        ("573105550142", None, "+573105550142"),
        ("310 555 0142", "CO", "+573105550142"),
        ("573105550142", "CO", "+573105550142"),
        ("+34 612 345 678", "CO", "+34612345678"),
        ("34612345678", "CO", "+34612345678"),
        ("+57 310 555 0142 ext. 4", None, "+573105550142"),
        ("55 1234 5678", "MX", "+525512345678"),
        ("044 55 1234 5678", "MX", "+525512345678"),
        ("5215512345678", None, "+525512345678"),
        ("31 8765-4321", "BR", "+5531987654321"),
        ("553187654321", None, "+5531987654321"),
        ("011 15 2345-6789", "AR", "+5491123456789"),
        ("+54 11 15 2345-6789", None, "+5491123456789"),
        ("06 1234 5678", "IT", "+390612345678"),
        ("+57310555014２", None, "+573105550142"),
        ("3105550142", None, None),
        ("123", "CO", None),
        ("310 555 0142", "nowhere", None),
    ],
)
def test_what_people_type_is_shown_in_one_way(raw, region, e164):
    assert to_e164(raw, region) == e164


@pytest.mark.parametrize(
    ("e164", "shown"),
    [
        ("+573105550142", "+57 310 555 0142"),
        ("+525512345678", "+52 55 1234 5678"),
        ("+5491123456789", "+54 9 11 2345 6789"),
        ("+12125550123", "+1 212 555 0123"),
        ("+59171234567", "+591 7123 4567"),
        ("no es un número", "no es un número"),
        ("", ""),
    ],
)
def test_a_number_is_shown_in_groups_that_do_not_break(e164, shown):
    assert pretty(e164) == (shown.replace(" ", NBSP) if shown.startswith("+") else shown)


@calm
@given(anything)
def test_a_key_is_digits_and_stays_itself(raw):
    key = identity_key(raw)
    assert key == "" or (key.isascii() and key.isdigit())
    assert identity_key(key) == key


@calm
@given(anything, regions)
def test_e164_stays_itself_and_the_same_person(raw, region):
    e164 = to_e164(raw, region)
    if e164:
        assert to_e164(e164) == e164
        assert to_e164(e164, region) == e164
        assert digits_of(pretty(e164)) == digits_of(e164) == e164[1:]
        assert to_e164(pretty(e164)) == e164


@calm
@given(digits)
def test_a_providers_digits_and_their_e164_are_one_person(raw):
    e164 = to_e164(raw)
    if e164 and not raw.startswith("0"):
        assert identity_key(e164) == identity_key(raw)


@calm
@given(st.text())
def test_showing_never_fails(raw):
    assert isinstance(pretty(raw), str)
    assert isinstance(is_bsuid(raw), bool)

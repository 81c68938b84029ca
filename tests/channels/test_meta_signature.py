"""Only Meta's signature over the very bytes is believed."""

import hashlib
import hmac

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_web.channels.adapters.meta.signature import verify_signature

calm = settings(deadline=None)  # a busy machine is not a failure
RAW = b'{"text":"\\u00bfsigue disponible? \\ud83c\\udfe0"}'


def signed(raw, secret=b"app-secret", digest=hashlib.sha256):
    return f"{digest().name}=" + hmac.new(secret, raw, digest).hexdigest()


def test_the_right_signature_is_accepted_with_text_or_bytes_as_secret():
    assert verify_signature("app-secret", RAW, signed(RAW))
    assert verify_signature(b"app-secret", RAW, signed(RAW))


def test_escaped_unicode_is_not_the_same_as_its_characters():
    assert not verify_signature("app-secret", '{"text":"¿sigue disponible? 🏠"}'.encode(), signed(RAW))


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256=",
        signed(RAW)[7:],
        signed(RAW, digest=hashlib.sha1),
        signed(RAW, secret=b"other"),
        signed(RAW)[:-1],
        "sha256=ñ\udc00",
    ],
)
def test_any_other_header_is_refused(header):
    assert not verify_signature("app-secret", RAW, header)


def test_an_empty_secret_signs_nothing():
    assert not verify_signature("", RAW, signed(RAW, secret=b""))


@calm
@given(st.binary(), st.text())
def test_it_never_raises(raw, header):
    assert not verify_signature("app-secret", raw, "sha256=" + header)

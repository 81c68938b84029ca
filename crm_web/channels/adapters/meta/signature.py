"""Whether a webhook request comes from Meta ("Webhooks: getting started", section on validating payloads)."""

from __future__ import annotations

import hashlib
import hmac

PREFIX = "sha256="


def verify_signature(secret: str | bytes, raw: bytes, header: str | None) -> bool:
    """Check `X-Hub-Signature-256` over the bytes as received, in constant time.

    Meta escapes non-ASCII before it signs, so the body must not have been parsed and written again. The older
    SHA-1 header is not accepted, and neither is an empty secret, with which anybody can sign.
    """
    if not secret or not header or not header.startswith(PREFIX):
        return False
    key = secret.encode() if isinstance(secret, str) else secret
    expected = hmac.new(key, raw, hashlib.sha256).hexdigest()
    return hmac.compare_digest(
        expected.encode(), header[len(PREFIX) :].strip().lower().encode("utf-8", "replace")
    )

"""Secrets at rest: a column type that is readable in the process and nowhere else.

Keys come from `CRM_ENCRYPTION_KEYS`, newest first. New values are written with the first; older keys
still read, so a key is rotated by putting a new one in front (`flask crypto rotate` rewrites the rest).
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

_box: MultiFernet | None = None


class CannotDecrypt(RuntimeError):
    """None of the configured keys opens this value; a key was removed too early."""


def use_keys(keys: str) -> None:
    """Take the comma-separated Fernet keys of the settings, newest first."""
    global _box  # noqa: PLW0603 - one set of keys per process, read once at the start
    _box = MultiFernet([Fernet(key.strip()) for key in keys.split(",") if key.strip()])


def _keys() -> MultiFernet:
    if _box is None:
        raise RuntimeError("crypto.use_keys was not called")
    return _box


def seal(value: bytes) -> bytes:
    return _keys().encrypt(value)


def unseal(token: bytes) -> bytes:
    """The plain bytes; raises `CannotDecrypt` when no key fits."""
    try:
        return _keys().decrypt(token)
    except InvalidToken:
        raise CannotDecrypt from None


def reseal(token: bytes) -> bytes:
    """The same secret under the newest key."""
    try:
        return _keys().rotate(token)
    except InvalidToken:
        raise CannotDecrypt from None


def open_json(token: bytes) -> dict[str, Any]:
    opened: dict[str, Any] = json.loads(unseal(token))
    return opened


class Sealed(sa.types.TypeDecorator[dict[str, Any]]):
    """A JSON object stored encrypted. Replace it whole; changes inside are not noticed."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: sa.Dialect) -> bytes | None:
        return None if value is None else seal(json.dumps(value).encode())

    def process_result_value(self, value: bytes | None, dialect: sa.Dialect) -> dict[str, Any] | None:
        return None if value is None else open_json(bytes(value))

"""Passwords: Argon2id with the library's current parameters, rehashed when they grow."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
_dummy = ""


def use_hasher(hasher: PasswordHasher) -> None:
    """Tests that sign in a hundred times bring a cheaper one."""
    global _hasher, _dummy
    _hasher, _dummy = hasher, ""


def nobodys_hash() -> str:
    """The hash of a password nobody has, made when it is first needed: making it takes as long as a sign-in."""
    global _dummy  # noqa: PLW0603 - made once per process
    _dummy = _dummy or _hasher.hash("nobody has this password")
    return _dummy


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password fits. Without a hash it takes as long, so that nobody learns who exists by the clock."""
    try:
        return _hasher.verify(password_hash or nobodys_hash(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    return _hasher.check_needs_rehash(password_hash)

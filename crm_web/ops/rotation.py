"""Secrets under a new key: every sealed column of every tenant, in batches, as often as it takes."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken

from crm_web.core import crypto
from crm_web.core.db import Base, db
from crm_web.core.effects import commit
from crm_web.core.tenancy import as_tenant

BATCH = 100
FIRST = uuid.UUID(int=0)


@dataclass
class Tally:
    """What became of the secrets of one column of one tenant."""

    tenant: str
    column: str
    rewritten: int = 0
    current: int = 0
    lost: int = 0


def rotate_all(newest: str) -> Iterator[Tally]:
    """Seal everything with the newest key; each batch is committed, and what is sealed with it already is left.

    It can be stopped and run again at any time. A secret that changes meanwhile is not overwritten: whoever changed
    it sealed it with the newest key.
    """
    tenants = db.session.execute(sa.text("SELECT id, slug FROM all_tenants() ORDER BY slug")).all()
    db.session.rollback()
    for tenant in tenants:
        for table, column in _sealed_columns():
            tally = Tally(tenant.slug, f"{table}.{column}")
            with as_tenant(tenant.id):
                _rotate_column(Fernet(newest), table, column, tally)
            yield tally


def _sealed_columns() -> list[tuple[str, str]]:
    return [
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, crypto.Sealed)
    ]


def _rotate_column(newest: Fernet, table: str, column: str, tally: Tally) -> None:
    """By raw bytes: what is inside is nobody's business here."""
    batch = sa.text(
        f"SELECT id, {column} AS sealed FROM {table} WHERE {column} IS NOT NULL AND id > :last ORDER BY id LIMIT :most"  # noqa: S608
    )
    last = FIRST
    while rows := db.session.execute(batch, {"last": last, "most": BATCH}).all():
        for row in rows:
            _rotate_one(newest, table, column, row.id, bytes(row.sealed), tally)
        last = rows[-1].id
        commit()


def _rotate_one(
    newest: Fernet, table: str, column: str, row_id: uuid.UUID, sealed: bytes, tally: Tally
) -> None:
    if _opens(newest, sealed):
        tally.current += 1
        return
    try:
        fresh = crypto.reseal(sealed)
    except crypto.CannotDecrypt:
        tally.lost += 1
        return
    change = sa.text(f"UPDATE {table} SET {column} = :fresh WHERE id = :id AND {column} = :old")  # noqa: S608
    db.session.execute(change, {"fresh": fresh, "id": row_id, "old": sealed})
    tally.rewritten += 1


def _opens(key: Fernet, sealed: bytes) -> bool:
    try:
        key.decrypt(sealed)
    except InvalidToken:
        return False
    return True

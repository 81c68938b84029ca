"""A new key is put in front, every secret is sealed with it, and the old key can go."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from pydantic import SecretStr

from crm_web.core import crypto
from crm_web.core.db import db
from crm_web.core.tenancy import as_tenant
from crm_web.models import Channel
from crm_web.ops import rotation

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture
def two_keys(app, settings, monkeypatch, request):
    """Everything is sealed with the old key; the new one has just been put in front."""
    crypto.use_keys(OLD)
    request.getfixturevalue("acme")
    request.getfixturevalue("rival_house")
    use(app, settings, monkeypatch, f"{NEW}, {OLD}")
    yield
    crypto.use_keys(settings.crm_encryption_keys.get_secret_value())


def use(app, settings, monkeypatch, keys: str) -> None:
    crypto.use_keys(keys)
    monkeypatch.setitem(
        app.config, "SETTINGS", settings.model_copy(update={"crm_encryption_keys": SecretStr(keys)})
    )


def tokens(house) -> str:
    with as_tenant(house.id):
        db.session.rollback()
        return db.session.scalars(sa.select(Channel.credentials)).one()["token"]


def rotate(app):
    return app.test_cli_runner().invoke(args=["crypto", "rotate"])


def test_afterwards_the_old_key_is_not_needed(two_keys, app, acme, rival_house):
    assert "1 rewritten, 0 already current" in rotate(app).output
    crypto.use_keys(NEW)
    assert (tokens(acme), tokens(rival_house)) == ("test-token-100000000000001", "test-token-100000000000002")


def test_it_can_be_run_again(two_keys, app, owner):
    rotate(app)
    with owner.connect() as connection:
        before = connection.execute(sa.text("SELECT credentials FROM channels ORDER BY id")).all()
    result = rotate(app)
    assert result.exit_code == 0
    assert "0 rewritten, 1 already current" in result.output
    with owner.connect() as connection:
        assert connection.execute(sa.text("SELECT credentials FROM channels ORDER BY id")).all() == before


def test_it_goes_through_every_batch(two_keys, app, acme, monkeypatch):
    monkeypatch.setattr(rotation, "BATCH", 2)
    with as_tenant(acme.id):
        for number in range(5):
            db.session.add(
                Channel(
                    tenant_id=acme.id, kind="whatsapp", provider="meta", name="x", address="x",
                    account_id=str(number), credentials={"token": "t"},
                )
            )  # fmt: skip
        db.session.commit()
    assert "acme\tchannels.credentials\t1 rewritten, 5 already current" in rotate(app).output


def test_a_secret_of_a_lost_key_is_told_and_stops_nothing(two_keys, app, owner, rival_house):
    foreign = Fernet(Fernet.generate_key()).encrypt(b"{}")
    with owner.begin() as connection:
        connection.execute(
            sa.text("UPDATE channels SET credentials = :x WHERE account_id LIKE '%1'"), {"x": foreign}
        )
    result = rotate(app)
    assert result.exit_code == 1
    assert "1 UNREADABLE" in result.output
    crypto.use_keys(NEW)
    assert tokens(rival_house) == "test-token-100000000000002"


def test_a_secret_changed_meanwhile_stays(two_keys, acme, owner, monkeypatch):
    changed = b""

    def change_first(token: bytes) -> bytes:
        nonlocal changed
        changed = crypto.seal(b'{"token": "newer"}')
        with owner.begin() as connection:
            connection.execute(
                sa.text("UPDATE channels SET credentials = :x WHERE account_id LIKE '%1'"), {"x": changed}
            )
        return token

    monkeypatch.setattr(crypto, "reseal", change_first)
    list(rotation.rotate_all(NEW))
    with as_tenant(acme.id):
        assert db.session.scalars(sa.select(Channel.credentials)).one() == {"token": "newer"}


def test_times_do_not_change(two_keys, app, owner):
    with owner.connect() as connection:
        before = connection.execute(sa.text("SELECT updated_at FROM channels ORDER BY id")).all()
    rotate(app)
    with owner.connect() as connection:
        assert connection.execute(sa.text("SELECT updated_at FROM channels ORDER BY id")).all() == before

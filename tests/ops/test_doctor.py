"""`flask doctor` finds what is wrong and says what to do."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from crm_web.channels import providers
from crm_web.channels.normal import ProviderError
from crm_web.core.jobs import redis_client
from crm_web.files import storage
from crm_web.ops import doctor


@pytest.fixture
def marks(clean):
    """The findings of one part, as marks and words."""

    def look(name: str, **given) -> list[tuple[str, str]]:
        return [(finding.mark, finding.what) for part, finding in doctor.examine(**given) if part == name]

    return look


@pytest.mark.parametrize(
    "part", ["database", "role", "fences", "migrations", "clock", "redis", "storage", "disk", "backlog"]
)
def test_a_sound_installation_has_nothing_to_mend(marks, part):
    found = marks(part)
    assert found
    assert {mark for mark, _ in found} == {"ok"}


def production(settings, **changes):
    return settings.model_copy(update={"crm_env": "production", "crm_sandbox": False, **changes})


def test_in_production_borrowed_secrets_and_plain_http_are_wrong(marks, app, settings, monkeypatch):
    monkeypatch.setitem(app.config, "SETTINGS", production(settings))
    found = marks("settings")
    assert {mark for mark, _ in found} == {"wrong"}
    assert {what.split()[0] for _, what in found} == {
        "SECRET_KEY", "META_APP_SECRET", "META_VERIFY_TOKEN", "PUBLIC_URL", "META_GRAPH_URL",
    }  # fmt: skip
    assert "sandbox-app-secret" not in str(found)


def test_with_its_own_it_is_well(marks, app, settings, monkeypatch):
    own = {name: SecretStr("x" * 40) for name in ("secret_key", "meta_app_secret", "meta_verify_token")}
    urls = {"public_url": "https://crm.test", "meta_graph_url": "https://graph.facebook.com"}
    monkeypatch.setitem(app.config, "SETTINGS", production(settings, **own, **urls))
    assert marks("settings") == [("ok", "complete, for production")]


def test_a_table_without_a_fence_is_found(marks, owner):
    with owner.begin() as connection:
        connection.execute(sa.text("CREATE TABLE forgotten (tenant_id uuid)"))
    try:
        assert marks("fences") == [("wrong", "forgotten is not fenced")]
    finally:
        with owner.begin() as connection:
            connection.execute(sa.text("DROP TABLE forgotten"))


def test_a_role_that_owns_is_found(marks, monkeypatch, owner):
    def ask_as_owner(sql):
        with owner.connect() as connection:
            return list(connection.execute(sa.text(sql)))

    monkeypatch.setattr(doctor, "_rows", ask_as_owner)
    assert marks("role")[0][0] == "wrong"


def test_nobody_at_work_is_found(marks):
    assert marks("workers") == [("wrong", "nobody works on ingest"), ("wrong", "nobody works on work")]
    assert marks("scheduler") == [("wrong", "no tick for a minute")]


def test_a_scheduler_at_work_is_seen(marks):
    redis_client().set("scheduler:alive", str(time.time() - 3))
    assert marks("scheduler") == [("ok", "last tick 3 s ago")]


def test_a_redis_that_evicts_is_found():
    found = list(doctor._redis_settings({"maxmemory_policy": "allkeys-lru", "aof_enabled": 0}))
    assert [finding.mark for finding in found] == ["wrong", "look"]


def test_a_clock_that_is_wrong_is_found(marks, monkeypatch):
    monkeypatch.setattr(doctor.time, "time", lambda: 1_000_000.0)
    assert marks("clock")[0][0] == "wrong"


def test_a_full_disk_is_found(marks, monkeypatch):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: SimpleNamespace(total=10**12, free=10**6))
    assert {mark for mark, _ in marks("disk")} == {"wrong"}


def test_a_store_that_takes_nothing_is_found(marks, monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(storage, "write", refuse)
    assert marks("storage") == [("wrong", "cannot keep files (PermissionError)")]


def test_what_waits_too_long_deserves_a_look(marks, conversation, seller, owner):
    seller.post(f"/inbox/{conversation.id}/messages", body="Hola")
    with owner.begin() as connection:
        connection.execute(sa.text("UPDATE outbox SET send_after = now() - interval '10 minutes'"))
    assert [mark for mark, _ in marks("backlog")] == ["look"]


def test_channels_are_asked_with_their_own_tokens(marks, acme, rival_house, monkeypatch):
    asked = []

    def phone(account_id, token):
        asked.append((account_id, token))
        if account_id.endswith("2"):
            raise ProviderError("expired", reaction="channel_broken", code=190)
        return {}

    monkeypatch.setattr(
        providers, "adapter_for", lambda _: SimpleNamespace(client=SimpleNamespace(phone=phone))
    )
    assert marks("channels") == []
    found = marks("channels", with_channels=True)
    assert [mark for mark, _ in found] == ["ok", "wrong"]
    assert asked == [(number, f"test-token-{number}") for number in ("100000000000001", "100000000000002")]


def test_a_check_that_fails_is_a_finding_and_the_others_go_on(marks, monkeypatch):
    def crash(sql):
        raise sa.exc.ProgrammingError(sql, {}, Exception("no such view"))

    monkeypatch.setattr(doctor, "_rows", crash)
    assert "could not be checked" in marks("role")[0][1]
    assert marks("storage")[0][0] == "ok"


def test_the_command_lists_remedies_and_exits_with_one(app, clean):
    result = app.test_cli_runner().invoke(args=["doctor"])
    assert result.exit_code == 1
    assert "WRONG  scheduler" in result.output
    assert "-> start `flask scheduler`" in result.output
    assert "to mend" in result.output


def test_nothing_to_mend_exits_with_zero(app, clean, monkeypatch):
    monkeypatch.setattr(doctor, "CHECKS", (("storage", doctor.check_storage),))
    result = app.test_cli_runner().invoke(args=["doctor"])
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "all is well")

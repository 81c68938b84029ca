"""What `flask doctor` looks at: each part of an installation, and what to do where it is wrong."""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import redis
import rq
import sqlalchemy as sa
from flask import current_app
from sqlalchemy import orm

from crm_web.channels import providers
from crm_web.channels.models import Channel
from crm_web.channels.normal import ProviderError
from crm_web.config import Settings
from crm_web.core.clock import now
from crm_web.core.db import Base, db
from crm_web.core.jobs import QUEUES, queue_of, redis_client
from crm_web.core.tenancy import as_tenant
from crm_web.files import storage
from crm_web.ops import health
from crm_web.ops.metrics import scheduler_age

SANDBOX_SECRETS = ("sandbox-app-secret", "sandbox-verify-token")
SHORTEST_SECRET = 32
LEAST_FREE, LEAST_SHARE = 1_000_000_000, 0.05
MOST_SKEW = 2.0
OLDEST = {"events_pending_oldest_seconds": 60, "outbox_oldest_seconds": 120}


class Finding(NamedTuple):
    """`ok`, `look` (works, and deserves a thought) or `wrong` (must be mended), with what to do."""

    mark: str
    what: str
    remedy: str = ""


def ok(what: str) -> Finding:
    return Finding("ok", what)


def examine(*, with_channels: bool = False) -> Iterator[tuple[str, Finding]]:
    """Every part with its findings; a check that fails itself is a finding too."""
    for name, check in (*CHECKS, *((("channels", check_channels),) if with_channels else ())):
        try:
            yield from ((name, finding) for finding in check())
        except (sa.exc.SQLAlchemyError, redis.RedisError, OSError, ValueError, RuntimeError) as error:
            yield (
                name,
                Finding(
                    "wrong", f"could not be checked: {type(error).__name__}: {str(error).splitlines()[0]}"
                ),
            )


def check_settings() -> Iterator[Finding]:
    settings: Settings = current_app.config["SETTINGS"]
    in_production = settings.crm_env == "production"
    mark = "wrong" if in_production else "look"
    problems = list(_weak_secrets(settings)) + (list(_public_problems(settings)) if in_production else [])
    yield from (Finding(mark, what, remedy) for what, remedy in problems)
    if not problems:
        yield ok(f"complete, for {settings.crm_env}")


def _weak_secrets(settings: Settings) -> Iterator[tuple[str, str]]:
    if len(settings.secret_key.get_secret_value()) < SHORTEST_SECRET:
        yield "SECRET_KEY is short", "set 32 or more random characters"
    if settings.crm_sandbox:
        return
    for name in ("meta_app_secret", "meta_verify_token"):
        value = getattr(settings, name).get_secret_value()
        if not value or value in SANDBOX_SECRETS:
            yield (
                f"{name.upper()} is {'the sandbox’s' if value else 'empty'}",
                "take it from your app at Meta",
            )


def _public_problems(settings: Settings) -> Iterator[tuple[str, str]]:
    if not settings.base_url.startswith("https://"):
        yield "PUBLIC_URL is not https", "set the address people and Meta use, with https"
    if "/sandbox/" in settings.meta_graph_url or not settings.meta_graph_url.startswith("https://"):
        yield "META_GRAPH_URL is not Meta's", "unset it"


def check_database() -> Iterator[Finding]:
    yield _part(health.check_database(), "check DATABASE_URL, and that PostgreSQL runs")


def check_role() -> Iterator[Finding]:
    """The wall between tenants stands only before a role that owns nothing and bypasses nothing."""
    role = _row(
        "SELECT current_user AS name, rolsuper OR rolbypassrls OR rolcreaterole AS powerful,"
        " (SELECT count(*) FROM pg_class WHERE relowner = r.oid) AS owned,"
        " EXISTS (SELECT 1 FROM pg_tables t WHERE t.schemaname = 'public'"
        "         AND pg_has_role(current_user, t.tableowner, 'MEMBER')) AS is_owner"
        " FROM pg_roles r WHERE rolname = current_user"
    )
    if role.powerful or role.owned or role.is_owner:
        remedy = "connect as a role that is NOSUPERUSER NOBYPASSRLS NOCREATEROLE, owns nothing and is in no owner's role"
        yield Finding("wrong", f"{role.name} can get past the fence between tenants", remedy)
    else:
        yield ok(f"{role.name} owns nothing and bypasses nothing")


def check_fences() -> Iterator[Finding]:
    """Every table with a tenant, also those of a later migration than this code."""
    rows = _rows(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'"
        " WHERE c.relkind IN ('r', 'p') AND (c.relname = 'tenants' OR EXISTS (SELECT 1 FROM pg_attribute a"
        "  WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped))"
        " AND NOT (c.relrowsecurity AND EXISTS (SELECT 1 FROM pg_policies p WHERE p.schemaname = 'public'"
        "  AND p.tablename = c.relname AND p.qual LIKE '%app.tenant_id%' AND p.with_check LIKE '%app.tenant_id%'))"
    )
    for row in rows:
        yield Finding("wrong", f"{row.relname} is not fenced", "call `fence` for it in a migration, at once")
    if not rows:
        yield ok(
            f"all {sum('tenant_id' in table.c for table in Base.metadata.sorted_tables) + 1} tables fenced"
        )


def check_migrations() -> Iterator[Finding]:
    yield _part(health.check_migrations(), "run `flask db upgrade` as the owner (DATABASE_OWNER_URL)")


def check_clock() -> Iterator[Finding]:
    """Leases, windows and rates compare our clock with the database's."""
    before = time.time()
    theirs: datetime = _row("SELECT clock_timestamp() AS at").at
    skew = abs((before + time.time()) / 2 - theirs.timestamp())
    if skew > MOST_SKEW:
        yield Finding("wrong", f"{skew:.1f} s apart from the database's", "run NTP on both machines")
    else:
        yield ok("agrees with the database's")


def check_backlog() -> Iterator[Finding]:
    gauges = {row.name: row.value for row in _rows("SELECT name, value FROM ops_gauges()")}
    late = {name: gauges[name] for name, most in OLDEST.items() if gauges.get(name, 0) > most}
    for name, value in late.items():
        yield Finding("look", f"{name} is {value:.0f}", "see that the workers run and what their logs say")
    if not late:
        yield ok("nothing waits for long")


def check_redis() -> Iterator[Finding]:
    part = health.check_redis()
    yield _part(part, "check REDIS_URL, and that Redis runs")
    if part.ok:
        yield from _redis_settings(redis_client().info())


def _redis_settings(info: dict[str, Any]) -> Iterator[Finding]:
    if info.get("maxmemory_policy") != "noeviction":
        yield Finding(
            "wrong", f"it evicts ({info.get('maxmemory_policy')})", "set maxmemory-policy noeviction"
        )
    if not info.get("aof_enabled"):
        yield Finding(
            "look", "it writes no append-only file", "set appendonly yes: rate limits survive a restart"
        )


def check_workers() -> Iterator[Finding]:
    client = redis_client()
    for name in QUEUES:
        workers = rq.Worker.all(queue=queue_of(name, client))
        if not workers:
            yield Finding("wrong", f"nobody works on {name}", f"start `flask worker --queue {name}`")
        else:
            yield ok(f"{name}: {len(workers)}, last heard of {_last_heard(workers)}")


def _last_heard(workers: list[Any]) -> str:
    beats = [worker.last_heartbeat for worker in workers if worker.last_heartbeat]
    newest = max((beat if beat.tzinfo else beat.replace(tzinfo=UTC) for beat in beats), default=None)
    return f"{(now() - newest).total_seconds():.0f} s ago" if newest else "never"


def check_scheduler() -> Iterator[Finding]:
    age = scheduler_age(redis_client())
    if age is None or age > 60:
        yield Finding("wrong", "no tick for a minute", "start `flask scheduler`")
    else:
        yield ok(f"last tick {age:.0f} s ago")


def check_storage() -> Iterator[Finding]:
    """Write, read and remove a probe, as the product would."""
    key = f"doctor/{uuid.uuid4()}"
    try:
        storage.write(key, b"probe", "text/plain")
        intact = storage.read(key) == b"probe"
        storage.delete(key)
    except Exception as error:
        yield Finding(
            "wrong", f"cannot keep files ({type(error).__name__})", "check STORAGE_URL and its credentials"
        )
        return
    yield (
        ok(f"writes and reads ({storage.kind})") if intact else Finding("wrong", "gives back something else")
    )


def check_disk() -> Iterator[Finding]:
    folders = {Path(current_app.config["DATA_DIR"]), storage.folder()}
    for folder in sorted(folder for folder in folders if folder and folder.exists()):
        disk = shutil.disk_usage(folder)
        left = f"{folder}: {disk.free / 1e9:.1f} GB free ({disk.free / disk.total:.0%})"
        if disk.free < LEAST_FREE or disk.free / disk.total < LEAST_SHARE:
            yield Finding("wrong", left, "make room, or move the folder")
        else:
            yield ok(left)


def check_assets() -> Iterator[Finding]:
    vendor = Path(current_app.static_folder or "static") / "vendor"
    if vendor.is_dir() and any(vendor.iterdir()):
        yield ok("the front-end packages are in place")
    else:
        yield Finding("wrong", "the front-end packages are missing", "run `make assets`")


def check_channels() -> Iterator[Finding]:
    """Ask each provider about each number of every tenant, with its own token."""
    tenants = _rows("SELECT id, slug FROM all_tenants() ORDER BY slug")
    for tenant in tenants:
        with as_tenant(tenant.id):
            query = (
                sa.select(Channel)
                .where(Channel.deleted_at.is_(None))
                .options(orm.undefer(Channel.credentials))
            )
            channels = db.session.scalars(query.order_by(Channel.name)).all()
            db.session.expunge_all()
            db.session.rollback()
        yield from (_ask(tenant.slug, channel) for channel in channels)


def _ask(slug: str, channel: Channel) -> Finding:
    title = f"{slug}, {channel.name} ({channel.address})"
    try:
        token = str((channel.credentials or {}).get("token", ""))
        providers.adapter_for(channel.provider).client.phone(channel.account_id, token)
    except ProviderError as error:
        return Finding("wrong", f"{title}: {error}", "renew its credentials in the settings of the channel")
    except LookupError:
        return Finding("look", f"{title}: its provider is not spoken yet")
    return ok(title)


def _part(part: health.Part, remedy: str) -> Finding:
    return ok(part.why) if part.ok else Finding("wrong", part.why, remedy)


def _rows(sql: str) -> list[Any]:
    with db.engine.connect() as connection:
        return list(connection.execute(sa.text(sql)).all())


def _row(sql: str) -> Any:
    return _rows(sql)[0]


CHECKS: tuple[tuple[str, Callable[[], Iterator[Finding]]], ...] = (
    ("settings", check_settings),
    ("database", check_database),
    ("role", check_role),
    ("fences", check_fences),
    ("migrations", check_migrations),
    ("clock", check_clock),
    ("redis", check_redis),
    ("workers", check_workers),
    ("scheduler", check_scheduler),
    ("backlog", check_backlog),
    ("storage", check_storage),
    ("disk", check_disk),
    ("assets", check_assets),
)

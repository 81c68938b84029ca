"""What came back: accepted, refused for now or for good, or nobody knows."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog

from crm_web.channels.normal import ProviderError
from crm_web.channels.operations import channel_broke
from crm_web.core.clock import now
from crm_web.core.db import db
from crm_web.core.effects import commit, rollback
from crm_web.core.tenancy import as_tenant
from crm_web.inbox.operations import threads
from crm_web.inbox.operations.changes import release_waiting
from crm_web.inbox.outbox.parcels import Parcel, Sent

MOST_TRIES = 5
log = structlog.get_logger(__name__)


def record(results: Sequence[Sent]) -> None:
    """Write down what came back, tenant by tenant, and tell the browsers."""
    for tenant_id in {sent.parcel.tenant_id for sent in results}:
        with as_tenant(tenant_id):
            mine = [sent for sent in results if sent.parcel.tenant_id == tenant_id]
            locked = threads.lock(sent.parcel.conversation_id for sent in mine)
            _accepted([sent for sent in mine if sent.result], locked)
            for sent in mine:
                if sent.error:
                    _refused(sent, sent.error, locked[sent.parcel.conversation_id])
            threads.bump(locked.values())
            threads.follow_last_message(locked)
            threads.tell_changed(locked.values())
            commit()


def record_one_by_one(results: Sequence[Sent]) -> None:
    """What cannot be written is left to the reaper, which calls it unconfirmed."""
    for sent in results:
        try:
            record([sent])
        except sa.exc.OperationalError:
            raise
        except Exception:
            rollback()
            log.exception("record_failed", message_id=str(sent.parcel.message_id))


_ACCEPTED = sa.text(
    """
    WITH done AS (
        DELETE FROM outbox o USING unnest(CAST(:items AS uuid[]), CAST(:fences AS uuid[])) AS d(id, fence)
        WHERE o.tenant_id = :tenant AND o.id = d.id AND o.fence = d.fence RETURNING o.message_id
    )
    UPDATE messages m SET
        external_id = coalesce(m.external_id, s.external),
        sent_at = least(m.sent_at, :at),
        status = CASE WHEN m.status IN ('queued', 'sending', 'unconfirmed') THEN 'sent' ELSE m.status END,
        error_code = CASE WHEN m.failed_at IS NULL THEN NULL ELSE m.error_code END,
        error_text = CASE WHEN m.failed_at IS NULL THEN NULL ELSE m.error_text END,
        version = s.version
    FROM unnest(CAST(:ids AS uuid[]), CAST(:externals AS text[]), CAST(:versions AS bigint[]))
        AS s(id, external, version)
    WHERE m.tenant_id = :tenant AND m.id = s.id
    """
)


def _accepted(sent: list[Sent], locked: dict[uuid.UUID, threads.Thread]) -> None:
    if not sent:
        return
    externals = [one.result.external_id for one in sent if one.result]
    db.session.execute(
        _ACCEPTED,
        {
            "tenant": sent[0].parcel.tenant_id,
            "items": [one.parcel.item_id for one in sent],
            "fences": [one.parcel.fence for one in sent],
            "ids": [one.parcel.message_id for one in sent],
            "externals": externals,
            "versions": [locked[one.parcel.conversation_id].next for one in sent],
            "at": now(),
        },
    )
    release_waiting(externals)
    for channel_id, count in sorted(Counter(one.parcel.channel_id for one in sent).items()):
        db.session.execute(
            sa.text(
                "UPDATE channels SET messages_sent = messages_sent + :count WHERE tenant_id = :tenant AND id = :id"
            ),
            {"tenant": sent[0].parcel.tenant_id, "id": channel_id, "count": count},
        )


def _refused(sent: Sent, error: ProviderError, thread: threads.Thread) -> None:
    """Decide by the error's reaction: later again, never again, or a person's decision."""
    again = next_try(error, sent.parcel.attempts)
    if again is not None:
        _later(sent.parcel, error, again)
    elif error.reaction == "unknown":
        _settle(sent.parcel, "unconfirmed", error, thread)
    else:
        _settle(sent.parcel, "failed", error, thread)
    if error.reaction == "channel_broken":
        channel_broke(sent.parcel.channel_id, error)
    log.info("send_refused", code=error.code, reaction=error.reaction, message_id=str(sent.parcel.message_id))


def next_try(error: ProviderError, attempts: int) -> datetime | None:
    """When to try again, or None: the table of the provider's errors decides, five tries at the most."""
    pauses = {
        "retry": 2**attempts,
        "retry_once": 2,
        "retry_slow": 30 * 2**attempts,
        "pair_limit": 4**attempts,
        "wait": 24 * 3600,
        "pause": 3600,
    }
    tries = {"retry_once": 2, "wait": 2, "pause": 3}.get(error.reaction, MOST_TRIES)
    if error.reaction not in pauses or attempts >= tries:
        return None
    return now() + timedelta(seconds=error.retry_after or pauses[error.reaction])


def _later(parcel: Parcel, error: ProviderError, at: datetime) -> None:
    db.session.execute(
        sa.text(
            "UPDATE outbox SET state = 'queued', send_after = :at, lease_until = NULL, last_error = :error,"
            " updated_at = now() WHERE tenant_id = :tenant AND id = :id AND fence = :fence"
        ),
        {
            "tenant": parcel.tenant_id,
            "id": parcel.item_id,
            "fence": parcel.fence,
            "at": at,
            "error": str(error)[:500],
        },
    )


def _settle(parcel: Parcel, status: str, error: ProviderError, thread: threads.Thread) -> None:
    """Nothing more is tried by itself. A status webhook that was quicker keeps the last word."""
    held = db.session.execute(
        sa.text("DELETE FROM outbox WHERE tenant_id = :tenant AND id = :id AND fence = :fence RETURNING id"),
        {"tenant": parcel.tenant_id, "id": parcel.item_id, "fence": parcel.fence},
    ).first()
    if held is None:
        return
    db.session.execute(
        sa.text(
            "UPDATE messages SET status = :status, version = :version, error_code = :code, error_text = :text,"
            " failed_at = CASE WHEN :status = 'failed' THEN :at ELSE failed_at END"
            " WHERE tenant_id = :tenant AND id = :id AND status IN ('queued', 'sending', 'unconfirmed')"
        ),
        {
            "tenant": parcel.tenant_id, "id": parcel.message_id, "status": status, "version": thread.next,
            "code": str(error.code or ""), "text": error.sentence or error.details or error.title, "at": now(),
        },
    )  # fmt: skip

"""Who else has a conversation open, and who is writing in it: known to Redis alone, and forgotten by itself.

Two sorted sets per conversation, scored by the moment each entry ends. A dead Redis shows nobody, and that is all.
"""

from __future__ import annotations

import time
import uuid
from typing import NamedTuple

import redis
import structlog

from crm_web.core.jobs import redis_client

STAYS = 50
WRITES = 7
log = structlog.get_logger(__name__)


class Company(NamedTuple):
    """Ids of who has the conversation open, and of who writes what (`reply` or `note`) in it."""

    viewers: frozenset[uuid.UUID]
    writers: dict[uuid.UUID, str]


def here(conversation_id: uuid.UUID, user_id: uuid.UUID, sid: str) -> bool:
    """This socket has the conversation open, for the next fifty seconds; True when that is news."""
    return _note(_open_key(conversation_id), f"{user_id}:{sid}", STAYS)


def gone(conversation_id: uuid.UUID, user_id: uuid.UUID, sid: str) -> None:
    try:
        redis_client().zrem(_open_key(conversation_id), f"{user_id}:{sid}")
        wrote_nothing(conversation_id, user_id)
    except (redis.RedisError, OSError) as error:
        log.warning("company_not_known", error=type(error).__name__)


def writing(conversation_id: uuid.UUID, user_id: uuid.UUID, kind: str) -> bool:
    """This person writes a reply or a note, for the next seven seconds; True when that is news."""
    return _note(_write_key(conversation_id), f"{user_id}:{kind}", WRITES)


def wrote_nothing(conversation_id: uuid.UUID, user_id: uuid.UUID) -> bool:
    """This person writes no more; True when that is news."""
    try:
        entries = [f"{user_id}:{kind}" for kind in ("reply", "note")]
        return bool(redis_client().zrem(_write_key(conversation_id), *entries))
    except (redis.RedisError, OSError) as error:
        log.warning("company_not_known", error=type(error).__name__)
        return False


def company_of(conversation_id: uuid.UUID, *, without: uuid.UUID) -> Company:
    """Who is there now besides `without`."""
    try:
        with redis_client().pipeline(transaction=False) as pipeline:
            for key in (_open_key(conversation_id), _write_key(conversation_id)):
                pipeline.zrangebyscore(key, time.time(), "+inf")
            viewers, writers = (_pairs(found, without) for found in pipeline.execute())
    except (redis.RedisError, OSError) as error:
        log.warning("company_not_known", error=type(error).__name__)
        return Company(frozenset(), {})
    return Company(frozenset(user_id for user_id, _sid in viewers), dict(sorted(writers)))


def _note(key: str, entry: str, seconds: int) -> bool:
    at = time.time()
    try:
        with redis_client().pipeline(transaction=False) as pipeline:
            pipeline.zremrangebyscore(key, "-inf", at)
            pipeline.zadd(key, {entry: at + seconds})
            pipeline.expire(key, 2 * STAYS)
            return bool(pipeline.execute()[1])
    except (redis.RedisError, OSError) as error:
        log.warning("company_not_known", error=type(error).__name__)
        return False


def _pairs(entries: list[bytes], without: uuid.UUID) -> list[tuple[uuid.UUID, str]]:
    split = (entry.decode().split(":", 1) for entry in entries)
    return [(uuid.UUID(user), rest) for user, rest in split if user != str(without)]


def _open_key(conversation_id: uuid.UUID) -> str:
    return f"company:{conversation_id}"


def _write_key(conversation_id: uuid.UUID) -> str:
    return f"writing:{conversation_id}"

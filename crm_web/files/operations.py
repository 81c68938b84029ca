"""What can be done with a file: store one of ours, note that one has arrived or never will, remember who looked."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, BinaryIO

import sqlalchemy as sa
from werkzeug.datastructures import FileStorage

from crm_web.core.clock import now
from crm_web.core.db import db, new_id
from crm_web.core.facts import announce
from crm_web.core.tenancy import current_tenant_id
from crm_web.files import check, pictures, storage, voice
from crm_web.files.aside import aside
from crm_web.files.models import File

if TYPE_CHECKING:
    from crm_web.team.models import User


def store_upload(upload: FileStorage, *, lead_id: uuid.UUID | None, by: User) -> File:
    """Keep what a person uploads to send it: a File that is ready at once. Raises check.Refused.

    The same content for the same lead lies there once; tenants and leads never share.
    """
    content: BinaryIO = upload.stream  # type: ignore[assignment]
    facts = aside(_examine_upload, content, upload.filename or "", upload.mimetype)
    file = File(id=new_id(), tenant_id=current_tenant_id(), lead_id=lead_id, uploaded_by=by.id)
    twin = _twin(lead_id, facts)
    if twin:
        file.key, file.thumbnail_key = twin.key, twin.thumbnail_key
    else:
        file.key, file.thumbnail_key = keep(content, facts, file.tenant_id, lead_id, file.id)
    _describe(file, facts)
    db.session.add(file)
    db.session.flush()
    return file


def store_voice(upload: FileStorage, *, lead_id: uuid.UUID | None, by: User) -> File:
    """Keep a recording as the voice note that WhatsApp plays. Raises check.Refused."""
    recorded: BinaryIO = upload.stream  # type: ignore[assignment]
    note = aside(voice.as_voice_note, recorded, upload.mimetype)
    return store_upload(FileStorage(note, voice.NAME, content_type=voice.MIME), lead_id=lead_id, by=by)


def lend(file: File, *, lead_id: uuid.UUID | None, by: User) -> File:
    """A file of the team's as one of this lead's: another row about the same bytes."""
    copied = (
        "kind", "name", "mime", "size", "sha256", "storage", "key", "thumbnail_key", "width", "height", "seconds", "state",
    )  # fmt: skip
    lent = File(
        id=new_id(),
        tenant_id=current_tenant_id(),
        lead_id=lead_id,
        uploaded_by=by.id,
        **{name: getattr(file, name) for name in copied},
    )
    db.session.add(lent)
    db.session.flush()
    return lent


def _examine_upload(content: BinaryIO, name: str, claimed: str) -> check.Facts:
    return check.for_sending(content, name=name, claimed=claimed)


def _twin(lead_id: uuid.UUID | None, facts: check.Facts) -> File | None:
    return db.session.scalar(
        sa.select(File)
        .where(
            File.tenant_id == current_tenant_id(),
            File.lead_id == lead_id if lead_id else File.lead_id.is_(None),
            File.sha256 == facts.sha256,
            File.mime == facts.mime,
            File.state == "ready",
            File.storage == storage.kind,
            File.deleted_at.is_(None),
        )
        .limit(1)
    )


def keep(
    content: BinaryIO, facts: check.Facts, tenant_id: uuid.UUID, lead_id: uuid.UUID | None, file_id: uuid.UUID
) -> tuple[str, str | None]:
    """Write the bytes and the small copy of a picture; returns their keys. Touches no database."""
    key = storage.key_of(tenant_id, lead_id, file_id, facts.kind, facts.extension)
    small = aside(_thumbnail, content, facts) if facts.is_picture else None
    storage.write(key, content, facts.mime)
    if small is None:
        return key, None
    small_key = storage.key_of(tenant_id, lead_id, file_id, facts.kind, f"{pictures.WIDEST}.webp")
    storage.write(small_key, small, "image/webp")
    return key, small_key


def _thumbnail(content: BinaryIO, facts: check.Facts) -> bytes | None:
    """A picture that is cut off still has its use: without a small copy, the whole one is shown."""
    try:
        return pictures.thumbnail(content, facts.mime)
    except pictures.BrokenPicture:
        return None


def arrived(file: File, facts: check.Facts, key: str, thumbnail_key: str | None) -> None:
    """A file that was expected lies at `key` now."""
    file.key, file.thumbnail_key = key, thumbnail_key
    _describe(file, facts)
    _tell(file)


def refuse(file: File, reason: str) -> None:
    """What came is not accepted; `reason` is a sentence of the catalogue, translated when it is shown."""
    file.state, file.reason, file.fetch_after = "refused", reason, None
    _tell(file)


def give_up(file: File, reason: str) -> None:
    """It never came, and is not asked for again."""
    file.state, file.reason, file.fetch_after = "failed", reason, None
    _tell(file)


def ask_again_in(file: File, pause: timedelta) -> None:
    file.fetch_after = now() + pause


def note_access(file: File) -> None:
    """Count that somebody opened the original."""
    db.session.execute(
        sa.text(
            "UPDATE files SET access_count = access_count + 1, last_accessed_at = now()"
            " WHERE tenant_id = :tenant AND id = :id"
        ),
        {"tenant": file.tenant_id, "id": file.id},
    )


def _describe(file: File, facts: check.Facts) -> None:
    file.kind, file.name, file.mime = facts.kind, facts.name, facts.mime
    file.size, file.sha256 = facts.size, facts.sha256
    file.width, file.height, file.seconds = facts.width, facts.height, facts.seconds
    file.storage, file.state, file.reason, file.fetch_after = storage.kind, "ready", None, None


def _tell(file: File) -> None:
    file.has_news = True
    announce("file.arrived")

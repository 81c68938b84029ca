"""Which files may be seen."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import sqlalchemy as sa
from flask_login import current_user

from crm_web.core.db import db
from crm_web.core.errors import NotFound
from crm_web.core.tenancy import current_tenant_id
from crm_web.files.models import File

# Filled by the modules above, which know what a file belongs to: all of them must let this person see it.
GUARDS: list[Callable[[File], bool]] = []


def get_file(file_id: uuid.UUID) -> File:
    """The file whose bytes are here, or NotFound: missing, still to come and forbidden are one thing."""
    file = db.session.scalar(
        sa.select(File).where(
            File.tenant_id == current_tenant_id(), File.id == file_id, File.deleted_at.is_(None)
        )
    )
    if file is None or not file.is_ready or not file.key or not current_user.can("conversations.read"):
        raise NotFound
    if not all(lets_see(file) for lets_see in GUARDS):
        raise NotFound
    return file

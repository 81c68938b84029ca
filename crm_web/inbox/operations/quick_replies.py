"""Words kept to be sent often: made, changed, taken away, counted."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from crm_web.core.clock import now
from crm_web.core.db import db
from crm_web.core.errors import DomainError, NotFound
from crm_web.core.sentences import lazy
from crm_web.core.tenancy import current_tenant_id
from crm_web.core.text import N_
from crm_web.files.models import File
from crm_web.inbox.models import QuickReply
from crm_web.inbox.operations.answer import MAX_BODY, MAX_CAPTION
from crm_web.team.models import User

_SHORTCUT = re.compile(r"[\w-]{1,32}")


class BadQuickReply(DomainError):
    """The quick reply cannot be kept as it is; `details["field"]` says where to look."""


def create_quick_reply(
    *, shortcut: str, title: str, body: str, shared: bool, file: File | None = None, by: User
) -> QuickReply:
    """Keep a reply for oneself, or for everybody with `inbox.share`. Raises BadQuickReply."""
    values = _checked(shortcut, title, body, file)
    reply = QuickReply(tenant_id=current_tenant_id(), owner_id=_owner(shared, by), created_by=by.id, **values)
    _save(reply)
    return reply


def update_quick_reply(
    reply: QuickReply,
    *,
    shortcut: str,
    title: str,
    body: str,
    shared: bool,
    file: File | None = None,
    by: User,
) -> None:
    """Change all of it; `file` is the one it carries from now on. Raises BadQuickReply, or NotFound as `may_change`."""
    if not may_change(reply, by=by):
        raise NotFound
    for name, value in _checked(shortcut, title, body, file).items():
        setattr(reply, name, value)
    reply.owner_id = (reply.owner_id or by.id) if not shared else _owner(shared, by)
    _save(reply)


def delete_quick_reply(reply: QuickReply, *, by: User) -> None:
    """Its shortcut is free again; messages sent with it stay."""
    if not may_change(reply, by=by):
        raise NotFound
    reply.deleted_at = now()


def count_use(reply: QuickReply) -> None:
    """It was put into a message once more."""
    db.session.execute(
        sa.update(QuickReply)
        .where(QuickReply.tenant_id == current_tenant_id(), QuickReply.id == reply.id)
        .values(usage_count=QuickReply.usage_count + 1, updated_at=QuickReply.updated_at)
    )


def may_change(reply: QuickReply, *, by: User) -> bool:
    """One's own; everybody's with `inbox.share`."""
    return reply.owner_id == by.id or (reply.owner_id is None and by.can("inbox.share"))


def _owner(shared: bool, by: User) -> Any:
    if shared and not by.can("inbox.share"):
        raise BadQuickReply(
            lazy(N_("No tienes permiso para compartir respuestas; guárdala solo para ti.")), field="shared"
        )
    return None if shared else by.id


def _checked(shortcut: str, title: str, body: str, file: File | None) -> dict[str, Any]:
    shortcut, title, body = shortcut.strip().lstrip("/").lower(), title.strip(), body.strip()
    if not _SHORTCUT.fullmatch(shortcut):
        raise BadQuickReply(
            lazy(N_("El atajo lleva letras, números o guiones, sin espacios: hasta 32.")), field="shortcut"
        )
    if not title or len(title) > 80:
        raise BadQuickReply(lazy(N_("Escribe un título de hasta 80 caracteres.")), field="title")
    most = MAX_CAPTION if file else MAX_BODY
    if len(body) > most or not (body or file):
        raise BadQuickReply(lazy(N_("Escribe el texto: hasta %(most)s caracteres."), most=most), field="body")
    return {
        "shortcut": shortcut,
        "title": title,
        "body": body,
        "file_id": file.id if file else None,
    }


def _save(reply: QuickReply) -> None:
    """The unique index decides, so two people at once cannot make one shortcut twice."""
    try:
        with db.session.begin_nested():
            db.session.add(reply)
            db.session.flush()
    except sa.exc.IntegrityError:
        sentence = (
            N_("Ya tienes una respuesta con el atajo /%(shortcut)s.")
            if reply.owner_id
            else N_("El equipo ya tiene una respuesta con el atajo /%(shortcut)s.")
        )
        raise BadQuickReply(lazy(sentence, shortcut=reply.shortcut), field="shortcut") from None

"""What can be done with leads: found or made by their identities, many at once; corrected; remembered by notes."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from crm_web.core import live
from crm_web.core.clock import now
from crm_web.core.db import db, new_id
from crm_web.core.errors import DomainError
from crm_web.core.phone import identity_key, to_e164
from crm_web.core.sentences import lazy
from crm_web.core.tenancy import current_tenant_id
from crm_web.core.text import N_
from crm_web.leads.models import Lead, LeadIdentity, LeadNote
from crm_web.team.models import User

Key = tuple[str, str, str]
# What people correct by hand, and how long it may be. A name is never missing, only empty.
FIELDS = {"first_name": 80, "last_name": 80, "email": 254, "company": 120, "city": 80, "country": 80}
NAMES = ("first_name", "last_name")
MOST_NOTE = 5000
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")


class BadValue(DomainError):
    """What was written cannot be kept; the sentence says what to change."""


class Raced(RuntimeError):
    """Somebody made one of these people at the same moment; begin the transaction again."""


@dataclass
class Person:
    """Somebody as a provider described them. `scope` is where their BSUID means them."""

    scope: str = ""
    phone: str | None = None
    bsuid: str | None = None
    parent_bsuid: str | None = None
    username: str | None = None
    name: str | None = None
    seen_at: datetime | None = None
    source: str = "whatsapp"
    referral: dict[str, Any] | None = None
    lead_id: uuid.UUID | None = field(default=None, compare=False)

    def identities(self) -> list[tuple[Key, str]]:
        """Their identities as (kind, scope, folded value) with the value as it came; the surest first."""
        found: list[tuple[Key, str]] = []
        if self.phone and (folded := identity_key(self.phone)):
            found.append((("phone", "", folded), self.phone))
        if self.bsuid:
            found.append((("bsuid", self.scope, self.bsuid), self.bsuid))
        if self.parent_bsuid:
            found.append((("parent_bsuid", "", self.parent_bsuid), self.parent_bsuid))
        return found


def find_or_create(people: Sequence[Person]) -> None:
    """Give every person their `lead_id`, making the leads and identities that are missing.

    Two people who share an identity become one lead. Raises `Raced` when another transaction made one of them
    first. A person without any identity keeps `lead_id` empty.
    """
    known = _known({key for person in people for key, _raw in person.identities()})
    leads: list[dict[str, Any]] = []
    identities: list[dict[str, Any]] = []
    for person in people:
        keys = person.identities()
        if not keys:
            continue
        person.lead_id = next((known[key] for key, _raw in keys if key in known), None)
        if person.lead_id is None:
            person.lead_id = new_id()
            leads.append(_new_lead(person))
        for key, raw in keys:
            if key not in known:
                known[key] = person.lead_id
                identities.append(_new_identity(person.lead_id, key, raw))
    _insert(leads, identities)


def _known(keys: set[Key]) -> dict[Key, uuid.UUID]:
    if not keys:
        return {}
    kinds, scopes, values = (list(column) for column in zip(*sorted(keys), strict=True))
    rows = db.session.execute(
        sa.text(
            "SELECT i.kind, i.scope, i.value, i.lead_id FROM unnest(CAST(:kinds AS text[]), CAST(:scopes AS text[]),"
            " CAST(:values AS text[])) AS k(kind, scope, value) JOIN lead_identities i"
            " ON i.tenant_id = :tenant AND i.kind = k.kind AND i.scope = k.scope AND i.value = k.value"
        ),
        {"kinds": kinds, "scopes": scopes, "values": values, "tenant": current_tenant_id()},
    )
    return {(row.kind, row.scope, row.value): row.lead_id for row in rows}


def _new_lead(person: Person) -> dict[str, Any]:
    return {
        "id": person.lead_id,
        "tenant_id": current_tenant_id(),
        "profile_name": person.name or "",
        "username": person.username,
        "phone": to_e164(person.phone) if person.phone else None,
        "source": person.source,
        "referral": person.referral,
        "last_activity_at": person.seen_at,
        "last_contact_at": person.seen_at,
    }


def _new_identity(lead_id: uuid.UUID, key: Key, raw: str) -> dict[str, Any]:
    kind, scope, value = key
    return {
        "tenant_id": current_tenant_id(),
        "lead_id": lead_id,
        "kind": kind,
        "scope": scope,
        "value": value,
        "raw": raw,
    }


def _insert(leads: list[dict[str, Any]], identities: list[dict[str, Any]]) -> None:
    if leads:
        db.session.execute(sa.insert(Lead), leads)
    if identities:
        written = db.session.execute(
            pg.insert(LeadIdentity).on_conflict_do_nothing().returning(LeadIdentity.id), identities
        ).all()
        if len(written) != len(identities):
            raise Raced


def refresh_profiles(people: Sequence[Person]) -> None:
    """Take over the newest names and time of contact, and the earliest advertisement that led here.

    An older event never overwrites a newer one. A referral carries its moment as `at`.
    """
    rows = [
        {
            "lead": person.lead_id,
            "name": person.name or "",
            "username": person.username,
            "phone": to_e164(person.phone) if person.phone else None,
            "seen": person.seen_at,
            "referral": json.dumps(person.referral) if person.referral else None,
        }
        for person in people
        if person.lead_id and person.seen_at
    ]
    if rows:
        db.session.execute(_REFRESH, {"tenant": current_tenant_id(), **_columns(rows)})


def _columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


_REFRESH = sa.text(
    """
    UPDATE leads l SET
        profile_name = CASE WHEN p.name <> '' AND p.seen >= coalesce(l.last_activity_at, p.seen)
                            THEN p.name ELSE coalesce(nullif(l.profile_name, ''), p.name) END,
        username = CASE WHEN p.seen >= coalesce(l.last_activity_at, p.seen) THEN coalesce(p.username, l.username)
                        ELSE coalesce(l.username, p.username) END,
        phone = coalesce(l.phone, p.phone),
        source = CASE WHEN p.referral IS NOT NULL AND l.source = 'whatsapp' THEN 'ad' ELSE l.source END,
        referral = CASE WHEN p.referral ->> 'at' < coalesce(l.referral ->> 'at', 'never')
                        THEN p.referral ELSE l.referral END,
        last_activity_at = greatest(l.last_activity_at, p.seen),
        last_contact_at = greatest(l.last_contact_at, p.seen)
    FROM (
        SELECT lead, max(seen) AS seen, (array_agg(name ORDER BY seen DESC))[1] AS name,
            (array_agg(username ORDER BY seen DESC))[1] AS username, (array_agg(phone ORDER BY seen DESC))[1] AS phone,
            (array_agg(referral ORDER BY referral ->> 'at') FILTER (WHERE referral IS NOT NULL))[1] AS referral
        FROM (SELECT lead, name, username, phone, seen, CAST(ad AS jsonb) AS referral FROM unnest(
            CAST(:lead AS uuid[]), CAST(:name AS text[]), CAST(:username AS text[]),
            CAST(:phone AS text[]), CAST(:seen AS timestamptz[]), CAST(:referral AS text[])
        ) AS given(lead, name, username, phone, seen, ad)) AS told GROUP BY lead
    ) AS p
    WHERE l.tenant_id = :tenant AND l.id = p.lead
    """
)


def add_identity(lead_id: uuid.UUID, kind: str, scope: str, value: str, raw: str) -> None:
    """Also know this lead by another identity; one that belongs to somebody already stays theirs."""
    row = _new_identity(lead_id, (kind, scope, value), raw)
    db.session.execute(pg.insert(LeadIdentity).on_conflict_do_nothing(), [row])


def set_marketing_consent(lead_id: uuid.UUID, *, allowed: bool, at: datetime) -> None:
    """Record that the person stopped, or resumed, commercial messages; the newest wish counts, whenever it arrives."""
    known = sa.func.greatest(Lead.opted_in_at, Lead.opted_out_at)
    values = {"opted_in_at": at, "opted_out_at": None} if allowed else {"opted_out_at": at}
    db.session.execute(
        sa.update(Lead)
        .where(Lead.id == lead_id, sa.or_(known.is_(None), known <= at))
        .values(opt_in=allowed, **values)
    )


def update_lead(lead: Lead, field: str, value: str) -> None:
    """Correct one of `FIELDS`; an empty value clears it. Raises BadValue."""
    words = " ".join(value.split())
    if len(words) > FIELDS[field]:
        raise BadValue(lazy(N_("Hasta %(most)s caracteres."), most=FIELDS[field]))
    if field == "email" and words and not _EMAIL.fullmatch(words):
        raise BadValue(lazy(N_("Escribe un correo completo, como ana@correo.co.")))
    setattr(lead, field, words if field in NAMES else words or None)
    tell_changed(lead.id)


def write_note(lead: Lead, body: str, *, by: User) -> LeadNote:
    """Keep what the team should remember of this person. Raises BadValue."""
    note = LeadNote(tenant_id=lead.tenant_id, lead_id=lead.id, author_id=by.id, body=_note_words(body))
    db.session.add(note)
    db.session.flush()
    tell_changed(lead.id)
    return note


def edit_note(note: LeadNote, body: str) -> None:
    """Write one's own note anew. Raises BadValue."""
    note.body = _note_words(body)
    tell_changed(note.lead_id)


def delete_note(note: LeadNote) -> None:
    """Take one's own note away; it is kept, and shown to nobody."""
    note.deleted_at = now()
    tell_changed(note.lead_id)


def _note_words(body: str) -> str:
    words = body.replace("\r\n", "\n").strip()
    if not words:
        raise BadValue(lazy(N_("Escribe algo antes de guardar la nota.")))
    if len(words) > MOST_NOTE:
        raise BadValue(lazy(N_("La nota es demasiado larga: hasta %(most)s caracteres."), most=MOST_NOTE))
    return words


def tell_changed(lead_id: uuid.UUID) -> None:
    """Whoever has this person before them looks again, and so do the lists that show their name."""
    tenant_id = current_tenant_id()
    live.tell("lead", {"id": str(lead_id)}, live.inbox_room(tenant_id))
    live.tell("inbox", {"id": str(tenant_id)}, live.inbox_room(tenant_id))

"""The demo, tenant by tenant: everything is thought out in memory, and inserted in bulk."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from crm_web.channels.models import Channel
from crm_web.core.db import Base, db, new_id
from crm_web.core.effects import commit
from crm_web.core.phone import identity_key, to_e164
from crm_web.core.tenancy import as_tenant
from crm_web.files.models import File
from crm_web.inbox.models import Conversation, Message, Reaction
from crm_web.leads.models import Lead, LeadIdentity
from crm_web.message_templates.models import MessageTemplate
from crm_web.ops.demo import plans
from crm_web.ops.demo.businesses import BUSINESSES, Business, make_channel, make_team, make_tenant
from crm_web.ops.demo.care import Keeper, take_care
from crm_web.ops.demo.clockwork import by_day
from crm_web.ops.demo.compose import SCENE, Composer
from crm_web.ops.demo.people import Crowd, Customer
from crm_web.ops.demo.plans import Part, Plan
from crm_web.ops.demo.play import Performance, Stage
from crm_web.ops.demo.recount import recount
from crm_web.ops.demo.replies import make_replies
from crm_web.ops.demo.screenplay import Line, load
from crm_web.ops.demo.shelf import Shelf
from crm_web.ops.demo.telephones import Telephones, templates_of
from crm_web.ops.demo.thread import House, Row, Rows, Thread, referral, uuid7

SEED = 2026
AT_ONCE = 400
ON_TELEPHONES = timedelta(days=3)
TABLES: tuple[tuple[str, type[Base]], ...] = (
    ("leads", Lead), ("identities", LeadIdentity), ("files", File), ("conversations", Conversation), ("messages", Message),
    ("reactions", Reaction),
)  # fmt: skip


@dataclass(frozen=True)
class Counts:
    slug: str
    leads: int
    conversations: int
    messages: int


@dataclass(frozen=True)
class Turn:
    """One conversation to be played: its plan, and its script if it has one."""

    plan: Plan
    part: Part | None = None
    lines: tuple[Line, ...] = ()


def seed(scale: int, at: datetime) -> Iterator[Counts]:
    """Make both businesses, with `scale` helpings of customers; commits after each."""
    chance = Random(SEED)  # noqa: S311 - the same demo every time
    crowd = Crowd(chance)
    for business in BUSINESSES:
        yield _build(business, scale, at, chance, crowd)


def _build(business: Business, scale: int, at: datetime, chance: Random, crowd: Crowd) -> Counts:
    tenant = make_tenant(business, at)
    with as_tenant(tenant.id):
        team = make_team(business, tenant, at, chance)
        channel = make_channel(business, tenant, at)
        make_replies(business, tenant, at)
        house = House(tenant.id, channel.id, at, chance, business.kind == "cita")
        builder = Builder(business, house, Stage(business.name, team, at, tenant.zone, chance), crowd)
        for helping in range(scale):
            builder.serve(helping)
        builder.finish()
        copy_templates(channel, at)
        recount()
        luck = Random(SEED)  # noqa: S311 - its own, so that nothing said changes by what is done about it
        take_care(Keeper(tenant, at, luck, house.is_clinic, {part: one.id for part, one in team.items()}))
        commit()
    builder.telephones.tell()
    return Counts(business.slug, builder.leads, builder.conversations, builder.messages)


def copy_templates(channel: Channel, at: datetime) -> None:
    """The account's templates as the stand-in has them, read an hour ago: asking again changes nothing."""
    asked_at = at - timedelta(hours=1)
    rows = [
        {**row, "id": new_id(), "tenant_id": channel.tenant_id, "business_id": channel.business_id,
         "synced_at": asked_at, "created_at": channel.created_at, "updated_at": asked_at}
        for row in templates_of(channel.business_id)
    ]  # fmt: skip
    if rows:
        db.session.execute(sa.insert(MessageTemplate), rows)
        channel.templates_synced_at = asked_at
        channel.health = {**channel.health, "templates": {"at": asked_at.isoformat(), "error": ""}}


class Builder:
    """Serves helping after helping of one business and flushes what has gathered."""

    def __init__(self, business: Business, house: House, stage: Stage, crowd: Crowd) -> None:
        self.business, self.house, self.stage, self.crowd = business, house, stage, crowd
        self.chance = house.chance
        self.composer = Composer(load(*business.scenes), house.chance)
        self.shelf = Shelf(house.tenant_id, house.channel_id)
        self.telephones = Telephones(business.account, business.business_id)
        self.rows = Rows()
        self.leads = self.conversations = self.messages = 0

    def serve(self, helping: int) -> None:
        self.shelf.share = helping > 0
        turns = list(self._turns(first=helping == 0))
        for turn in turns:
            self._play(turn, on_telephones=helping == 0)
            if len(self.rows.conversations) >= AT_ONCE:
                self._flush()
        for _ in range(self.business.leads - len(turns)):
            self._add_quiet_lead()

    def finish(self) -> None:
        self._flush()
        self.shelf.wait()

    def _turns(self, *, first: bool) -> Iterator[Turn]:
        business, chance = self.business, self.chance
        if first and business.script:
            for scene in load(business.script):
                part = plans.part_of(scene)
                yield Turn(part.plan, part, tuple(scene.lines))
        else:
            yield from map(Turn, plans.open_plans(business.more, chance, business.kind))
        yield from map(Turn, plans.open_plans(business.open, chance, business.kind))
        yield from map(Turn, plans.closed_plans(business.closed, business.closers, chance, business.kind))

    def _play(self, turn: Turn, *, on_telephones: bool) -> None:
        plan, part = by_day(turn.plan, self.house.now, self.stage.zone, self.chance), turn.part
        customer = self._customer(plan, part)
        lines = self._lines(turn, plan, customer)
        said = Performance(self.stage, plan, customer, part).perform(lines)
        lead_id = uuid7(said[0].at - timedelta(seconds=1), self.chance)
        ad = referral(customer, said[0].words, self.chance)
        thread = Thread(self.house, plan, customer, lead_id, said, ad)
        thread.all_read = bool(part and part.is_read)
        thread.write()
        for row, one in zip(thread.messages, said, strict=True):
            if one.content.wish:
                file = self.shelf.put(one.content.wish, one.words, row, lead_id)
                self.rows.files.append(file)
                row["file_id"] = file["id"]
        owner = self.stage.member("asesor", plan.owner) if plan.owner else None
        self._add_lead(customer, lead_id, thread.messages, owner.id if owner else None, ad)
        self.rows.conversations.append(thread.conversation(owner.id if owner else None))
        self.rows.messages += thread.messages
        self.rows.reactions += thread.reactions
        self._tell_telephone(customer, thread, shown=on_telephones)

    def _lines(self, turn: Turn, plan: Plan, customer: Customer) -> list[Line]:
        """What is said: by the script, after what came before it if it says so, or put together."""
        if not turn.part:
            return self.composer.compose(plan, customer.source)
        before = self.composer.history(plan, customer.source) if plan.depth else []
        first, *rest = turn.lines
        return [*before, replace(first, wait=SCENE) if before else first, *rest]

    def _customer(self, plan: Plan, part: Part | None) -> Customer:
        if part:
            return self.crowd.named(part.name, is_her=part.is_her, **part.known)
        customer = self.crowd.next("whatsapp" if plan.reason in ("spam", "other") else None)
        if plan.status == "new":
            return replace(customer, first_name="", last_name="", email=None, company=None, city=None)
        return customer

    def _add_lead(
        self,
        customer: Customer,
        lead_id: uuid.UUID,
        messages: list[Row],
        owner_id: uuid.UUID | None,
        ad: Row | None,
    ) -> None:
        heard = [row["occurred_at"] for row in messages if row["direction"] == "inbound"]
        last = heard[-1] if heard else None
        row = self._lead_row(customer, lead_id, messages[0]["occurred_at"], owner_id)
        self.rows.leads.append(row | {"referral": ad, "last_contact_at": last, "last_activity_at": last})
        self._add_identities(customer, row, written=True)

    def _add_quiet_lead(self) -> None:
        """Somebody who was imported, or left their number somewhere, and has not written yet."""
        chance, team = self.chance, self.stage.team
        customer = self.crowd.next(
            chance.choice(("import", "import", "web", "web", "email", "referral", "facebook"))
        )
        at = self.house.now - timedelta(days=118 * chance.random() ** 1.3, minutes=chance.randint(5, 600))
        owner = team[chance.choice(self.business.closers)].id if chance.random() < 0.6 else None
        row = self._lead_row(customer, uuid7(at, chance), at, owner)
        if chance.random() < 0.04:
            row |= {"opt_in": False, "opted_out_at": at + timedelta(minutes=3)}
        self.rows.leads.append(row)
        self._add_identities(customer, row, written=False)

    def _lead_row(
        self, customer: Customer, lead_id: uuid.UUID, at: datetime, owner_id: uuid.UUID | None
    ) -> Row:
        self.leads += 1
        return {
            "id": lead_id, "tenant_id": self.house.tenant_id, "first_name": customer.first_name,
            "last_name": customer.last_name,
            "profile_name": customer.profile_name, "username": customer.username, "phone": _e164(customer.digits),
            "email": customer.email, "company": customer.company, "city": customer.city, "country": customer.country,
            "source": customer.source, "referral": None, "assigned_to": owner_id, "opt_in": True, "opted_out_at": None,
            "is_blocked": False, "last_contact_at": None, "last_activity_at": None, "created_at": at, "updated_at": at,
        }  # fmt: skip

    def _add_identities(self, customer: Customer, lead: Row, *, written: bool) -> None:
        """How they are known; the network's own id only comes with a message."""
        known = [
            ("phone", "", identity_key(customer.digits), customer.digits) if customer.digits else None,
            ("bsuid", self.business.business_id, customer.bsuid, customer.bsuid)
            if written or not customer.digits
            else None,
            ("email", "", customer.email.lower(), customer.email) if customer.email else None,
        ]
        self.rows.identities += [
            {"id": uuid7(lead["created_at"], self.chance), "tenant_id": lead["tenant_id"], "lead_id": lead["id"], "kind": kind,
             "scope": scope, "value": value, "raw": raw, "created_at": lead["created_at"], "updated_at": lead["created_at"]}
            for kind, scope, value, raw in filter(None, known)
        ]  # fmt: skip

    def _tell_telephone(self, customer: Customer, thread: Thread, *, shown: bool) -> None:
        key = customer.digits or customer.bsuid
        self.telephones.add(
            key, customer.digits, customer.bsuid, customer.profile_name or customer.name, customer.username
        )
        self.telephones.heard(key, thread.messages)
        if shown and thread.messages[-1]["occurred_at"] > self.house.now - ON_TELEPHONES:
            self.telephones.show(key, thread.messages)

    def _flush(self) -> None:
        self.conversations += len(self.rows.conversations)
        self.messages += len(self.rows.messages)
        for name, model in TABLES:
            rows = getattr(self.rows, name)
            if rows:
                db.session.connection().execute(_insert(model), rows)
        self.rows = Rows()


def _insert(model: type[Base]) -> sa.Insert:
    """A bulk insert in which None is no value, rather than a JSON null."""
    table: Any = model.__table__
    optional = [c for c in table.columns if isinstance(c.type, pg.JSONB) and c.nullable]
    values = {
        c.name: sa.bindparam(c.name, type_=pg.JSONB(none_as_null=True))
        for c in optional
        if c.name in ("pricing", "referral")
    }
    statement: sa.Insert = sa.insert(table)
    return statement.values(**values) if values else statement


def _e164(digits: str | None) -> str | None:
    """Colombia's are as they are; the others lose or gain a digit between the network and the people."""
    if digits is None:
        return None
    return f"+{digits}" if digits.startswith("57") else to_e164(digits)

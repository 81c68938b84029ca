"""A conversation as rows: its messages with their ticks, answers, edits and reactions, and where it stands.

Shapes are those that the inbox's own verbs write; what a conversation's row repeats of its messages is filled in afterwards
by `recount.py`, in one statement for all.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from crm_web.ops.demo.listings import Words
from crm_web.ops.demo.people import Customer
from crm_web.ops.demo.plans import Plan
from crm_web.ops.demo.play import Said
from crm_web.ops.demo.screenplay import NOTE, SYSTEM

Row = dict[str, Any]
TICKS = ("sent_at", "delivered_at", "read_at", "played_at")
ERRORS = {
    "131026": "El número no está en WhatsApp o no puede recibir mensajes.",
    "131049": "Meta limitó los mensajes de marketing a este contacto. Intente en uno o más días.",
    "131053": "WhatsApp no aceptó el archivo. Revise el formato y el tamaño.",
}
# Refused in the answer to the request, so the message never got an id of the provider's.
NEVER_ACCEPTED = ("131053",)


@dataclass
class Rows:
    """What is to be inserted, table by table."""

    leads: list[Row] = field(default_factory=list)
    identities: list[Row] = field(default_factory=list)
    files: list[Row] = field(default_factory=list)
    conversations: list[Row] = field(default_factory=list)
    messages: list[Row] = field(default_factory=list)
    reactions: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class House:
    """What all rows of a tenant share."""

    tenant_id: uuid.UUID
    channel_id: uuid.UUID
    now: datetime
    chance: Random
    is_clinic: bool


def uuid7(at: datetime, chance: Random) -> uuid.UUID:
    """An id as `core.db.new_id` makes it, of another moment."""
    number = (
        int(at.timestamp() * 1000) << 80
        | 7 << 76
        | chance.getrandbits(12) << 64
        | 2 << 62
        | chance.getrandbits(62)
    )
    return uuid.UUID(int=number)


def wamid(key: str, chance: Random) -> str:
    inside = b"\x1c\x18" + bytes([len(key)]) + key.encode() + b"\x15\x02\x00\x11\x18\x12"
    return "wamid." + base64.b64encode(inside + f"{chance.getrandbits(80):020X}".encode() + b"\x00").decode()


def referral(customer: Customer, words: Words, chance: Random) -> Row | None:
    """The ad or post that brought somebody here, as the provider tells it: about what they ask for."""
    if customer.source != "ad":
        return None
    number = str(chance.randrange(10**17, 10**18))
    return {
        "source_type": chance.choice(("ad", "ad", "ad", "post")), "source_id": number,
        "source_url": f"https://anuncios.example/{number}", "headline": words["anuncio"], "body": words["anuncio_texto"],
        "media_type": "image", "ctwa_clid": f"{chance.getrandbits(96):024x}",
    }  # fmt: skip


class Thread:
    """Turns one conversation into rows."""

    def __init__(
        self,
        house: House,
        plan: Plan,
        customer: Customer,
        lead_id: uuid.UUID,
        said: Sequence[Said],
        ad: Row | None = None,
    ) -> None:
        self.house, self.plan, self.lead_id, self.ad = house, plan, lead_id, ad
        self.said = [self._whole(one) for one in said]
        self.key = customer.digits or customer.bsuid
        self.id = uuid7(said[0].at, house.chance)
        self.messages: list[Row] = []
        self.reactions: list[Row] = []
        self.all_read = False

    @staticmethod
    def _whole(said: Said) -> Said:
        """The network counts in seconds, we in microseconds."""
        return replace(said, at=said.at.replace(microsecond=0)) if said.line.is_inbound else said

    def write(self) -> None:
        last = len(self.said) - 1
        for index, said in enumerate(self.said):
            row = self._message(said, index)
            self.messages.append(row)
            if row["direction"] == "outbound":
                answered = any(later.line.is_inbound for later in self.said[index + 1 :])
                self._tick(row, said, answered=answered, last=index == last)
            self._mark(row, said)
        for version, row in enumerate(self.messages, 1):
            row["version"] = version
        self._touch()

    def _message(self, said: Said, index: int) -> Row:
        content, house = said.content, self.house
        at = (
            max(said.at, self.messages[-1]["occurred_at"] + timedelta(milliseconds=400))
            if self.messages
            else said.at
        )
        internal = said.line.how in (NOTE, SYSTEM)
        direction = "internal" if internal else "inbound" if said.line.is_inbound else "outbound"
        row = _blank() | {
            "id": uuid7(at, house.chance), "tenant_id": house.tenant_id, "conversation_id": self.id,
            "channel_id": house.channel_id,
            "direction": direction, "kind": content.kind, "sender": said.sender, "author_id": said.by.id if said.by else None,
            "body": content.body, "payload": dict(said.event or content.payload), "occurred_at": at,
            "created_at": at, "updated_at": at,
            "status": "recorded" if internal else "received" if direction == "inbound" else "sent",
            "external_id": None if internal else wamid(self.key, house.chance),
        }  # fmt: skip
        if content.wish and direction == "inbound":
            row["payload"] = {"voice": content.kind == "audio", "animated": False}
        if content.kind == "choice":
            self._answer_question(row)
        if index == 0 and direction == "inbound" and self.ad:
            row["payload"]["referral"] = self.ad
        return row

    def _answer_question(self, row: Row) -> None:
        """A tap answers the newest message of ours with buttons, and carries the id that stood there."""
        asked = next((m for m in reversed(self.messages) if m["kind"] in ("template", "interactive")), None)
        if asked is None:
            return
        row["reply_to"] = asked["external_id"]
        title = row["payload"]["title"]
        if asked["kind"] == "template":
            row["payload"] |= {"type": "button", "id": title}
            return
        action = asked["payload"]["action"]
        offered = [button["reply"] for button in action.get("buttons", ())] + [
            option for section in action.get("sections", ()) for option in section["rows"]
        ]
        row["payload"]["id"] = next(
            (option["id"] for option in offered if option["title"] == title), "opcion-1"
        )

    def _tick(self, row: Row, said: Said, *, answered: bool, last: bool) -> None:
        """How far the message got by now: who answers has read; others may have, the longer ago the likelier."""
        chance, age = self.house.chance, (self.house.now - row["occurred_at"]).total_seconds()
        reads = answered or self.all_read or chance.random() < (0.82 if age > 86_400 else 0.5)
        surely = self.all_read or "escuchado" in said.line.marks
        plays = reads and row["kind"] == "audio" and (chance.random() < 0.7 or surely)
        steps = [
            chance.uniform(0.3, 1.5),
            chance.uniform(1.5, 4),
            chance.uniform(6, 90 if answered else 3000),
            chance.uniform(4, 60),
        ]
        if "enviado" in said.line.marks or (chance.random() < 0.03 and not answered and last):
            steps = steps[:1]
        at = row["occurred_at"]
        for name, step, wanted in zip(TICKS, steps, (True, True, reads, plays), strict=False):
            at = min(at + timedelta(seconds=step), self.house.now) if surely else at + timedelta(seconds=step)
            if not wanted or at > self.house.now:
                break
            row[name], row["status"], row["updated_at"] = at, name.removesuffix("_at"), at
        if row["kind"] == "template":
            row["pricing"] = {"sent": {"billable": True, "pricing_model": "PMP", "type": "regular",
                                       "category": row["payload"]["category"].lower()}}  # fmt: skip

    def _mark(self, row: Row, said: Said) -> None:
        for mark in said.line.marks:
            word, _, value = mark.partition(" ")
            if word in MARKS:
                MARKS[word](self, row, said, value)
            elif word.startswith("^"):
                row["reply_to"] = self._other_side(row, int(word[1:] or 1))

    def _other_side(self, row: Row, nth: int) -> str | None:
        others = [
            m
            for m in self.messages
            if m["direction"] in ("inbound", "outbound") and m["direction"] != row["direction"]
        ]
        return others[-nth]["external_id"] if len(others) >= nth else None

    def _react(self, row: Row, said: Said, emoji: str) -> None:
        house, ours = self.house, row["direction"] == "inbound"
        at = min(
            row["occurred_at"] + timedelta(seconds=house.chance.randint(8, 240)),
            house.now - timedelta(seconds=5),
        )
        owner = said.by.id if said.by else None
        self.reactions.append({
            "id": uuid7(at, house.chance), "tenant_id": house.tenant_id, "conversation_id": self.id,
            "target": row["external_id"],
            "author_key": "business" if ours else "customer", "author_id": owner if ours else None, "emoji": emoji,
            "reacted_at": at, "external_id": wamid(self.key, house.chance), "created_at": at, "updated_at": at,
        })  # fmt: skip

    def _edited(self, row: Row, said: Said, _value: str) -> None:
        at = min(row["occurred_at"] + timedelta(seconds=self.house.chance.randint(20, 70)), self.house.now)
        row["payload"]["versions"] = [
            {"at": row["occurred_at"].isoformat(), "id": "", "body": said.before},
            {"at": at.isoformat(), "id": wamid(self.key, self.house.chance), "body": row["body"]},
        ]
        row["edited_at"] = row["updated_at"] = at

    def _revoked(self, row: Row, _said: Said, _value: str) -> None:
        row["revoked_at"] = row["updated_at"] = min(
            row["occurred_at"] + timedelta(seconds=50), self.house.now
        )

    def _forwarded(self, row: Row, _said: Said, _value: str) -> None:
        row["payload"]["forwarded"] = True

    def _failed(self, row: Row, _said: Said, code: str) -> None:
        at = row["occurred_at"] + timedelta(seconds=2)
        row |= dict.fromkeys(TICKS) | {
            "status": "failed",
            "failed_at": at,
            "error_code": code,
            "error_text": ERRORS[code],
        }
        if code in NEVER_ACCEPTED:
            row["external_id"] = None
        else:
            row["sent_at"] = row["occurred_at"] + timedelta(seconds=1)

    def _unconfirmed(self, row: Row, _said: Said, _value: str) -> None:
        row |= dict.fromkeys(TICKS) | {"status": "unconfirmed", "external_id": None}

    def _touch(self) -> None:
        """Reactions and edits came after the messages they are about, and made them newer."""
        version = len(self.messages)
        targets = {reaction["target"] for reaction in self.reactions}
        for row in self.messages:
            if row["external_id"] in targets or row["edited_at"] or row["revoked_at"]:
                version += 1
                row["version"] = version

    # -- the conversation's own row --------------------------------------------------------------------------

    def conversation(self, owner_id: uuid.UUID | None) -> Row:
        """Its row, but for what `recount` fills in. `read_at` says how much of it has been read."""
        plan, now = self.plan, self.house.now
        taken = [m for m in self.messages if m["payload"].get("event") == "assigned"]
        shut = (
            next((m for m in reversed(self.messages) if m["payload"].get("event") == "closed"), None)
            if plan.reason
            else None
        )
        won = plan.reason == "sale"
        began = self.messages[0]["occurred_at"]
        return {
            "id": self.id, "tenant_id": self.house.tenant_id, "lead_id": self.lead_id, "channel_id": self.house.channel_id,
            "assigned_to": owner_id, "assigned_at": (taken[-1]["occurred_at"] if taken else began) if owner_id else None,
            "status": self._status(), "is_open": not plan.reason, "priority": plan.priority, "read_at": self._read_at(now),
            "closed_at": shut and shut["occurred_at"], "closed_by": shut and shut["author_id"],
            "close_reason": plan.reason or None,
            "close_notes": shut and shut["payload"]["notes"], "transfer_count": max(0, len(taken) - 1),
            "outcome": OUTCOMES.get(plan.reason), "outcome_value": self._value() if won else None,
            "satisfaction_rating": self.house.chance.choice((5, 5, 4, 5, 3)) if won else None,
            "requires_attention": plan.priority == "urgent", "pair_backoff": 0, "last_message_at": began,
            "last_message_kind": "text", "last_message_preview": "", "last_message_direction": "inbound",
            "last_message_status": "received", "version": 0, "message_count": 0, "unread_count": 0,
            "created_at": began, "updated_at": began,
        }  # fmt: skip

    def _status(self) -> str:
        """Whom nobody has answered yet is only assigned."""
        answered = any(m["direction"] == "outbound" and m["sender"] == "user" for m in self.messages)
        return "assigned" if self.plan.status == "active" and not answered else self.plan.status

    def _value(self) -> int:
        chance = self.house.chance
        if self.house.is_clinic:
            return chance.randrange(650_000, 9_800_000, 50_000)
        return (
            chance.randrange(1_650_000, 5_200_000, 50_000)
            if self.plan.kind == "arriendo"
            else chance.randrange(285, 980) * 1_000_000
        )

    def _read_at(self, now: datetime) -> datetime | None:
        """When the team last looked: so that as many of the last inbound messages as planned are unread."""
        inbound: list[datetime] = [m["occurred_at"] for m in self.messages if m["direction"] == "inbound"]
        ours: list[datetime] = [m["occurred_at"] for m in self.messages if m["direction"] == "outbound"]
        since = [at for at in inbound if not ours or at > ours[-1]]
        unread = min(self.plan.unread, len(since))
        if not unread:
            done: datetime = self.messages[-1]["occurred_at"] + timedelta(seconds=40)
            return min(done, now)
        seen = since[-unread] - timedelta(milliseconds=100)
        return max(seen, ours[-1]) if ours else (seen if len(since) > unread else None)


OUTCOMES = {
    "sale": "sale",
    "resolved": "information",
    "no_interest": "no_sale",
    "no_answer": "no_sale",
    "other": "information",
}
MARKS = {
    "+": Thread._react, "~": Thread._edited, "borrado": Thread._revoked, "reenviado": Thread._forwarded,
    "fallo": Thread._failed,
    "duda": Thread._unconfirmed,
}  # fmt: skip


def _blank() -> Row:
    return dict.fromkeys((
        "file_id", "external_id", "reply_to", "client_id", *TICKS, "failed_at", "error_code", "error_text",
        "pricing", "edited_at",
        "revoked_at", "deleted_at",
    )) | {"version": 0, "retry_count": 0}  # fmt: skip

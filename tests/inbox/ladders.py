"""Every order of every set of statuses, each told about a message of its own."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from crm_web.channels.normal import OutgoingMessage, ProviderError, SendResult
from crm_web.core.clock import now
from crm_web.core.db import db, new_id
from crm_web.core.effects import commit
from crm_web.inbox import outbox
from crm_web.models import Conversation, Message, OutboxItem
from tests.inbox import history

STATES = ("sent", "delivered", "read", "played", "failed")
CLIMBS = [climb for size in range(1, 6) for climb in itertools.permutations(STATES, size)]


@dataclass
class Climber:
    """A message of ours and the statuses it will be told, in this order.

    Of three climbers, one's answer arrived before any status, one's never did (every status carries our reference),
    and one's courier came back empty-handed when the first status was already here.
    """

    number: int
    climb: tuple[str, ...]
    parcel: outbox.Parcel

    @property
    def external_id(self) -> str:
        return f"wamid.climber-{self.number}"

    def status(self, step: int) -> history.Entry:
        ref = None if self.number % 3 == 0 else str(self.parcel.message_id)
        errors = {"errors": history.UNDELIVERABLE} if self.climb[step] == "failed" else {}
        return history.status(
            STATES.index(self.climb[step]), self.external_id, self.climb[step], ref, **errors
        )

    def hears_at_once(self) -> None:
        if self.number % 3 == 0:
            outbox.record([outbox.Sent(self.parcel, result=SendResult(self.external_id))])

    def hears_nothing(self) -> None:
        if self.number % 3 == 2:
            outbox.record([outbox.Sent(self.parcel, error=ProviderError("no answer", reaction="unknown"))])

    def expected(self) -> dict[str, object]:
        """The highest step; a failure counts only when nothing says that it arrived. Every time that was told."""
        ladder = ("played", "read", "delivered", "failed", "sent")
        told = {f"{state}_at": history.NOON + STATES.index(state) for state in self.climb}
        at = {
            f"{state}_at": told.get(f"{state}_at")
            for state in STATES
            if state != "sent" or "sent" in self.climb
        }
        code = "131026" if "failed" in self.climb else None
        return {"status": next(step for step in ladder if step in self.climb), "error_code": code, **at}

    def found(self) -> dict[str, object]:
        message = db.session.get_one(Message, self.parcel.message_id)
        at = {name: value and int(value.timestamp()) for name in self.expected() if name.endswith("_at")
              for value in [getattr(message, name)]}  # fmt: skip
        return {"status": message.status, "error_code": message.error_code or None, **at}


def climbers() -> list[Climber]:
    """One message of ours for every climb, all in one conversation, claimed and on the way."""
    conversation = db.session.scalars(sa.select(Conversation)).one()
    made = [Climber(number, climb, _parcel(conversation)) for number, climb in enumerate(CLIMBS)]
    commit()
    return made


def _parcel(conversation: Conversation) -> outbox.Parcel:
    given = {
        "tenant_id": conversation.tenant_id,
        "channel_id": conversation.channel_id,
        "conversation_id": conversation.id,
    }
    message = Message(id=new_id(), **given, direction="outbound", kind="text", body="Hola", occurred_at=now())
    item = OutboxItem(id=new_id(), **given, message_id=message.id, state="sending", fence=uuid.uuid4())
    parcel = outbox.Parcel(
        **given, item_id=item.id, message_id=message.id, fence=item.fence, attempts=1, provider="meta", account_id="",
        token="", outgoing=OutgoingMessage(str(message.id), None, None, "text"),
    )  # fmt: skip
    db.session.add(message)
    db.session.flush()
    db.session.add(item)
    return parcel

"""Several actions by one key. A macro runs wholly or not at all."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from crm_web.core.db import db
from crm_web.core.errors import DomainError
from crm_web.core.sentences import lazy
from crm_web.core.tenancy import current_tenant_id
from crm_web.core.text import N_
from crm_web.inbox.models import Conversation, Macro
from crm_web.inbox.operations import transfers
from crm_web.inbox.operations.answer import MAX_BODY, send_message, write_note
from crm_web.inbox.operations.handle import assign, close
from crm_web.inbox.operations.priorities import set_priority
from crm_web.inbox.operations.snoozes import moment_of, snooze
from crm_web.inbox.operations.tags import LONGEST, tag, untag
from crm_web.inbox.settings import own_tenant
from crm_web.inbox.variables import fill, values_for
from crm_web.leads.models import Lead
from crm_web.team.models import User
from crm_web.team.queries import get_user

MOST_ACTIONS = 10
MOST_NAME = 60


class BadMacro(DomainError):
    """The macro cannot be kept as it is; the sentence says what to change."""


class MacroStopped(DomainError):
    """A step could not be done, so none was."""


class Step(BaseModel):
    """One action. `needs` is what whoever runs it must be allowed."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    needs: ClassVar[str] = "conversations.reply"

    def run(self, conversation: Conversation, by: User) -> None:
        raise NotImplementedError


class Send(Step):
    do: Literal["send"] = "send"
    text: str = Field(min_length=1, max_length=MAX_BODY)

    def run(self, conversation: Conversation, by: User) -> None:
        send_message(conversation, body=_filled(self.text, conversation, by), by=by)


class Note(Step):
    needs: ClassVar[str] = "conversations.note"
    do: Literal["note"] = "note"
    text: str = Field(min_length=1, max_length=MAX_BODY)

    def run(self, conversation: Conversation, by: User) -> None:
        write_note(conversation, body=_filled(self.text, conversation, by), by=by)


class Assign(Step):
    needs: ClassVar[str] = "conversations.assign"
    do: Literal["assign"] = "assign"
    to: Literal["me", "nobody"] | uuid.UUID

    def run(self, conversation: Conversation, by: User) -> None:
        assign(conversation, self._person(by), by=by)

    def _person(self, by: User) -> User | None:
        if isinstance(self.to, str):
            return by if self.to == "me" else None
        try:
            person = get_user(self.to)
        except DomainError:
            raise BadMacro(lazy(N_("la persona elegida ya no está en el equipo."))) from None
        transfers.require_able(person)
        return person


class Tagging(Step):
    do: Literal["tag"] = "tag"
    tag: str = Field(min_length=1, max_length=LONGEST)

    def run(self, conversation: Conversation, by: User) -> None:
        tag(conversation, [self.tag], by=by)


class Untagging(Step):
    do: Literal["untag"] = "untag"
    tag: str = Field(min_length=1, max_length=LONGEST)

    def run(self, conversation: Conversation, by: User) -> None:
        untag(conversation, [self.tag], by=by)


class Prioritise(Step):
    do: Literal["priority"] = "priority"
    to: Literal["low", "normal", "high", "urgent"]

    def run(self, conversation: Conversation, by: User) -> None:
        set_priority(conversation, self.to, by=by)


class Snooze(Step):
    do: Literal["snooze"] = "snooze"
    until: Literal["hour", "tomorrow", "monday", "month", "reply"]

    def run(self, conversation: Conversation, by: User) -> None:
        moment = None if self.until == "reply" else moment_of(self.until, own_tenant().zone)
        snooze(conversation, until=moment, by=by)


class Close(Step):
    needs: ClassVar[str] = "conversations.close"
    do: Literal["close"] = "close"
    reason: Literal["resolved", "sale", "no_interest", "no_answer", "spam", "other"]

    def run(self, conversation: Conversation, by: User) -> None:
        close(conversation, reason=self.reason, by=by)


Action = Annotated[
    Send | Note | Assign | Tagging | Untagging | Prioritise | Snooze | Close, Field(discriminator="do")
]
_ACTIONS: TypeAdapter[list[Action]] = TypeAdapter(list[Action])


def read_actions(given: Sequence[Any]) -> list[Action]:
    """The actions as they run, in order. Raises BadMacro when there is none, too many, or one nobody understands."""
    if not given:
        raise BadMacro(lazy(N_("Elige al menos una acción.")))
    if len(given) > MOST_ACTIONS:
        raise BadMacro(lazy(N_("Una macro tiene hasta %(most)s acciones."), most=MOST_ACTIONS))
    try:
        return _ACTIONS.validate_python(list(given))
    except ValidationError as error:
        place = error.errors()[0]["loc"][0]
        raise BadMacro(
            lazy(N_("La acción %(number)s está incompleta o es demasiado larga."), number=int(place) + 1)
        ) from None


def save_macro(
    macro: Macro | None, *, name: str, key: int | None, is_shared: bool, actions: Sequence[Any], by: User
) -> Macro:
    """Make a macro, or change one's own. Sharing needs `inbox.share`, which the door looks at. Raises BadMacro."""
    steps = [step.model_dump(mode="json") for step in read_actions(actions)]
    if not name.strip() or len(name.strip()) > MOST_NAME:
        raise BadMacro(lazy(N_("Ponle un nombre de hasta %(most)s caracteres."), most=MOST_NAME))
    if key is not None and _has_key(by, key, macro):
        raise BadMacro(lazy(N_("Ya tienes otra macro con la tecla %(key)s."), key=key))
    if macro is None:
        macro = Macro(tenant_id=current_tenant_id(), owner_id=by.id)
        db.session.add(macro)
    macro.name, macro.key, macro.is_shared, macro.actions = name.strip(), key, is_shared, steps
    db.session.flush()
    return macro


def _has_key(owner: User, key: int, besides: Macro | None) -> bool:
    taken = db.session.query(Macro.id).where(
        Macro.tenant_id == current_tenant_id(), Macro.owner_id == owner.id, Macro.key == key
    )
    return any(found.id != (besides.id if besides else None) for found in taken)


def delete_macro(macro: Macro) -> None:
    db.session.delete(macro)
    db.session.flush()


def run_macro(macro: Macro, conversation: Conversation, *, by: User) -> None:
    """Do everything the macro says, in its order and in this transaction. Raises MacroStopped, which undoes all of it."""
    for number, step in enumerate(read_actions(macro.actions), 1):
        if not by.can(step.needs):
            raise MacroStopped(
                lazy(
                    N_("La macro no se ejecutó: la acción %(number)s no está entre tus permisos."),
                    number=number,
                )
            )
        try:
            step.run(conversation, by)
        except DomainError as error:
            raise MacroStopped(
                lazy(N_("La macro no se ejecutó. Acción %(number)s: %(why)s"), number=number, why=str(error))
            ) from error


def _filled(text: str, conversation: Conversation, by: User) -> str:
    """The words with their gaps filled; one that nobody can fill must not reach a customer. Raises BadMacro."""
    filled = fill(text, values_for(db.session.get_one(Lead, conversation.lead_id), by=by))
    if filled.left:
        raise BadMacro(lazy(N_("no sabemos qué poner en %(gaps)s."), gaps=", ".join(filled.left)))
    return filled.words

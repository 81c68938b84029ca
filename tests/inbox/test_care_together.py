"""Everything that takes care of conversations, by many hands at once and while customers write: nobody waits for ever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from crm_web.core.clock import now
from crm_web.core.db import db
from crm_web.core.effects import commit
from crm_web.core.tenancy import as_tenant
from crm_web.inbox import operations
from crm_web.inbox.models import PRIORITIES
from crm_web.inbox.settings import InboxSettings, Nudge, Satisfaction, change_settings, own_tenant
from crm_web.models import Conversation, ConversationTag, Message, User
from tests.inbox.crowd import Bustle, deadlocks, together


class Carer(Bustle):
    """Somebody who does whatever can be done with a conversation, at random."""

    def things(self) -> tuple[Callable[[], Any], ...]:
        return (self.snooze, self.tag, self.untag, self.prioritise, self.hand_over, self.unread, self.wake_due,
                self.nudge, self.write, self.close, self.reopen, self.receive, self.work, self.carry)  # fmt: skip

    def snooze(self) -> None:
        until = self.chance.choice((None, now() + timedelta(milliseconds=200)))
        operations.snooze(self.one(Conversation), until=until, by=self.one(User))

    def tag(self) -> None:
        operations.tag(self.one(Conversation), [self.chance.choice("aAbBcC")], by=self.one(User))

    def untag(self) -> None:
        operations.untag(self.one(Conversation), [self.chance.choice("abc")], by=self.one(User))

    def prioritise(self) -> None:
        operations.set_priority(self.one(Conversation), self.chance.choice(PRIORITIES), by=self.one(User))

    def hand_over(self) -> None:
        operations.transfer(self.one(Conversation), self.one(User), note="Ojo", by=self.one(User))

    def unread(self) -> None:
        operations.mark_unread(self.one(Conversation))

    def wake_due(self) -> None:
        operations.wake_due()

    def nudge(self) -> None:
        operations.nudge_waiting()


def test_many_carers_never_wait_for_each_other_in_a_ring(app, acme, conversation, owner, rows, run_jobs):
    with as_tenant(acme.id):
        wanted = InboxSettings(
            satisfaction=Satisfaction(enabled=True), nudge=Nudge(enabled=True, minutes=720)
        )
        change_settings(own_tenant(), wanted)
        commit()
    with owner.begin() as connection:
        connection.execute(sa.text("UPDATE conversations SET last_inbound_at = now() - interval '13 hours'"))
    before = deadlocks(owner)
    crowd = [Carer(acme, seed) for seed in range(6)]
    together(app, [partial(one.do, 60) for one in crowd])
    print({name: sum(one.done.get(name, 0) for one in crowd) for name in crowd[0].done})
    assert deadlocks(owner) == before
    kept = [(tag.conversation_id, tag.tag.casefold()) for tag in rows(ConversationTag)]
    assert len(kept) == len(set(kept))
    for talk in rows(Conversation):
        assert (talk.status == "snoozed") >= (talk.snoozed_until is not None)
        assert talk.is_open == (talk.status != "closed")


def test_the_last_word_about_tags_is_what_the_conversation_has(app, acme, conversation, rows):
    crowd = [Carer(acme, seed) for seed in range(6)]

    def tag_and_untag(one: Carer) -> None:
        for _ in range(10):
            with as_tenant(acme.id):
                one.chance.choice((one.tag, one.untag))()
                commit()
            db.session.remove()

    together(app, [partial(tag_and_untag, one) for one in crowd])
    said: set[str] = set()
    for message in sorted(rows(Message), key=lambda one: one.version):
        words = {word.casefold() for word in message.payload.get("tags", ())}
        said = said | words if message.payload.get("event") == "tagged" else said - words
    assert {tag.tag.casefold() for tag in rows(ConversationTag)} == said

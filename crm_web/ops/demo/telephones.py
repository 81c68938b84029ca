"""The customers' telephones at the stand-in for Meta: it must know who wrote when, or it would let nobody answer.

The stand-in is above this module and another company's world, so nothing of it is imported: what is needed is written into
the world that the application has opened (`app.extensions["sandbox"]`), in its own three tables.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flask import current_app

Row = dict[str, Any]
_PERSON = "INSERT OR REPLACE INTO people (key, wa_id, name, username, hide_phone) VALUES (?, ?, ?, ?, ?)"
_USER_ID = "INSERT OR REPLACE INTO user_ids (waba_id, person, bsuid) VALUES (?, ?, ?)"
_CHAT = (
    "INSERT INTO chats (phone_number_id, person, last_inbound_at) VALUES (?, ?, ?)"
    " ON CONFLICT DO UPDATE SET last_inbound_at = max(last_inbound_at, excluded.last_inbound_at)"
)
_MESSAGE = (
    "INSERT OR IGNORE INTO messages (wamid, phone_number_id, person, direction, type, body, status, at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


class Telephones:
    """Collects what the stand-in must know, and tells it at once; without a stand-in it does nothing."""

    def __init__(self, number: str, business: str) -> None:
        self.number, self.business = number, business
        self.people: list[tuple[Any, ...]] = []
        self.user_ids: list[tuple[Any, ...]] = []
        self.chats: list[tuple[Any, ...]] = []
        self.messages: list[tuple[Any, ...]] = []

    def add(self, key: str, digits: str | None, bsuid: str, name: str, username: str | None) -> None:
        self.people.append((key, digits, name, username, int(digits is None)))
        self.user_ids.append((self.business, key, bsuid))

    def heard(self, key: str, messages: Sequence[Row]) -> None:
        """When this person last wrote."""
        last = max(
            (row["occurred_at"].timestamp() for row in messages if row["direction"] == "inbound"),
            default=None,
        )
        if last is not None:
            self.chats.append((self.number, key, last))

    def show(self, key: str, messages: Iterable[Row]) -> None:
        """What stands on the telephone: words and places, as far as they went through."""
        for row in messages:
            if row["kind"] not in BODIES or row["external_id"] is None:
                continue
            body = BODIES[row["kind"]](row)
            out = row["direction"] == "outbound"
            kind = "text" if row["kind"] not in body else row["kind"]
            status = row["status"] if out else "read"
            self.messages.append(
                (row["external_id"], self.number, key, "out" if out else "in", kind, json.dumps(body, ensure_ascii=False),
                 {"played": "read", "sent": "delivered"}.get(status, status), row["occurred_at"].timestamp())
            )  # fmt: skip

    def tell(self) -> None:
        world = current_app.extensions.get("sandbox")
        if world is None or not current_app.config["SANDBOX"]:
            return
        with world.state.tx() as there:
            for statement, rows in ((_PERSON, self.people), (_USER_ID, self.user_ids), (_CHAT, self.chats)):
                there.executemany(statement, rows)
            there.executemany(_MESSAGE, sorted(self.messages, key=lambda message: message[-1]))


def templates_of(business: str) -> list[Row]:
    """What the stand-in knows as this account's templates, as columns of ours; none without a stand-in."""
    world = current_app.extensions.get("sandbox")
    if world is None or not current_app.config["SANDBOX"]:
        return []
    found = world.state.all("SELECT * FROM templates WHERE waba_id = ? ORDER BY id", business)
    return [
        {
            "external_id": str(row["id"]), "name": row["name"], "language": row["language"], "category": row["category"],
            "status": row["status"], "quality": "UNKNOWN", "parameter_format": row["parameter_format"].lower(),
            "rejected_reason": row["rejected_reason"].removeprefix("NONE"), "components": json.loads(row["components"]),
        }
        for row in found
    ]  # fmt: skip


def _text(row: Row) -> Row:
    return {"type": "text", "text": {"body": row["body"]}, **_context(row)}


def _context(row: Row) -> Row:
    return {"context": {"id": row["reply_to"]}} if row["reply_to"] else {}


def _place(row: Row) -> Row:
    return {"type": "location", "location": row["payload"], **_context(row)}


def _cards(row: Row) -> Row:
    return {"type": "contacts", "contacts": row["payload"]["contacts"]}


def _question(row: Row) -> Row:
    shown = {"body": {"text": row["body"]}} | {key: row["payload"][key] for key in ("type", "action")}
    return {"type": "interactive", "interactive": shown}


BODIES: dict[str, Callable[[Row], Row]] = {
    "text": _text,
    "choice": _text,
    "template": _text,
    "location": _place,
    "contacts": _cards,
    "interactive": _question,
}

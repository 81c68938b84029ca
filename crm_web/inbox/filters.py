"""What a list of the inbox is asked for: the filter and order that tabs, chips, saved views and addresses carry."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

Tab = Literal["mine", "unassigned", "all", "mentions"]
State = Literal["open", "snoozed", "closed"]
Sort = Literal["activity", "waiting", "priority", "window"]
Priority = Literal["low", "normal", "high", "urgent"]
Status = Literal["new", "bot", "queued", "assigned", "active", "pending"]
TABS, STATES, SORTS = get_args(Tab), get_args(State), get_args(Sort)
# What "about to close" means when nobody says otherwise.
SOON_HOURS = 6
LONGEST_VALUE = 100


class InboxFilter(BaseModel):
    """A question to the list. Every value is optional, and none of them can make it fail: see `read`."""

    model_config = ConfigDict(frozen=True)

    tab: Tab = "all"
    state: State = "open"
    unread: bool = False
    unanswered: bool = False
    status: tuple[Status, ...] = ()
    channel: uuid.UUID | None = None
    assignee: uuid.UUID | None = None
    tag: str | None = Field(default=None, min_length=1, max_length=60)
    priority: tuple[Priority, ...] = ()
    closing: int | None = Field(default=None, ge=1, le=24)
    sort: Sort = "activity"

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> tuple[InboxFilter, list[str]]:
        """The filter of a query string or of a saved view, and the words in it that mean nothing (any more)."""
        fields: dict[str, Any] = {}
        ignored: list[str] = []
        for name in cls.model_fields:
            for text in _values(given, name):
                try:
                    fields[name] = _merge(
                        fields.get(name), _ADAPTERS[name].validate_python(_parsable(name, text))
                    )
                except ValidationError:
                    ignored.append(text[:LONGEST_VALUE])
        return cls.model_construct(**{**cls().model_dump(), **fields}), ignored

    @property
    def query(self) -> dict[str, Any]:
        """What an address carries of it: what is not as usual, in words."""
        usual = InboxFilter()
        return {
            name: _text(value)
            for name in type(self).model_fields
            if (value := getattr(self, name)) != getattr(usual, name)
        }

    def but(self, **changes: Any) -> InboxFilter:
        """The same question but for these values."""
        given = {name: tuple(value) if isinstance(value, list) else value for name, value in changes.items()}
        return self.model_copy(update=given)

    @property
    def order(self) -> Sort:
        """The order it is shown in: whoever is done with waits for nobody, so closed ones come by activity."""
        return "activity" if self.state == "closed" else self.sort

    @property
    def chosen(self) -> dict[str, Any]:
        """What narrows the list beyond tab and state."""
        apart = ("tab", "state", "sort")
        return {name: getattr(self, name) for name in self.query if name not in apart}

    @property
    def plain(self) -> InboxFilter:
        """The same tab and state, with nothing chosen."""
        return InboxFilter(tab=self.tab, state=self.state)


_ADAPTERS: dict[str, TypeAdapter[Any]] = {
    name: TypeAdapter(field.rebuild_annotation()) for name, field in InboxFilter.model_fields.items()
}


def _values(given: Mapping[str, Any], name: str) -> Iterator[str]:
    """The texts under a name; several are written with commas, or the name repeated."""
    found = given.getlist(name) if hasattr(given, "getlist") else [given[name]] if name in given else []
    for one in found:
        text = ",".join(map(str, one)) if isinstance(one, Sequence) and not isinstance(one, str) else str(one)
        parts = text.split(",") if name in ("status", "priority") else [text]
        yield from (part.strip() for part in parts if part.strip())


def _parsable(name: str, text: str) -> Any:
    if "\x00" in text:
        return object()
    return (text,) if name in ("status", "priority") else text


def _merge(before: Any, value: Any) -> Any:
    return tuple(dict.fromkeys((*before, *value))) if isinstance(value, tuple) and before else value


def _text(value: Any) -> Any:
    if isinstance(value, tuple):
        return ",".join(value)
    return 1 if value is True else str(value)

"""Which adapter carries which provider's channels: the only place that knows their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask_babel import gettext

from crm_web.channels.adapters.meta.client import GraphClient
from crm_web.channels.adapters.meta.errors import WORDS, explain
from crm_web.channels.adapters.meta.normalise import normalise
from crm_web.channels.adapters.meta.signature import verify_signature
from crm_web.channels.adapters.meta.split import split


@dataclass(frozen=True)
class Adapter:
    """One provider as the rest of the product sees it: how its requests are read, and the client that speaks to it."""

    split: Callable[[object], list[Any]]
    normalise: Callable[[str, Any], list[Any]]
    verify: Callable[[str, bytes, str | None], bool]
    explain: Callable[..., str]
    words: Mapping[str, str]
    client: Any


_adapters: dict[str, Adapter] = {}


def init_app(app: Flask) -> None:
    """One adapter per provider and process, each with one pool of kept-alive connections."""
    graph = GraphClient(app.config["META_GRAPH_URL"], app.config["META_GRAPH_VERSION"])
    _adapters["meta"] = Adapter(split, normalise, verify_signature, explain, WORDS, graph)
    app.jinja_env.filters["error_words"] = error_words


def adapter_for(provider: str) -> Adapter:
    """The adapter of a provider; raises LookupError for one the product does not speak yet."""
    try:
        return _adapters[provider]
    except KeyError:
        raise LookupError(f"no adapter for {provider}") from None


def error_words(code: str | None, provider: str = "meta") -> str:
    """What a provider's error code means, in the reader's language; empty for none."""
    if not code or not code.isdigit():
        return ""
    adapter = adapter_for(provider)
    return gettext(adapter.words[adapter.explain(int(code))])

"""Every picture of the demo, drawn when it is first wanted and kept: a name and a variant give the same bytes always."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache
from random import Random
from typing import NamedTuple

from crm_web.files.pictures import thumbnail
from crm_web.ops.demo.pictures import homes, mouths, papers, rooms, stickers
from crm_web.ops.demo.pictures.brush import Canvas


class Picture(NamedTuple):
    content: bytes
    mime: str
    width: int
    height: int
    small: bytes | None


# How it is drawn, and how many different ones there are.
PHOTOS: dict[str, tuple[Callable[[Random], Canvas], int]] = {
    "fachada": (homes.facade, 4),
    "terraza": (homes.terrace, 2),
    "aviso": (homes.sign, 1),
    "llaves": (homes.keys, 1),
    "sala": (rooms.living, 3),
    "cocina": (rooms.kitchen, 2),
    "alcoba": (rooms.bedroom, 2),
    "bano": (rooms.bathroom, 1),
    "cuarto": (rooms.storeroom, 1),
    "humedad": (rooms.stain, 1),
    "plano": (papers.plan, 2),
    "comprobante": (papers.receipt, 3),
    "cedula": (papers.card, 1),
    "radiografia": (mouths.xray, 2),
    "sonrisa": (mouths.smile, 1),
    "selfi": (mouths.cheek, 1),
}
STICKERS: dict[str, Callable[[Random], Canvas]] = {
    "gracias": stickers.thanks,
    "casa": stickers.house,
    "llaves": stickers.key,
    "diente": stickers.tooth,
}


def photo(name: str, variant: int) -> Picture:
    """A photograph of 1200 x 900 (a telephone's screen stands upright) with its small copy; `sala2` is another `sala`."""
    plain = name.rstrip("2")
    return _drawn(plain, (variant + (name != plain)) % PHOTOS[plain][1])


@lru_cache(maxsize=128)
def _drawn(name: str, variant: int) -> Picture:
    canvas = PHOTOS[name][0](Random(f"{name} {variant}"))  # noqa: S311 - the same drawing every time
    content = canvas.jpeg()
    return Picture(content, "image/jpeg", *canvas.size, thumbnail(io.BytesIO(content), "image/jpeg"))


@lru_cache(maxsize=16)
def sticker(name: str) -> Picture:
    canvas = STICKERS[name](Random(name))  # noqa: S311 - the same drawing every time
    return Picture(canvas.webp(), "image/webp", *canvas.size, None)

"""The files of the demo: their bytes, made once, and their rows. Writing is left to threads, because it waits for the disk."""

from __future__ import annotations

import hashlib
import uuid
import zlib
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from crm_web.files import storage
from crm_web.files.names import first_extension
from crm_web.files.pictures import WIDEST
from crm_web.ops.demo import pictures
from crm_web.ops.demo.contents import Wish
from crm_web.ops.demo.listings import Words
from crm_web.ops.demo.screenplay import spoken
from crm_web.ops.demo.sheets import SHEETS, pdf

SAMPLES = Path(__file__).parent / "samples"
Row = dict[str, Any]


class Goods(NamedTuple):
    """The content of a file and what is known of it."""

    content: bytes
    mime: str
    name: str = ""
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    small: bytes | None = None


class Place(NamedTuple):
    key: str
    thumbnail_key: str | None


def goods_for(wish: Wish, words: Words) -> Goods:
    """The bytes that a message wants. A home looks the same in every conversation about it."""
    variant = zlib.crc32((words.get("codigo") or words.get("tratamiento") or "").encode())
    if wish.source == "photo":
        picture = pictures.photo(wish.name, variant)
        return Goods(picture.content, picture.mime, "", picture.width, picture.height, None, picture.small)
    if wish.source == "sticker":
        picture = pictures.sticker(wish.name)
        return Goods(picture.content, picture.mime, "", picture.width, picture.height)
    if wish.source == "sheet":
        sheet = SHEETS[wish.name]
        return Goods(pdf(sheet, words), "application/pdf", spoken(sheet.file, "tú", words))
    return _recording(wish)


@lru_cache(maxsize=8)
def _recording(wish: Wish) -> Goods:
    if wish.source == "voice":
        return Goods((SAMPLES / f"voz-{wish.name}.ogg").read_bytes(), "audio/ogg", seconds=float(wish.name))
    return Goods((SAMPLES / f"{wish.name}.mp4").read_bytes(), "video/mp4", "", 480, 360, 7.96)


class Shelf:
    """Files of one tenant. With `share`, content that lies there already is not written again for another lead: many
    helpings of the demo, made to be measured with, would fill the disk with copies.
    """

    def __init__(self, tenant_id: uuid.UUID, channel_id: uuid.UUID) -> None:
        self.tenant_id, self.channel_id, self.share = tenant_id, channel_id, False
        self.pool = ThreadPoolExecutor(8, thread_name_prefix="demo-files")
        self.writing: list[Future[None]] = []
        self.known: dict[tuple[str, str], Place] = {}

    def put(self, wish: Wish, words: Words, message: Row, lead_id: uuid.UUID) -> Row:
        """Keep the file of a message and return its row."""
        row = self._blank(message, lead_id) | {"kind": wish.kind}
        if wish.missing:
            return row | {"mime": "video/mp4", "state": "failed", "reason": wish.missing, "attempts": 5}
        goods = goods_for(wish, words)
        digest = hashlib.sha256(goods.content).hexdigest()
        place = self._place(row, wish, goods)
        by_us = message["direction"] == "outbound"
        return row | {
            "name": goods.name or (f"{wish.name}.{first_extension(goods.mime)}" if by_us else ""), "mime": goods.mime,
            "size": len(goods.content), "sha256": digest, "key": place.key, "thumbnail_key": place.thumbnail_key,
            "width": goods.width, "height": goods.height, "seconds": goods.seconds,
        }  # fmt: skip

    def _blank(self, message: Row, lead_id: uuid.UUID) -> Row:
        """Its id ends as the message's does, and so comes from the same chance."""
        by_us, at = message["direction"] == "outbound", message["occurred_at"]
        return {
            "id": uuid.UUID(int=message["id"].int ^ (1 << 40)), "tenant_id": self.tenant_id, "lead_id": lead_id,
            "channel_id": None if by_us else self.channel_id, "uploaded_by": message["author_id"], "name": "", "size": None,
            "sha256": None, "storage": storage.kind, "key": None, "thumbnail_key": None, "width": None,
            "height": None, "seconds": None,
            "state": "ready", "reason": None, "provider_id": None, "attempts": 0, "has_news": False, "access_count": 0,
            "created_at": at, "updated_at": at,
        }  # fmt: skip

    def _place(self, row: Row, wish: Wish, goods: Goods) -> Place:
        name = (wish.source, f"{wish.name} {hashlib.sha256(goods.content).hexdigest()}")
        sort = (wish.source, wish.name)
        found = self.known.get(name) or (self.known.get(sort) if wish.source == "sheet" else None)
        if self.share and found:
            return found
        key = storage.key_of(
            self.tenant_id, row["lead_id"], row["id"], wish.kind, first_extension(goods.mime)
        )
        small = None
        self._write(key, goods.content, goods.mime)
        if goods.small:
            small = storage.key_of(self.tenant_id, row["lead_id"], row["id"], wish.kind, f"{WIDEST}.webp")
            self._write(small, goods.small, "image/webp")
        self.known[name] = self.known[sort] = Place(key, small)
        return self.known[name]

    def _write(self, key: str, content: bytes, mime: str) -> None:
        self.writing.append(self.pool.submit(storage.write, key, content, mime))

    def wait(self) -> None:
        """Until everything lies there; what could not be written is told now."""
        for future in self.writing:
            future.result()
        self.writing.clear()
        self.pool.shutdown()

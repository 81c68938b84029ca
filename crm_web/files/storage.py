"""Where bytes lie: one object store per process, a folder or a bucket as STORAGE_URL says.

Keys are made by `key_of` alone and never hold a word of a person's. The store needs no application context, so
threads that send or fetch use it as they are. What is not there raises FileNotFoundError.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

import obstore
from flask import Flask
from obstore.store import LocalStore, ObjectStore, from_url

from crm_web.files.aside import aside

FOLDERS = {
    "image": "media/images",
    "sticker": "media/images",
    "video": "media/videos",
    "audio": "media/audio",
    "document": "documents",
    "other": "documents",
    "archive": "archives",
    "conversation": "conversations",
}
KINDS = {"file": "local", "s3": "s3", "gs": "gcs", "az": "azure", "abfs": "azure", "abfss": "azure"}
CHUNK = 256 * 1024

_store: ObjectStore | None = None
_folder: Path | None = None
kind = "local"


def init_app(app: Flask) -> None:
    use(app.config["STORAGE_URL"])


def use(url: str) -> None:
    """Keep files at `url` from now on: `file:///folder` (made if missing), `s3://bucket/prefix`, `gs://…`, `az://…`."""
    global _store, _folder, kind  # noqa: PLW0603 - one store per process, chosen at the start
    scheme = urlsplit(url).scheme
    if scheme not in KINDS:
        raise ValueError(f"STORAGE_URL: cannot keep files at {scheme or 'a path without'}://")
    kind = KINDS[scheme]
    if kind == "local":
        _folder = Path(unquote(urlsplit(url).path))
        _store = LocalStore(_folder, mkdir=True)
    else:
        _folder, _store = None, _remote(url)


def _remote(url: str) -> ObjectStore:
    """Credentials come from the provider's own environment variables. A large body may take minutes, a start not.

    Plain http, for a MinIO next door, has to be allowed by AWS_ALLOW_HTTP, as elsewhere.
    """
    allow_http = os.environ.get("AWS_ALLOW_HTTP", "").lower() in ("1", "true")
    return from_url(
        url,
        client_options={"timeout": "5m", "connect_timeout": "5s", "allow_http": allow_http},
        retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=30)},
    )


def key_of(
    tenant_id: uuid.UUID, lead_id: uuid.UUID | None, file_id: uuid.UUID, kind: str, extension: str
) -> str:
    """`<tenant>/clients/<lead>/<folder of the kind>/<file>.ext`, or under `uploads` while it belongs to no lead."""
    folder = f"clients/{lead_id}/{FOLDERS[kind]}" if lead_id else "uploads"
    return f"{tenant_id}/{folder}/{file_id}" + (f".{extension}" if extension else "")


def write(key: str, content: bytes | BinaryIO, mime: str) -> None:
    """Put the whole content under `key`, durable when this returns; what was there is replaced at one stroke."""
    aside(_write, key, content, mime)


def _write(key: str, content: bytes | BinaryIO, mime: str) -> None:
    if key.startswith("/"):
        raise ValueError("a key is relative")
    if not isinstance(content, bytes):
        content.seek(0)
    attributes: Any = None if kind == "local" else {"Content-Type": mime}
    obstore.put(_open_store(), key, content, attributes=attributes)
    if _folder is not None:
        _settle(_folder / key)


def _settle(path: Path) -> None:
    """Not even a power cut shall take back a file that the database is about to call ready."""
    for place in (path, path.parent):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def read(key: str) -> bytes:
    """The whole content; for what is small or must be sent on."""
    return aside(lambda: bytes(obstore.get(_open_store(), key).bytes()))


def open_stream(key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """The content from `start` up to, not including, `end`, piece by piece. A missing key is told at once."""
    return _pieces(aside(_open, key, start, end))


def _open(key: str, start: int, end: int | None) -> Iterator[bytes]:
    wanted: Any = {"offset": start} if end is None else (start, end)
    found = obstore.get(_open_store(), key, options={"range": wanted} if start or end is not None else {})
    return iter(found.stream(min_chunk_size=CHUNK))


def _pieces(stream: Iterator[bytes]) -> Iterator[bytes]:
    while (piece := aside(next, stream, None)) is not None:
        yield piece


def delete(key: str) -> None:
    """Remove it; what is not there is as good as removed."""
    with suppress(FileNotFoundError):
        aside(obstore.delete, _open_store(), key)


def exists(key: str) -> bool:
    try:
        aside(obstore.head, _open_store(), key)
    except FileNotFoundError:
        return False
    return True


def folder() -> Path | None:
    """The folder on this machine, if it is one: for those who watch the disk."""
    return _folder


def _open_store() -> ObjectStore:
    if _store is None:
        raise RuntimeError("storage.init_app was not called")
    return _store

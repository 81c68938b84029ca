"""Files as browsers get them: shown only when nothing in them can run, and otherwise downloaded."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Callable, Iterator
from typing import TypeVar
from urllib.parse import quote

import structlog
from flask import Blueprint, Response, abort, request
from flask_login import current_user
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import is_resource_modified

from crm_web.core.errors import NotFound
from crm_web.core.permissions import permission
from crm_web.files import storage
from crm_web.files.models import File
from crm_web.files.names import first_extension
from crm_web.files.operations import note_access
from crm_web.files.queries import get_file

bp = Blueprint("files", __name__, url_prefix="/files")
log = structlog.get_logger(__name__)

PICTURES = ("image/jpeg", "image/png", "image/webp", "image/gif")
# A page that a browser makes around a recording asks for it again, which a sandbox would do without the cookie.
CSP = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"
SANDBOX = f"{CSP}; sandbox"
Opener = Callable[[int, int], Iterator[bytes]]
Content = TypeVar("Content")


@bp.get("/<uuid:file_id>")
@permission("conversations.read")
def show(file_id: uuid.UUID) -> Response:
    """The original. Whatever is saved rather than shown needs `files.download`."""
    file = get_file(file_id)
    saved = "download" in request.args or not is_shown(file.mime)
    if saved and not current_user.can("files.download"):
        abort(403)
    response = _original(file)
    _name(response, "attachment" if saved else "inline", file)
    if request.method == "GET" and _is_a_beginning(response):
        note_access(file)
    return response


@bp.get("/<uuid:file_id>/thumbnail")
@permission("conversations.read")
def thumbnail(file_id: uuid.UUID) -> Response:
    """The small copy; of a picture that has none, the picture itself."""
    file = get_file(file_id)
    if not file.thumbnail_key:
        if file.mime not in PICTURES:
            raise NotFound
        return _original(file)
    small = _stored(storage.read, file.thumbnail_key)
    return _answer(
        "image/webp", f"{file.sha256}-small", len(small), lambda start, end: iter([small[start:end]])
    )


def is_shown(mime: str) -> bool:
    """Whether a browser may show it in a page of its own; true only for types that our own look has confirmed."""
    return mime in PICTURES or mime == "application/pdf" or mime.startswith(("audio/", "video/"))


def _original(file: File) -> Response:
    key = str(file.key)
    return _answer(file.mime, file.sha256 or "", file.size or 0, lambda start, end: _open(key, start, end))


def _open(key: str, start: int, end: int) -> Iterator[bytes]:
    return _stored(lambda wanted: storage.open_stream(wanted, start, end), key)


def _stored(get: Callable[[str], Content], key: str) -> Content:
    try:
        return get(key)
    except FileNotFoundError:
        log.error("file_gone", key=key)
        raise NotFound from None


def _answer(mime: str, etag: str, size: int, opened: Opener) -> Response:
    """The whole, the part that was asked for, or nothing when the browser has it already."""
    response = Response(mimetype=mime)
    response.set_etag(etag)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = CSP if mime.startswith(("audio/", "video/")) else SANDBOX
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if not is_resource_modified(request.environ, etag=response.headers["ETag"]):
        response.status_code = 304
        return response
    start, end = _wanted(response, size)
    response.content_length = end - start
    if request.method == "GET":
        response.response = opened(start, end)
    return response


def _wanted(response: Response, size: int) -> tuple[int, int]:
    """First byte and the one after the last. Several parts at once are answered with the whole, as HTTP allows."""
    asked = request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1 or not _if_range(response):
        return 0, size
    part = asked.range_for_length(size)
    if part is None:
        raise RequestedRangeNotSatisfiable(size)
    response.status_code = 206
    response.headers["Content-Range"] = asked.to_content_range_header(size)
    return part


def _if_range(response: Response) -> bool:
    """Whether the part continues the content the browser has; when that has changed, it gets the whole."""
    if "If-Range" not in request.headers:
        return True
    return not is_resource_modified(request.environ, etag=response.headers["ETag"], ignore_if_range=False)


def _is_a_beginning(response: Response) -> bool:
    """A film is asked for in many parts and looked at once."""
    part = response.content_range
    return response.status_code == 200 or (response.status_code == 206 and part.start == 0)


def _name(response: Response, how: str, file: File) -> None:
    """RFC 6266: the plain name for the old, the real one, encoded, for everybody else."""
    name = file.name or f"{file.kind}-{file.created_at:%Y%m%d-%H%M%S}.{first_extension(file.mime) or 'bin'}"
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    encoded = quote(name, safe="!#$&+-.^_`|~")
    response.headers.set("Content-Disposition", how, filename=plain, **{"filename*": f"UTF-8''{encoded}"})

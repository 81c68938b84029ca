"""Files on their way between business and customer: uploaded to a number, fetched by a short-lived address."""

import hashlib
import hmac
import re
import secrets

from .faults import GraphError, missing, unknown_object

UPLOAD_LIFE = 30 * 24 * 3600
INBOUND_LIFE = 7 * 24 * 3600
URL_LIFE = 300
MEGABYTE = 1024 * 1024
OFFICE = "application/vnd.openxmlformats-officedocument"
TYPES = {
    "audio": ({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}, 16 * MEGABYTE),
    "image": ({"image/jpeg", "image/png"}, 5 * MEGABYTE),
    "sticker": ({"image/webp"}, MEGABYTE // 2),
    "video": ({"video/mp4", "video/3gpp"}, 16 * MEGABYTE),
    "document": (
        {
            "text/plain", "application/pdf", "application/msword", "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint", f"{OFFICE}.wordprocessingml.document", f"{OFFICE}.spreadsheetml.sheet",
            f"{OFFICE}.presentationml.presentation",
        },
        100 * MEGABYTE,
    ),
}  # fmt: skip


def add_media(state, phone_number_id, content, mime_type, filename=None, *, life=INBOUND_LIFE):
    """Keep a file and return its id."""
    media_id = str(10**15 + secrets.randbelow(9 * 10**15))
    state.run(
        "INSERT INTO media VALUES (?, ?, ?, ?, ?, ?, ?)",
        media_id,
        phone_number_id,
        mime_type,
        filename,
        hashlib.sha256(content).hexdigest(),
        content,
        state.now() + life,
    )
    return media_id


def find_media(state, media_id):
    """The file, unless it never was, was deleted, or has lived its days."""
    return state.one("SELECT * FROM media WHERE id = ? AND expires_at > ?", media_id, state.now())


def upload(state, number, request):
    """`POST /<number>/media`, multipart."""
    fields = parse_multipart(request.headers.get("content-type", ""), request.body)
    if fields.get("messaging_product", (b"",))[0] != b"whatsapp":
        raise GraphError(100, "The parameter messaging_product is required and must be 'whatsapp'")
    if "file" not in fields:
        raise missing("file")
    content, filename, mime_type = fields["file"]
    _check_upload(mime_type, len(content))
    return {"id": add_media(state, number["phone_number_id"], content, mime_type, filename, life=UPLOAD_LIFE)}


def _check_upload(mime_type, size):
    bare = mime_type.split(";")[0].strip().lower()
    limit = next((limit for types, limit in TYPES.values() if bare in types), None)
    if limit is None:
        raise GraphError(100, f"Param file must be a file with one of the supported types, received {bare}")
    if size > limit:
        raise GraphError(131053, f"The file is larger than the {limit} bytes allowed for {bare}")
    if size == 0:
        raise GraphError(131053, "The file is empty")


def require_own_media(state, number, content, kind):
    """A file sent by id was uploaded to the same number and is of the right kind."""
    if not content.get("id"):
        return
    row = state.one(
        "SELECT mime_type FROM media WHERE id = ? AND phone_number_id = ? AND expires_at > ?",
        str(content["id"]),
        number["phone_number_id"],
        state.now(),
    )
    if row is None:
        raise GraphError(
            100,
            f"Param {kind}['id'] is not a valid whatsapp business account media attachment ID",
            subcode=33,
        )
    if row["mime_type"].split(";")[0].strip() not in TYPES[kind][0]:
        raise GraphError(131053, f"{row['mime_type']} cannot be sent as {kind}")


def describe_media(state, media, request):
    """`GET /<media id>`: the file's facts and an address for the next five minutes."""
    asked = request.query.get("phone_number_id")
    if asked and asked != media["phone_number_id"]:
        raise unknown_object(media["id"])
    expires = int(state.now()) + URL_LIFE
    stamp = _stamp(media["id"], expires)
    return {
        "messaging_product": "whatsapp",
        "url": f"{request.base_url}/sandbox/media/{media['id']}?ext={expires}&hash={stamp}",
        "mime_type": media["mime_type"],
        "sha256": media["sha256"],
        "file_size": str(len(media["bytes"])),
        "id": media["id"],
    }


def download(state, media_id, query):
    """The file behind an address that `describe_media` gave less than five minutes ago, else None."""
    expires, stamp = query.get("ext", ""), query.get("hash", "")
    if not expires.isdigit() or not hmac.compare_digest(
        stamp.encode(), _stamp(media_id, int(expires)).encode()
    ):
        return None
    return find_media(state, media_id) if int(expires) >= state.now() else None


def delete_media(state, media, request):
    state.run("DELETE FROM media WHERE id = ?", media["id"])
    return {"success": True}


def _stamp(media_id, expires):
    """Makes an address unguessable after its time; a stand-in has no secret worth more."""
    return hashlib.sha256(f"sandbox:{media_id}:{expires}".encode()).hexdigest()[:32]


def parse_multipart(content_type, body):
    """name -> (bytes, file name, content type) of a form with files."""
    boundary = re.search(r'boundary="?([^";]+)"?', content_type)
    if boundary is None:
        raise GraphError(100, "The body must be multipart/form-data")
    parts = body.split(b"--" + boundary[1].encode())[1:-1]
    return dict(_parse_part(part) for part in parts)


def _parse_part(part):
    """A content type keeps its parameters, as a voice note needs `codecs=opus`."""
    head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    text = head.decode("utf-8", "replace")
    name, filename = re.search(r'[; ]name="([^"]*)"', text), re.search(r'filename="([^"]*)"', text)
    kind = re.search(r"(?im)^content-type:\s*(.+?)\s*$", text)
    value = (
        content.removesuffix(b"\r\n"),
        filename and filename[1],
        kind[1] if kind else "application/octet-stream",
    )
    return name[1] if name else "", value

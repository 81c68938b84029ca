"""Meta's Graph API: send, mark as read, upload, download, look at a number (Meta, "Cloud API reference").

No repeats in here: the queue decides about them by the `reaction` of the `ProviderError`. The token goes to
the configured base URL and to Meta's file hosts, and nowhere else.
"""

from __future__ import annotations

import json
import re
import time
from typing import Any, BinaryIO
from urllib.parse import urlencode

import urllib3
from urllib3.filepost import encode_multipart_formdata

from crm_web.channels.adapters.meta.errors import WORDS, error_from
from crm_web.channels.adapters.meta.outgoing import WRITERS, request_body
from crm_web.channels.adapters.meta.transport import (
    READ_SECONDS,
    UPLOAD_SECONDS,
    Answer,
    NetworkFailure,
    TooLarge,
    chunks_of,
    exchange,
    opened,
    pool_manager,
)
from crm_web.channels.adapters.meta.values import clean, clean_text, listing, mapping, stable_id, text, whole
from crm_web.channels.normal import ErrorReaction, OutgoingMessage, ProviderError, SendResult

VERSION = "v26.0"
FILE_HOSTS = ("fbsbx.com", "fbcdn.net", "whatsapp.net")
GRAPH_HOST = "graph.facebook.com"
USER_AGENT = "Mozilla/5.0 (compatible; crm-web/1.0)"
MAX_DOWNLOAD = 100 * 1024 * 1024
PHONE_FIELDS = (
    "id,display_phone_number,verified_name,quality_rating,name_status,code_verification_status,status,platform_type,"
    "is_on_biz_app,whatsapp_business_manager_messaging_limit,throughput,health_status"
)
TEMPLATE_FIELDS = "id,name,language,status,category,parameter_format,components,quality_score,rejected_reason"
TEMPLATE_PAGES = 200  # of a hundred: three times what an account may have
_ID = re.compile(r"[A-Za-z0-9_:-]+")
_TOKEN = re.compile(r"[\x21-\x7e]+")


class GraphClient:
    """One per process is enough: tokens come with each call, connections are kept and shared by all
    tenants.
    """

    def __init__(
        self,
        base_url: str,
        version: str = VERSION,
        *,
        maxsize: int = 200,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self.root = base_url.rstrip("/")
        self.base = f"{self.root}/{version}"
        self.maxsize = maxsize
        self.read_seconds = read_seconds
        self._home = _origin(urllib3.util.parse_url(base_url))

    def send(self, phone_number_id: str, token: str, outgoing: OutgoingMessage) -> SendResult:
        """Hand a message over. Success means accepted, no more; delivery is told by webhook.

        A `ProviderError` with reaction "unknown" means that it may have gone.
        """
        if outgoing.kind not in WRITERS:
            raise _own_error(f"cannot send {outgoing.kind}", "permanent", "unsupported_type")
        url = self._url(phone_number_id, "messages")
        return _send_result(self._call("POST", token, url, _json(request_body(outgoing)), ambiguous=True))

    def mark_read(self, phone_number_id: str, token: str, message_id: str, typing: bool = False) -> None:
        """Blue ticks up to this message; with `typing`, the dots for 25 seconds or until the next message."""
        body: dict[str, Any] = {"messaging_product": "whatsapp", "status": "read", "message_id": message_id}
        if typing:
            body["typing_indicator"] = {"type": "text"}
        self._call("POST", token, self._url(phone_number_id, "messages"), _json(body))

    def upload(self, phone_number_id: str, token: str, content: bytes, mime: str, filename: str) -> str:
        """The id of the file at Meta: usable by this number alone, for 30 days."""
        file = (clean_text(filename), content, mime)
        body, kind = encode_multipart_formdata({"messaging_product": "whatsapp", "type": mime, "file": file})
        url = self._url(phone_number_id, "media")
        return _required(self._call("POST", token, url, body, kind, read_seconds=UPLOAD_SECONDS), "id")

    def media_meta(self, media_id: str, token: str, phone_number_id: str | None = None) -> dict[str, Any]:
        """`url` (for five minutes), `mime_type`, `sha256`, `file_size` as a number or None."""
        query = "?" + urlencode({"phone_number_id": phone_number_id}) if phone_number_id else ""
        answer = self._call("GET", token, self._url(media_id) + query)
        _required(answer, "url")
        return answer | {"file_size": whole(answer.get("file_size"))}

    def download(
        self, url: str, token: str, sink: BinaryIO, max_bytes: int = MAX_DOWNLOAD
    ) -> tuple[str, int]:
        """Write the file to `sink`; its type without parameters and its size. "retry" may mean: ask
        `media_meta` again.

        After an error the sink holds a part of the file.
        """
        address, headers = self._trusted(url), self._headers(token)
        try:
            with opened(self._pools, "GET", address, headers, read_seconds=self.read_seconds) as response:
                if response.status != 200:
                    raise _download_refused(response)
                size = _copy(response, sink, max_bytes)
                return response.headers.get("Content-Type", "").partition(";")[0].strip().lower(), size
        except TooLarge:
            raise _own_error("file too large", "permanent", "file_too_large") from None
        except NetworkFailure as failure:
            raise _lost(failure, ambiguous=False) from failure

    def phone(self, phone_number_id: str, token: str) -> dict[str, Any]:
        """What Meta says about the number and its health: the "test connection" button.

        `portfolio_id`, within which user ids are unique, is read from the health check, which names the
        business.
        """
        answer = self._call("GET", token, f"{self._url(phone_number_id)}?fields={PHONE_FIELDS}")
        return answer | {"portfolio_id": _portfolio(answer)}

    def numbers(self, waba: str, token: str) -> set[str]:
        """The ids of the phone numbers of a WhatsApp business account (its first hundred)."""
        answer = self._call("GET", token, f"{self._url(waba, 'phone_numbers')}?fields=id&limit=100")
        return {text(mapping(one).get("id")) for one in listing(answer.get("data"))}

    def templates(self, waba: str, token: str) -> list[dict[str, Any]]:
        """Every message template of a WhatsApp business account, in all its languages, page after page.

        All of them or an error: whoever compares may take what is missing for deleted.
        """
        found: list[dict[str, Any]] = []
        after = ""
        for _page in range(TEMPLATE_PAGES):
            query = {"fields": TEMPLATE_FIELDS, "limit": 100} | ({"after": after} if after else {})
            url = f"{self._url(waba, 'message_templates')}?{urlencode(query)}"
            answer = self._call("GET", token, url)
            if not isinstance(answer.get("data"), list):
                raise _unreadable(200, ambiguous=False)
            found += [one for one in answer["data"] if isinstance(one, dict)]
            if not (after := _next_page(answer)):
                return found
        raise _unreadable(200, ambiguous=False)

    def subscribe(self, waba: str, token: str) -> None:
        """Have the webhooks of this WhatsApp Business account sent to our app."""
        self._call("POST", token, self._url(waba, "subscribed_apps"), b"{}")

    # --- How -----------------------------------------------------------------------------------------------

    @property
    def _pools(self) -> urllib3.PoolManager:
        return pool_manager(self.maxsize)

    def _url(self, *path: str) -> str:
        """Ids are typed in by people: they may not climb to another address."""
        if not all(_ID.fullmatch(part) for part in path):
            raise _own_error("not an id", "permanent", "bad_request")
        return "/".join((self.base, *path))

    def _headers(self, token: str) -> dict[str, str]:
        if not _TOKEN.fullmatch(token):
            raise _own_error("the token has characters that no token has", "channel_broken", "token")
        return {"Authorization": f"Bearer {token}", "User-Agent": USER_AGENT}

    def _call(
        self,
        method: str,
        token: str,
        url: str,
        body: bytes | None = None,
        content_type: str = "application/json",
        *,
        ambiguous: bool = False,
        read_seconds: float | None = None,
    ) -> dict[str, Any]:
        """The JSON of a good answer. `ambiguous`: doing it twice would be wrong, so a lost answer is
        "unknown".
        """
        headers = self._headers(token) | ({"Content-Type": content_type} if body is not None else {})
        try:
            answer = exchange(
                self._pools, method, url, headers, body, read_seconds=read_seconds or self.read_seconds
            )
        except (NetworkFailure, TooLarge) as failure:
            raise _lost(failure, ambiguous=ambiguous) from failure
        return _read(answer, ambiguous=ambiguous)

    def _trusted(self, url: str) -> str:
        """The address to load, from the same parser that will load it; refused when the token must not go
        there.
        """
        try:
            address = urllib3.util.parse_url(url)
        except urllib3.exceptions.LocationParseError:
            address = urllib3.util.Url()
        if address.auth is None and (_origin(address) == self._home or _is_file_host(address)):
            return address.url
        raise _own_error("the file is at an address that is not Meta's", "permanent", "media_download")


def _next_page(answer: dict[str, Any]) -> str:
    """The cursor of the next page; empty when this was the last."""
    paging = mapping(answer.get("paging"))
    return text(mapping(paging.get("cursors")).get("after")) if paging.get("next") else ""


def _portfolio(answer: dict[str, Any]) -> str:
    entities = listing(mapping(answer.get("health_status")).get("entities"))
    found = (text(one.get("id")) for one in map(mapping, entities) if one.get("entity_type") == "BUSINESS")
    return next(found, "")


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()


def _origin(address: urllib3.util.Url) -> tuple[str | None, str | None, int | None]:
    port = address.port or {"http": 80, "https": 443}.get(address.scheme or "")
    return address.scheme, address.host, port


def _is_file_host(address: urllib3.util.Url) -> bool:
    host = address.host or ""
    if address.scheme != "https" or address.port not in (None, 443):
        return False
    return host == GRAPH_HOST or any(host == known or host.endswith("." + known) for known in FILE_HOSTS)


def _read(answer: Answer, *, ambiguous: bool) -> dict[str, Any]:
    body = _parsed(answer.body)
    if 200 <= answer.http < 300:
        if not isinstance(body, dict):
            raise _unreadable(answer.http, ambiguous=ambiguous)
        return clean(body)
    if answer.http >= 500 and ambiguous and not mapping(body).get("error"):
        # A gateway gave up, not Meta: the message may be behind it.
        raise _unreadable(answer.http, ambiguous=True)
    raise error_from(answer.http, clean(body), answer.headers)


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _send_result(answer: dict[str, Any]) -> SendResult:
    message = mapping(next(iter(listing(answer.get("messages"))), None))
    contact = mapping(next(iter(listing(answer.get("contacts"))), None))
    external_id = stable_id(message.get("id"))
    if external_id is None:
        raise _unreadable(200, ambiguous=True)
    return SendResult(
        external_id,
        wa_id=text(contact.get("wa_id")) or None,
        bsuid=stable_id(contact.get("user_id")),
        message_status=text(message.get("message_status")) or None,
    )


def _required(answer: dict[str, Any], key: str) -> str:
    found = text(answer.get(key))
    if not found:
        raise _unreadable(200, ambiguous=False)
    return found


def _copy(response: urllib3.BaseHTTPResponse, sink: BinaryIO, max_bytes: int) -> int:
    announced = whole(response.headers.get("Content-Length"))
    if announced is not None and announced > max_bytes:
        raise TooLarge(f"{announced} bytes")
    return sum(
        sink.write(chunk) for chunk in chunks_of(response, max_bytes, time.monotonic() + UPLOAD_SECONDS)
    )


def _download_refused(response: urllib3.BaseHTTPResponse) -> ProviderError:
    """Addresses of files live five minutes, and say 404 afterwards."""
    error = error_from(response.status, None, response.headers)
    if response.status == 404:
        error.reaction = "retry"
    error.sentence = WORDS["media_download"]
    return error


def _own_error(title: str, reaction: ErrorReaction, key: str, http: int | None = None) -> ProviderError:
    return ProviderError(title, reaction=reaction, http=http, sentence=WORDS[key])


def _unreadable(http: int, *, ambiguous: bool) -> ProviderError:
    reaction: ErrorReaction = "unknown" if ambiguous else "retry"
    return _own_error("unreadable answer", reaction, "no_answer" if ambiguous else "bad_answer", http)


def _lost(failure: NetworkFailure | TooLarge, *, ambiguous: bool) -> ProviderError:
    """No whole answer. A request that never left, or was refused with a 4xx we could not read, can be
    repeated.
    """
    if isinstance(failure, TooLarge):
        return _unreadable(200, ambiguous=ambiguous)
    refused = failure.http is not None and 400 <= failure.http < 500
    if ambiguous and failure.left and not refused:
        return _own_error(f"no answer: {failure}", "unknown", "no_answer", failure.http)
    return _own_error(f"no connection: {failure}", "retry", "unreachable", failure.http)

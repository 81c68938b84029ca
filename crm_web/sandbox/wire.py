"""The addresses below `/sandbox/`, the same for Flask and for the fast server: a request in, an answer out."""

import json
import logging
import random
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from . import control
from .faults import GraphError
from .graph import answer_graph
from .knobs import UnknownKnob
from .media import download
from .state import State
from .telephone import BadOrder

log = logging.getLogger(__name__)

# A text where an object should be, and the like: refused as Meta would, without a check for each.
NONSENSE = (AttributeError, IndexError, KeyError, TypeError, ValueError)


@dataclass(slots=True)
class World:
    """The stand-in as a whole: its state, and where and how it reaches the business."""

    state: State
    webhook_url: str
    app_secret: str
    verify_token: str = ""


@dataclass(slots=True)
class Request:
    """`path` is what follows `/sandbox/`; header names are lower case; `base_url` has no slash at the end."""

    method: str
    path: str
    query: dict = field(default_factory=dict)
    headers: dict = field(default_factory=dict)
    body: bytes = b""
    base_url: str = ""

    def json(self):
        """The body as an object; raises GraphError when it is not one."""
        try:
            value = json.loads(self.body)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise GraphError(100, "The body must be a JSON object")
        return value


@dataclass(slots=True)
class Answer:
    """What goes back: `payload` as JSON, or `body` as it is.

    `graph` answers wait as long as the knobs say. `mishap` spoils the way back: "cut" resets the connection,
    "hang" keeps it waiting, "broken" halves the JSON. `work` still has to be done, apart from the event loop,
    and returns the real answer.
    """

    status: int = 200
    payload: object = None
    body: bytes | None = None
    content_type: str = "application/json"
    graph: bool = False
    mishap: str | None = None
    work: Callable | None = None

    def encode(self):
        if self.body is not None:
            return self.body
        body = json.dumps(self.payload, separators=(",", ":")).encode()
        return body[: len(body) // 2] if self.mishap == "broken" else body


def dispatch(world, request):
    """Answer any request below `/sandbox/`, except those for the page; never raises for what a client did."""
    parts = [part for part in request.path.split("/") if part]
    head = parts[0] if parts else ""
    if head == "graph":
        return _graph(world, request, parts[1:])
    if head == "media" and len(parts) == 2 and request.method == "GET":
        return _download(world, request, parts[1])
    handle = CONTROLS.get((request.method, "/".join(parts)))
    if handle is None:
        return Answer(404, {"error": f"{request.method} {request.path} does not exist here"})
    return _control(world, request, handle)


def _graph(world, request, parts):
    try:
        payload, mishap = answer_graph(world.state, request, parts)
    except GraphError as refusal:
        return Answer(refusal.http, refusal.as_answer(), graph=True)
    except NONSENSE as surprise:
        log.warning("nonsense at %s", request.path, exc_info=True)
        shapeless = GraphError(100, f"The request has the wrong shape: {surprise!r}")
        return Answer(400, shapeless.as_answer(), graph=True)
    return Answer(200, payload, graph=True, mishap=mishap)


def _download(world, request, media_id):
    """Like Meta's download host: the bearer is asked for, and an address that is over is not found."""
    if not request.headers.get("authorization", "").lower().startswith("bearer "):
        return Answer(401, {"error": "the bearer token is missing"})
    media = download(world.state, media_id, request.query)
    if media is None:
        return Answer(404, {"error": "the address is over"})
    return Answer(200, body=media["bytes"], content_type=media["mime_type"])


def _control(world, request, handle):
    try:
        result = handle(world, request)
    except (BadOrder, UnknownKnob) as refusal:
        return Answer(400, {"error": str(refusal)})
    except GraphError as refusal:
        return Answer(400, {"error": refusal.details})
    except NONSENSE as surprise:
        log.warning("nonsense at %s", request.path, exc_info=True)
        return Answer(400, {"error": f"the order has the wrong shape: {surprise!r}"})
    if callable(result):
        return Answer(work=lambda: Answer(200, result()))
    return Answer(200, result)


def pause(knobs, answer):
    """Seconds until this answer leaves; only Graph is far away."""
    if not answer.graph:
        return 0
    hang = knobs.hang_ms if answer.mishap == "hang" else 0
    return (hang + knobs.latency_ms + random.uniform(0, knobs.jitter_ms)) / 1000  # noqa: S311 - weather, not secrecy


def linger_to_reset(sock):
    """Make the close of this socket a reset, so that the client cannot take it for an end."""
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


CONTROLS = {
    ("GET", "messages"): control.list_messages,
    ("POST", "messages"): control.write_message,
    ("POST", "read"): control.read_chat,
    ("GET", "log"): control.read_log,
    ("GET", "log/totals"): control.total_log,
    ("GET", "numbers"): control.list_numbers,
    ("POST", "numbers"): control.add_numbers,
    ("POST", "windows"): control.open_windows,
    ("POST", "templates"): control.change_template,
    ("GET", "knobs"): control.show_knobs,
    ("POST", "knobs"): control.change_knobs,
    ("GET", "deliveries"): control.list_deliveries,
    ("POST", "webhooks"): control.deliver_raw,
    ("POST", "verify"): control.verify_address,
}

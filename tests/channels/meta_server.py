"""A server that does on the wire what Meta, and the network before it, can do."""

import json
import socket
import struct
import threading
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import pytest

from crm_web.channels.adapters.meta.errors import WORDS
from crm_web.channels.normal import OutgoingMessage, ProviderError

NUMBER, TOKEN = "100000000000001", "EAAG-token"
HELLO = OutgoingMessage("0193a7c2-0001", "573105550142", None, "text", "Hola")
ACCEPTED = {
    "messaging_product": "whatsapp",
    "contacts": [{"input": "+573105550142", "wa_id": "573105550142"}],
    "messages": [{"id": "wamid.OUT1", "message_status": "accepted"}],
}


class Seen(NamedTuple):
    """A request as it arrived."""

    method: str
    path: str
    headers: Message
    body: bytes
    connection: tuple

    def json(self):
        return json.loads(self.body)


class Request(BaseHTTPRequestHandler):
    """Reads a request, notes it and does what the test said."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append(Seen(self.command, self.path, self.headers, body, self.client_address))
        self.server.behave(self)

    do_GET = do_POST  # noqa: N815 - the name http.server asks for

    def log_message(self, *_):
        pass

    def reset(self):
        """Close with RST instead of FIN, as a broken network does."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.connection.close()
        self.close_connection = True

    def finish(self):
        if not self.rfile.closed:
            super().finish()


def answer(body, http=200, content_type="application/json", **headers):
    """An answer with this body: JSON, or bytes as they are."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()

    def behave(request):
        request.send_response(http)
        request.send_header("Content-Type", content_type)
        request.send_header("Content-Length", str(len(raw)))
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(raw)

    return behave


def hang(request):
    request.server.released.wait(5)
    request.close_connection = True


def drip(request):
    """Headers at once, then a byte now and then."""
    request.send_response(200)
    request.send_header("Content-Length", "1000")
    request.end_headers()
    while not request.server.released.wait(0.05):
        request.wfile.write(b" ")
    request.close_connection = True


def cut_short(request):
    request.send_response(200)
    request.send_header("Content-Length", "1000")
    request.end_headers()
    request.wfile.write(b'{"messages":')
    request.close_connection = True


def chunked(size):
    def behave(request):
        request.send_response(200)
        request.send_header("Content-Type", "image/jpeg")
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        for _ in range(size // 1000):
            request.wfile.write(b"3e8\r\n" + b"x" * 1000 + b"\r\n")
        request.wfile.write(b"0\r\n\r\n")

    return behave


def refused(code, http=400, **headers):
    return answer({"error": {"message": f"(#{code})", "code": code, "fbtrace_id": "AbC"}}, http, **headers)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, *_):
        """Clients that hang up are what these tests are about."""


@contextmanager
def graph_server():
    """The server, listening; `behave` is what it does with each request, `seen` what it got."""
    with Server(("127.0.0.1", 0), Request) as server:
        server.seen, server.behave, server.released = [], answer(ACCEPTED), threading.Event()
        server.url = f"http://127.0.0.1:{server.server_port}/sandbox/graph"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.released.set()
        server.shutdown()


def connections(server):
    return len({request.connection for request in server.seen})


def failure(call, *args):
    """The error that the call raises, which always has a sentence for the seller."""
    with pytest.raises(ProviderError) as caught:
        call(*args)
    assert caught.value.sentence in WORDS.values()
    return caught.value

"""The stand-in alone and fast: one process, one event loop, thousands of sends a second.

It speaks just enough HTTP/1.1 for API clients. All requests read in one turn of the loop share one commit,
and none is answered before it, so an answered send is always in the log.
"""

import asyncio
import gc
import sys
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote

from .knobs import read_knobs
from .wire import Answer, Request, dispatch, linger_to_reset, pause

LARGEST_BODY = 110 * 1024 * 1024
PREFIX = "/sandbox/"
PHRASES = {status.value: status.phrase for status in HTTPStatus}


class Connection(asyncio.Protocol):
    """One client: reads a request, waits for its answer, then reads the next."""

    def __init__(self, server):
        self.server, self.buffer, self.busy = server, bytearray(), False
        self.transport: Any = None
        self.keep, self.continued = True, False

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.buffer += data
        if not self.busy:
            self.read_next()

    def read_next(self):
        """Take one whole request out of the buffer and hand it on, if there is one."""
        try:
            request = self._parse()
        except (ValueError, IndexError):
            self.keep = False
            self.write(Answer(400, {"error": "not HTTP"}))
            return
        if request is not None:
            self.busy = True
            self.server.handle(self, request)

    def write(self, answer):
        """Send the answer, or lose it the way its mishap says."""
        if self.transport is None or self.transport.is_closing():
            return
        if answer.mishap == "cut":
            linger_to_reset(self.transport.get_extra_info("socket"))
            self.transport.abort()
            return
        body = answer.encode()
        head = (
            f"HTTP/1.1 {answer.status} {PHRASES.get(answer.status, 'Unknown')}\r\n"
            f"Content-Type: {answer.content_type}\r\nContent-Length: {len(body)}\r\n"
            f"Connection: {'keep-alive' if self.keep else 'close'}\r\n\r\n"
        )
        self.transport.write(head.encode("latin-1") + body)
        self.busy = self.continued = False
        if not self.keep:
            self.transport.close()
        elif self.buffer:
            self.read_next()

    def _parse(self):
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        first, *lines = self.buffer[:end].decode("latin-1").split("\r\n")
        method, target, version = first.split(" ")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        self._expect(headers)
        body = self._body(headers, end + 4)
        if body is None:
            return None
        self.keep = version == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
        return _request(method, target, headers, body)

    def _body(self, headers, start):
        """The body, cut out of the buffer together with the head; None while it is still coming."""
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return self._chunks(start)
        size = int(headers.get("content-length", 0))
        if size > LARGEST_BODY:
            raise ValueError("too large")
        if len(self.buffer) < start + size:
            return None
        body = bytes(self.buffer[start : start + size])
        del self.buffer[: start + size]
        return body

    def _chunks(self, place):
        body = b""
        while (end := self.buffer.find(b"\r\n", place)) >= 0:
            size = int(self.buffer[place:end].split(b";")[0], 16)
            place = end + 2 + size + 2
            if len(self.buffer) < place:
                return None
            body += self.buffer[end + 2 : end + 2 + size]
            if size == 0:
                del self.buffer[:place]
                return bytes(body)
        return None

    def _expect(self, headers):
        if headers.get("expect", "").lower() == "100-continue" and not self.continued:
            self.continued = True
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")


def _request(method, target, headers, body):
    path, _, query = target.partition("?")
    below = unquote(path.removeprefix(PREFIX))
    base = f"http://{headers.get('host', '127.0.0.1')}"
    return Request(method, below, dict(parse_qsl(query)) if query else {}, headers, body, base)


class Server:
    """Answers in groups: every request of one turn of the loop, then one commit, then the answers."""

    def __init__(self, world):
        self.world = world
        self.loop: Any = None
        self.waiting: list[tuple[Connection, Answer]] = []

    async def listen(self, host, port, *, sock=None):
        self.loop = asyncio.get_running_loop()
        where = {"sock": sock} if sock else {"host": host, "port": port, "backlog": 2048}
        return await self.loop.create_server(lambda: Connection(self), **where)

    def handle(self, connection, request):
        try:
            answer = dispatch(self.world, request)
        except Exception as failure:
            sys.excepthook(type(failure), failure, failure.__traceback__)
            answer = Answer(500, {"error": repr(failure)})
        if answer.work:
            self.loop.run_in_executor(None, answer.work).add_done_callback(
                lambda done: self._later(connection, done.result())
            )
        else:
            self._later(connection, answer)

    def _later(self, connection, answer):
        if not self.waiting:
            self.loop.call_soon(self._answer_all)
        self.waiting.append((connection, answer))

    def _answer_all(self):
        self.world.state.commit()
        knobs, group = read_knobs(self.world.state), self.waiting
        self.waiting = []
        for connection, answer in group:
            seconds = pause(knobs, answer)
            if seconds:
                self.loop.call_later(seconds, connection.write, answer)
            else:
                connection.write(answer)


async def serve(world, host, port, *, ready=None, stopped=None):
    """Serve until `stopped` is set; `ready(port)` is called once connections are taken."""
    server = await Server(world).listen(host, port)
    gc.freeze()
    if ready:
        ready(server.sockets[0].getsockname()[1])
    await (stopped or asyncio.Event()).wait()
    server.close()

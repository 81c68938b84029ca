"""The courier of the fast server: no threads, one loop, hundreds of webhooks a second beside thousands of sends."""

import asyncio
import logging
import ssl
from collections import defaultdict
from typing import Any
from urllib.parse import urlsplit

from .courier import ANSWER_WITHIN, Rounds

log = logging.getLogger(__name__)
BUSY, QUIET = 0.004, 0.02


class Express(Rounds):
    """Every round: settle what came back, claim what is due, send it off."""

    def __init__(self, state, **how):
        super().__init__(state, **how)
        self._lines, self._under_way, self._outcomes = Lines(), set(), []

    async def run(self):
        """Carry until cancelled. What an earlier process of this world still held is free again."""
        self.state.run("UPDATE deliveries SET state = 'waiting' WHERE state = 'sending'")
        while True:
            try:
                self._round()
            except Exception:
                log.exception("the courier stumbled")
            await asyncio.sleep(BUSY if self._under_way or self._outcomes else QUIET)

    def _round(self):
        if self._outcomes:
            outcomes, self._outcomes = self._outcomes, []
            self.settle(outcomes)
        free = self.hands - len(self._under_way)
        if free and self._anything_due():
            for parcel in self.claim(free):
                task = asyncio.ensure_future(self._carry(parcel))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)

    def _anything_due(self):
        row = self.state.one(
            "SELECT (SELECT min(due_at) FROM deliveries WHERE state = 'waiting') AS due,"
            " (SELECT min(held_until) FROM deliveries WHERE state = 'sending') AS held"
        )
        now = self.state.now()
        return any(moment is not None and moment <= now for moment in row)

    async def _carry(self, parcel):
        try:
            status, error = await asyncio.wait_for(self._lines.post(*self.wrap(parcel)), ANSWER_WITHIN), None
        except Exception as failure:
            status, error = None, f"{type(failure).__name__}: {failure}"[:300]
        self._outcomes.append((parcel, status, error))


class Lines:
    """Keep-alive connections to the businesses, as few as are needed."""

    def __init__(self):
        self._idle = defaultdict(list)

    async def post(self, url, body, headers):
        """The HTTP status. A kept connection that was closed under our hands is replaced once."""
        parts = urlsplit(url)
        where = (
            parts.hostname,
            parts.port or (443 if parts.scheme == "https" else 80),
            parts.scheme == "https",
        )
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [f"POST {target} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        request = "\r\n".join([*lines, "", ""]).encode("latin-1") + body
        idle = self._idle[where]
        while idle and (line := idle.pop()).open:
            try:
                return await self._ask(line, request, idle)
            except ConnectionResetError:
                break
        return await self._ask(await self._dial(*where), request, idle)

    async def _ask(self, line, request, idle):
        try:
            status = await line.ask(request)
        except BaseException:
            line.close()
            raise
        if line.open:
            idle.append(line)
        return status

    async def _dial(self, host, port, secure):
        context = ssl.create_default_context() if secure else None
        _, line = await asyncio.get_running_loop().create_connection(Line, host, port, ssl=context)
        return line


class Line(asyncio.Protocol):
    """One connection: a question at a time, of whose answer only the status matters."""

    def __init__(self):
        self.open, self._buffer = False, b""
        self._transport: Any = None
        self._answer: asyncio.Future | None = None

    def connection_made(self, transport):
        self._transport, self.open = transport, True

    def ask(self, request):
        self._buffer = b""
        self._answer = answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return answer

    def data_received(self, data):
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if found and self._answer and not self._answer.done() and _whole(head.lower(), body):
            if b"connection: close" in head.lower():
                self.close()
            self._answer.set_result(int(head.split(b" ", 2)[1]))

    def connection_lost(self, failure):
        self.open = False
        if self._answer and not self._answer.done():
            self._answer.set_exception(failure or ConnectionResetError("the business hung up"))

    def close(self):
        self.open = False
        self._transport.close()


def _whole(head, body):
    """Whether the body has arrived as the head announced it."""
    if b"transfer-encoding: chunked" in head:
        return body.endswith(b"0\r\n\r\n")
    _, found, rest = head.partition(b"content-length:")
    return bool(found) and len(body) >= int(rest.split(b"\r\n", 1)[0])

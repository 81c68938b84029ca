"""Load by plain sockets: prepared requests over kept-alive connections, so that the generator costs little.

Open loop: every request has its own moment, and its latency counts from that moment, whether or not the
connection was free. Closed loop: each connection sends the next request when the last is answered.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import selectors
import socket
import threading
import time
from collections.abc import Sequence

from tests import meta
from tests.product import SECRET


def webhook(number: int, sender: str) -> bytes:
    """One signed webhook with one text, as bytes ready for the wire."""
    body = meta.raw(
        meta.said(
            meta.text(f"Hola {number}", sender, id=f"wamid.bench{number:09d}"), name=f"Cliente {sender}"
        )
    )
    signed = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    head = (
        f"POST /webhooks/meta HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        f"X-Hub-Signature-256: sha256={signed}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


def _length(head: bytes) -> int:
    found = LENGTH.search(head)
    return int(found.group(1)) if found else 0


class Wire:
    """One kept-alive connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def ask(self, request: bytes) -> int:
        """Send and read one answer; its status."""
        self.send(request)
        while (status := self.receive()) is None:
            pass
        return status

    def send(self, request: bytes | None) -> bool:
        if request is not None:
            self.socket.sendall(request)
        return request is not None

    def receive(self) -> int | None:
        """Read once; the status when the answer is whole."""
        self.rest += self._more()
        head, blank, body = self.rest.partition(b"\r\n\r\n")
        if not blank or len(body) < _length(head):
            return None
        self.rest = body[_length(head) :]
        return int(head[9:12])

    def _more(self) -> bytes:
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the web closed the connection")
        return data


def closed_loop(port: int, requests: Sequence[bytes], connections: int) -> list[int]:
    """Everything as fast as the web takes it, by one thread that watches all connections; the statuses."""
    waiting, statuses, ready = iter(requests), [], selectors.DefaultSelector()
    for _ in range(connections):
        wire = Wire(port)
        if wire.send(next(waiting, None)):
            ready.register(wire.socket, selectors.EVENT_READ, wire)
    while ready.get_map():
        for key, _events in ready.select():
            status = key.data.receive()
            if status is None:
                continue
            statuses.append(status)
            if not key.data.send(next(waiting, None)):
                ready.unregister(key.fileobj)
    return statuses


def open_loop(
    port: int, requests: Sequence[bytes], per_second: float, connections: int = 16
) -> tuple[list[float], list[int]]:
    """Each request at its own moment; seconds from that moment to the answer, and the statuses."""
    start = time.perf_counter() + 0.2
    due = iter(enumerate(requests))
    lock, took, statuses = threading.Lock(), [], []

    def client() -> None:
        wire = Wire(port)
        while True:
            with lock:
                number, request = next(due, (None, b""))
            if number is None:
                return
            moment = start + number / per_second
            time.sleep(max(0.0, moment - time.perf_counter()))
            statuses.append(wire.ask(request))
            took.append(time.perf_counter() - moment)

    threads = [threading.Thread(target=client) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took, statuses

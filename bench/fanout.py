"""A thousand sellers with the inbox open, on two web processes: how soon all hear, what one costs, how all come back.

The sellers are plain sockets that speak Engine.IO and Socket.IO themselves, watched by one thread, each with a person
and a session of its own. Generator and servers share the machine.
"""

from __future__ import annotations

import base64
import json
import os
import selectors
import socket
import struct
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from socketio import RedisManager

from bench.harness import Bench, Row, against, latencies, quiet
from bench.load import closed_loop, webhook
from crm_web.core.live import CHANNEL, inbox_room
from tests.product import Product

SELLERS = 1000
PER_SECOND = 20
SECONDS = 10

PEOPLE = """
INSERT INTO users (id, tenant_id, email, password_hash, first_name, last_name, job_title, role_id, status, availability,
    max_concurrent_chats, auto_assign, theme, preferences, failed_login_attempts)
SELECT gen_random_uuid(), u.tenant_id, 'crowd' || n || '@acme.test', u.password_hash, 'Persona', n::text, '', u.role_id,
    'active', 'offline', 5, true, 'system', '{}', 0
FROM users u, generate_series(1, %s) n WHERE u.email = 'seller@acme.test'
"""
SESSIONS = """
INSERT INTO user_sessions (id, tenant_id, user_id, device, ip, expires_at, last_activity_at)
SELECT gen_random_uuid(), tenant_id, id, '', '', now() + interval '1 day', now() FROM users WHERE email LIKE 'crowd%%'
RETURNING tenant_id, id
"""


@dataclass
class Seller:
    """One browser's socket: what it was greeted with, and what it heard when."""

    cookie: str
    port: int
    wire: socket.socket | None = None
    rest: bytes = b""
    is_up: bool = False
    heard: list[tuple[float, float]] = field(default_factory=list)
    version: int | None = None

    def connect(self) -> socket.socket:
        self.wire = socket.create_connection(("127.0.0.1", self.port))
        self.wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        key = base64.b64encode(os.urandom(16)).decode()
        self.wire.sendall(
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Origin: http://127.0.0.1:{self.port}\r\nCookie: crm_session={self.cookie}\r\n\r\n".encode()
        )
        self.rest, self.is_up, self.version = b"", False, None
        return self.wire

    def say(self, text: str) -> None:
        data, mask = text.encode(), os.urandom(4)
        size = bytes([0x80 | len(data)]) if len(data) < 126 else bytes([0xFE]) + struct.pack(">H", len(data))
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))
        if self.wire:
            self.wire.sendall(b"\x81" + size + mask + masked)

    def receive(self) -> bool:
        """Read what is there; False when the line is cut."""
        data = self.wire.recv(65536) if self.wire else b""
        self.rest += data
        if self.rest.startswith(b"HTTP/1.1 101"):
            head, blank, rest = self.rest.partition(b"\r\n\r\n")
            self.rest = rest if blank else head
        for text in self._frames():
            self._hear(text)
        return bool(data)

    def _frames(self) -> Iterable[str]:
        """The whole text frames that have come; a server's frames are not masked."""
        while len(self.rest) > 1 and not self.rest.startswith(b"HTTP"):
            size, start = self.rest[1] & 0x7F, 2
            if size == 126:
                size, start = struct.unpack(">H", self.rest[2:4])[0] if len(self.rest) > 3 else 1 << 20, 4
            if len(self.rest) < start + size:
                return
            frame, self.rest = self.rest[start : start + size], self.rest[start + size :]
            yield frame.decode(errors="replace")

    def _hear(self, text: str) -> None:
        if text.startswith("0{"):
            self.say("40")
        elif text.startswith("40"):
            self.is_up = True
        elif text == "2":
            self.say("3")
        elif text.startswith('42["inbox"'):
            told = json.loads(text[2:])[1]
            if "at" in told:
                self.heard.append((told["at"], time.time()))
        elif text.startswith("43"):
            self.version = json.loads(text[text.index("[") :])[0]["version"]


class Crowd:
    """All sellers, and the one thread that watches their sockets."""

    def __init__(self, sellers: list[Seller]) -> None:
        self.sellers = sellers
        self.ready = selectors.DefaultSelector()

    def connect(self, burst: int = 50) -> float:
        """Connect everybody, so many at a time; seconds until the last one is greeted."""
        start = time.perf_counter()
        for first in range(0, len(self.sellers), burst):
            for seller in self.sellers[first : first + burst]:
                self.ready.register(seller.connect(), selectors.EVENT_READ, seller)
            self.listen(0.01)
        self.until(lambda: all(seller.is_up for seller in self.sellers))
        return time.perf_counter() - start

    def listen(self, seconds: float) -> None:
        ends_at = time.perf_counter() + seconds
        while (left := ends_at - time.perf_counter()) > 0:
            for key, _events in self.ready.select(left):
                if not key.data.receive():
                    self.ready.unregister(key.fileobj)

    def until(self, done: Callable[[], bool], seconds: float = 60) -> None:
        ends_at = time.perf_counter() + seconds
        while not done():
            if time.perf_counter() > ends_at:
                up = sum(seller.is_up for seller in self.sellers)
                raise RuntimeError(f"still waiting after {seconds} s, {up} of {len(self.sellers)} are up")
            self.listen(0.02)

    def cut(self) -> None:
        """Every line at once, without a word."""
        self.ready.close()
        self.ready = selectors.DefaultSelector()
        for seller in self.sellers:
            if seller.wire:
                seller.wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                seller.wire.close()


def _cookies(product: Product) -> list[str]:
    """A thousand people signed in, each with the cookie their browser would hold."""
    signer = Flask("signer")
    signer.secret_key = product.environment["SECRET_KEY"]
    serializer = SecureCookieSessionInterface().get_signing_serializer(signer)
    with psycopg.connect(product.owner_dsn) as connection:
        connection.execute(PEOPLE.replace("%s", str(SELLERS)).encode())
        rows = connection.execute(SESSIONS.replace("%%", "%").encode()).fetchall()
    if serializer is None:
        raise RuntimeError("a cookie needs a secret key")
    return [
        str(serializer.dumps({"_user_id": f"{tenant}:{session}", "_fresh": True})) for tenant, session in rows
    ]


def _memory(product: Product) -> float:
    """Private megabytes of the web processes together."""
    lead = product.running["web"].pid
    children = Path(f"/proc/{lead}/task/{lead}/children").read_text().split()
    private = [
        int(line.split()[1])
        for pid in (lead, *children)
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        if line.startswith("Private_")
    ]
    return sum(private) / 1024


def fanout() -> list[Row]:
    with Product(webs=2) as product:
        crowd = Crowd([Seller(cookie, product.web_port) for cookie in _cookies(product)])
        before = _memory(product)
        joined = crowd.connect()
        crowd.listen(2)
        memory = (_memory(product) - before) * 1024 / SELLERS
        quiet()
        rows = _broadcast(product, crowd)
        rows += _come_back(product, crowd)
        note = f"the first joining took {joined:.1f} s"
        return [*rows, Row("memory per seller", round(memory, 1), "kB", note=note)]


def _broadcast(product: Product, crowd: Crowd) -> list[Row]:
    """A hint to everybody twenty times a second, each on its own moment."""
    manager = RedisManager(product.servers.redis_url, channel=CHANNEL, write_only=True)
    room, count = inbox_room(product.house.id), PER_SECOND * SECONDS
    start = time.perf_counter()
    for number in range(count):
        crowd.listen(max(0.0, start + number / PER_SECOND - time.perf_counter()))
        manager.emit("inbox", {"id": str(number), "at": time.time()}, room=room)
    crowd.listen(3)
    took = [heard - at for seller in crowd.sellers for at, heard in seller.heard]
    note = f"{len(took):,} of {count * SELLERS:,} heard"
    return latencies(f"broadcast to {SELLERS:,} at {PER_SECOND}/s", took, {"p99": 100}, note)


def _come_back(product: Product, crowd: Crowd) -> list[Row]:
    """All lines cut, messages meanwhile, all back; then everybody knows the newest version of the conversation."""
    closed_loop(product.web_port, [webhook(1, "573000000001")], connections=1)
    product.until("SELECT count(*) FROM messages", 1)
    crowd.cut()
    closed_loop(product.web_port, [webhook(n, "573000000001") for n in range(2, 22)], connections=4)
    start = time.perf_counter()
    crowd.connect()
    product.until("SELECT count(*) FROM messages", 21)
    conversation = product.look("SELECT id FROM conversations")
    newest = product.look("SELECT version FROM conversations")
    for seller in crowd.sellers:
        seller.say(f'421["watch",{{"conversation_id":"{conversation}"}}]')
    crowd.until(lambda: all(seller.version is not None for seller in crowd.sellers), 120)
    took = time.perf_counter() - start
    behind = sum(seller.version != newest for seller in crowd.sellers)
    note = f"21 messages meanwhile, {behind} of {SELLERS:,} sellers behind"
    return [against("all back and caught up after a cut", took, "s", 10, note)]


BENCHES = (Bench("fanout", fanout),)

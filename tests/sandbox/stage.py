"""The stand-in on a stage of its own: it runs as a process, and a tiny server plays the business it talks to."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import urllib3

SECRET = "stage-secret"
ACME, RIVAL = "100000000000001", "100000000000002"
ACME_WABA = "200000000000001"
FOLDER = Path(__file__).parents[2] / "crm_web" / "sandbox"


def until(condition: Callable[[], Any], seconds: float = 8) -> Any:
    """The first true value of `condition`; fails when it stays false."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError("it did not happen in time")


class Business:
    """Takes webhooks: keeps the raw POSTs, and answers what `answers` says next, else 200."""

    def __init__(self) -> None:
        self.posts: list[tuple[float, bytes, str]] = []
        self.answers: list[int] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/webhooks/meta"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def genuine(self) -> bool:
        """Whether every POST is signed over exactly its bytes."""
        return all(
            sent == "sha256=" + hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
            for _, raw, sent in self.posts
        )

    def values(self) -> list[dict[str, Any]]:
        bodies = [json.loads(raw) for _, raw, _ in self.posts]
        return [change["value"] for body in bodies for entry in body["entry"] for change in entry["changes"]]

    def messages(self) -> list[dict[str, Any]]:
        return [message for value in self.values() for message in value.get("messages", [])]

    def statuses(self, wamid: str) -> list[dict[str, Any]]:
        return [item for value in self.values() for item in value.get("statuses", []) if item["id"] == wamid]

    def path_of(self, wamid: str) -> list[str]:
        return [item["status"] for item in self.statuses(wamid)]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        business = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                business.posts.append((time.monotonic(), raw, self.headers["X-Hub-Signature-256"]))
                self.answer(business.answers.pop(0) if business.answers else 200, b"")

            def do_GET(self) -> None:
                _, _, query = self.path.partition("?")
                asked = dict(pair.split("=") for pair in query.split("&"))
                right = asked.get("hub.verify_token") == "stage-token"
                self.answer(200 if right else 403, asked["hub.challenge"].encode())

            def answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                """Tests are quiet."""

        return Handler


class Meta:
    """The running stand-in, with the calls a business and a tester make."""

    def __init__(self, url: str, process: subprocess.Popen[str]) -> None:
        self.url, self.process = url, process
        self.http = urllib3.PoolManager(retries=False, maxsize=64, timeout=10)

    def get(self, path: str, token: str | None = "token", **fields: Any) -> Any:
        return self.ask("GET", path, token=token, fields=fields).json()

    def post(self, path: str, token: str | None = "token", **body: Any) -> Any:
        return self.ask("POST", path, token=token, json=body).json()

    def ask(
        self, method: str, path: str, token: str | None = "token", **how: Any
    ) -> urllib3.BaseHTTPResponse:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.http.request(method, f"{self.url}/sandbox/{path}", headers=headers, **how)

    def send(self, to: str, *, number: str = ACME, token: str = "token", **message: Any) -> Any:
        """Send as the business: a text unless the message says otherwise."""
        message = {"type": "text", "text": {"body": "Hola"}} | message if "type" not in message else message
        body = {"messaging_product": "whatsapp", "to": to, **message}
        return self.ask("POST", f"graph/v26.0/{number}/messages", token=token, json=body)

    def say(self, sender: str, text: str = "Buenas", **more: Any) -> Any:
        return self.post("messages", **{"from": sender, "text": text, **more})

    def code(self, answer: urllib3.BaseHTTPResponse) -> int:
        return int(answer.json()["error"]["code"])


@contextmanager
def stand_in(folder: Path, business: Business | None = None, *flags: str) -> Iterator[Meta]:
    """The stand-in as a process, in a world of its own."""
    url = business.url if business else "http://127.0.0.1:9/nobody"
    argv = [
        sys.executable,
        str(FOLDER),
        "--port",
        "0",
        "--db",
        str(folder / "world.sqlite"),
        "--webhook-url",
        url,
    ]
    argv += ["--app-secret", SECRET, "--verify-token", "stage-token", *flags]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        meta = Meta(process.stdout.readline().strip().removesuffix("/sandbox/graph"), process)
        try:
            yield meta
        finally:
            meta.http.clear()
            process.terminate()


@contextmanager
def stage(folder: Path, *flags: str) -> Iterator[tuple[Meta, Business]]:
    """Both sides, with short waits between the statuses."""
    business = Business()
    try:
        with stand_in(folder, business, *flags) as meta:
            meta.post("knobs", sent_ms=10, delivered_ms=40, read_ms=80, review_ms=50)
            yield meta, business
    finally:
        business.close()


def wamid(answer: urllib3.BaseHTTPResponse) -> str:
    assert answer.status == 200, answer.data
    return str(answer.json()["messages"][0]["id"])

"""A browser's socket without the browser."""

from __future__ import annotations

import threading
from typing import Any

import socketio

from tests.cast import Person


class Listener:
    """A browser's socket: keeps what it hears."""

    def __init__(self, url: str, person: Person | None, **headers: str) -> None:
        self.heard: list[tuple[str, dict]] = []
        self.news = threading.Condition()
        self.client = socketio.Client(reconnection=False)
        self.client.on("*", self._hear)
        cookie = person.client.get_cookie("crm_session", domain="localhost") if person else None
        given = {"Cookie": f"crm_session={cookie.value}"} if cookie else {}
        self.client.connect(url, headers={**given, **headers}, transports=["websocket"], wait_timeout=5)

    def _hear(self, event: str, data: dict) -> None:
        with self.news:
            self.heard.append((event, data))
            self.news.notify_all()

    def hears(self, event: str, timeout: float = 3.0) -> dict | None:
        with self.news:
            self.news.wait_for(lambda: any(name == event for name, _ in self.heard), timeout)
            return next((data for name, data in self.heard if name == event), None)

    def watch(self, conversation_id: object) -> dict:
        return self.client.call("watch", {"conversation_id": str(conversation_id)}, timeout=5)

    def open(self, conversation_id: object) -> dict:
        """Watch it, and forget what was heard until then."""
        answer = self.watch(conversation_id)
        self.forget()
        return answer

    def forget(self, quiet: float = 0.3) -> None:
        """What was heard, once nothing more comes of it."""
        with self.news:
            while self.news.wait(quiet):
                pass
            self.heard.clear()

    def says(self, event: str, data: Any = None) -> None:
        self.client.emit(event, data)

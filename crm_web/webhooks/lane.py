"""The express lane of `POST /webhooks/meta`: what Meta signed is stored and answered before Flask wakes up.

Meta sends a business's whole day through this one address and counts on an answer within 250 ms, so the way of the
many is short: read, verify, store, 200. Whatever is not plain (another signature, a body of unknown or great length, a
database that is away) goes on, whole, to the route of the same address, which knows how to refuse. The lane holds
no rule of its own: both call the same three functions.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

import sqlalchemy as sa
from flask import Flask

from crm_web.ops.metrics import HTTP_SECONDS
from crm_web.webhooks import routes

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Next = Callable[[Environ, StartResponse], Iterable[bytes]]
PATH = "/webhooks/meta"


class Lane:
    """WSGI middleware before everything else."""

    def __init__(self, app: Flask, next_app: Next) -> None:
        self.app, self.next = app, next_app
        self.took = HTTP_SECONDS.labels("webhooks.receive_meta", "POST", 200)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == PATH and environ["REQUEST_METHOD"] == "POST" and self._stored(environ):
            start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "0")])
            return []
        return self.next(environ, start_response)

    def _stored(self, environ: Environ) -> bool:
        """Whether the request was Meta's and is durable now; if not, its body can be read again."""
        began = time.perf_counter()
        length = environ.get("CONTENT_LENGTH") or ""
        if not length.isdecimal() or int(length) > routes.MOST_BYTES:
            return False
        raw = environ["wsgi.input"].read(int(length))
        environ["wsgi.input"] = BytesIO(raw)
        with self.app.app_context():
            if not routes.is_ours(raw, environ.get("HTTP_X_HUB_SIGNATURE_256")):
                return False
            try:
                routes.store(raw)
            except sa.exc.SQLAlchemyError:
                return False
        self.took.observe(time.perf_counter() - began)
        return True

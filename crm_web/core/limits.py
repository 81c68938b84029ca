"""Rate limits of requests, counted in Redis, and in the process itself while Redis is away."""

from __future__ import annotations

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(get_remote_address, strategy="fixed-window", headers_enabled=True, swallow_errors=True)

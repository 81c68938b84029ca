"""For machines that watch: is the process alive, can it serve, how is it doing."""

from __future__ import annotations

import hmac
import ipaddress
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST

from crm_web.core.permissions import public
from crm_web.ops import health, metrics

bp = Blueprint("ops", __name__)
bp.after_app_request(metrics.count)

NEAR = tuple(
    ipaddress.ip_network(network)
    for network in ("127.0.0.0/8", "::1", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)
FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP")


@bp.get("/healthz")
@public
def alive() -> Any:
    """The process answers. Nothing else is asked, so a dead database does not get the web restarted."""
    return jsonify(alive=True)


@bp.get("/readyz")
@public
def ready() -> Any:
    """200 when pages can be served. Redis may be away: that is told as degraded, for people are still served."""
    database, redis = health.check_database(), health.check_redis()
    migrations = (
        health.check_migrations() if database.ok else health.Part(False, "not known without the database")
    )
    parts = {"database": database, "migrations": migrations, "redis": redis}
    can_serve = database.ok and migrations.ok
    answer = {
        "ready": can_serve,
        "degraded": not redis.ok,
        "parts": {k: v._asdict() for k, v in parts.items()},
    }
    return jsonify(answer), 200 if can_serve else 503


@bp.get("/metrics")
@public
def figures() -> Response:
    """Prometheus' text, for this machine, its private networks, or whoever has METRICS_TOKEN."""
    if not (_has_token() or _is_near()):
        abort(403)
    return Response(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)


def _has_token() -> bool:
    token = current_app.config.get("METRICS_TOKEN") or ""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(token) and hmac.compare_digest(given.encode(), token.encode())


def _is_near() -> bool:
    """A direct call from near. What a proxy passes on comes from anywhere, whatever address it shows."""
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in network for network in NEAR)

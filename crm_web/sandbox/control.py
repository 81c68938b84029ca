"""The stand-in's own addresses: play the customer, read the logs, turn the knobs. Not part of Meta's API."""

import secrets
from dataclasses import asdict
from datetime import datetime
from urllib.parse import urlencode

import urllib3

from . import seeds, templates, webhooks
from .knobs import read_knobs, turn_knobs
from .people import digits
from .telephone import (
    BadOrder,
    known_number,
    open_chat,
    person_from,
    received,
    register_window,
    write_as_customer,
)

CONNECTIONS = urllib3.PoolManager(maxsize=8)
STATES = {"pending": ("waiting", "sending")}


def list_messages(world, request):
    """What a telephone has received, oldest first."""
    if not request.query.get("to"):
        raise BadOrder("to is missing: whose telephone?")
    return received(world.state, request.query["to"], request.query.get("phone_number_id"))


def write_message(world, request):
    """Send as a customer; the webhook is on its way when this answers."""
    message = write_as_customer(world.state, request.json())
    return {"id": message["id"], "status": "sent", "message": message}


def read_chat(world, request):
    """Open the chat as the customer, so that what arrived becomes read."""
    order = request.json()
    number = known_number(world.state, order.get("phone_number_id", "100000000000001"))
    person = person_from(world.state, order.get("from") or order.get("to") or order.get("bsuid"))
    return {"read": open_chat(world.state, person, number)}


def read_log(world, request):
    """Accepted sends in order, after an id: the oracle for `nothing lost, nothing twice`."""
    rows = world.state.all(
        "SELECT * FROM log WHERE id > ? AND (? IS NULL OR phone_number_id = ?) ORDER BY id LIMIT ?",
        _whole(request, "after", 0),
        request.query.get("phone_number_id"),
        request.query.get("phone_number_id"),
        min(_whole(request, "limit", 1000), 100_000),
    )
    return [dict(row) for row in rows]


def total_log(world, request):
    """How many sends were accepted, how many different ones the business meant, and which came more than once."""
    totals = world.state.one(
        "SELECT count(*) AS sends, count(DISTINCT biz_opaque_callback_data) AS callbacks, coalesce(max(id), 0)"
        " AS last_id FROM log WHERE id > ?",
        _whole(request, "after", 0),
    )
    repeated = world.state.all(
        "SELECT biz_opaque_callback_data AS callback, count(*) AS times FROM log WHERE id > ?"
        " AND biz_opaque_callback_data IS NOT NULL GROUP BY 1 HAVING count(*) > 1 LIMIT 100",
        _whole(request, "after", 0),
    )
    return {**dict(totals), "repeated": [dict(row) for row in repeated]}


def list_numbers(world, request):
    rows = world.state.all("SELECT * FROM numbers ORDER BY phone_number_id")
    return [{name: row[name] for name in row.keys() if name != "profile"} for row in rows]  # noqa: SIM118


def add_numbers(world, request):
    """One number or a list of them; a new account comes with the approved templates of the demo."""
    orders = _one_or_many(request)
    with world.state.tx() as db:
        for order in orders:
            _add_number(db, order)
    return {"added": len(orders)}


def _add_number(db, order):
    for name in ("phone_number_id", "waba_id", "display_phone_number"):
        if not order.get(name):
            raise BadOrder(f"{name} is missing")
    phone = "+" + digits(order["display_phone_number"])
    node = str(order["phone_number_id"])
    seeds.add_number(db, node, str(order["waba_id"]), phone, order.get("verified_name") or phone)
    db.execute(
        "UPDATE numbers SET webhook_url = ? WHERE phone_number_id = ?", (order.get("webhook_url"), node)
    )


def open_windows(world, request):
    """Tell the stand-in when customers last wrote, so that older conversations can be answered."""
    orders = _one_or_many(request)
    with world.state.tx():
        for order in orders:
            number = order.get("phone_number_id", "100000000000001")
            register_window(
                world.state, number, order.get("from"), _moment(world, order.get("at")), order.get("name")
            )
    return {"registered": len(orders)}


def change_template(world, request):
    """Pause, disable or reinstate a template as Meta would, with its webhook."""
    order = request.json()
    row = templates.find_by_name(
        world.state, str(order.get("waba_id", "200000000000001")), order.get("name"), order.get("language")
    )
    templates.set_status(world.state, row, order["status"], order.get("reason", "NONE"))
    return {"id": str(row["id"]), "status": order["status"]}


def show_knobs(world, request):
    return asdict(read_knobs(world.state))


def change_knobs(world, request):
    return asdict(turn_knobs(world.state, request.json()))


def list_deliveries(world, request):
    """The webhooks and their fate, newest first; `state` chooses pending (waiting or sending), done or given_up."""
    chosen = request.query.get("state")
    states = STATES.get(chosen, (chosen, chosen))
    rows = world.state.all(
        "SELECT * FROM deliveries WHERE (? IS NULL OR state IN (?, ?)) ORDER BY id DESC LIMIT ?",
        chosen,
        *states,
        min(_whole(request, "limit", 200), 10_000),
    )
    counts = {state: _count(world, state) for state in ("waiting", "sending", "given_up")}
    pending = counts["waiting"] + counts["sending"]
    return {"pending": pending, "counts": counts, "deliveries": [dict(row) for row in rows]}


def _count(world, state):
    """Each state that is counted has an index of its own, so that asking often costs nothing under load."""
    return world.state.one(f"SELECT count(*) AS many FROM deliveries WHERE state = '{state}'")["many"]  # noqa: S608


def deliver_raw(world, request):
    """Post any payload to the business at once, signed rightly or (`sign` false) wrongly; done apart from the loop."""
    order = request.json()
    payload = order.get("payload")
    if payload is None:
        raise BadOrder("payload is missing")
    body = payload.encode() if isinstance(payload, str) else webhooks.encode(payload)
    headers = webhooks.headers(world.app_secret, body)
    if order.get("sign") is False:
        headers[webhooks.SIGNATURE] = webhooks.signature("not the secret", body)
    url = order.get("url") or world.webhook_url
    return lambda: _knock("POST", url, body=body, headers=headers)


def verify_address(world, request):
    """Meta's handshake: the business must give the challenge back for the right token."""
    order = request.json() if request.body else {}
    challenge = str(secrets.randbelow(10**10))
    token = order.get("verify_token", world.verify_token)
    query = urlencode({"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": challenge})
    url = f"{order.get('url') or world.webhook_url}?{query}"
    return lambda: _compare(_knock("GET", url), challenge)


def _compare(answer, challenge):
    return {**answer, "verified": answer["status"] == 200 and answer["body"] == challenge}


def _knock(method, url, **what):
    try:
        answer = CONNECTIONS.request(method, url, retries=False, redirect=False, timeout=30, **what)
    except urllib3.exceptions.HTTPError as failure:
        return {"status": None, "body": str(failure)}
    return {"status": answer.status, "body": answer.data.decode("utf-8", "replace")[:4000]}


def _one_or_many(request):
    """A single object, or `{items: […]}`."""
    order = request.json()
    return order["items"] if isinstance(order.get("items"), list) else [order]


def _whole(request, name, usual):
    value = request.query.get(name) or usual
    try:
        return int(value)
    except ValueError:
        raise BadOrder(f"{name} must be a whole number") from None


def _moment(world, at):
    """Seconds since the epoch, an ISO time, or now."""
    if at is None:
        return world.state.now()
    try:
        return float(at) if not isinstance(at, str) else datetime.fromisoformat(at).timestamp()
    except ValueError:
        raise BadOrder(f"at cannot be {at!r}") from None

"""Graph's addresses: `/<version>/<node>` and `/<version>/<node>/<edge>`, and who may call them."""

import json
import re
import secrets

from . import media, templates
from .faults import GraphError, unknown_object
from .sending import send

NUMBER_FIELDS = ("id", "verified_name", "code_verification_status", "display_phone_number", "quality_rating",
                 "platform_type", "throughput")  # fmt: skip


def answer_graph(state, request, parts):
    """(body of the answer, mishap); raises GraphError. `parts` is the path after `graph/`."""
    _require_token(request)
    if not parts or not re.fullmatch(r"v\d+\.\d+", parts[0]):
        raise GraphError(2500, f"Unknown path components: /{'/'.join(parts)}")
    node, edge = [*parts[1:], None, None][:2]
    if node is None or len(parts) > 3:
        raise GraphError(2500, f"Unknown path components: /{'/'.join(parts[1:])}")
    if edge == "messages" and request.method == "POST":
        return send(state, require_number(state, node), request.json())
    if node.startswith("upload:") or edge == "uploads":
        return _resumable(request, node, edge), None
    return (_edge(state, request, node, edge) if edge else _node(state, request, node)), None


def _require_token(request):
    """Any token will do, unless it says of itself that it will not."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip() if scheme.lower() in ("bearer", "oauth") else request.query.get("access_token", "")
    if not token:
        raise GraphError(190, "An access token is required to request this resource.")
    if token.startswith("expired"):
        raise GraphError(190, "Error validating access token: Session has expired", subcode=463)
    if token.startswith("forbidden"):
        raise GraphError(
            200, "You do not have the necessary permissions to send messages on behalf of this account"
        )


def find_number(state, node):
    return state.one("SELECT * FROM numbers WHERE phone_number_id = ?", node)


def require_number(state, node):
    number = find_number(state, node)
    if number is None:
        raise unknown_object(node)
    return number


def find_waba(state, node):
    return state.one("SELECT * FROM wabas WHERE waba_id = ?", node)


def _require_waba(state, node):
    waba = find_waba(state, node)
    if waba is None:
        raise unknown_object(node)
    return waba


def _edge(state, request, node, edge):
    if (request.method, edge) in NUMBER_EDGES:
        return NUMBER_EDGES[request.method, edge](state, require_number(state, node), request)
    if (request.method, edge) in WABA_EDGES:
        return WABA_EDGES[request.method, edge](state, _require_waba(state, node), request)
    raise GraphError(2500, f"Unknown path components: /{edge}")


def _node(state, request, node):
    """A node is found by its id alone, whatever it is."""
    for find, verbs in NODES:
        found = find(state, node)
        if found is not None and request.method in verbs:
            return verbs[request.method](state, found, request)
    raise unknown_object(node)


def _number_facts(state, number, request):
    facts = {
        "id": number["phone_number_id"],
        "verified_name": number["verified_name"],
        "display_phone_number": spaced(number["display_phone_number"]),
        "quality_rating": number["quality_rating"],
        "code_verification_status": "VERIFIED",
        "name_status": "APPROVED",
        "status": "CONNECTED",
        "platform_type": "CLOUD_API",
        "account_mode": "SANDBOX",
        "is_on_biz_app": False,
        "throughput": {"level": "STANDARD"},
        "whatsapp_business_manager_messaging_limit": "TIER_100K",
        "messaging_limit_tier": "TIER_100K",
        "health_status": _health("PHONE_NUMBER", number["phone_number_id"], number["waba_id"]),
        "webhook_configuration": {"phone_number": number["webhook_url"]} if number["webhook_url"] else {},
    }
    return choose(facts, request.query.get("fields"), NUMBER_FIELDS)


def _health(kind, node, waba_id):
    entities = [(kind, node), ("WABA", waba_id), ("BUSINESS", "500000000000001"), ("APP", "600000000000001")]
    return {
        "can_send_message": "AVAILABLE",
        "entities": [
            {"entity_type": kind, "id": node, "can_send_message": "AVAILABLE"}
            for kind, node in dict.fromkeys(entities)
        ],
    }


def _change_number(state, number, request):
    """Only the webhook's address can be changed here."""
    where = (request.json().get("webhook_configuration") or {}).get("override_callback_uri")
    state.run(
        "UPDATE numbers SET webhook_url = ? WHERE phone_number_id = ?",
        where or None,
        number["phone_number_id"],
    )
    return {"success": True}


def _get_profile(state, number, request):
    profile = {"messaging_product": "whatsapp", **json.loads(number["profile"])}
    return {
        "data": [choose(profile, request.query.get("fields"), tuple(profile), always=("messaging_product",))]
    }


def _set_profile(state, number, request):
    changes = {name: value for name, value in request.json().items() if name != "messaging_product"}
    profile = {**json.loads(number["profile"]), **changes}
    state.run(
        "UPDATE numbers SET profile = ? WHERE phone_number_id = ?",
        json.dumps(profile),
        number["phone_number_id"],
    )
    return {"success": True}


def _done(state, node, request):
    return {"success": True}


def _waba_facts(state, waba, request):
    facts = {
        "id": waba["waba_id"],
        "name": waba["name"],
        "timezone_id": "29",
        "currency": "COP",
        "message_template_namespace": f"ns_{waba['waba_id']}",
        "account_review_status": "APPROVED",
        "health_status": _health("WABA", waba["waba_id"], waba["waba_id"]),
    }
    return choose(
        facts, request.query.get("fields"), ("id", "name", "timezone_id", "message_template_namespace")
    )


def _waba_numbers(state, waba, request):
    rows = state.all("SELECT * FROM numbers WHERE waba_id = ? ORDER BY phone_number_id", waba["waba_id"])
    data = [_number_facts(state, row, request) for row in rows]
    return {"data": data, "paging": {"cursors": {"before": "QQ", "after": "Qg"}}}


def _subscriptions(state, waba, request):
    app = {"whatsapp_business_api_data": {"id": "600000000000001", "name": "CRM", "link": request.base_url}}
    if waba["webhook_url"]:
        app["override_callback_uri"] = waba["webhook_url"]
    return {"data": [app] if waba["subscribed"] else []}


def _subscribe(state, waba, request):
    where = request.json().get("override_callback_uri") if request.body else None
    state.run("UPDATE wabas SET subscribed = 1, webhook_url = ? WHERE waba_id = ?", where, waba["waba_id"])
    return {"success": True}


def _unsubscribe(state, waba, request):
    state.run("UPDATE wabas SET subscribed = 0, webhook_url = NULL WHERE waba_id = ?", waba["waba_id"])
    return {"success": True}


def _resumable(request, node, edge):
    """The two steps of a sample upload for templates; nobody looks at the sample."""
    if request.method != "POST":
        raise GraphError(2500, "Only POST is supported here")
    if edge == "uploads":
        return {"id": "upload:" + secrets.token_urlsafe(24)}
    return {"h": f"4::{secrets.token_urlsafe(48)}"}


def choose(facts, fields, usual, *, always=("id",)):
    """Graph's `fields`: what was asked for, or the usual, and the id in any case."""
    asked = re.sub(r"\{[^}]*\}", "", fields).replace(" ", "").split(",") if fields else usual
    return {name: value for name, value in facts.items() if name in asked or name in always}


def spaced(phone):
    """A number as Meta displays it: +57 300 0000001."""
    return f"{phone[:3]} {phone[3:6]} {phone[6:]}" if phone.startswith("+") and len(phone) > 9 else phone


NUMBER_EDGES = {
    ("POST", "media"): media.upload,
    ("POST", "register"): _done,
    ("POST", "deregister"): _done,
    ("GET", "whatsapp_business_profile"): _get_profile,
    ("POST", "whatsapp_business_profile"): _set_profile,
}
WABA_EDGES = {
    ("GET", "phone_numbers"): _waba_numbers,
    ("GET", "subscribed_apps"): _subscriptions,
    ("POST", "subscribed_apps"): _subscribe,
    ("DELETE", "subscribed_apps"): _unsubscribe,
    ("GET", "message_templates"): templates.list_templates,
    ("POST", "message_templates"): templates.create_template,
    ("DELETE", "message_templates"): templates.delete_template,
}
NODES = (
    (find_number, {"GET": _number_facts, "POST": _change_number}),
    (find_waba, {"GET": _waba_facts}),
    (templates.find_by_id, {"GET": templates.get_template, "POST": templates.edit_template}),
    (media.find_media, {"GET": media.describe_media, "DELETE": media.delete_media}),
)

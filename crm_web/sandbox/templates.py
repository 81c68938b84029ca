"""Message templates of an account: list, create, edit, delete, and the review that follows after a moment."""

import base64
import json
import re

from .faults import GraphError, missing, unknown_object
from .knobs import read_knobs
from .rendering import variables
from .webhooks import queue_template_event

CATEGORIES = ("MARKETING", "UTILITY", "AUTHENTICATION")
NAME = re.compile(r"[a-z0-9_]{1,512}")
FIELDS = ("id", "name", "language", "status", "category", "parameter_format", "components")
MORE_FIELDS = ("quality_score", "rejected_reason", "sub_category")
NEW = (
    "INSERT INTO templates (id, waba_id, name, language, category, parameter_format, components, status)"
    " VALUES ((SELECT coalesce(max(id) + 1, 300000000000001) FROM templates), ?, ?, ?, ?, ?, ?, 'PENDING') RETURNING *"
)


def find_template(state, waba_id, sent):
    """The template a send names, in exactly its language; None when there is none."""
    settle_reviews(state)
    return state.one(
        "SELECT * FROM templates WHERE waba_id = ? AND name = ? AND language = ?",
        waba_id,
        sent["name"],
        sent["language"]["code"].replace("-", "_"),
    )


def settle_reviews(state):
    """Reviews whose time has come are done; the webhook about it was queued for the same moment."""
    if state.one("SELECT 1 FROM templates WHERE review_at <= ? LIMIT 1", state.now()):
        state.run(
            "UPDATE templates SET status = verdict, review_at = NULL,"
            " rejected_reason = CASE verdict WHEN 'REJECTED' THEN 'INVALID_FORMAT' ELSE 'NONE' END"
            " WHERE review_at <= ?",
            state.now(),
        )


def list_templates(state, waba, request):
    """`GET /<account>/message_templates`, paged by cursor."""
    settle_reviews(state)
    limit = min(int(request.query.get("limit") or 25), 1000)
    after = _cursor_id(request.query.get("after"))
    where, values = _filters(request.query)
    rows = state.all(
        f"SELECT * FROM templates WHERE waba_id = ? AND id > ? {where} ORDER BY id LIMIT ?",  # noqa: S608 - constants
        waba["waba_id"],
        after,
        *values,
        limit + 1,
    )
    shown, fields = rows[:limit], _wanted(request.query.get("fields"))
    answer = {"data": [_as_json(row, fields) for row in shown]}
    if shown:
        answer["paging"] = _paging(shown, request, more=len(rows) > limit)
    return answer


def get_template(state, row, request):
    return _as_json(row, _wanted(request.query.get("fields")))


def create_template(state, waba, request):
    """PENDING now, reviewed after a moment; a name with `rechazada` or `reject` in it will be rejected."""
    waba_id, body = waba["waba_id"], request.json()
    _check_new(state, waba_id, body)
    components, format_ = body["components"], str(body.get("parameter_format", "positional")).upper()
    check_components(components, format_)
    with state.tx():
        row = state.run(
            NEW,
            waba_id,
            body["name"],
            body["language"],
            body["category"],
            format_,
            json.dumps(components, ensure_ascii=False),
        ).fetchone()
        _send_to_review(state, row)
    return {"id": str(row["id"]), "status": "PENDING", "category": row["category"]}


def edit_template(state, row, request):
    """The whole component list is replaced and reviewed again; a category only while it is not approved."""
    body = request.json()
    if row["status"] not in ("APPROVED", "REJECTED", "PAUSED"):
        raise GraphError(100, "Only approved, rejected or paused templates can be edited", subcode=2388003)
    components = body.get("components") or json.loads(row["components"])
    check_components(components, row["parameter_format"])
    category = body.get("category", row["category"])
    if category != row["category"] and row["status"] == "APPROVED":
        raise GraphError(100, "The category of an approved template cannot be edited", subcode=2388003)
    with state.tx():
        edited = state.run(
            "UPDATE templates SET components = ?, category = ?, status = 'PENDING' WHERE id = ? RETURNING *",
            json.dumps(components, ensure_ascii=False),
            category,
            row["id"],
        ).fetchone()
        _send_to_review(state, edited)
    return {"success": True}


def delete_template(state, waba, request):
    """All languages of a name, or the one with `hsm_id`."""
    name, one = request.query.get("name"), request.query.get("hsm_id")
    if not name:
        raise missing("name")
    gone = state.run(
        "DELETE FROM templates WHERE waba_id = ? AND name = ? AND (? IS NULL OR id = ?)",
        waba["waba_id"],
        name,
        one,
        one,
    )
    if not gone.rowcount:
        raise GraphError(100, f"No template named {name} was found", subcode=2593002, http=404)
    return {"success": True}


def set_status(state, template, status, reason="NONE"):
    """Pause, disable, flag: what Meta decides on its own, and tells the account."""
    with state.tx():
        state.run("UPDATE templates SET status = ?, review_at = NULL WHERE id = ?", status, template["id"])
        queue_template_event(state, read_knobs(state), template, status, reason=reason)


def _send_to_review(state, row):
    knobs = read_knobs(state)
    due = state.now() + knobs.review_ms / 1000
    verdict = "REJECTED" if re.search("rechazad|reject", row["name"]) else "APPROVED"
    reason = "INVALID_FORMAT" if verdict == "REJECTED" else "NONE"
    state.run("UPDATE templates SET review_at = ?, verdict = ? WHERE id = ?", due, verdict, row["id"])
    queue_template_event(state, knobs, row, verdict, due=due, reason=reason)


def _check_new(state, waba_id, body):
    for name in ("name", "language", "category", "components"):
        if not body.get(name):
            raise GraphError(100, f"The parameter {name} is required.")
    if not NAME.fullmatch(str(body["name"])):
        raise GraphError(
            100, "Message template name can only have lowercase letters, numbers and underscores"
        )
    if body["category"] not in CATEGORIES:
        raise GraphError(100, f"Param category must be one of {{{', '.join(CATEGORIES)}}}")
    if find_template(state, waba_id, {"name": body["name"], "language": {"code": body["language"]}}):
        raise GraphError(100, "There is already content in this language for this template", subcode=2388024)


def check_components(components, format_):
    """Limits of the parts, examples for their variables, and where variables may stand."""
    if not isinstance(components, list) or not all(isinstance(part, dict) for part in components):
        raise GraphError(100, "Param components must be an array of objects")
    parts = {str(part.get("type", "")).upper(): part for part in components}
    if "BODY" not in parts:
        raise GraphError(100, "A template needs a body", subcode=2388072)
    _check_body(parts["BODY"], format_)
    _check_header(parts.get("HEADER"))
    _check_footer(parts.get("FOOTER"))
    _check_buttons(parts.get("BUTTONS", {}).get("buttons") or [])


def _check_body(body, format_):
    text = body.get("text")
    if not isinstance(text, str) or not 1 <= len(text) <= 1024:
        raise GraphError(100, "The body must have between 1 and 1024 characters", subcode=2388040)
    names = variables(text)
    if format_ == "POSITIONAL" and names != [str(place) for place in range(1, len(names) + 1)]:
        raise GraphError(100, "Variables must be {{1}}, {{2}} and so on, without gaps", subcode=2388072)
    if names and not body.get("example"):
        raise GraphError(100, "A body with variables needs an example", subcode=2388072)
    if text.strip().startswith("{{") or text.strip().endswith("}}"):
        raise GraphError(100, "Variables cannot be at the start or the end of the body", subcode=2388299)
    if len(re.sub(r"\{\{.*?\}\}", "", text).split()) < 2 * len(names):
        raise GraphError(100, "There are too many variables for the length of the text", subcode=2388293)


def _check_header(header):
    if header is None:
        return
    kind, text = str(header.get("format", "")).upper(), header.get("text") or ""
    if kind not in ("TEXT", "IMAGE", "VIDEO", "DOCUMENT", "LOCATION"):
        raise GraphError(100, "The format of the header is not known", subcode=2388047)
    if kind == "TEXT" and (not 1 <= len(text) <= 60 or len(variables(text)) > 1):
        raise GraphError(100, "A header has up to 60 characters and one variable", subcode=2388047)
    needs_example = kind in ("IMAGE", "VIDEO", "DOCUMENT") or variables(text)
    if needs_example and not header.get("example"):
        raise GraphError(100, "The header needs an example", subcode=2388047)


def _check_footer(footer):
    text = (footer or {}).get("text") or ""
    if len(text) > 60 or variables(text):
        raise GraphError(100, "A footer has up to 60 characters and no variables", subcode=2388073)


def _check_buttons(buttons):
    kinds = [str(button.get("type", "")).upper() for button in buttons]
    if len(buttons) > 10 or kinds.count("URL") > 2 or kinds.count("PHONE_NUMBER") > 1:
        raise GraphError(100, "There are too many buttons", subcode=2388060)
    if any(len(button.get("text") or "") > 25 for button in buttons):
        raise GraphError(100, "The text of a button has up to 25 characters", subcode=2388040)
    quick = [kind == "QUICK_REPLY" for kind in kinds]
    if sum(now != before for before, now in zip([False, *quick], [*quick, False], strict=True)) > 2:
        raise GraphError(100, "Quick replies must stand together", subcode=2388060)


def find_by_id(state, node):
    settle_reviews(state)
    return state.one("SELECT * FROM templates WHERE id = ?", int(node)) if node.isdigit() else None


def find_by_name(state, waba_id, name, language=None):
    """For the knobs of the stand-in; raises like Graph when there is none."""
    row = state.one(
        "SELECT * FROM templates WHERE waba_id = ? AND name = ? AND (? IS NULL OR language = ?)",
        waba_id,
        name,
        language,
        language,
    )
    if row is None:
        raise unknown_object(name)
    return row


def _filters(query):
    where, values = "", []
    for column in ("name", "status", "category", "language"):
        if query.get(column):
            where += f" AND {column} = ?"
            values.append(query[column])
    if query.get("name_or_content"):
        where += " AND (name LIKE ? OR components LIKE ?)"
        values += [f"%{query['name_or_content']}%"] * 2
    return where, values


def _wanted(fields):
    """`a,b{c},d` names a, b and d; Graph always adds the id."""
    if not fields:
        return FIELDS
    return ("id", *re.sub(r"\{[^}]*\}", "", fields).replace(" ", "").split(","))


def _as_json(row, fields):
    whole = {
        "id": str(row["id"]),
        **{name: row[name] for name in ("name", "language", "status", "category", "parameter_format")},
        "components": json.loads(row["components"]),
        "quality_score": {"score": "UNKNOWN", "date": 1_760_000_000},
        "rejected_reason": row["rejected_reason"],
        "sub_category": "CUSTOM",
    }
    return {name: whole[name] for name in fields if name in whole}


def _paging(rows, request, *, more):
    cursors = {"before": _cursor(rows[0]["id"]), "after": _cursor(rows[-1]["id"])}
    if not more:
        return {"cursors": cursors}
    query = "&".join(
        f"{name}={value}" for name, value in request.query.items() if name not in ("after", "access_token")
    )
    return {
        "cursors": cursors,
        "next": f"{request.base_url}/sandbox/{request.path}?{query}&after={cursors['after']}",
    }


def _cursor(row_id):
    return base64.urlsafe_b64encode(str(row_id).encode()).decode().rstrip("=")


def _cursor_id(cursor):
    if not cursor:
        return 0
    try:
        return int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        raise GraphError(100, "Invalid cursors values") from None

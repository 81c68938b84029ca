"""The stand-in inside the product: the same addresses as alone, and the telephone's page.

Everything here is public, and exists only with CRM_SANDBOX=1, which refuses to start in production.
"""

import json
import os
import socket
import time
from io import BytesIO
from pathlib import Path
from threading import Lock

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask_babel import get_timezone, gettext

from crm_web.core.permissions import public

from . import phone, voice
from .courier import Courier
from .faults import ENDINGS
from .knobs import read_knobs
from .media import find_media
from .people import find_person, is_user_id, remember_person
from .state import State
from .telephone import BadOrder, known_number, open_chat, person_from, write_as_customer
from .wire import Request, World, dispatch, linger_to_reset, pause

bp = Blueprint("sandbox", __name__, url_prefix="/sandbox")
ANY = ("GET", "POST", "DELETE", "PUT", "PATCH")
SAMPLES = Path(__file__).parent / "samples"
LARGEST_BODY = 110 * 1024 * 1024
SHOWN_INLINE = ("image/jpeg", "image/png", "image/webp", "image/gif", "audio/", "video/", "application/pdf")
_starting = Lock()


def init_app(app):
    """Open the world (SANDBOX_DB) and, with this process's first request, start carrying its webhooks."""
    base = app.config.get("PUBLIC_URL") or "http://127.0.0.1:8000"
    path = app.config.get("SANDBOX_DB") or Path(os.environ.get("CRM_DATA_DIR", "var")) / "sandbox.sqlite"
    world = World(
        State(path),
        app.config.get("SANDBOX_WEBHOOK_URL") or f"{base.rstrip('/')}/webhooks/meta",
        app.config.get("META_APP_SECRET") or "sandbox-app-secret",
        app.config.get("META_VERIFY_TOKEN") or "sandbox-verify-token",
    )
    app.extensions["sandbox"] = world
    if app.config.get("SANDBOX_COURIER", True):
        app.before_request(_start_courier)


def _start_courier():
    """One courier per serving process; commands and workers never serve, so they never carry."""
    app = current_app
    if app.extensions.get("sandbox_courier") == os.getpid():
        return
    with _starting:
        if app.extensions.get("sandbox_courier") != os.getpid():
            app.extensions["sandbox_courier"] = os.getpid()
            world = _world()
            Courier(world.state, url=world.webhook_url, secret=world.app_secret).start()


def _world():
    return current_app.extensions["sandbox"]


def _serve():
    """Hand the request to the stand-in and its answer back, late or spoilt if it says so."""
    request.max_content_length = LARGEST_BODY
    headers = {name.lower(): value for name, value in request.headers.items()}
    below = request.path.removeprefix("/sandbox").lstrip("/")
    asked = Request(
        request.method,
        below,
        request.args.to_dict(),
        headers,
        request.get_data(),
        request.host_url.rstrip("/"),
    )
    answer = dispatch(_world(), asked)
    if answer.work:
        answer = answer.work()
    time.sleep(pause(read_knobs(_world().state), answer))
    if answer.mishap == "cut":
        _cut()
    return Response(answer.encode(), answer.status, content_type=answer.content_type)


def _cut():
    """Hang up on the client under the server's hands; what is written afterwards reaches nobody."""
    sock = request.environ.get("gunicorn.socket") or request.environ.get("werkzeug.socket")
    if sock is not None:
        linger_to_reset(sock)
        sock.shutdown(socket.SHUT_RDWR)


@bp.route("/graph/<path:path>", methods=ANY)
@public(csrf=False)
def graph(path):
    """Meta's Graph API: /<version>/<phone number id>/messages and the rest."""
    return _serve()


@bp.get("/media/<media_id>")
@public(csrf=False)
def media(media_id):
    """Meta's download host."""
    return _serve()


@bp.route("/messages", methods=("GET", "POST"))
@bp.route("/read", methods=("POST",))
@bp.route("/log", methods=("GET",))
@bp.route("/log/totals", methods=("GET",))
@bp.route("/numbers", methods=("GET", "POST"))
@bp.route("/windows", methods=("POST",))
@bp.route("/templates", methods=("POST",))
@bp.route("/knobs", methods=("GET", "POST"), endpoint="knobs")
@bp.route("/deliveries", methods=("GET",))
@bp.route("/webhooks", methods=("POST",))
@bp.route("/verify", methods=("POST",))
@public(csrf=False)
def controls():
    """Play the customer, read the logs, turn the knobs, as JSON."""
    return _serve()


@bp.get("/phone")
@public
def telephone():
    """The page: who is holding the telephone, their chats, and one of them open."""
    state, person = _world().state, _person()
    number = _number() if request.args.get("number") else None
    return render_template(
        "sandbox/phone.html",
        people=phone.people(state, request.args.get("q", "").strip()),
        person=person,
        number=number,
        chats=phone.chats(state, person) if person else [],
        thread=phone.thread(state, person, number) if person and number else None,
        numbers=state.all("SELECT * FROM numbers ORDER BY phone_number_id LIMIT 200"),
        knobs=read_knobs(state),
        endings=ENDINGS,
        here=phone.HERE,
        zone=str(get_timezone()),
    )


@bp.post("/phone/people")
@public
def create_person():
    """Pick up a new telephone; without a number it belongs to somebody who shows only a user name."""
    state, form = _world().state, request.form
    try:
        number = known_number(state, form.get("number"))
        person = _new_person(state, number, form)
    except BadOrder:
        return redirect(url_for(".telephone", problem="number"))
    return redirect(url_for(".telephone", person=person.key, number=number["phone_number_id"]))


def _new_person(state, number, form):
    name, phone_digits = form.get("name", "").strip() or None, form.get("phone", "").strip()
    if phone_digits:
        known = person_from(state, phone_digits)
        return remember_person(
            state,
            phone=known.wa_id,
            user_id=None if known.wa_id else known.key,
            waba_id=number["waba_id"],
            name=name,
        )
    username = form.get("username", "").strip().lstrip("@") or f"cliente{int(time.time()) % 10**6}"
    user_id = f"CO.{int(time.time() * 1000)}"
    return remember_person(
        state, user_id=user_id, waba_id=number["waba_id"], name=name or username, username=username
    )


@bp.get("/phone/thread")
@public
def thread():
    """The open chat, as the page asks for it again and again."""
    return _show_thread(_need_person(), _number())


@bp.get("/phone/chats")
@public
def chats():
    person = _need_person()
    return render_template("sandbox/_chats.html", person=person, chats=phone.chats(_world().state, person))


@bp.post("/phone/read")
@public
def read():
    """The chat is open before the customer's eyes."""
    open_chat(_world().state, _need_person(), _number())
    return "", 204


@bp.post("/phone/send")
@public
def send():
    """Write, press, react or send a file as the customer; answers with the thread as it stands then."""
    request.max_content_length = LARGEST_BODY
    person, number, state = _need_person(), _number(), _world().state
    try:
        write_as_customer(state, _order(person, number))
    except BadOrder:
        return gettext("Eso no se puede enviar desde este teléfono."), 422
    except voice.NotARecording:
        return gettext("No se pudo leer la grabación. Usa la nota de voz de ejemplo."), 422
    return _show_thread(person, number)


@bp.get("/phone/media/<media_id>")
@public
def show_media(media_id):
    """A file on the telephone's screen; what a browser could execute is only offered for download."""
    found = find_media(_world().state, media_id)
    if found is None:
        abort(404)
    bare = found["mime_type"].split(";")[0]
    return send_file(
        BytesIO(found["bytes"]),
        mimetype=bare,
        as_attachment=not bare.startswith(SHOWN_INLINE),
        download_name=found["filename"] or media_id,
    )


def _show_thread(person, number):
    state = _world().state
    return render_template(
        "sandbox/_thread.html", person=person, number=number, thread=phone.thread(state, person, number)
    )


def _order(person, number):
    """What the page asks the telephone to do: a JSON order, or a form with a file or the name of a sample."""
    order = (
        json.loads(request.form.get("order", "{}")) if request.form or request.files else request.get_json()
    )
    who = {"bsuid": person.key} if is_user_id(person.key) else {"from": person.key}
    if order.pop("share_contact", False):
        order |= {"contacts": phone.own_card(person, "573009990000"), "origin": "contact_request"}
    return order | who | {"phone_number_id": number["phone_number_id"]} | _attachment(order)


def _attachment(order):
    sample = SAMPLE_FILES.get(order.pop("sample", None))
    if sample:
        filename, mime_type = sample
        return {"bytes": (SAMPLES / filename).read_bytes(), "mime_type": mime_type, "filename": filename}
    sent = request.files.get("file")
    if sent is None:
        return {}
    content, mime_type = sent.read(), sent.mimetype
    if mime_type == "audio/webm" or (sent.filename or "").endswith(".webm"):
        content, mime_type = voice.webm_to_ogg(content), "audio/ogg; codecs=opus"
    return {"bytes": content, "mime_type": mime_type, "filename": sent.filename}


SAMPLE_FILES = {
    "image": ("fachada.jpg", "image/jpeg"),
    "document": ("promesa-de-compraventa.pdf", "application/pdf"),
    "audio": ("nota-de-voz.ogg", "audio/ogg; codecs=opus"),
}


def _person():
    key = request.args.get("person")
    return find_person(_world().state, key) if key else None


def _need_person():
    return _person() or abort(404)


def _number():
    try:
        return known_number(_world().state, request.args.get("number"))
    except BadOrder:
        abort(404)

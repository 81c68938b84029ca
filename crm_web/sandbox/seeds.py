"""What exists before anybody does anything: two businesses, their numbers and their approved templates."""

import json

NUMBERS = (
    ("100000000000001", "200000000000001", "+573000000001", "Nogal Finca Raíz"),
    ("100000000000002", "200000000000002", "+573000000002", "Clínica Altamira"),
)
FIRST_TEMPLATE_ID = 300000000000001
SAMPLE_IMAGE = "https://scontent.whatsapp.net/v/sample-image.jpg"
SAMPLE_FILE = "https://scontent.whatsapp.net/v/sample-file.pdf"


def _body(text, *examples):
    body = {"type": "BODY", "text": text}
    return {**body, "example": {"body_text": [list(examples)]}} if examples else body


def _named_body(text, **examples):
    params = [{"param_name": name, "example": example} for name, example in examples.items()]
    return {"type": "BODY", "text": text, "example": {"body_text_named_params": params}}


def _media(kind, handle):
    return {"type": "HEADER", "format": kind, "example": {"header_handle": [handle]}}


def _title(text):
    return {"type": "HEADER", "format": "TEXT", "text": text}


def _footer(text):
    return {"type": "FOOTER", "text": text}


def _buttons(*buttons):
    return {"type": "BUTTONS", "buttons": list(buttons)}


def _quick(text):
    return {"type": "QUICK_REPLY", "text": text}


def _link(text, url, example):
    return {"type": "URL", "text": text, "url": url, "example": [example]}


# (name, category, parameter format, components), and the status of what is not approved
REAL_ESTATE = (
    (
        "bienvenida_contacto",
        "UTILITY",
        "POSITIONAL",
        [
            _body(
                "Hola, {{1}}. Recibimos tu solicitud sobre {{2}}. "
                "Un asesor de Nogal Finca Raíz te escribe hoy por este medio.",
                "Laura",
                "el apartamento de Chapinero Alto",
            ),
            _footer("Nogal Finca Raíz"),
            _buttons(_quick("Quiero agendar visita"), _quick("Tengo una pregunta")),
        ],
    ),
    (
        "recordatorio_visita",
        "UTILITY",
        "POSITIONAL",
        [
            _title("Tu visita de mañana"),
            _body(
                "Hola, {{1}}. Te esperamos el {{2}} a las {{3}} en {{4}}. "
                "Lleva tu documento para registrarte en la portería.",
                "Laura",
                "jueves 27 de noviembre",
                "10:00 a. m.",
                "Carrera 7 # 70-21",
            ),
            _buttons(_quick("Confirmo"), _quick("Cambiar la hora"), _quick("No puedo ir")),
        ],
    ),
    (
        "nuevo_inmueble_para_ti",
        "MARKETING",
        "POSITIONAL",
        [
            _media("IMAGE", SAMPLE_IMAGE),
            _body(
                "Hola, {{1}}. Acaba de entrar un inmueble como el que buscas: {{2}} en {{3}}, por {{4}}. "
                "Mira las fotos y el plano en la ficha.",
                "Laura",
                "apartamento de 3 habitaciones",
                "Cedritos",
                "$ 620.000.000",
            ),
            _footer("Responde NO para no recibir más novedades"),
            _buttons(
                _link("Ver la ficha", "https://nogal.example/inmuebles/{{1}}", "apto-cedritos-301"),
                _quick("Me interesa"),
                _quick("No por ahora"),
            ),
        ],
    ),
    (
        "seguimiento_visita",
        "UTILITY",
        "NAMED",
        [
            _named_body(
                "Hola, {{nombre}}. Gracias por visitar {{inmueble}} con {{asesor}}. "
                "¿Quieres que preparemos una propuesta?",
                nombre="Laura",
                inmueble="la casa de La Calera",
                asesor="Valentina",
            ),
            _buttons(_quick("Sí, la propuesta"), _quick("Quiero ver otro")),
        ],
    ),
    (
        "propuesta_lista",
        "UTILITY",
        "POSITIONAL",
        [
            _media("DOCUMENT", SAMPLE_FILE),
            _body(
                "Hola, {{1}}. Adjuntamos la propuesta por {{2}}. Es válida hasta el {{3}} y "
                "puedes responder por aquí.",
                "Laura",
                "$ 618.000.000",
                "30 de noviembre",
            ),
            _footer("Nogal Finca Raíz"),
        ],
    ),
    (
        "retomar_busqueda",
        "MARKETING",
        "POSITIONAL",
        [
            _body(
                "Hola, {{1}}. Hace un tiempo buscabas vivienda en {{2}} y hoy hay opciones nuevas. "
                "¿Seguimos con tu búsqueda?",
                "Laura",
                "Usaquén",
            ),
            _footer("Nogal Finca Raíz"),
            _buttons(_quick("Sí, muéstrame"), _quick("Ya compré"), _quick("No recibir más")),
        ],
    ),
    (
        "encuesta_visita",
        "UTILITY",
        "POSITIONAL",
        [
            _body(
                "Hola, {{1}}. ¿Cómo te fue en la visita a {{2}}? Tu respuesta nos ayuda a mostrarte mejores opciones.",
                "Laura",
                "la casa de La Calera",
            ),
            _buttons(_quick("Muy bien"), _quick("Regular")),
        ],
        "PENDING",
    ),
    (
        "oferta_relampago",
        "MARKETING",
        "POSITIONAL",
        [
            _body("Hola, {{1}}. Últimas horas: separa hoy tu apartamento y gana un premio seguro.", "Laura"),
        ],
        "REJECTED",
    ),
)
CLINIC = (
    (
        "recordatorio_cita",
        "UTILITY",
        "POSITIONAL",
        [
            _body(
                "Hola, {{1}}. Tu cita con {{2}} es el {{3}}. Si no puedes venir, avísanos por aquí.",
                "Ana",
                "la doctora Salazar",
                "jueves 27 a las 9:00 a. m.",
            ),
            _buttons(_quick("Confirmo"), _quick("Reprogramar")),
        ],
    ),
    (
        "control_semestral",
        "MARKETING",
        "POSITIONAL",
        [
            _body(
                "Hola, {{1}}. Ya pasaron seis meses desde tu última limpieza. ¿Agendamos tu control?", "Ana"
            ),
            _footer("Clínica Altamira"),
            _buttons(_quick("Agendar"), _quick("No recibir más")),
        ],
    ),
    (
        "encuesta_cita",
        "UTILITY",
        "POSITIONAL",
        [
            _body(
                "Hola, {{1}}. ¿Cómo te sentiste en tu cita de hoy con {{2}}? Cuéntanos por aquí.",
                "Ana",
                "la doctora Salazar",
            )
        ],
        "PENDING",
    ),
    (
        "blanqueamiento_gratis",
        "MARKETING",
        "POSITIONAL",
        [
            _body(
                "Hola, {{1}}. Ganaste un blanqueamiento gratis. Escribe ya para reclamarlo antes de medianoche.",
                "Ana",
            )
        ],
        "REJECTED",
    ),
)
OWN_TEMPLATES = {"200000000000002": CLINIC}


def seed(db):
    """Bring the two businesses of the demo into an empty world; an older world is left as it is."""
    if db.execute("SELECT 1 FROM numbers LIMIT 1").fetchone() is None:
        for number in NUMBERS:
            add_number(db, *number)


def add_number(db, phone_number_id, waba_id, display_phone_number, verified_name):
    """A business number that can send from now on; a new account comes with approved templates."""
    db.execute(
        "INSERT INTO numbers (phone_number_id, waba_id, display_phone_number, verified_name) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (phone_number_id) DO UPDATE SET waba_id = excluded.waba_id,"
        " display_phone_number = excluded.display_phone_number, verified_name = excluded.verified_name",
        (phone_number_id, waba_id, display_phone_number, verified_name),
    )
    known = db.execute("SELECT 1 FROM wabas WHERE waba_id = ?", (waba_id,)).fetchone()
    if known is None:
        db.execute("INSERT INTO wabas (waba_id, name) VALUES (?, ?)", (waba_id, verified_name))
        for template in OWN_TEMPLATES.get(waba_id, REAL_ESTATE):
            _add_template(db, waba_id, *template)


def _add_template(db, waba_id, name, category, parameter_format, components, *other):
    """The next id in a row, so that ids look like Meta's from the first on. Approved, unless it says otherwise."""
    status = other[0] if other else "APPROVED"
    db.execute(
        "INSERT INTO templates (id, waba_id, name, language, category, parameter_format, components, status,"
        " rejected_reason) VALUES ((SELECT coalesce(max(id) + 1, ?) FROM templates), ?, ?, 'es', ?, ?, ?, ?, ?)",
        (
            FIRST_TEMPLATE_ID,
            waba_id,
            name,
            category,
            parameter_format,
            json.dumps(components, ensure_ascii=False),
            status,
            "PROMOTIONAL" if status == "REJECTED" else "NONE",
        ),
    )

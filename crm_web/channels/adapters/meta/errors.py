"""What to do about each of Meta's errors, and how a seller reads it (Meta, "Cloud API error codes").

The code decides; where it is missing or new, the HTTP status does. The same codes come back from requests, in
statuses and beside messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from crm_web.channels.adapters.meta.values import listing, mapping, text, whole
from crm_web.channels.normal import ErrorReaction, ProviderError
from crm_web.core.text import N_

HOUR = 3600.0


class Rule(NamedTuple):
    """A reaction, the key of its sentence, and the least time to wait where Meta's answer does not say."""

    reaction: ErrorReaction
    key: str
    wait: float | None = None


RULES: dict[int, Rule] = {
    0: Rule("channel_broken", "token"),
    1: Rule("retry_once", "provider_trouble"),
    2: Rule("retry", "provider_trouble"),
    3: Rule("channel_broken", "permission"),
    4: Rule("retry_slow", "too_many_calls"),
    10: Rule("channel_broken", "permission"),
    33: Rule("channel_broken", "number_gone"),
    100: Rule("permanent", "bad_request"),
    190: Rule("channel_broken", "token"),
    368: Rule("channel_broken", "policy_block"),
    80007: Rule("retry_slow", "too_many_calls"),
    130429: Rule("retry", "too_fast"),
    130472: Rule("permanent", "experiment"),
    130497: Rule("permanent", "country"),
    131000: Rule("retry", "provider_trouble"),
    131005: Rule("channel_broken", "permission"),
    131008: Rule("permanent", "bad_request"),
    131009: Rule("permanent", "bad_request"),
    131016: Rule("retry", "provider_trouble"),
    131020: Rule("permanent", "group"),
    131021: Rule("permanent", "own_number"),
    131026: Rule("permanent", "undeliverable"),
    131030: Rule("permanent", "test_number"),
    131031: Rule("channel_broken", "account_locked"),
    131037: Rule("channel_broken", "display_name"),
    131041: Rule("permanent", "group"),
    131042: Rule("channel_broken", "payment"),
    131045: Rule("channel_broken", "registration"),
    131047: Rule("permanent", "window_closed"),
    131048: Rule("pause", "spam_limit", 4 * HOUR),
    131049: Rule("wait", "marketing_limit", 24 * HOUR),
    131050: Rule("permanent", "opted_out"),
    131051: Rule("permanent", "unsupported_type"),
    131052: Rule("permanent", "media_download"),
    131053: Rule("permanent", "media_upload"),
    131055: Rule("permanent", "marketing_api"),
    131056: Rule("pair_limit", "pair_limit"),
    131057: Rule("retry_slow", "maintenance"),
    131059: Rule("permanent", "group"),
    131060: Rule("permanent", "message_gone"),
    131062: Rule("permanent", "needs_phone"),
    131063: Rule("pause", "marketing_off"),
    131064: Rule("pause", "misclassified"),
    132000: Rule("permanent", "template_variables"),
    132001: Rule("permanent", "template_missing"),
    132005: Rule("permanent", "template_too_long"),
    132007: Rule("permanent", "template_policy"),
    132012: Rule("permanent", "template_variables"),
    132015: Rule("pause", "template_paused"),
    132016: Rule("pause", "template_disabled"),
    132018: Rule("permanent", "template_variables"),
    132068: Rule("permanent", "flow_blocked"),
    132069: Rule("retry_slow", "flow_throttled"),
    133000: Rule("retry", "registration"),
    133004: Rule("retry", "provider_trouble"),
    133005: Rule("permanent", "pin"),
    133006: Rule("permanent", "reverify"),
    133008: Rule("permanent", "pin_tries"),
    133009: Rule("permanent", "pin_tries"),
    133010: Rule("channel_broken", "registration"),
    133015: Rule("wait", "register_later", 300.0),
    133016: Rule("wait", "register_limit", 72 * HOUR),
    134011: Rule("permanent", "payment_terms"),
    134100: Rule("permanent", "marketing_api"),
    134101: Rule("permanent", "marketing_api"),
    134102: Rule("permanent", "marketing_api"),
    135000: Rule("permanent", "bad_request"),
    137000: Rule("permanent", "identity_changed"),
}

RANGES: tuple[tuple[range, Rule], ...] = (
    (range(200, 300), Rule("channel_broken", "permission")),
    (range(131200, 131300), Rule("permanent", "group")),
    (range(138000, 139000), Rule("permanent", "call")),
    (range(139000, 140000), Rule("permanent", "flow_blocked")),
    (range(147000, 148000), Rule("permanent", "username")),
)

WORDS: dict[str, str] = {
    "account_locked": N_("Meta bloqueó la cuenta de WhatsApp. Un administrador debe revisarla."),
    "bad_answer": N_("WhatsApp respondió algo que no se pudo leer."),
    "bad_request": N_("WhatsApp rechazó el mensaje porque le falta un dato o tiene uno inválido."),
    "call": N_("La llamada no se pudo hacer."),
    "country": N_("Esta cuenta no puede enviar mensajes a ese país."),
    "display_name": N_("Meta aún no aprueba el nombre visible del número."),
    "experiment": N_("Meta no entrega mensajes de marketing a este contacto por un experimento."),
    "file_too_large": N_("El archivo es demasiado grande."),
    "flow_blocked": N_("El formulario de WhatsApp no está disponible."),
    "flow_throttled": N_("El formulario de WhatsApp recibió demasiados envíos. Se intentará más tarde."),
    "group": N_("El mensaje no se puede enviar al grupo."),
    "identity_changed": N_("El contacto cambió de teléfono. Confirma quién es antes de escribirle."),
    "maintenance": N_("El número está en mantenimiento. Se intentará más tarde."),
    "marketing_api": N_("La cuenta no cumple los requisitos de Meta para este mensaje de marketing."),
    "marketing_limit": N_(
        "Meta limitó los mensajes de marketing a este contacto. Intenta en uno o más días."
    ),
    "marketing_off": N_("La cuenta no puede enviar mensajes de marketing."),
    "media_download": N_("WhatsApp no pudo descargar el archivo."),
    "media_upload": N_("WhatsApp no aceptó el archivo. Revisa el formato y el tamaño."),
    "message_gone": N_("El mensaje ya no está disponible."),
    "misclassified": N_("Meta limitó la cuenta porque una plantilla tiene la categoría equivocada."),
    "needs_phone": N_("Este mensaje requiere el teléfono del contacto, y aún no lo ha compartido."),
    "no_answer": N_(
        "WhatsApp no confirmó el envío. El mensaje pudo haber llegado; espere antes de repetirlo."
    ),
    "number_gone": N_("El número ya no existe en la cuenta de WhatsApp."),
    "opted_out": N_("El contacto no quiere recibir mensajes de marketing."),
    "own_number": N_("No se puede enviar un mensaje al mismo número que lo envía."),
    "pair_limit": N_(
        "Se enviaron demasiados mensajes seguidos a este contacto. Se intentará en unos segundos."
    ),
    "payment": N_("Hay un problema con el pago de la cuenta de WhatsApp."),
    "payment_terms": N_("Falta aceptar las condiciones de pagos de WhatsApp."),
    "permission": N_("La conexión con WhatsApp no tiene los permisos necesarios."),
    "pin": N_("El PIN del número no es correcto."),
    "pin_tries": N_("Hubo demasiados intentos con el PIN. Espera antes de probar otra vez."),
    "policy_block": N_("Meta bloqueó la cuenta por incumplir sus políticas."),
    "provider_trouble": N_("WhatsApp tiene un problema temporal. Se intentará de nuevo."),
    "refused": N_("WhatsApp rechazó el mensaje."),
    "register_later": N_("El número se podrá registrar en unos minutos."),
    "register_limit": N_("El número se registró demasiadas veces. Se podrá registrar en tres días."),
    "registration": N_("El número no está registrado en WhatsApp. Un administrador debe conectarlo."),
    "reverify": N_("El número debe verificarse otra vez."),
    "spam_limit": N_("Meta frenó los envíos porque muchos contactos los bloquearon o denunciaron."),
    "template_disabled": N_("Meta desactivó la plantilla por su baja calidad."),
    "template_missing": N_("La plantilla no existe en ese idioma o no está aprobada."),
    "template_paused": N_("Meta pausó la plantilla por su baja calidad."),
    "template_policy": N_("La plantilla incumple las políticas de contenido de WhatsApp."),
    "template_too_long": N_("El texto de la plantilla es demasiado largo con estas variables."),
    "template_variables": N_("Las variables no coinciden con las de la plantilla."),
    "test_number": N_("El número no está en la lista de prueba de la aplicación."),
    "token": N_("La conexión con WhatsApp venció. Un administrador debe renovarla."),
    "too_fast": N_("Se enviaron demasiados mensajes a la vez. Se intentará en unos segundos."),
    "too_many_calls": N_("La cuenta hizo demasiadas consultas a WhatsApp. Se intentará más tarde."),
    "undeliverable": N_("El número no está en WhatsApp o no puede recibir mensajes."),
    "unreachable": N_("No hubo conexión con WhatsApp. Se intentará de nuevo."),
    "unsupported_type": N_("WhatsApp no admite este tipo de mensaje."),
    "username": N_("WhatsApp no aceptó el nombre de usuario."),
    "window_closed": N_("Pasaron más de 24 horas desde el último mensaje del cliente. Usa una plantilla."),
}


def rule_for(code: int | None, http: int | None = None) -> Rule:
    """The rule of a code; of the HTTP status when the code says nothing: refusals are final, trouble is
    not.
    """
    if code is not None:
        if code in RULES:
            return RULES[code]
        for codes, rule in RANGES:
            if code in codes:
                return rule
    return _rule_for_http(http or 400)


def _rule_for_http(http: int) -> Rule:
    if http == 429:
        return Rule("retry", "too_fast")
    if http >= 500:
        return Rule("retry", "provider_trouble")
    if http == 401:
        return Rule("channel_broken", "token")
    if http < 400:  # a redirect, which is not followed with the token: the address is wrong
        return Rule("channel_broken", "bad_answer")
    return Rule("permanent", "refused")


def explain(code: int | None, http: int | None = None) -> str:
    """The key in `WORDS` of the sentence that tells a seller what happened."""
    return rule_for(code, http).key


def error_from(http: int, answer: Any, headers: Mapping[str, str]) -> ProviderError:
    """The error that an answer describes; `{error: {code, message, error_data: {details}, …}}`, or nothing
    readable.
    """
    error = mapping(mapping(answer).get("error"))
    code = whole(error.get("code"))
    rule = rule_for(code, http)
    return ProviderError(
        text(error.get("message")) or f"HTTP {http}",
        reaction=rule.reaction,
        code=code,
        subcode=whole(error.get("error_subcode")),
        http=http,
        details=text(mapping(error.get("error_data")).get("details")),
        trace_id=text(error.get("fbtrace_id")) or None,
        retry_after=retry_after(headers.get("Retry-After")) or rule.wait,
        sentence=WORDS[rule.key],
    )


def error_in(errors: Any) -> dict[str, Any] | None:
    """The first error of a status or a value, as `channels.normal.Status` describes it."""
    error = next((one for one in listing(errors) if isinstance(one, dict)), None)
    if error is None:
        return None
    code = whole(error.get("code"))
    rule = rule_for(code)
    return {
        "code": code,
        "title": text(error.get("title")) or text(error.get("message")),
        "details": text(mapping(error.get("error_data")).get("details")),
        "reaction": rule.reaction,
        "sentence": WORDS[rule.key],
    }


def retry_after(header: str | None) -> float | None:
    """Seconds from a `Retry-After` header, which is a number or a date (RFC 9110, section 10.2.3)."""
    if not header:
        return None
    try:
        return max(0.0, float(int(header)))
    except ValueError:
        return _seconds_until(header)


def _seconds_until(date: str) -> float | None:
    try:
        at = parsedate_to_datetime(date)
    except (ValueError, IndexError, TypeError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())

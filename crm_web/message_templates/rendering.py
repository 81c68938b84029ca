"""A template with its variables: what must be filled in, what the customer will read, and how it is written.

Pure functions over the provider's components (Meta, "Message templates" reference). A variable has a key,
`header-1`, `body-nombre` or `button-0`: where it stands, and its name there (for a button, its place).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from crm_web.core.errors import DomainError
from crm_web.core.sentences import lazy
from crm_web.core.text import N_
from crm_web.message_templates.models import MessageTemplate

MOST = {"header": 60, "body": 1024}
MEDIA = ("IMAGE", "VIDEO", "DOCUMENT")
MOST_SUFFIX = 2000
MOST_CODE = 20
BUTTONS = ("QUICK_REPLY", "URL", "PHONE_NUMBER", "COPY_CODE", "VOICE_CALL")
_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_LOOSE = re.compile(r"[\n\r\t]| {4}")
_GREETING = re.compile(
    r"(?:hola|buen[oa]s (?:días|tardes|noches)|buen día|estimad[oa]|querid[oa]|hi|hello|dear|olá|oi)[\s,!¡]*$",
    re.IGNORECASE,
)
_NAMES = frozenset(
    {"nombre", "name", "nome", "cliente", "customer", "first_name", "primer_nombre", "nombre_cliente"}
)


class WrongVariables(DomainError):
    """What was filled in cannot be sent with this template; the sentence says which and why."""


@dataclass(frozen=True)
class Variable:
    """One place to fill in. `is_name`: the customer's name belongs here, as far as words tell."""

    key: str
    part: str
    name: str
    example: str = ""
    is_name: bool = False


class Piece(NamedTuple):
    """A stretch of a template's text: fixed words, or the variable that stands there."""

    words: str
    key: str | None = None


@dataclass(frozen=True)
class Filled:
    """A template with its variables filled in: what is read, and `components` as the provider wants them."""

    header: str
    body: str
    footer: str
    buttons: list[dict[str, Any]]
    components: list[dict[str, Any]]


# -- The parts of a template -----------------------------------------------------------------------------------


def part(template: MessageTemplate, kind: str) -> dict[str, Any]:
    """A component by its type, empty when the template has none or it makes no sense."""
    for component in template.components:
        if isinstance(component, dict) and str(component.get("type", "")).upper() == kind:
            return component
    return {}


def text_of(template: MessageTemplate, kind: str) -> str:
    return str(part(template, kind).get("text") or "")


def buttons_of(template: MessageTemplate) -> list[dict[str, Any]]:
    found = part(template, "BUTTONS").get("buttons")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def media_of(template: MessageTemplate) -> str:
    """`image`, `video` or `document` when the header shows a file; empty otherwise."""
    shown = str(part(template, "HEADER").get("format", "")).upper()
    return shown.lower() if shown in MEDIA else ""


def obstacle(template: MessageTemplate) -> str:
    """Why this template cannot be sent from a conversation, as a sentence to be translated; empty when it can."""
    if not template.is_approved:
        return N_("WhatsApp no ha aprobado esta plantilla, o la retiró.")
    header = str(part(template, "HEADER").get("format", "TEXT")).upper()
    kinds = {str(button.get("type", "")).upper() for button in buttons_of(template)}
    known = {str(one.get("type", "")).upper() for one in template.components if isinstance(one, dict)}
    if template.category == "AUTHENTICATION" or header not in ("TEXT", *MEDIA) or kinds - set(BUTTONS):
        return N_("Esta plantilla tiene partes que no se envían desde una conversación.")
    if known - {"HEADER", "BODY", "FOOTER", "BUTTONS"} or not text_of(template, "BODY"):
        return N_("Esta plantilla tiene partes que no se envían desde una conversación.")
    return ""


# -- Its variables ---------------------------------------------------------------------------------------------


def variables(template: MessageTemplate) -> list[Variable]:
    """Everything to fill in, in the order it is read. At most one of them is the customer's name."""
    found = [*_in_text(template, "HEADER"), *_in_text(template, "BODY"), *_in_buttons(template)]
    first = next((one.key for one in found if one.is_name), None)
    return [one if one.key == first or not one.is_name else _nameless(one) for one in found]


def _nameless(variable: Variable) -> Variable:
    return Variable(variable.key, variable.part, variable.name, variable.example)


def _in_text(template: MessageTemplate, kind: str) -> Iterator[Variable]:
    words, seen = text_of(template, kind), set()
    examples = _examples(part(template, kind), kind.lower())
    for place, match in enumerate(_VARIABLE.finditer(words)):
        name = match[1]
        if name not in seen:
            seen.add(name)
            greets = bool(_GREETING.search(words[: match.start()])) and name.isdigit()
            example = examples.get(name, examples.get(str(place + 1), ""))
            yield Variable(
                f"{kind.lower()}-{name}", kind.lower(), name, example, greets or name.lower() in _NAMES
            )


def _examples(component: dict[str, Any], kind: str) -> dict[str, str]:
    """The samples the template was approved with, by the name of their variable."""
    given = component.get("example")
    if not isinstance(given, dict):
        return {}
    named = given.get(f"{kind}_text_named_params")
    if isinstance(named, list):
        return {
            str(one.get("param_name")): str(one.get("example") or "")
            for one in named
            if isinstance(one, dict)
        }
    listed = given.get(f"{kind}_text")
    if isinstance(listed, list) and listed and isinstance(listed[0], list):
        listed = listed[0]
    return {str(place): str(one) for place, one in enumerate(listed, 1)} if isinstance(listed, list) else {}


def _in_buttons(template: MessageTemplate) -> Iterator[Variable]:
    for place, button in enumerate(buttons_of(template)):
        kind, example = str(button.get("type", "")).upper(), button.get("example")
        if isinstance(example, list):
            example = example[0] if example else ""
        if kind == "URL" and _VARIABLE.search(str(button.get("url", ""))):
            yield Variable(f"button-{place}", "button", str(button.get("text") or ""), str(example or ""))
        elif kind == "COPY_CODE":
            yield Variable(f"button-{place}", "code", str(button.get("text") or ""), str(example or ""))


def suggest(template: MessageTemplate, first_name: str) -> dict[str, str]:
    """What can be filled in without asking: the customer's first name."""
    return {one.key: first_name for one in variables(template) if one.is_name and first_name}


def pieces(template: MessageTemplate, kind: str) -> list[Piece]:
    """The text of a part cut at its variables, for showing them where they stand."""
    words, found, at = text_of(template, kind), [], 0
    for match in _VARIABLE.finditer(words):
        found += [Piece(words[at : match.start()]), Piece(match[0], f"{kind.lower()}-{match[1]}")]
        at = match.end()
    return [*found, Piece(words[at:])]


# -- Filled in -------------------------------------------------------------------------------------------------


def fill(template: MessageTemplate, values: Mapping[str, str]) -> Filled:
    """The template with these values, by the keys of its variables. Raises WrongVariables."""
    given = {one.key: _checked(one, values.get(one.key, "")) for one in variables(template)}
    header, body = (_filled(template, kind, given) for kind in ("HEADER", "BODY"))
    return Filled(
        header,
        body,
        text_of(template, "FOOTER"),
        _filled_buttons(template, given),
        _components(template, given),
    )


def label_of(variable: Variable) -> Any:
    """What a person calls this variable."""
    if variable.part == "button":
        return lazy(N_("Final del enlace de «%(button)s»"), button=variable.name)
    if variable.part == "code":
        return lazy(N_("Código de «%(button)s»"), button=variable.name)
    if variable.is_name:
        return lazy(N_("Nombre"))
    if variable.name.isdigit():
        return lazy(N_("Variable %(number)s"), number=variable.name)
    return variable.name.replace("_", " ").capitalize()


def _checked(variable: Variable, value: str) -> str:
    value, label = value.strip(), label_of(variable)
    if not value:
        raise WrongVariables(lazy(N_("Completa «%(label)s» antes de enviar la plantilla."), label=label))
    if _LOOSE.search(value):
        raise WrongVariables(
            lazy(
                N_("«%(label)s» no puede tener saltos de línea, tabulaciones ni cuatro espacios seguidos."),
                label=label,
            )
        )
    most = {"button": MOST_SUFFIX, "code": MOST_CODE}.get(variable.part)
    if most and (len(value) > most or (variable.part == "button" and " " in value)):
        raise WrongVariables(lazy(N_("«%(label)s» es demasiado largo o tiene espacios."), label=label))
    return value


def _filled(template: MessageTemplate, kind: str, given: Mapping[str, str]) -> str:
    words = _VARIABLE.sub(lambda found: given[f"{kind.lower()}-{found[1]}"], text_of(template, kind))
    most = MOST[kind.lower()]
    if len(words) > most:
        sentence = (
            N_("El encabezado queda de %(length)s caracteres; WhatsApp admite %(most)s.")
            if kind == "HEADER"
            else N_("El mensaje queda de %(length)s caracteres; WhatsApp admite %(most)s.")
        )
        raise WrongVariables(lazy(sentence, length=len(words), most=most))
    return words


def _filled_buttons(template: MessageTemplate, given: Mapping[str, str]) -> list[dict[str, Any]]:
    shown = []
    for place, button in enumerate(buttons_of(template)):
        one: dict[str, Any] = {
            key: button[key] for key in ("type", "text", "url", "phone_number") if key in button
        }
        value = given.get(f"button-{place}")
        if value and "url" in one:
            start, _, _rest = str(one["url"]).partition("{{")
            one["url"] = start + value
        elif value:
            one["code"] = value
        shown.append(one)
    return shown


def _components(template: MessageTemplate, given: Mapping[str, str]) -> list[dict[str, Any]]:
    """Only what has variables or a file is written; the file's id is put in when it is uploaded."""
    found: list[dict[str, Any]] = []
    if media := media_of(template):
        found.append({"type": "header", "parameters": [{"type": media, media: {}}]})
    for kind in ("header", "body"):
        here = sorted((one for one in variables(template) if one.part == kind), key=_place)
        parameters = [_parameter(template, one, given) for one in here]
        if parameters:
            found.append({"type": kind, "parameters": parameters})
    return [*found, *_button_components(template, given)]


def _place(variable: Variable) -> int:
    """Positional parameters go by number, wherever they stand in the text; named ones in any order."""
    return int(variable.name) if variable.name.isdigit() else 0


def _parameter(template: MessageTemplate, variable: Variable, given: Mapping[str, str]) -> dict[str, Any]:
    named = template.parameter_format.upper() == "NAMED"
    words = {"type": "text", "text": given[variable.key]}
    return {**words, "parameter_name": variable.name} if named else words


def _button_components(template: MessageTemplate, given: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for one in variables(template):
        if one.part in ("button", "code"):
            value, place = given[one.key], one.key.removeprefix("button-")
            parameter = (
                {"type": "text", "text": value}
                if one.part == "button"
                else {"type": "coupon_code", "coupon_code": value}
            )
            sub_type = "url" if one.part == "button" else "copy_code"
            yield {"type": "button", "sub_type": sub_type, "index": place, "parameters": [parameter]}

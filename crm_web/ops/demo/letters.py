"""The approved WhatsApp templates of the two businesses, as far as their messages quote them."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from crm_web.ops.demo.screenplay import tidy

_VARIABLE = re.compile(r"\{\{(\w+)\}\}")


class Letter(NamedTuple):
    """`file` is IMAGE or DOCUMENT when the header carries one."""

    name: str
    title: str
    category: str
    body: str
    header: str = ""
    footer: str = ""
    buttons: tuple[str, ...] = ()
    file: str = ""

    def filled(self, values: list[str]) -> tuple[str, dict[str, Any]]:
        """The words with these values in place of its variables, and the payload that such a message has."""
        names = list(dict.fromkeys(_VARIABLE.findall(self.body)))
        given = dict(zip(names, values, strict=True))
        body = tidy(_VARIABLE.sub(lambda found: given[found[1]], self.body))
        parameters = [
            {"type": "text", "text": value, **({} if name.isdigit() else {"parameter_name": name})}
            for name, value in given.items()
        ]
        payload: dict[str, Any] = {
            "name": self.name, "title": self.title, "language": "es", "category": self.category,
            "components": [{"type": "body", "parameters": parameters}],
            "buttons": [{"type": "URL" if url else "QUICK_REPLY", "text": text, **({"url": url} if url else {})}
                        for text, _, url in (button.partition(" > ") for button in self.buttons)],
        }  # fmt: skip
        return body, payload | {
            key: value for key, value in (("header", self.header), ("footer", self.footer)) if value
        }


_ALL = (
    Letter(
        "recordatorio_visita", "Recordatorio de visita", "UTILITY",
        "Hola, {{1}}. Te esperamos el {{2}} a las {{3}} en {{4}}. Lleva tu documento para registrarte en la portería.",
        header="Tu visita de mañana", buttons=("Confirmo", "Cambiar la hora", "No puedo ir"),
    ),
    Letter(
        "nuevo_inmueble_para_ti", "Nuevo inmueble para ti", "MARKETING",
        "Hola, {{1}}. Acaba de entrar un inmueble como el que buscas: {{2}} en {{3}}, por {{4}}. "
        "Mira las fotos y el plano en la ficha.",
        footer="Responde NO para no recibir más novedades", file="IMAGE",
        buttons=("Ver la ficha > https://nogal.example/inmuebles/nuevo", "Me interesa", "No por ahora"),
    ),
    Letter(
        "seguimiento_visita", "Seguimiento de visita", "UTILITY",
        "Hola, {{nombre}}. Gracias por visitar {{inmueble}} con {{asesor}}. ¿Quieres que preparemos una propuesta?",
        buttons=("Sí, la propuesta", "Quiero ver otro"),
    ),
    Letter(
        "propuesta_lista", "Propuesta lista", "UTILITY",
        "Hola, {{1}}. Adjuntamos la propuesta por {{2}}. Es válida hasta el {{3}} y puedes responder por aquí.",
        footer="Nogal Finca Raíz", file="DOCUMENT",
    ),
    Letter(
        "retomar_busqueda", "Retomar búsqueda", "MARKETING",
        "Hola, {{1}}. Hace un tiempo buscabas vivienda en {{2}} y hoy hay opciones nuevas. ¿Seguimos con tu búsqueda?",
        footer="Nogal Finca Raíz", buttons=("Sí, muéstrame", "Ya compré", "No recibir más"),
    ),
    Letter(
        "recordatorio_cita", "Recordatorio de cita", "UTILITY",
        "Hola, {{1}}. Tu cita con {{2}} es el {{3}}. Si no puedes venir, avísanos por aquí.",
        buttons=("Confirmo", "Reprogramar"),
    ),
    Letter(
        "control_semestral", "Control semestral", "MARKETING",
        "Hola, {{1}}. Ya pasaron seis meses desde tu última limpieza. ¿Agendamos tu control?",
        footer="Clínica Altamira", buttons=("Agendar", "No recibir más"),
    ),
)  # fmt: skip
LETTERS = {letter.name: letter for letter in _ALL}

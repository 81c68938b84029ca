"""What the teams of the demo write every day, kept as quick replies of everybody's."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa

from crm_web.core.db import db
from crm_web.inbox.models import QuickReply
from crm_web.ops.demo.businesses import Business
from crm_web.tenants.models import Tenant

# By the business: shortcut, title, words, how often they were used.
REPLIES = {
    "rival": (
        (
            "saludo",
            "Saludo",
            "Hola, {{first_name|buen día}}. Soy {{agent}} de {{tenant}}. Cuéntame, ¿qué tratamiento te interesa?",
            214,
        ),
        (
            "horario",
            "Horario de atención",
            "Atendemos de *lunes a viernes* de 8 a. m. a 6 p. m. y los *sábados* de 8 a. m. a 1 p. m.",
            97,
        ),
        (
            "valoracion",
            "Agendar valoración",
            "La valoración dura 40 minutos e incluye radiografía. ¿Qué día te queda mejor?",
            138,
        ),
        (
            "pagos",
            "Medios de pago",
            "Recibimos tarjeta, transferencia y efectivo. El plan se puede pagar hasta en 12 cuotas.",
            61,
        ),
        (
            "gracias",
            "Despedida",
            "Gracias por escribirnos, {{first_name|un saludo}}. Que tengas un buen día.",
            152,
        ),
    ),
    "acme": (
        (
            "saludo",
            "Saludo",
            "Hola, {{first_name|buen día}}. Soy {{agent}} de {{tenant}}. ¿Buscas para comprar o para arrendar?",
            241,
        ),
        (
            "visita",
            "Agendar una visita",
            "Te muestro el inmueble cuando quieras. ¿Te queda mejor entre semana o el sábado?",
            176,
        ),
        (
            "requisitos",
            "Requisitos de arriendo",
            "Para arrendar pedimos cédula, extractos de tres meses y carta laboral. El estudio sale en un día.",
            88,
        ),
        ("zona", "Otra zona", "¿Buscas solo en {{city|esa zona}} o miramos también barrios cercanos?", 43),
        ("gracias", "Despedida", "Gracias por escribirnos, {{first_name|un saludo}}. Quedo pendiente.", 129),
    ),
}


def make_replies(business: Business, tenant: Tenant, at: datetime) -> None:
    made_at = at - timedelta(days=60)
    rows = [
        {
            "id": uuid.uuid5(tenant.id, shortcut), "tenant_id": tenant.id, "shortcut": shortcut, "title": title,
            "body": body, "usage_count": count, "created_at": made_at, "updated_at": made_at,
        }
        for shortcut, title, body, count in REPLIES[business.slug]
    ]  # fmt: skip
    db.session.execute(sa.insert(QuickReply), rows)

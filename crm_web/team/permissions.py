"""The catalogue of permissions, and what each system role may do."""

from __future__ import annotations

from typing import NamedTuple

from crm_web.core.text import N_

# One word of the catalogue is `module.action`; the sentences are shown where roles are edited.
PERMISSIONS: dict[str, str] = {
    "conversations.read": N_("Ver conversaciones"),
    "conversations.all": N_("Ver las conversaciones de todos"),
    "conversations.unassigned": N_("Ver las conversaciones sin asignar"),
    "conversations.reply": N_("Responder a clientes"),
    "conversations.note": N_("Escribir notas privadas"),
    "conversations.assign": N_("Asignar conversaciones"),
    "conversations.close": N_("Cerrar y reabrir conversaciones"),
    "inbox.share": N_("Compartir vistas, macros y respuestas rápidas"),
    "events.read": N_("Ver el registro de eventos recibidos"),
    "events.replay": N_("Repetir eventos recibidos"),
    "leads.read": N_("Ver leads"),
    "leads.create": N_("Crear leads"),
    "leads.update": N_("Editar leads"),
    "leads.delete": N_("Eliminar leads"),
    "leads.export": N_("Exportar leads"),
    "pipeline.read": N_("Ver el embudo"),
    "pipeline.move": N_("Mover leads de etapa"),
    "pipeline.manage": N_("Configurar embudos"),
    "tasks.read": N_("Ver tareas"),
    "tasks.manage": N_("Crear y completar tareas"),
    "channels.read": N_("Ver canales"),
    "channels.manage": N_("Conectar y configurar canales"),
    "files.download": N_("Descargar archivos de clientes"),
    "templates.read": N_("Ver plantillas"),
    "templates.manage": N_("Gestionar plantillas"),
    "segments.read": N_("Ver segmentos"),
    "segments.manage": N_("Gestionar segmentos"),
    "campaigns.read": N_("Ver campañas"),
    "campaigns.create": N_("Crear campañas"),
    "campaigns.send": N_("Enviar campañas"),
    "reports.read": N_("Ver reportes"),
    "reports.export": N_("Exportar reportes"),
    "analytics.read": N_("Ver analítica"),
    "users.read": N_("Ver usuarios"),
    "users.create": N_("Crear usuarios"),
    "users.update": N_("Actualizar usuarios"),
    "users.delete": N_("Eliminar usuarios"),
    "roles.manage": N_("Gestionar roles y permisos"),
    "audit.read": N_("Ver la auditoría"),
    "settings.read": N_("Abrir ajustes"),
    "settings.manage": N_("Cambiar ajustes"),
    "sandbox.use": N_("Usar el teléfono de prueba"),
}
ALL = frozenset(PERMISSIONS)
# Who sees conversations sees everybody's, unless a role or a person is told otherwise.
SEEING = frozenset({"conversations.read", "conversations.all", "conversations.unassigned"})
READING = frozenset(name for name in PERMISSIONS if name.endswith(".read"))
SELLING = SEEING | frozenset(
    {
        "conversations.reply", "conversations.note", "conversations.assign",
        "conversations.close", "leads.read", "leads.create", "leads.update", "pipeline.read", "pipeline.move",
        "tasks.read", "tasks.manage", "files.download", "templates.read", "settings.read", "sandbox.use",
    }
)  # fmt: skip
MANAGING = SELLING | {
    "leads.delete", "leads.export", "pipeline.manage", "templates.manage", "segments.read", "segments.manage",
    "campaigns.read", "campaigns.create", "campaigns.send", "reports.read", "reports.export", "analytics.read",
    "users.read", "channels.read", "audit.read", "events.read", "events.replay", "inbox.share",
}  # fmt: skip


class SystemRole(NamedTuple):
    display_name: str
    level: int
    permissions: frozenset[str]


# `super_admin` (100) belongs to the platform, not to a tenant, so it is not among these.
SYSTEM_ROLES: dict[str, SystemRole] = {
    "owner": SystemRole(N_("Dueño"), 90, ALL),
    "admin": SystemRole(N_("Administrador"), 80, ALL),
    "manager": SystemRole(N_("Gerente"), 60, MANAGING),
    "seller": SystemRole(N_("Asesor"), 40, SELLING),
    "setter": SystemRole(N_("Agendador"), 40, SELLING),
    "analyst": SystemRole(N_("Analista"), 30, SEEING | READING - {"audit.read"}),
    "quality": SystemRole(
        N_("Calidad"),
        25,
        SEEING
        | frozenset(
            {
                "conversations.note",
                "leads.read",
                "files.download",
                "reports.read",
                "settings.read",
            }
        ),
    ),
    "auditor": SystemRole(
        N_("Auditor"),
        20,
        SEEING | frozenset({"leads.read", "audit.read", "users.read", "channels.read", "settings.read"}),
    ),
    "viewer": SystemRole(N_("Lector"), 10, SEEING | frozenset({"leads.read", "settings.read"})),
}

"""Table of contents of the schema: every table and the module it lives in."""

from crm_web.channels.models import Channel, InboundEvent
from crm_web.files.models import File
from crm_web.inbox.models import Conversation, Message, OutboxItem, Reaction
from crm_web.leads.models import Lead, LeadIdentity
from crm_web.team.models import (
    AgentState,
    Permission,
    Role,
    RolePermission,
    User,
    UserPermission,
    UserSession,
)
from crm_web.tenants.models import Tenant

__all__ = [
    "AgentState", "Channel", "Conversation", "File", "InboundEvent", "Lead", "LeadIdentity", "Message",
    "OutboxItem", "Permission", "Reaction", "Role", "RolePermission", "Tenant", "User", "UserPermission",
    "UserSession",
]  # fmt: skip

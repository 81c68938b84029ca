"""Table of contents of the schema: every table and the module it lives in."""

from crm_web.channels.models import Channel, InboundEvent
from crm_web.files.models import File
from crm_web.inbox.models import (
    Conversation,
    ConversationTag,
    Draft,
    InboxView,
    Macro,
    Mention,
    Message,
    OutboxItem,
    QuickReply,
    Reaction,
    ScheduledMessage,
    Transfer,
)
from crm_web.leads.models import Lead, LeadIdentity, LeadNote
from crm_web.message_templates.models import MessageTemplate
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
    "AgentState", "Channel", "Conversation", "ConversationTag", "Draft", "File", "InboundEvent", "InboxView", "Lead",
    "LeadIdentity", "LeadNote", "Macro", "Mention", "Message", "MessageTemplate", "OutboxItem", "Permission",
    "QuickReply", "Reaction", "Role", "RolePermission", "ScheduledMessage", "Tenant", "Transfer", "User",
    "UserPermission", "UserSession",
]  # fmt: skip

"""The words a tenant groups its conversations by."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from crm_web.core.db import db
from crm_web.core.tenancy import current_tenant_id

MOST_OFFERED = 200

# Each tag is found from the one before by the index, so it costs as many steps as there are tags, not conversations.
_USED = sa.text(
    """
    WITH RECURSIVE used AS (
        (SELECT tag FROM conversation_tags WHERE tenant_id = :tenant ORDER BY tag LIMIT 1)
        UNION ALL
        SELECT (SELECT t.tag FROM conversation_tags t WHERE t.tenant_id = :tenant AND t.tag > used.tag
                ORDER BY t.tag LIMIT 1)
        FROM used WHERE used.tag IS NOT NULL
    )
    SELECT tag FROM used WHERE tag IS NOT NULL LIMIT :most
    """
)


def list_used_tags() -> Sequence[str]:
    """Tags in use, by their letters, as many as a list of suggestions holds."""
    return db.session.scalars(_USED, {"tenant": current_tenant_id(), "most": MOST_OFFERED}).all()

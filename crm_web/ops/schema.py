"""What a database still needs before the web may start, asked in a few milliseconds.

`flask db upgrade` and `flask demo seed` would find the same out, but each loads the whole application to do so.
"""

from __future__ import annotations

import psycopg
from alembic.script import ScriptDirectory

from crm_web.ops.local import ROOT
from crm_web.ops.processes import OperationError


def is_current(owner_url: str) -> bool:
    """Whether every migration of this code has been applied."""
    wanted = set(ScriptDirectory(str(ROOT / "migrations")).get_heads())
    return wanted == _ask(owner_url, "SELECT version_num FROM alembic_version")


def has_tenants(owner_url: str) -> bool:
    """Whether anybody lives here, so that demo data must stay away."""
    return bool(_ask(owner_url, "SELECT 1 FROM tenants LIMIT 1"))


def _ask(url: str, question: str) -> set[object]:
    """The answer's first column; nothing when the table does not exist yet."""
    try:
        with psycopg.connect(url.replace("+psycopg", "", 1), connect_timeout=5) as connection:
            return {row[0] for row in connection.execute(question)}
    except psycopg.errors.UndefinedTable:
        return set()
    except psycopg.OperationalError as error:
        raise OperationError(f"DATABASE_OWNER_URL: {str(error).splitlines()[0]}") from None

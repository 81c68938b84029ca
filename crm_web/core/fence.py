"""Row-level security for migrations: one call per tenant table.

The application's role owns nothing and bypasses nothing; the owner runs migrations alone. Row-level
security is enabled, not forced: functions of the owner marked `SECURITY DEFINER` are the only doors
through the fence, they filter for themselves, and `docs/tenancy.md` lists every one of them.
"""

from __future__ import annotations

from typing import Any

CURRENT = "nullif(current_setting('app.tenant_id', true), '')::uuid"


def fence(op: Any, table: str, role: str, *, column: str = "tenant_id") -> None:
    """Let `role` see and write only the current tenant's rows of `table`."""
    op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
    op.execute(
        f'CREATE POLICY tenant_only ON "{table}" TO "{role}" '
        f"USING ({column} = {CURRENT}) WITH CHECK ({column} = {CURRENT})"
    )
    op.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO "{role}"')


def catalogue(op: Any, table: str, role: str) -> None:
    """A table of the product's own that every tenant may read and none may write."""
    op.execute(f'GRANT SELECT ON "{table}" TO "{role}"')


def door(op: Any, signature: str, role: str, body: str) -> None:
    """A `SECURITY DEFINER` function that `role` alone may call; `body` is everything after RETURNS."""
    op.execute(f"CREATE OR REPLACE FUNCTION {signature} RETURNS {body}")
    name = signature.split("(", 1)[0]
    arguments = ", ".join(
        part.strip().split(" ", 1)[1] for part in signature.split("(", 1)[1].rstrip(")").split(",") if part
    )
    op.execute(f"REVOKE ALL ON FUNCTION {name}({arguments}) FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION {name}({arguments}) TO "{role}"')

"""What files do later: come from the provider."""

from __future__ import annotations

from crm_web.core.jobs import answers
from crm_web.files import fetch

_porter: fetch.Porter | None = None


@answers("files.media", queue="work")
def drain_media() -> int:
    """Fetch what customers sent; the porter and its threads live as long as the process."""
    global _porter  # noqa: PLW0603 - one porter per process
    _porter = _porter or fetch.Porter()
    return _porter.run()

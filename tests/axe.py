"""axe-core in a page: put in by the debugger, since the product's CSP lets no foreign script in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SOURCE = Path(__file__).parent.parent / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => {
  const found = await axe.run(document, { resultTypes: ["violations"] });
  return found.violations.filter(({ impact }) => ["serious", "critical"].includes(impact)).map(({ id, help, nodes }) =>
    ({ id, help, nodes: nodes.map(({ html, any }) => [html.slice(0, 160), ...any.map(({ message }) => message)]) }));
}"""


def findings(page: Page) -> list[dict[str, Any]]:
    """What axe finds serious or critical on the page as it stands."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(SOURCE.read_text())
    return list(page.evaluate(RUN))

"""Rendering at speed: what a page of many small partials asks for hundreds of times is found once.

An imported template is the same for everybody here (no template has globals of its own), and the catalogue of words is
the same for the whole request.
"""

from __future__ import annotations

from typing import Any

import jinja2
from flask import Flask, g
from flask_babel import get_translations


class Template(jinja2.Template):
    """A template whose macros, once made, are shared by whoever imports it."""

    def _get_default_module(self, ctx: Any = None) -> Any:
        """Without the comparison of globals that Jinja makes at each import."""
        return super()._get_default_module()


def _catalogue() -> Any:
    """The words of this request's language; asked for again when the language is another one."""
    known = g.get("_flask_babel") if g else None
    locale = getattr(known, "babel_locale", None)
    if known is None or locale is None or getattr(known, "catalogue_of", None) is not locale:
        found = get_translations()
        if known is not None:
            known.catalogue, known.catalogue_of = found, getattr(known, "babel_locale", None)
        return found
    return known.catalogue


def init_app(app: Flask) -> None:
    """After Babel, whose slower words these replace."""
    app.jinja_env.template_class = Template
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda s: _catalogue().ugettext(s),
        ngettext=lambda s, p, n: _catalogue().ungettext(s, p, n),
        newstyle=True,
        pgettext=lambda c, s: _catalogue().upgettext(c, s),
        npgettext=lambda c, s, p, n: _catalogue().unpgettext(c, s, p, n),
    )

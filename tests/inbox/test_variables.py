"""Gaps in words are filled by plain substitution, once, or stay where they can be seen."""

from __future__ import annotations

import pytest

from crm_web.inbox.variables import fill

ANA = {"name": "Ana Restrepo", "first_name": "Ana", "city": "", "agent": "Sofía {{name}}"}


@pytest.mark.parametrize(
    ("body", "words", "left"),
    [
        ("Hola {{first_name}}", "Hola Ana", []),
        ("Hola {{ Name }}", "Hola Ana Restrepo", []),
        ("En {{city|tu ciudad}}", "En tu ciudad", []),
        ("En {{city}}", "En {{city}}", ["{{city}}"]),
        ("En {{city| }}", "En {{city| }}", ["{{city| }}"]),
        ("{{precio}} y {{precio}}", "{{precio}} y {{precio}}", ["{{precio}}"]),
        ("{{precio|a convenir}}", "a convenir", []),
        ("Soy {{agent}}", "Soy Sofía {{name}}", []),
        (
            "{% if 1 %}{{ 7*7 }}{{name.__class__}}",
            "{% if 1 %}{{ 7*7 }}{{name.__class__}}",
            ["{{name.__class__}}"],
        ),
        ("{{{{name}}}}", "{{Ana Restrepo}}", []),
        ("", "", []),
    ],
)
def test_gaps(body, words, left):
    assert fill(body, ANA) == (words, left)

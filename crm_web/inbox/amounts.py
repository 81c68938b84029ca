"""Amounts of money as the business writes them."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_currency
from flask_babel import get_locale
from flask_login import current_user


def money(amount: Decimal | None) -> str:
    """`$ 1.850.000` in the tenant's currency and the reader's language, without decimals that are nothing."""
    if amount is None:
        return "–"
    pattern = "¤ #,##0" if amount == amount.to_integral_value() else "¤ #,##0.00"
    locale = {"es": "es_CO"}.get(str(get_locale()), str(get_locale() or "es"))
    return format_currency(
        amount, current_user.tenant.currency, pattern, locale=locale, currency_digits=False
    )

"""Countries as a reader names them."""

from __future__ import annotations

from typing import Any

from babel import Locale
from django.utils.translation import get_language

from prs.kernel.money import locale_of

# Codes of the standard that are groups or tests and no country.
NO_COUNTRY = frozenset({"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"})


def countries() -> list[tuple[str, Any]]:
    """Every country by its name in the reader's language; the empty choice first."""
    locale: Locale = locale_of(get_language() or "en")
    named = [
        (code, name)
        for code, name in locale.territories.items()
        if len(code) == 2 and code.isalpha() and code not in NO_COUNTRY
    ]
    return [("", "—"), *sorted(named, key=lambda each: each[1])]


def country_name(code: str) -> str:
    """A country's name in the reader's language."""
    locale: Locale = locale_of(get_language() or "en")
    return locale.territories.get(code, code)

"""How a customer's code is formed, how phones and tax numbers are kept, and how names are compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any, Final

import phonenumbers
from stdnum import get_cc_module
from stdnum.exceptions import ValidationError

FALLBACK = "CU"
# The names under which python-stdnum knows the tax numbers of countries.
TAX_NUMBERS: Final = ("vat", "tin", "gstin", "pin", "tn", "nit", "ruc", "ntn")
# Words that say a company's form, not its name.
FORMS: Final = frozenset(
    {"ltd", "limited", "inc", "llc", "gmbh", "ag", "plc", "co", "company", "corp", "corporation"}
    | {"sarl", "sa", "srl", "bv", "pvt", "the", "and", "enterprise", "enterprises", "ventures"}
)
ALIKE: Final = 0.9
NEIGHBOURS: Final = 4


class UnknownNumber(ValueError):
    """A phone or tax number that can't be right."""


def folded(text: str) -> str:
    """Text without marks over its letters, in small letters; other scripts stay as they are."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).casefold()


def code_prefix(name: str) -> str:
    """The first letters of the first two words: `Acme Corp` gives `AC`. Source: reference 3."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.findall(r"[A-Za-z0-9]+", plain)
    letters = "".join(word[0] for word in words[:2]).upper()
    return letters if len(letters) == 2 else (letters + FALLBACK)[:2] if letters else FALLBACK


def phone_number(text: str, country: str) -> str:
    """A phone as E.164. Where neither it nor the country says which country, it stays as typed.

    :raises UnknownNumber: no phone of that country has such a number.
    """
    typed = " ".join(text.split())
    if not typed or (not country and not typed.startswith("+")):
        return typed
    try:
        number = phonenumbers.parse(typed, country or None)
    except phonenumbers.NumberParseException as error:
        raise UnknownNumber(typed) from error
    if not phonenumbers.is_possible_number(number):
        raise UnknownNumber(typed)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def shown_phone(stored: str) -> str:
    """A phone with its groups of digits; what is no E.164 stays as it is."""
    try:
        number = phonenumbers.parse(stored)
    except phonenumbers.NumberParseException:
        return stored
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def tax_modules(country: str) -> list[Any]:
    """What python-stdnum knows of a country's tax numbers."""
    found = (get_cc_module(country.lower(), name) for name in TAX_NUMBERS) if country else ()
    return list(dict.fromkeys(module for module in found if module is not None))


def tax_number(text: str, country: str) -> str:
    """A tax number without spaces and dashes; checked where the country's numbers are known.

    :raises UnknownNumber: no tax number of that country looks like this.
    """
    typed = " ".join(text.split())
    modules = tax_modules(country)
    if not typed or not modules:
        return typed
    for module in modules:
        try:
            return str(module.validate(typed))
        except ValidationError:
            continue
    raise UnknownNumber(typed)


def plain_name(name: str) -> str:
    """A name as it is compared: small letters, no marks, no form of company."""
    words = re.findall(r"\w+", folded(name))
    return " ".join(word for word in words if word not in FORMS) or " ".join(words)


def alike(one: str, other: str) -> bool:
    """Whether two plain names are nearly the same."""
    if one == other:
        return True
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return (
        matcher.real_quick_ratio() >= ALIKE
        and matcher.quick_ratio() >= ALIKE
        and matcher.ratio() >= ALIKE
    )


def alike_pairs(names: list[tuple[Any, str]]) -> Iterator[tuple[Any, Any]]:
    """Pairs of keys whose names are nearly the same.

    Neighbours in two orders are compared, never everybody with everybody: by the name, and by its
    words in the order of the alphabet, which brings “Boateng Kofi” beside “Kofi Boateng”.
    """
    plain = [(plain_name(name), key) for key, name in names]
    turned = [(" ".join(sorted(name.split())), key) for name, key in plain]
    seen: set[frozenset[Any]] = set()
    for order in (sorted(plain, key=str), sorted(turned, key=str)):
        for place, (name, key) in enumerate(order):
            for near, other in order[place + 1 : place + 1 + NEIGHBOURS]:
                pair = frozenset((key, other))
                if name and pair not in seen and alike(name, near):
                    seen.add(pair)
                    yield key, other

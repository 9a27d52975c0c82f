"""The packs of a product as one cell of a file holds them: `Carton = 24 (4006381333931); Tray = 6`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from prs.masterdata.catalog import rules

NAME_LENGTH: Final = 60
# A name or code with a sign that parts the cell stands in quotes; a quote in it is doubled.
TEXT: Final = r'"(?:[^"]|"")*"|[^;=(),"]+'
PACK: Final = re.compile(
    rf"""\s*(?P<name>{TEXT})\s*=\s*(?P<holds>[^;=()"]+?)\s*
    (?:\((?P<codes>\s*(?:{TEXT})\s*(?:,\s*(?:{TEXT})\s*)*)\))?\s*(?:;|\Z)""",
    re.VERBOSE,
)
CODE: Final = re.compile(rf"\s*({TEXT})\s*(?:,|\Z)")
PARTING: Final = re.compile(r'[;=(),"]|^\s|\s$')


@dataclass(frozen=True, slots=True, order=True)
class PackSaid:
    """A pack as a file says it: how many units it holds, and the codes as they are kept."""

    quantity: Decimal
    name: str
    codes: tuple[str, ...] = ()


def written(packs: Iterable[PackSaid]) -> str:
    """Packs as their cell holds them."""
    return "; ".join(entry(pack) for pack in packs)


def entry(pack: PackSaid) -> str:
    """One pack of a cell."""
    codes = ", ".join(quoted(rules.shown(code)) for code in pack.codes)
    holds = format(pack.quantity.normalize(), "f")
    return f"{quoted(pack.name)} = {holds}" + (f" ({codes})" if codes else "")


def quoted(text: str) -> str:
    """A text that a cell can be parted around."""
    doubled = text.replace('"', '""')
    return f'"{doubled}"' if PARTING.search(text) else text


def plain(text: str) -> str:
    """A text without the quotes it stood in."""
    stripped = text.strip()
    if stripped.startswith('"'):
        return stripped[1:-1].replace('""', '"')
    return stripped


def read(
    text: str, *, number: Callable[[str], Decimal], kept: Callable[[str], str]
) -> tuple[PackSaid, ...]:
    """The packs of a cell, the smallest first. `number` and `kept` read a quantity and a code.

    :raises ValueError: the cell can't be read, with a sentence; what the readers raise too.
    """
    packs: dict[str, PackSaid] = {}
    at = 0
    while at < len(text) and text[at:].strip():
        found = PACK.match(text, at)
        if found is None:
            raise ValueError(_("Write packs as Carton = 24 (barcode); Tray = 6."))
        at = found.end()
        name, quantity = plain(found["name"]), number(found["holds"])
        if not name or len(name) > NAME_LENGTH:
            raise ValueError(_("The name of a pack has 1 to %(count)s letters.") % {"count": 60})
        if name in packs:
            raise ValueError(_("The pack %(name)s stands here twice.") % {"name": name})
        if not quantity:
            raise ValueError(_("A pack holds more than nothing."))
        codes = CODE.findall(found["codes"] or "")
        packs[name] = PackSaid(quantity, name, tuple(sorted({kept(plain(each)) for each in codes})))
    return tuple(sorted(packs.values()))


def merged(now: Iterable[PackSaid], said: Iterable[PackSaid]) -> tuple[PackSaid, ...]:
    """What there is once a file was brought: packs and codes are added, never taken away."""
    packs = {pack.name: pack for pack in now}
    for pack in said:
        there = packs.get(pack.name)
        codes = {*pack.codes, *(there.codes if there else ())}
        packs[pack.name] = PackSaid(pack.quantity, pack.name, tuple(sorted(codes)))
    return tuple(sorted(packs.values()))

"""Barcodes for printed labels, drawn as lines.

Sources: GS1 General Specifications 5.2, 5.4 and 5.6; ISO/IEC 15417 (bars) and 16022 (Data Matrix).
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import segno
from pystrich.datamatrix import FNC1 as MATRIX_FNC1
from pystrich.datamatrix import DataMatrixData, DataMatrixEncoder
from pystrich.exceptions import PyStrichInvalidInput, PyStrichInvalidPayloadLength

# The seven modules of each digit in the left half, odd parity; the rest follows from it.
ODD: Final = (
    "0001101", "0011001", "0010011", "0111101", "0100011",
    "0110001", "0101111", "0111011", "0110111", "0001011",
)  # fmt: skip
# Which digits of the left half have even parity says the first digit.
PARITY: Final = (
    "OOOOOO", "OOEOEE", "OOEEOE", "OOEEEO", "OEOOEE",
    "OEEOOE", "OEEEOO", "OEOEOE", "OEOEEO", "OEEOEO",
)  # fmt: skip
# The widths of bars and spaces of each of the 106 signs of Code 128, and of its end.
WIDTHS: Final = [
    "212222",
    "222122",
    "222221",
    "121223",
    "121322",
    "131222",
    "122213",
    "122312",
    "132212",
    "221213",
    "221312",
    "231212",
    "112232",
    "122132",
    "122231",
    "113222",
    "123122",
    "123221",
    "223211",
    "221132",
    "221231",
    "213212",
    "223112",
    "312131",
    "311222",
    "321122",
    "321221",
    "312212",
    "322112",
    "322211",
    "212123",
    "212321",
    "232121",
    "111323",
    "131123",
    "131321",
    "112313",
    "132113",
    "132311",
    "211313",
    "231113",
    "231311",
    "112133",
    "112331",
    "132131",
    "113123",
    "113321",
    "133121",
    "313121",
    "211331",
    "231131",
    "213113",
    "213311",
    "213131",
    "311123",
    "311321",
    "331121",
    "312113",
    "312311",
    "332111",
    "314111",
    "221411",
    "431111",
    "111224",
    "111422",
    "121124",
    "121421",
    "141122",
    "141221",
    "112214",
    "112412",
    "122114",
    "122411",
    "142112",
    "142211",
    "241211",
    "221114",
    "413111",
    "241112",
    "134111",
    "111242",
    "121142",
    "121241",
    "114212",
    "124112",
    "124211",
    "411212",
    "421112",
    "421211",
    "212141",
    "214121",
    "412121",
    "111143",
    "111341",
    "131141",
    "114113",
    "114311",
    "411113",
    "411311",
    "113141",
    "114131",
    "311141",
    "411131",
    "211412",
    "211214",
    "211232",
]
STOP: Final = "2331112"
START_B, START_C, TO_B, TO_C, FNC1 = 104, 105, 100, 99, 102
# A digit pair counts as one sign in set C, so four digits in a row are worth a change.
WORTH_C: Final = 4
# GS1: the nominal module of a symbol, and the smallest that a shop's scanner reads for certain.
MODULE_MM, SMALLEST_MM = 0.33, 0.19
# Of a Data Matrix: as large as helps a telephone, and its smallest in open trade; light around it.
MATRIX_MM, SMALLEST_MATRIX_MM, MATRIX_LIGHT = 0.6, 0.38, 2
# What ends a field of free length in an element string, as scanners send it.
GROUP_END: Final = "\x1d"


class NotPrintable(ValueError):
    """A code that the kind of barcode can't hold, or that is too wide for the label."""


@dataclass(frozen=True)
class Bars:
    """A row of modules, "1" for a bar, with the light space that must stay beside it."""

    modules: str
    before: int
    after: int

    @property
    def width(self) -> int:
        """In modules, with the light space."""
        return self.before + len(self.modules) + self.after


def ean13(digits: str) -> Bars:
    """A GTIN-13 (a GTIN-12 gets a zero at its front) as EAN-13. Raises `NotPrintable`."""
    code = digits.rjust(13, "0")
    if len(code) != 13 or not (code.isascii() and code.isdigit()):
        raise NotPrintable(digits)
    left = "".join(
        ODD[int(digit)] if parity == "O" else turned(ODD[int(digit)])[::-1]
        for digit, parity in zip(code[1:7], PARITY[int(code[0])], strict=True)
    )
    right = "".join(turned(ODD[int(digit)]) for digit in code[7:])
    return Bars(f"101{left}01010{right}101", 11, 7)


def turned(modules: str) -> str:
    """Bars for spaces and spaces for bars."""
    return modules.translate({48: 49, 49: 48})


def code128(text: str, *, gs1: bool = False) -> Bars:
    """Printable ASCII as Code 128; with `gs1` as GS1-128. Raises `NotPrintable`.

    In GS1-128 the sign \\x1d ends a field of free length.
    """
    if not text or any(not (" " <= sign <= "~" or (gs1 and sign == GROUP_END)) for sign in text):
        raise NotPrintable(text)
    values = signs_of(text, gs1=gs1)
    check = (values[0] + sum(place * value for place, value in enumerate(values))) % 103
    widths = "".join(WIDTHS[value] for value in [*values, check]) + STOP
    modules = "".join("10"[place % 2] * int(width) for place, width in enumerate(widths))
    return Bars(modules, 10, 10)


def signs_of(text: str, *, gs1: bool) -> list[int]:
    """The values of the signs, the start first: pairs of digits where they are many."""
    in_c = digits_at(text, 0) >= WORTH_C
    values = [START_C if in_c else START_B]
    if gs1:
        values.append(FNC1)
    at = 0
    while at < len(text):
        run = digits_at(text, at)
        if text[at] == GROUP_END:
            values.append(FNC1)
            at += 1
        elif in_c and run >= 2:
            values.append(int(text[at : at + 2]))
            at += 2
        elif in_c:
            values.append(TO_B)
            in_c = False
        elif run >= WORTH_C and run % 2 == 0:
            values.append(TO_C)
            in_c = True
        else:
            values.append(ord(text[at]) - 32)
            at += 1
    return values


def digits_at(text: str, at: int) -> int:
    """How many digits stand in a row from a place on."""
    end = at
    while end < len(text) and text[end].isdigit():
        end += 1
    return end - at


def bars_uri(bars: Bars, *, height_mm: float, most_mm: float) -> str:
    """Bars as a picture made of lines, as wide as their modules ask, at most so wide.

    :raises NotPrintable: its modules would be too fine to be read.
    """
    module = min(MODULE_MM, most_mm / bars.width)
    if module < SMALLEST_MM:
        raise NotPrintable(bars.modules)
    path = "".join(
        f"M{bars.before + start} 0h{end - start}v10h-{end - start}z"
        for start, end in runs_of([int(module) for module in bars.modules])
    )
    return as_uri(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{bars.width * module:.3f}mm" '
        f'height="{height_mm}mm" viewBox="0 0 {bars.width} 10" preserveAspectRatio="none">'
        f'<path d="{path}" fill="#000"/></svg>'
    )


def square_uri(text: str, *, size_mm: float) -> str:
    """A QR code with its light space, as a picture made of lines."""
    code = segno.make(text, error="m", micro=False)
    return as_uri(
        str(
            code.svg_inline(border=4, omitsize=True, dark="#000").replace(
                "<svg ",
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{size_mm}mm" '
                f'height="{size_mm}mm" ',
                1,
            )
        )
    )


def matrix_uri(text: str, *, most_mm: float) -> str:
    """A GS1 DataMatrix of an element string with its light space, as a picture made of lines.

    It begins with FNC1, which says that what follows are GS1's fields; \\x1d ends a field of free
    length.

    :raises NotPrintable: a sign is not ASCII, or the modules would be too fine to be read.
    """
    parts = [each for field in text.split(GROUP_END) for each in (MATRIX_FNC1, field)]
    try:
        drawn = DataMatrixEncoder(DataMatrixData(*parts, encoding="ascii"), quiet_zone=0)
    except (PyStrichInvalidInput, PyStrichInvalidPayloadLength) as error:
        raise NotPrintable(text) from error
    rows = drawn.init_renderer().matrix
    across = len(rows) + 2 * MATRIX_LIGHT
    module = min(MATRIX_MM, most_mm / across)
    if not text or module < SMALLEST_MATRIX_MM:
        raise NotPrintable(text)
    path = "".join(
        f"M{MATRIX_LIGHT + start} {MATRIX_LIGHT + down}h{end - start}v1h-{end - start}z"
        for down, row in enumerate(rows)
        for start, end in runs_of(row)
    )
    return as_uri(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{across * module:.3f}mm" '
        f'height="{across * module:.3f}mm" viewBox="0 0 {across} {across}">'
        f'<path d="{path}" fill="#000"/></svg>'
    )


def runs_of(modules: Sequence[int | None]) -> list[tuple[int, int]]:
    """Where the dark modules of a row begin and end."""
    edges = [
        0,
        *(at for at in range(1, len(modules)) if bool(modules[at]) != bool(modules[at - 1])),
        len(modules),
    ]
    return [(start, end) for start, end in pairwise(edges) if modules[start]]


def as_uri(svg: str) -> str:
    """A drawing as part of a page."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"

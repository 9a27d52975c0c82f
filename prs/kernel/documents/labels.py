"""Labels: what stands on each, and the sheets and rolls that they are printed on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from prs.kernel.documents import barcodes
from prs.kernel.documents.rendering import DocumentTooLong, RenderedDocument, render

MOST_LABELS: Final = 240
BARS_MM, MARGIN_MM = 12.0, 3.0
# Kinds of barcodes that are as high as wide: the words stand beside them.
SQUARE: Final = frozenset({"qr", "gs1-matrix"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A kind of label paper: how large a label is, and how many lie on a page."""

    name: str
    width_mm: float
    height_mm: float
    per_page: int
    # As large as a square code is drawn; the words need the rest.
    square_mm: float = 20


SIZES: Final = {
    size.name: size
    for size in (
        Size(name="a4-3x8", width_mm=70, height_mm=37, per_page=24),
        Size(name="a4-3x7", width_mm=63.5, height_mm=38.1, per_page=21),
        Size(name="roll-50x30", width_mm=50, height_mm=30, per_page=1, square_mm=16),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One label. `picture` is its barcode; `text` what a person types when no scanner reads it."""

    name: str
    price: str
    text: str
    picture: str
    detail: str = ""
    square: bool = False


def picture_of(kind: str, code: str, *, size: Size) -> str:
    """The barcode of a label. `kind`: ean13, code128, gs1-128, gs1-matrix or qr.

    :raises NotPrintable: the kind can't hold the code, or the label is too narrow for it.
    """
    if kind == "qr":
        return barcodes.square_uri(code, size_mm=size.square_mm)
    if kind == "gs1-matrix":
        return barcodes.matrix_uri(code, most_mm=size.square_mm)
    bars = (
        barcodes.ean13(code) if kind == "ean13" else barcodes.code128(code, gs1=kind == "gs1-128")
    )
    most = size.width_mm - 2 * MARGIN_MM
    return barcodes.bars_uri(bars, height_mm=BARS_MM, most_mm=most)


def labels(rows: Sequence[Label], *, size: Size, language: str, first: int = 1) -> RenderedDocument:
    """Labels as a PDF; `first` is the place of the first one on a sheet that was begun.

    :raises DocumentTooLong: more than are laid out at once.
    """
    if len(rows) + first - 1 > MOST_LABELS:
        raise DocumentTooLong
    cells: list[Label | None] = [*[None] * (first - 1), *rows]
    step = size.per_page
    pages = [cells[at : at + step] for at in range(0, len(cells), step)]
    return render("pdf/labels.html", {"pages": pages, "size": size.name}, language=language)

"""What the templates of documents are given: plain words and figures, written for the reader.

A sheet holds no amount and no date, only the text that is printed, so that the same sheet makes
the same document for ever. Figures in columns come without their currency, which the head of the
column names; totals come with it. Empty text leaves its row out.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Final, Literal, TypeVar, cast

from django.utils import translation

from prs.kernel.documents.codes import qr_data_uri
from prs.kernel.documents.rendering import DocumentTooLong, RenderedDocument, render

Anything = TypeVar("Anything")
Sheet = TypeVar("Sheet", bound="_Sheet")

MOST_LINES: Final = 1000
MOST_CHARACTERS: Final = 300_000
_TYPEABLE: Final = 90
_NOT_TEXT: Final = frozenset({"copy", "link", "logo", "paper"})
_PICTURES: Final = {b"\x89PN": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIF": "image/webp"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A label and what it says: “Tax number”, “P051234567X”."""

    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who writes or receives the document. `logo` is a picture that `kernel.files` has checked."""

    name: str
    address: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    logo: bytes = b""

    @property
    def logo_uri(self) -> str:
        """Return the logo as a picture that is part of the page, or nothing."""
        kind = _PICTURES.get(self.logo[:3])
        return f"data:{kind};base64,{base64.b64encode(self.logo).decode()}" if kind else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    """What every document has. `mark` is a word in a frame: “Paid”, “Draft”."""

    issuer: Party
    customer: Party
    number: str
    date: str
    currency: str
    mark: str = ""
    copy: bool = False
    notes: str = ""
    link: str = ""
    paper: Literal["A4", "letter"] = "A4"

    @property
    def qr(self) -> str:
        """Return the link as a QR code."""
        return qr_data_uri(self.link) if self.link else ""

    @property
    def typeable_link(self) -> str:
        """Return the link if a person would type it in; a signed one is for the camera only."""
        return self.link if len(self.link) <= _TYPEABLE else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLine:
    """One line of an invoice. `detail` stands small below the description."""

    description: str
    amount: str
    detail: str = ""
    quantity: str = ""
    unit: str = ""
    unit_price: str = ""
    discount: str = ""
    tax: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRow:
    """One row of the tax summary."""

    label: str
    net: str
    tax: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceSheet(_Sheet):
    """An invoice. `title` names another document of the same shape: “Credit note”."""

    lines: tuple[SheetLine, ...]
    subtotal: str
    total: str
    title: str = ""
    due_date: str = ""
    terms: str = ""
    reference: str = ""
    facts: tuple[Fact, ...] = ()
    discount: str = ""
    tax: str = ""
    taxes: tuple[TaxRow, ...] = ()
    paid: str = ""
    balance: str = ""
    payment: tuple[Fact, ...] = ()
    payment_note: str = ""

    @property
    def notes_beside_totals(self) -> bool:
        """Say whether the notes are short enough for the free space beside the totals."""
        return 0 < len(self.notes) <= 240 and self.notes.count("\n") < 4

    @property
    def has_units(self) -> bool:
        """Say whether the columns of quantity and price have anything to show."""
        return any(line.quantity or line.unit_price for line in self.lines)

    @property
    def has_discounts(self) -> bool:
        """Say whether any line has a discount."""
        return any(line.discount for line in self.lines)

    @property
    def has_tax(self) -> bool:
        """Say whether any line names its tax."""
        return any(line.tax for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledInvoice:
    """An invoice that a payment pays, wholly or in part."""

    number: str
    date: str
    total: str
    paid: str
    remaining: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptSheet(_Sheet):
    """A receipt for money that was received and verified. `link` lets anyone check it."""

    amount: str
    amount_in_words: str = ""
    method: str
    paid_on: str = ""
    reference: str = ""
    facts: tuple[Fact, ...] = ()
    invoices: tuple[SettledInvoice, ...] = ()
    allocated: str = ""
    unallocated: str = ""
    verified_by: str = ""
    verified_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReducedInvoice:
    """An invoice that money was taken from again, and what is open of it now."""

    number: str
    date: str
    total: str
    taken: str
    remaining: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReversalSheet(_Sheet):
    """A note of money that went back. `title` says how: “Refund note”; `meaning` what follows from it."""

    title: str
    meaning: str
    amount: str
    reason: str
    payment: str
    received: str
    method: str
    paid_on: str = ""
    reference: str = ""
    facts: tuple[Fact, ...] = ()
    invoices: tuple[ReducedInvoice, ...] = ()
    from_invoices: str = ""
    from_credit: str = ""
    decided_by: str = ""
    decided_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """What happened on an account: a claim, or what settles one, and what is owed afterwards."""

    date: str
    text: str
    balance: str
    claimed: str = ""
    settled: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeRow:
    """How much of what is owed is so many days late."""

    label: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementSheet(_Sheet):
    """A statement of account, from `first` to `date`. `brought` is `opening` with its currency."""

    first: str
    opening: str
    brought: str
    claimed: str
    paid: str
    closing: str
    credited: str = ""
    written_off: str = ""
    lines: tuple[StatementLine, ...] = ()
    ages: tuple[AgeRow, ...] = ()
    facts: tuple[Fact, ...] = ()
    payment_note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterSheet(_Sheet):
    """A letter about a claim: its `subject`, what it says, and what is left to pay."""

    subject: str
    paragraphs: tuple[str, ...]
    left: str
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgedRow:
    """What one customer owes by age."""

    name: str
    code: str
    total: str
    risk: str
    ages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeingSheet(_Sheet):
    """What customers owe on a day by age. `heads` names the ages, `sums` adds them up."""

    total: str
    heads: tuple[str, ...] = ()
    rows: tuple[AgedRow, ...] = ()
    sums: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsLine:
    """Goods of one batch. `code` stands small below the product, `remark` below that."""

    product: str
    quantity: str
    unit: str = ""
    code: str = ""
    batch: str = ""
    expires: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsSheet(_Sheet):
    """Goods that go somewhere, without what they cost: a delivery note, a return.

    `towards` is the label of the one who gets it; `signs` names who signs at the foot.
    """

    title: str
    towards: str
    lines: tuple[GoodsLine, ...]
    facts: tuple[Fact, ...] = ()
    signs: tuple[str, ...] = ()

    @property
    def has_expiry(self) -> bool:
        """Say whether any of the goods expires."""
        return any(line.expires for line in self.lines)


_PARTS: Final = (
    _Sheet,
    Party,
    Fact,
    SheetLine,
    TaxRow,
    SettledInvoice,
    ReducedInvoice,
    StatementLine,
    AgeRow,
    AgedRow,
    GoodsLine,
)


def invoice(sheet: InvoiceSheet, *, language: str) -> RenderedDocument:
    """Make the PDF of an invoice. Raises `DocumentTooLong` above 1000 lines."""
    _require_length(sheet, lines=len(sheet.lines))
    return render("pdf/invoice.html", {"sheet": _for_reader(sheet, language)}, language=language)


def receipt(sheet: ReceiptSheet, *, language: str) -> RenderedDocument:
    """Make the PDF of a receipt. Raises `DocumentTooLong` above 1000 invoices."""
    _require_length(sheet, lines=len(sheet.invoices))
    return render("pdf/receipt.html", {"sheet": _for_reader(sheet, language)}, language=language)


def reversal(sheet: ReversalSheet, *, language: str) -> RenderedDocument:
    """Make the PDF of a refund, chargeback or bounce. Raises `DocumentTooLong` above 1000 invoices."""
    _require_length(sheet, lines=len(sheet.invoices))
    return render("pdf/reversal.html", {"sheet": _for_reader(sheet, language)}, language=language)


def statement(sheet: StatementSheet, *, language: str) -> RenderedDocument:
    """Make the PDF of a statement of account. Raises `DocumentTooLong` above 1000 lines."""
    _require_length(sheet, lines=len(sheet.lines))
    return render("pdf/statement.html", {"sheet": _for_reader(sheet, language)}, language=language)


def letter(sheet: LetterSheet, *, language: str) -> RenderedDocument:
    """Make the PDF of a letter."""
    _require_length(sheet, lines=len(sheet.paragraphs))
    return render("pdf/reminder.html", {"sheet": _for_reader(sheet, language)}, language=language)


def ageing(sheet: AgeingSheet, *, language: str) -> RenderedDocument:
    """Make the PDF of what customers owe by age. Raises `DocumentTooLong` above 1000 customers."""
    _require_length(sheet, lines=len(sheet.rows))
    return render("pdf/ageing.html", {"sheet": _for_reader(sheet, language)}, language=language)


def goods(sheet: GoodsSheet, *, language: str) -> RenderedDocument:
    """Make the PDF of goods that go somewhere. Raises `DocumentTooLong` above 1000 lines."""
    _require_length(sheet, lines=len(sheet.lines))
    return render("pdf/goods.html", {"sheet": _for_reader(sheet, language)}, language=language)


def _require_length(sheet: _Sheet, *, lines: int) -> None:
    """Refuse before the work what would be refused after it."""
    if lines > MOST_LINES or sum(map(len, _texts(sheet))) > MOST_CHARACTERS:
        raise DocumentTooLong


def _texts(part: object) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, tuple):
        for each in part:
            yield from _texts(each)
    elif isinstance(part, _PARTS):
        for field in fields(part):
            yield from _texts(getattr(part, field.name))


def _for_reader(sheet: Sheet, language: str) -> Sheet:
    """Keep each text whole among words that run from right to left.

    “21 Nov 2026” would come out as “Nov 2026 21” there. The layout engine has no isolation of its
    own, so every line of text is put between the two characters that Unicode has for it.
    """
    with translation.override(language):
        return _isolated(sheet) if translation.get_language_bidi() else sheet


def _isolated(part: Anything) -> Anything:
    if isinstance(part, str):
        return cast("Anything", "\n".join(_between_marks(line) for line in part.split("\n")))
    if isinstance(part, tuple):
        return cast("Anything", tuple(_isolated(each) for each in part))
    if isinstance(part, _PARTS):
        names = [field.name for field in fields(part) if field.name not in _NOT_TEXT]
        return replace(part, **{name: _isolated(getattr(part, name)) for name in names})
    return part


def _between_marks(line: str) -> str:
    return f"\N{FIRST STRONG ISOLATE}{line}\N{POP DIRECTIONAL ISOLATE}" if line else ""

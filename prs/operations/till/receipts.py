"""What the receipt of a sale says, its document, and its mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from django.utils import translation
from django.utils.translation import gettext as _

from prs.kernel import documents, money
from prs.kernel.activity import mail
from prs.kernel.documents import Fact
from prs.kernel.tenancy.models import Document, Organization
from prs.kernel.tenancy.rules import merged
from prs.kernel.tenancy.services import keep_document
from prs.operations.till.models import Sale, SaleLine, Tender
from prs.operations.till.selectors import sales

# An 80 mm roll has no end: the page is made as long as what is on it.
HEAD_MM, LINE_MM, ROW_MM = 92, 10, 5


@dataclass(frozen=True)
class Row:
    """A line of a receipt."""

    name: str
    sku: str
    count: str
    price: str
    total: str
    discount: str = ""


@dataclass(frozen=True)
class Slip:
    """What a receipt says, written in the organization's way."""

    house: str
    lines_of_house: tuple[str, ...]
    place: str
    number: str
    date: str
    level: str
    seller: str
    customer: str
    rows: tuple[Row, ...]
    facts: tuple[Fact, ...]
    taxes: tuple[Fact, ...]
    total: str
    paid: tuple[Fact, ...]
    header: str
    footer: str
    copy: bool
    voided: bool
    height: int


class Words:
    """Writes amounts and quantities in one currency and language."""

    def __init__(self, currency: str, language: str) -> None:
        self.currency, self.language = currency, language

    def amount(self, value: Decimal) -> str:
        """An amount without its currency."""
        return money.figure(money.Money(self.currency, value), self.language)

    def full(self, value: Decimal) -> str:
        """An amount with its currency."""
        return money.formatted(money.Money(self.currency, value), self.language)


def row_of(line: SaleLine, words: Words) -> Row:
    """A line of a sale as its receipt prints it."""
    off = line.discount + line.basket_share
    return Row(
        name=line.name,
        sku=line.sku,
        count=f"{line.quantity.normalize():f} {line.unit}",
        price=words.amount(line.unit_price),
        total=words.amount(line.gross),
        discount=words.amount(-off) if off else "",
    )


def taxes_of(lines: list[SaleLine], words: Words) -> tuple[Fact, ...]:
    """Each tax of a sale with what it came to."""
    found: dict[tuple[str, str], Decimal] = {}
    for line in lines:
        for code, rate, tax in line.taxes:
            key = (code, f"{Decimal(rate).normalize():f}")
            found[key] = found.get(key, Decimal(0)) + Decimal(tax)
    return tuple(
        Fact(label=f"{code} {rate} %", text=words.amount(found[code, rate]))
        for code, rate in sorted(found)
    )


def payments_of(sale: Sale, tenders: list[Tender], words: Words) -> tuple[Fact, ...]:
    """What was handed over, what came back, and what is owed."""
    rows = [
        Fact(label=str(each.get_method_display()), text=words.amount(each.handed))
        for each in tenders
    ]
    change = sum((each.change for each in tenders), Decimal(0))
    if change:
        rows.append(Fact(label=_("Change"), text=words.amount(change)))
    if sale.on_credit:
        rows.append(Fact(label=_("On credit"), text=words.amount(sale.on_credit)))
    return tuple(rows)


def sums_of(sale: Sale, lines: list[SaleLine], words: Words) -> tuple[Fact, ...]:
    """What stands between the lines and the total."""
    rows = []
    extra = sum((line.tax for line in lines if not line.tax_included), Decimal(0))
    if sale.discount or extra:
        gross = sum((line.gross for line in lines), Decimal(0))
        rows.append(Fact(label=_("Subtotal"), text=words.amount(gross)))
    if sale.discount:
        rows.append(Fact(label=_("Discounts"), text=words.amount(-sale.discount)))
    if extra:
        rows.append(Fact(label=_("Tax"), text=words.amount(extra)))
    if sale.rounding:
        rows.append(Fact(label=_("Rounding"), text=words.amount(sale.rounding)))
    return tuple(rows)


def sheet_of(sale: Sale, organization: Organization, *, copy: bool = False) -> Slip:
    """What a receipt says, in the organization's language."""
    language = organization.language
    words = Words(sale.currency, language)
    lines, tenders = sales.lines_of(sale), sales.tenders_of(sale)
    said = merged(organization.settings)["receipt"]
    with translation.override(language):
        house = (*organization.address.splitlines(), organization.phone, organization.email)
        tax_id = f"{_('Tax number')} {organization.tax_id}" if organization.tax_id else ""
        rows = tuple(row_of(line, words) for line in lines)
        taxes = taxes_of(lines, words) if said["showTaxBreakdown"] else ()
        paid = payments_of(sale, tenders, words)
        return Slip(
            house=organization.legal_name or organization.name,
            lines_of_house=tuple(each for each in (*house, tax_id) if each),
            place=sale.place.name,
            number=sale.number,
            date=format_datetime(
                sale.completed_at,
                "short",
                tzinfo=ZoneInfo(organization.time_zone),
                locale=money.locale_of(language),
            ),
            level=str(sale.get_level_display()) if sale.level == Sale.Level.WHOLESALE else "",
            seller=sale.seller.name,
            customer=sale.customer.name if sale.customer else "",
            rows=rows,
            facts=sums_of(sale, lines, words),
            taxes=taxes,
            total=words.full(sale.to_pay),
            paid=paid,
            header=said["headerText"],
            footer=said["footerText"],
            copy=copy,
            voided=sale.state == Sale.State.VOIDED,
            height=HEAD_MM + LINE_MM * len(rows) + ROW_MM * (len(taxes) + len(paid) + 6),
        )


def document_of(sale: Sale, *, at: datetime) -> Document:
    """The receipt as a PDF, made when it is first asked for and the same bytes ever after."""
    kept = sales.receipt_document(sale)
    if kept is not None:
        return kept
    organization = sale.organization
    language = organization.language
    slip = sheet_of(sale, organization)
    rendered = documents.render("pdf/till_receipt.html", {"sheet": slip}, language=language)
    return keep_document(rendered, kind=sales.RECEIPT, number=sale.number, source_id=sale.pk, at=at)


def mail_to(sale: Sale, address: str, *, at: datetime) -> None:
    """Mail the receipt; to the same address once."""
    organization = sale.organization
    with translation.override(organization.language):
        words = {"organization": organization.name, "number": sale.number}
        mail.post(
            key=f"till:{sale.pk}:{address}"[:100],
            recipient=address,
            subject=_("Receipt %(number)s from %(organization)s") % words,
            body=_(
                "Thank you for your purchase. Your receipt %(number)s is attached.\n\n%(organization)s"
            )
            % words,
            at=at,
            document=document_of(sale, at=at),
        )

"""Papers that go with goods: the delivery note of a transfer, and the note of a return."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from babel.dates import format_date
from babel.numbers import format_decimal
from django.http import Http404, HttpResponse
from django.utils import translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from prs.kernel import clock, documents, money
from prs.kernel.documents import Fact, GoodsLine, GoodsSheet, Party
from prs.kernel.files import disposition_name
from prs.ledgers.stock import selectors as stock
from prs.ledgers.stock.permissions import VIEW
from prs.masterdata.parties.models import Supplier
from prs.operations.payments.receipts import issuer_of
from prs.web.kit.access import found, requires

# The corrections that hand goods over, so that a paper goes with them.
RETURNS = frozenset({stock.AdjustmentKind.SUPPLIER_RETURN, stock.AdjustmentKind.CUSTOMER_RETURN})


def returns_goods(adjustment: Any) -> bool:
    """Whether a correction was a return that took place, of which there is a note."""
    done = adjustment.state == stock.AdjustmentState.COMPLETED
    return done and adjustment.kind in RETURNS


@requires(VIEW)
@require_GET
def transfer_note(request: Any, pk: UUID) -> HttpResponse:
    """The delivery note of a transfer that was sent: each batch that it carries."""
    row = found(stock.transfers().filter(dispatched_at__isnull=False), pk=pk)
    return paper(transfer_sheet(row, request.organization), request.organization)


@requires(VIEW)
@require_GET
def return_note(request: Any, pk: UUID) -> HttpResponse:
    """The note of goods that went back to their supplier, or that a customer brought back."""
    row = found(stock.adjustments(), pk=pk)
    if not returns_goods(row):
        raise Http404
    return paper(return_sheet(row, request.organization), request.organization)


def paper(sheet: GoodsSheet, organization: Any) -> HttpResponse:
    """A sheet as a PDF that the browser shows."""
    made = documents.goods(sheet, language=organization.language)
    response = HttpResponse(made.bytes, content_type="application/pdf")
    name = disposition_name(f"{sheet.number}.pdf")
    disposition = content_disposition_header(False, name)  # noqa: FBT003  (Django's own order)
    response["Content-Disposition"] = disposition or ""
    response["Cache-Control"] = "private, no-store"
    return response


def transfer_sheet(row: Any, organization: Any) -> GoodsSheet:
    """What a delivery note says, in the organization's language."""
    with translation.override(organization.language):
        write = Writer(organization)
        remarks = {line.pk: line.remark for line in stock.transfer_lines(row)}
        facts = [
            (_("From"), row.origin.name),
            (_("Sent by"), row.dispatched_by.name if row.dispatched_by else ""),
            (_("Arrived"), write.moment(row.received_at)),
            (_("Received by"), row.received_by.name if row.received_by else ""),
        ]
        return GoodsSheet(
            title=_("Delivery note"),
            towards=_("Deliver to"),
            issuer=issuer_of(organization),
            customer=Party(
                name=row.destination.name, address=tuple(row.destination.address.splitlines())
            ),
            number=row.number,
            date=write.moment(row.dispatched_at),
            currency="",
            lines=tuple(
                write.line(each.batch, each.product, each.quantity, remarks.get(each.line_id, ""))
                for each in stock.sent_batches(row)
            ),
            facts=write.facts(facts),
            signs=(_("Handed over"), _("Driver"), _("Received whole")),
            notes=row.notes,
            paper=write.paper,
        )


def return_sheet(row: Any, organization: Any) -> GoodsSheet:
    """What the note of a return says, in the organization's language."""
    to_supplier = row.kind == stock.AdjustmentKind.SUPPLIER_RETURN
    supplier = Supplier.objects.filter(pk=row.batch.supplier_id).first() if to_supplier else None
    with translation.override(organization.language):
        write = Writer(organization)
        there = Party(name=row.place.name, address=tuple(row.place.address.splitlines()))
        facts = [
            (_("From"), there.name if to_supplier else ""),
            (_("Reference"), row.reference),
            (_("Asked for by"), row.created_by.name),
            (_("Decided by"), row.decided_by.name if row.decided_by else ""),
        ]
        return GoodsSheet(
            title=_("Return to supplier") if to_supplier else _("Return of goods"),
            towards=_("Supplier") if to_supplier else _("Taken back at"),
            issuer=issuer_of(organization),
            customer=supplier_party(supplier) if to_supplier else there,
            number=row.number,
            date=write.moment(row.decided_at),
            currency="",
            lines=(write.line(row.batch, row.batch.product, abs(row.quantity), ""),),
            facts=write.facts(facts),
            signs=(_("Handed over"), _("Received whole")),
            notes=row.reason,
            paper=write.paper,
        )


def supplier_party(supplier: Supplier | None) -> Party:
    """The supplier as a letter addresses them; without one the line stays for the pen."""
    if supplier is None:
        return Party(name="—")
    facts = [(_("Phone"), supplier.phone), (_("E-mail"), supplier.email)]
    return Party(
        name=supplier.name,
        address=tuple(supplier.address.splitlines()),
        facts=tuple(Fact(label=label, text=text) for label, text in facts if text),
    )


class Writer:
    """Writes quantities and days as the organization's papers do."""

    def __init__(self, organization: Any) -> None:
        self.locale = money.locale_of(organization.language)
        self.zone = organization.time_zone
        size = organization.settings.get("receipt", {}).get("paperSize")
        self.paper: Any = "letter" if size == "letter" else "A4"

    def day(self, value: date | None) -> str:
        """A day, or nothing."""
        return format_date(value, "medium", locale=self.locale) if value else ""

    def moment(self, value: Any) -> str:
        """The day of a moment where the organization is."""
        return self.day(clock.local_date(value, self.zone)) if value else ""

    def line(self, batch: Any, product: Any, quantity: Decimal, remark: str) -> GoodsLine:
        """Goods of a batch."""
        lot = f"{batch.number} · {batch.lot}" if batch.lot else batch.number
        return GoodsLine(
            product=product.name,
            code=product.sku,
            batch=lot,
            expires=self.day(batch.expires_on),
            quantity=format_decimal(quantity.normalize(), locale=self.locale),
            unit=product.unit.symbol,
            remark=remark,
        )

    def facts(self, said: Iterable[tuple[str, str]]) -> tuple[Fact, ...]:
        """What is known of it."""
        return tuple(Fact(label=label, text=text) for label, text in said if text)

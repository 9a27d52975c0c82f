"""Where the warehouse's work on an invoice begins, and how it goes on after a correction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from prs.kernel.activity.rules import Actor
from prs.kernel.activity.services import record
from prs.masterdata.catalog import rules as catalog
from prs.masterdata.catalog.models import Barcode, Product
from prs.masterdata.places.models import BranchMember, Place
from prs.operations.fulfilment import events, rules
from prs.operations.fulfilment.models import Box, Fulfilment, FulfilmentLine
from prs.operations.fulfilment.services.moving import held, move
from prs.operations.fulfilment.services.refusals import NothingToResume
from prs.operations.invoicing import selectors as invoices
from prs.operations.invoicing.models import Invoice, InvoiceLine

PRIORITIES = {
    Invoice.Priority.HIGH: Fulfilment.Priority.HIGH,
    Invoice.Priority.MEDIUM: Fulfilment.Priority.MEDIUM,
    Invoice.Priority.LOW: Fulfilment.Priority.LOW,
}
ZERO = Decimal(0)


@transaction.atomic
def open_for(invoice: Invoice, *, by: Actor, at: datetime) -> Fulfilment | None:
    """Begin the work on an invoice that ships; None when it doesn't. Once, however often it is called.

    What another system sends ships, and what is written by hand when a product of ours is on it. What
    the till sold was handed over there, and a deal or a subscription moves no goods.
    """
    if invoice.origin not in {Invoice.Origin.IMPORT, Invoice.Origin.MANUAL}:
        return None
    existing: Fulfilment | None = Fulfilment.objects.filter(invoice=invoice).first()
    if existing is not None:
        return existing
    lines = list(invoices.lines_of(invoice))
    products = products_of(lines)
    if invoice.origin == Invoice.Origin.MANUAL and not products:
        return None
    made: Fulfilment = Fulfilment.objects.create(
        invoice=invoice,
        number=invoice.number,
        place=usual_place(invoice),
        priority=PRIORITIES[Invoice.Priority(invoice.priority)],
        revision=invoice.revision,
        opened_at=at,
        moved_at=at,
        moved_by_id=by.pk,
        moved_by_label=by.label,
    )
    FulfilmentLine.objects.bulk_create(
        line_of(made, position, line, products.get(line.pk))
        for position, line in enumerate(lines, start=1)
    )
    record(events.OPENED, made, by=by, at=at)
    return made


def usual_place(invoice: Invoice) -> Place | None:
    """Where an invoice is picked unless somebody says otherwise: at its salesperson's branch if that
    has a warehouse, else at the first warehouse.
    """
    rows = Place.objects.filter(kind=Place.Kind.WAREHOUSE, active=True).order_by("pk")
    branch = BranchMember.objects.filter(member=invoice.salesperson_id).values("branch")
    near: Place | None = rows.filter(branch__in=branch).first() if invoice.salesperson_id else None
    return near or rows.first()


def products_of(lines: Collection[InvoiceLine]) -> dict[UUID, Product]:
    """The goods that lines name, by line: by SKU, else by the barcode of a single piece."""
    goods = Product.objects.filter(kind=Product.Kind.GOODS)
    codes = {line.item_code for line in lines if line.item_code}
    by_sku = {row.sku: row for row in goods.filter(sku__in=codes)} if codes else {}
    barcodes = {catalog.looked_up(line.barcode): line for line in lines if line.barcode}
    named = Barcode.objects.filter(
        code__in=list(barcodes), pack__isnull=True, product__kind=Product.Kind.GOODS
    )
    by_code = {row.code: row.product for row in named.select_related("product")} if barcodes else {}
    found = {
        line.pk: by_sku.get(line.item_code) or by_code.get(catalog.looked_up(line.barcode))
        for line in lines
    }
    return {pk: product for pk, product in found.items() if product is not None}


def day_in(text: Any) -> date | None:
    """A day as the sender writes it; None for anything else."""
    try:
        return date.fromisoformat(str(text or ""))
    except ValueError:
        return None


def line_of(
    fulfilment: Fulfilment, position: int, line: InvoiceLine, product: Product | None
) -> FulfilmentLine:
    """A line to pick of a line of the invoice."""
    said = line.details
    return FulfilmentLine(
        organization_id=fulfilment.organization_id,
        fulfilment=fulfilment,
        position=position,
        description=line.description,
        item_code=line.item_code,
        barcode=line.barcode,
        product=product,
        lot=str(said.get("batch_no") or "")[:60],
        expires_on=day_in(said.get("expiry_date")),
        shelf=str(said.get("shelf_location") or "")[:60],
        ordered=line.quantity,
    )


# --- after a correction ---------------------------------------------------------------------------


def sameness(line: InvoiceLine | FulfilmentLine) -> tuple[str, ...]:
    """What makes two lines the same one before and after a correction."""
    if line.item_code or line.barcode:
        return (line.item_code, line.barcode)
    return ("", "", line.description)


@transaction.atomic
def resume(invoice: Invoice, *, by: Actor, at: datetime) -> Fulfilment | None:
    """Go on with an invoice that came back from billing. Who picks then sees the difference only.

    One that waited at billing before the warehouse knew of it is opened. Nothing happens twice.
    """
    known = Fulfilment.objects.filter(invoice=invoice).first()
    if known is None:
        return open_for(invoice, by=by, at=at)
    fulfilment = held(known)
    if fulfilment.state != Fulfilment.State.REVIEW:
        return fulfilment
    return go_on(fulfilment, list(invoices.lines_of(invoice)), invoice.revision, by=by, at=at)


@transaction.atomic
def release(fulfilment: Fulfilment, *, by: Actor, at: datetime) -> Fulfilment:
    """Let an invoice that needed no correction go on as it is.

    :raises NothingToResume: it isn't back at billing.
    """
    row = held(fulfilment)
    if row.state != Fulfilment.State.REVIEW:
        raise NothingToResume(number=row.number)
    invoice = row.invoice
    if invoice.billing == Invoice.Billing.REVIEW:
        raise NothingToResume(number=row.number)
    return go_on(row, list(invoices.lines_of(invoice)), invoice.revision, by=by, at=at)


def go_on(
    fulfilment: Fulfilment,
    lines: Sequence[InvoiceLine],
    revision: int,
    *,
    by: Actor,
    at: datetime,
) -> Fulfilment:
    """Take over what the invoice says now, and put the work where it goes on."""
    changed = revision != fulfilment.revision and take_over(fulfilment, lines)
    if changed:
        Box.objects.filter(fulfilment=fulfilment).update(sealed_at=None)
    fulfilment.revision, fulfilment.corrected = revision, changed
    fulfilment.priority = PRIORITIES[Invoice.Priority(fulfilment.invoice.priority)]
    fulfilment.save(update_fields=["revision", "corrected", "priority"])
    go_on_unchanged(fulfilment, changed=changed, by=by, at=at)
    return fulfilment


def go_on_unchanged(
    fulfilment: Fulfilment, *, changed: bool = False, by: Actor, at: datetime
) -> None:
    """Put the work on an invoice back where it goes on."""
    rows = FulfilmentLine.objects.filter(fulfilment=fulfilment)
    whole = all(line.whole for line in rows)
    to = rules.back_from_review(fulfilment.section, whole=whole, changed=changed)
    move(fulfilment, to, by=by, at=at)
    record(events.RESUMED, fulfilment, by=by, at=at)


def take_over(fulfilment: Fulfilment, lines: Sequence[InvoiceLine]) -> bool:
    """Let the lines to pick say what a corrected invoice says; whether anything is different.

    A line that is gone stays, with nothing ordered, until its goods are put back.
    """
    rows = list(FulfilmentLine.objects.filter(fulfilment=fulfilment).order_by("position"))
    waiting: dict[tuple[str, ...], list[FulfilmentLine]] = {}
    for row in rows:
        row.ordered_before = None
        if row.substitutes_id is None:
            waiting.setdefault(sameness(row), []).append(row)
    products, last = products_of(lines), rows[-1].position if rows else 0
    new: list[FulfilmentLine] = []
    for line in lines:
        same = waiting.get(sameness(line))
        if same:
            reorder(same.pop(0), line.quantity)
        else:
            last += 1
            new.append(line_of(fulfilment, last, line, products.get(line.pk)))
            new[-1].ordered_before = ZERO
    for gone in (row for group in waiting.values() for row in group):
        reorder(gone, ZERO)
    settle_substitutes(rows)
    FulfilmentLine.objects.bulk_update(
        rows,
        ["ordered", "ordered_before", "short", "short_reason", "short_note", "substituted"],
    )
    FulfilmentLine.objects.bulk_create(new)
    return bool(new) or any(row.ordered_before is not None for row in rows)


def reorder(row: FulfilmentLine, quantity: Decimal) -> None:
    """Let a line ask for another quantity; what was said to be short of it is asked again."""
    if row.ordered == quantity:
        return
    row.ordered_before, row.ordered = row.ordered, quantity
    row.short, row.short_reason, row.short_note = ZERO, "", ""


def settle_substitutes(rows: Sequence[FulfilmentLine]) -> None:
    """What replaces a line whose quantity changed is no longer asked for beyond what was taken of it."""
    by_id = {row.pk: row for row in rows}
    for row in rows:
        home = by_id.get(row.substitutes_id) if row.substitutes_id else None
        if home is None or home.ordered_before is None:
            continue
        kept = min(row.picked, home.ordered)
        home.substituted -= row.ordered - kept
        if kept != row.ordered:
            row.ordered_before, row.ordered = row.ordered, kept
            row.short, row.short_reason, row.short_note = ZERO, "", ""

"""What the ids in the books are called, and where their documents stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.models import Member
from prs.masterdata.parties import models as people
from prs.masterdata.places.models import Branch
from prs.operations.deals.models import Project
from prs.operations.invoicing.models import Credit
from prs.operations.payments.models import Allocation

# What posts, in words, and the page of its document.
KINDS: Mapping[str, tuple[Any, str]] = {
    "invoicing.invoice": (_("Invoice"), "billing:invoice"),
    "invoicing.credit": (_("Credit note"), "billing:invoice"),
    "payments.payment": (_("Payment"), "billing:payment"),
    "payments.allocation": (_("Use of credit"), "billing:invoice"),
    "payments.reversal": (_("Refund"), "verify:reversal"),
    "incentives.commission": (_("Commission"), "sales:commission"),
    "incentives.payout": (_("Commission paid"), ""),
    "purchasing.goodsreceipt": (_("Goods received"), "stock:receipt"),
    "purchasing.supplierbill": (_("Supplier's bill"), "stock:bill"),
    "purchasing.billpayment": (_("Payment to a supplier"), ""),
    "stock.adjustment": (_("Adjustment of stock"), "stock:adjustment"),
    "stock.transfer": (_("Transfer of stock"), "stock:transfer"),
    "bookkeeping.draft": (_("Written by hand"), "books:draft"),
    "bookkeeping.year": (_("Closing of a year"), ""),
    "bookkeeping.revaluation": (_("Revaluation"), ""),
    "bookkeeping.reversal": (_("Reversal"), "books:entry"),
}


def kind_label(kind: str) -> str:
    """What posted, in words."""
    known = KINDS.get(kind)
    return str(known[0]) if known else kind.rpartition(".")[2].replace("_", " ").capitalize()


def document_url(kind: str, source_id: UUID) -> str:
    """The page of what posted an entry; nothing when it has none."""
    _label, place = KINDS.get(kind, ("", ""))
    if not place:
        return ""
    pk: UUID | None = source_id
    if kind == "invoicing.credit":
        pk = Credit.objects.filter(pk=source_id).values_list("invoice_id", flat=True).first()
    elif kind == "payments.allocation":
        pk = Allocation.objects.filter(pk=source_id).values_list("invoice_id", flat=True).first()
    return reverse(place, args=[pk]) if pk else ""


def parties(ids: Iterable[UUID | None]) -> dict[UUID | None, tuple[str, str]]:
    """Code and name of customers and suppliers."""
    wanted = [pk for pk in ids if pk is not None]
    found: dict[UUID | None, tuple[str, str]] = {}
    if not wanted:
        return found
    for table in ("Supplier", "Customer"):
        model: Any = getattr(people, table, None)
        if model is not None:
            rows = model.objects.filter(pk__in=wanted).values_list("pk", "code", "name")
            found |= {pk: (code, name) for pk, code, name in rows}
    return found


def party_by_code(text: str) -> UUID | None:
    """The customer or supplier whose code somebody typed."""
    code = text.strip().split(" ", 1)[0]
    for table in ("Customer", "Supplier"):
        model: Any = getattr(people, table, None)
        row = (
            model.objects.filter(code=code).values_list("pk", flat=True).first() if model else None
        )
        if row:
            return row
    return None


def dimensions(lines: Iterable[Any]) -> dict[UUID, str]:
    """The names of branches, projects and people that lines carry."""
    rows = list(lines)
    found: dict[UUID, str] = {}
    for name, model in (("branch_id", Branch), ("project_id", Project), ("member_id", Member)):
        ids = {getattr(row, name) for row in rows} - {None}
        if ids:
            table: Any = model
            found |= dict(table.objects.filter(pk__in=ids).values_list("pk", "name"))
    return found

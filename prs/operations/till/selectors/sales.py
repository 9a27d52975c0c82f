"""Reads of sales, baskets, returns and what they came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import Document
from prs.masterdata.places.models import Place
from prs.masterdata.places.selectors import colleagues
from prs.operations.till import permissions
from prs.operations.till.models import Return, ReturnLine, Sale, SaleLine, Tender, Till

RECEIPT = "till.receipt"
ZERO = Decimal(0)
SOLD = ("completed", "voided")


def sales_visible_to(member: Member) -> QuerySet[Sale]:
    """Sales that a member sees: everybody's with the right to, else those of their row scope."""
    rows = Sale.objects.filter(state__in=SOLD).select_related(
        "till", "place", "seller", "customer", "shift", "invoice"
    )
    reach = None if member.may(permissions.SHIFTS) else colleagues(member)
    return rows if reach is None else rows.filter(seller__in=reach)


def returns_visible_to(member: Member) -> QuerySet[Return]:
    """Returns that a member sees, voided sales left out."""
    rows = Return.objects.exclude(kind=Return.Kind.VOID).select_related(
        "till", "place", "by", "sale", "shift", "customer", "approved_by"
    )
    reach = None if member.may(permissions.SHIFTS) else colleagues(member)
    return rows if reach is None else rows.filter(by__in=reach)


def lines_of(sale: Sale) -> list[SaleLine]:
    """The lines of a sale, in their order."""
    rows = SaleLine.objects.filter(sale=sale).select_related("product__unit", "product__image")
    return list(rows.order_by("position"))


def tenders_of(sale: Sale) -> list[Tender]:
    """What a sale was paid with."""
    return list(Tender.objects.filter(sale=sale).order_by("pk"))


def returns_of(sale: Sale) -> list[Return]:
    """What came back of a sale, oldest first."""
    rows = Return.objects.filter(sale=sale).select_related("by", "approved_by")
    return list(rows.order_by("at", "pk"))


def return_lines_of(row: Return) -> list[ReturnLine]:
    """The lines of a return."""
    return list(ReturnLine.objects.filter(return_of=row).order_by("pk"))


def return_tenders_of(row: Return) -> list[Tender]:
    """What was given for a return."""
    return list(Tender.objects.filter(return_of=row).order_by("pk"))


def basket_on(till: Till) -> Sale | None:
    """The basket on a till's screen."""
    rows = Sale.objects.filter(till=till, state=Sale.State.OPEN, held_at__isnull=True)
    found: Sale | None = rows.select_related("customer", "place", "till").first()
    return found


def held_at(place: Place) -> QuerySet[Sale]:
    """Baskets put aside at a storefront, the newest first."""
    rows = Sale.objects.filter(place=place, state=Sale.State.OPEN, held_at__isnull=False)
    return rows.select_related("customer", "seller", "till").order_by("-held_at")


def credit_left(row: Return) -> Decimal:
    """What of an exchange's credit can be spent still."""
    spent = Tender.objects.filter(exchange=row).aggregate(sum=Sum("amount", default=ZERO))
    return -spent["sum"]


def exchange_named(number: str, place: Place) -> Return | None:
    """The exchange of a storefront by its number."""
    found: Return | None = Return.objects.filter(
        kind=Return.Kind.EXCHANGE, number=number.strip(), place=place
    ).first()
    return found


def receipt_document(sale: Sale) -> Document | None:
    """The stored receipt of a sale."""
    found: Document | None = Document.objects.filter(kind=RECEIPT, source_id=sale.pk).first()
    return found


@dataclass(frozen=True)
class Way:
    """How much came in one way."""

    method: str
    amount: Decimal
    count: int

    @property
    def label(self) -> str:
        """What the way is called."""
        return str(Tender.Method(self.method).label)


@dataclass(frozen=True)
class Day:
    """What was sold in a stretch of time."""

    count: int
    total: Decimal
    items: Decimal
    returned: Decimal
    on_credit: Decimal
    cost: Decimal
    net: Decimal
    ways: Sequence[Way]

    @property
    def average(self) -> Decimal:
        """What a sale came to on average."""
        return (self.total / self.count).quantize(Decimal("0.01")) if self.count else ZERO

    @property
    def kept(self) -> Decimal:
        """What is left once returns are taken off."""
        return self.total - self.returned


def figures(member: Member, *, first: date, last: date) -> Day:
    """What the sales of some days came to, as far as a member sees them; voided ones left out."""
    rows = sales_visible_to(member).filter(
        state=Sale.State.COMPLETED, completed_on__range=(first, last)
    )
    sums = rows.order_by().aggregate(
        count=Count("pk"),
        total=Sum("total", default=ZERO),
        net=Sum("net_total", default=ZERO),
        cost=Sum("cost", default=ZERO),
        on_credit=Sum("on_credit", default=ZERO),
    )
    ids = rows.order_by().values("pk")
    items = SaleLine.objects.filter(sale__in=ids).aggregate(sum=Sum("quantity", default=ZERO))
    back = returns_visible_to(member).filter(on_date__range=(first, last))
    ways = (
        Tender.objects.filter(sale__in=ids)
        .order_by("method")
        .values("method")
        .annotate(sum=Sum("amount"), rows=Count("pk"))
    )
    return Day(
        **sums,
        items=items["sum"],
        returned=back.order_by().aggregate(sum=Sum("total", default=ZERO))["sum"],
        ways=[Way(row["method"], row["sum"], row["rows"]) for row in ways],
    )


def totals(member: Member, days: Sequence[date]) -> dict[date, Decimal]:
    """What was sold on each of some days, as far as a member sees it."""
    rows = (
        sales_visible_to(member)
        .filter(state=Sale.State.COMPLETED, completed_on__in=days)
        .order_by()
        .values_list("completed_on")
        .annotate(sum=Sum("total"))
    )
    return dict.fromkeys(days, ZERO) | dict(rows)


@dataclass(frozen=True)
class Top:
    """A product and how much of it was sold."""

    name: str
    quantity: Decimal
    total: Decimal


def top_products(member: Member, *, first: date, last: date, most: int = 8) -> list[Top]:
    """What was sold most in some days."""
    ids = (
        sales_visible_to(member)
        .filter(state=Sale.State.COMPLETED, completed_on__range=(first, last))
        .order_by()
        .values("pk")
    )
    rows = (
        SaleLine.objects.filter(sale__in=ids)
        .order_by()
        .values("product", "name")
        .annotate(count=Sum("quantity"), sum=Sum("total"))
        .order_by("-sum", "name")[:most]
    )
    return [Top(row["name"], row["count"], row["sum"]) for row in rows]


def numbered(member: Member, text: str) -> Sale | None:
    """The sale that a receipt's number names."""
    found: Sale | None = sales_visible_to(member).filter(number=text.strip()).first()
    return found


def open_lines(pk: UUID, till: Till) -> QuerySet[SaleLine]:
    """A line of the basket on a till's screen."""
    rows = SaleLine.objects.filter(
        Q(sale__till=till, sale__state=Sale.State.OPEN, sale__held_at__isnull=True), pk=pk
    )
    return rows.select_related("sale", "product__unit")

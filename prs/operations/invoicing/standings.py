"""What customers owe, and how they stand: derived from deals and issued invoices, never typed in.

A deal is owed as a whole from the day it is closed; the invoices that its payments draft are parts of
it and don't count again. A customer's account is that of its family: its own and those of customers
merged into it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import (
    Case,
    CharField,
    DateField,
    DecimalField,
    ExpressionWrapper,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Least
from django.utils.translation import gettext_lazy as _

from prs.masterdata.parties import selectors as parties
from prs.masterdata.parties.models import Customer
from prs.operations.deals import selectors as deals
from prs.operations.deals.models import Deal
from prs.operations.invoicing.models import Invoice
from prs.operations.invoicing.selectors import LEFT, OPEN

ZERO: Final = Decimal(0)
CLEAR, PENDING, BAD_DEBT = "clear", "pending", "bad_debt"
STANDINGS: Final = {CLEAR: _("Clear"), PENDING: _("Pending"), BAD_DEBT: _("Bad debt")}
HALF: Final = Decimal("0.5")
AMOUNT: Final = DecimalField(max_digits=21, decimal_places=4)


def standing_of(owed: Decimal, claimed: Decimal, *, late: bool) -> str:
    """How somebody stands who owes so much of what was claimed.

    Source: reference 3, except that nobody is a bad debtor before a day of payment has passed:
    otherwise every customer would be one from the first invoice on.
    """
    if owed <= 0:
        return CLEAR
    return BAD_DEBT if late and owed >= claimed * HALF else PENDING


# What an invoice claims, and what of a deal or an invoice is left.
CLAIMED: Final = F("total") - F("credited")
ALONE: Final = Q(status=Invoice.Status.ISSUED, deal__isnull=True)
ROOT: Final = Coalesce("customer__merged_into_id", "customer_id")


def family_of_outer() -> QuerySet[Customer]:
    """The customers whose rows belong to an outer customer's account."""
    return Customer.everyone.filter(
        Q(pk=OuterRef(OuterRef("pk"))) | Q(merged_into=OuterRef(OuterRef("pk")))
    )


def theirs(currency: str) -> tuple[QuerySet[Invoice], QuerySet[Deal]]:
    """What the family of an outer customer was invoiced besides deals, and its deals."""
    family = family_of_outer().values("pk")
    return (
        Invoice.objects.filter(ALONE, currency=currency, customer__in=family).order_by(),
        Deal.objects.filter(deals.ALIVE, currency=currency, customer__in=family).order_by(),
    )


def one_sum(rows: QuerySet[Any], what: Any) -> Any:
    """The sum over an outer row's rows; zero without any."""
    # Grouped by what is the same in all of them: one row, one value.
    exact = ExpressionWrapper(what, output_field=AMOUNT)
    summed = rows.values("currency").annotate(result=Sum(exact)).values("result")
    return Coalesce(Subquery(summed, output_field=AMOUNT), Value(ZERO, AMOUNT))


def first_day(rows: QuerySet[Any]) -> Any:
    """The earliest due date of an outer row's open rows."""
    first = rows.values("currency").annotate(first=Min("due_date")).values("first")
    return Subquery(first, output_field=DateField())


def with_standing(customers: QuerySet[Customer], *, currency: str, on: date) -> QuerySet[Customer]:
    """Customers with `claimed`, `owed`, `late`, `oldest_due` and `standing`, for lists.

    Each is a query of its own for the rows that are shown; to filter, `in_standing` is quicker.
    """
    invoiced, agreed = theirs(currency)
    return customers.annotate(
        claimed=one_sum(invoiced, CLAIMED) + one_sum(agreed, F("value")),
        owed=one_sum(invoiced, LEFT) + one_sum(agreed, deals.DUE),
        late=one_sum(invoiced.filter(OPEN, due_date__lt=on), LEFT)
        + one_sum(agreed.filter(deals.OPEN, due_date__lt=on), deals.DUE),
        oldest_due=Least(first_day(invoiced.filter(OPEN)), first_day(agreed.filter(deals.OPEN))),
    ).annotate(
        standing=Case(
            When(owed__lte=ZERO, then=Value(CLEAR)),
            When(
                owed__gte=F("claimed") * Value(HALF, AMOUNT),
                oldest_due__lt=on,
                then=Value(BAD_DEBT),
            ),
            default=Value(PENDING),
            output_field=CharField(),
        )
    )


@dataclass
class Sums:
    """What one customer's account comes to."""

    root: UUID
    claimed: Decimal = ZERO
    owed: Decimal = ZERO
    late: Decimal = ZERO
    oldest_due: date | None = None

    @property
    def standing(self) -> str:
        """How the customer stands."""
        return standing_of(self.owed, self.claimed, late=self.late > 0)

    def add(self, row: dict[str, Any]) -> None:
        """Count the invoices, or the deals, in."""
        self.claimed += row["claimed"]
        self.owed += row["owed"]
        self.late += row["late"] or ZERO
        days = [day for day in (self.oldest_due, row["oldest_due"]) if day is not None]
        self.oldest_due = min(days, default=None)


def accounts(currency: str, *, on: date, of: QuerySet[Customer] | None = None) -> list[Sums]:
    """What each customer who owes something owes: one pass over invoices, one over deals.

    `on` is the day by which what is late is told; `of` narrows to some customers.
    """
    late = Q(due_date__lt=on)
    invoiced = Invoice.objects.filter(ALONE, currency=currency).annotate(root=ROOT)
    agreed = Deal.objects.filter(deals.ALIVE, currency=currency).annotate(root=ROOT)
    if of is not None:
        reach = of.order_by().values("pk")
        invoiced, agreed = invoiced.filter(root__in=reach), agreed.filter(root__in=reach)
    found: dict[UUID, Sums] = {}
    for rows, claimed, left, is_open in (
        (invoiced, CLAIMED, LEFT, OPEN),
        (agreed, F("value"), deals.DUE, deals.OPEN),
    ):
        sums = (
            rows.order_by()
            .values("root")
            .annotate(
                claimed=Sum(ExpressionWrapper(claimed, output_field=AMOUNT)),
                owed=Sum(ExpressionWrapper(left, output_field=AMOUNT)),
                late=Sum(ExpressionWrapper(left, output_field=AMOUNT), filter=is_open & late),
                oldest_due=Min("due_date", filter=is_open),
            )
        )
        for row in sums:
            found.setdefault(row["root"], Sums(row["root"])).add(row)
    return [each for each in found.values() if each.owed > 0]


def in_standing(
    customers: QuerySet[Customer], standing: str, *, currency: str, on: date
) -> QuerySet[Customer]:
    """Customers who stand in one of the three ways."""
    owing = accounts(currency, on=on)
    if standing == CLEAR:
        return customers.exclude(pk__in=[each.root for each in owing])
    return customers.filter(pk__in=[each.root for each in owing if each.standing == standing])


def open_claims(currency: str) -> tuple[tuple[QuerySet[Any], Any], ...]:
    """What is open of invoices and of deals, with whose account it belongs to, and what is left of each."""
    return (
        (Invoice.objects.filter(ALONE, OPEN, currency=currency).annotate(root=ROOT), LEFT),
        (Deal.objects.filter(deals.OPEN, currency=currency).annotate(root=ROOT), deals.DUE),
    )


def owing(
    customers: QuerySet[Customer], *, currency: str, on: date, late: bool = False
) -> QuerySet[Customer]:
    """Customers who owe something, or with something that should have been paid."""
    theirs = Q(pk__in=())
    for rows, _left in open_claims(currency):
        wanted = rows.filter(due_date__lt=on) if late else rows
        theirs |= Q(pk__in=wanted.order_by().values("root"))
    return customers.filter(theirs)


def owed_each(currency: str) -> tuple[str, tuple[Any, ...]]:
    """A query of what every account that owes something owes, as (root, owed), with its parameters."""
    parts, values = [], []
    for rows, left in open_claims(currency):
        sums = rows.order_by().values("root").annotate(owed=Sum(left)).values_list("root", "owed")
        sql, params = sums.query.sql_with_params()
        parts.append(sql)
        values += params
    both = " UNION ALL ".join(f"({part})" for part in parts)
    return (
        f"SELECT root, sum(owed) AS owed FROM ({both}) AS part (root, owed) GROUP BY 1",  # noqa: S608
        tuple(values),
    )


# Rows are summed by customer first; only then are merged customers put together.
OWED_BY = """
    SELECT coalesce(sum(owed), 0), count(*),
           coalesce(sum(late) FILTER (WHERE late > 0), 0), count(*) FILTER (WHERE late > 0)
    FROM (SELECT coalesce(c.merged_into_id, c.id) AS root,
                 sum(part.owed) AS owed, coalesce(sum(part.late), 0) AS late
          FROM (({invoiced}) UNION ALL ({agreed})) AS part (customer_id, owed, late)
          JOIN parties_customer c ON c.id = part.customer_id
          GROUP BY 1) AS account
    WHERE root IN ({reach})
"""


def owed_by(customers: QuerySet[Customer], *, currency: str, on: date) -> dict[str, Any]:
    """What customers owe together and what of it is late, each with how many they are.

    Only what is open is read: nothing is ever paid beyond what it claims.
    """
    late = Q(due_date__lt=on)
    parts: list[QuerySet[Any, Any]] = []
    for rows, left, is_open in (
        (Invoice.objects.filter(ALONE, currency=currency), LEFT, OPEN),
        (Deal.objects.filter(deals.ALIVE, currency=currency), deals.DUE, deals.OPEN),
    ):
        exact = ExpressionWrapper(left, output_field=AMOUNT)
        sums = rows.filter(is_open).order_by().values("customer")
        parts.append(sums.annotate(owed=Sum(exact), late=Sum(exact, filter=late)))
    reach = customers.order_by().values("pk")
    names = ("owed", "customers", "late", "late_customers")
    try:
        (invoiced, first), (agreed, second), (who, third) = (
            rows.query.sql_with_params() for rows in (*parts, reach)
        )
    except EmptyResultSet:  # nobody is asked for, which Django doesn't put into words
        return dict(zip(names, (ZERO, 0, ZERO, 0), strict=True))
    sql = OWED_BY.format(invoiced=invoiced, agreed=agreed, reach=who)
    with connection.cursor() as cursor:
        cursor.execute(sql, (*first, *second, *third))
        return dict(zip(names, cursor.fetchone(), strict=True))


@dataclass(frozen=True)
class Account:
    """One customer's account in short. `credit_left` is None where there is no limit."""

    owed: Decimal
    claimed: Decimal
    overdue: Decimal
    oldest_due: date | None
    credit_left: Decimal | None
    currency: str

    @property
    def standing(self) -> str:
        """How the customer stands."""
        return standing_of(self.owed, self.claimed, late=self.overdue > 0)


def account_of(customer: Customer, *, currency: str, on: date) -> Account:
    """What a customer owes with everybody merged into it, and what credit is left.

    Credit is what was handed over unpaid, so a deal uses none: only invoices do.
    """
    family = parties.family(customer)
    invoiced = Invoice.objects.filter(ALONE, currency=currency, customer__in=family).aggregate(
        owed=Sum(LEFT, default=ZERO),
        claimed=Sum(CLAIMED, default=ZERO),
        late=Sum(LEFT, filter=OPEN & Q(due_date__lt=on), default=ZERO),
        oldest_due=Min("due_date", filter=OPEN),
    )
    agreed = Deal.objects.filter(deals.ALIVE, currency=currency, customer__in=family).aggregate(
        owed=Sum(deals.DUE, default=ZERO),
        claimed=Sum("value", default=ZERO),
        late=Sum(deals.DUE, filter=deals.OPEN & Q(due_date__lt=on), default=ZERO),
        oldest_due=Min("due_date", filter=deals.OPEN),
    )
    sums = Sums(customer.pk)
    sums.add(invoiced)
    sums.add(agreed)
    limit = customer.credit_limit
    return Account(
        owed=sums.owed,
        claimed=sums.claimed,
        overdue=sums.late,
        oldest_due=sums.oldest_due,
        credit_left=None if limit is None else max(limit - invoiced["owed"], ZERO),
        currency=currency,
    )


# --- the board ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Card:
    """A customer on the board."""

    customer: Customer
    owed: Decimal
    claimed: Decimal
    oldest_due: date | None


@dataclass(frozen=True)
class Column:
    """Customers who stand alike: how many, what they owe together, and those who owe most."""

    standing: str
    count: int
    owed: Decimal
    cards: Sequence[Card]

    @property
    def hidden(self) -> int:
        """How many there are besides the cards."""
        return self.count - len(self.cards)


def board(
    customers: QuerySet[Customer], *, currency: str, on: date, cards: int = 30
) -> list[Column]:
    """Customers by how they stand, from clear to bad debt; those who owe most first."""
    sums = {each.root: each for each in accounts(currency, on=on, of=customers)}
    by_standing: dict[str, list[Sums]] = {PENDING: [], BAD_DEBT: []}
    for each in sums.values():
        by_standing[each.standing].append(each)
    for rows in by_standing.values():
        rows.sort(key=lambda each: (-each.owed, each.root))
    shown = [each.root for rows in by_standing.values() for each in rows[:cards]]
    found = customers.select_related("salesperson").in_bulk(shown)
    clear = customers.exclude(pk__in=list(sums)).select_related("salesperson")
    columns = [
        Column(
            CLEAR,
            clear.count(),
            ZERO,
            [Card(row, ZERO, ZERO, None) for row in clear.order_by("name", "pk")[:cards]],
        )
    ]
    for standing, rows in by_standing.items():
        columns.append(
            Column(
                standing,
                len(rows),
                sum((each.owed for each in rows), ZERO),
                [
                    Card(found[each.root], each.owed, each.claimed, each.oldest_due)
                    for each in rows[:cards]
                ],
            )
        )
    return columns

"""The credit a customer has: what was granted, what of it is used, what is late.

Credit is what was handed over unpaid, so only issued invoices use it. Amounts are in the organization's
home currency, in which limits are granted. An account is that of its family: the customer's own and of
everybody merged into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.db.models import Count, DecimalField, ExpressionWrapper, F, Min, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from prs.kernel import money
from prs.masterdata.parties import selectors as parties
from prs.masterdata.parties.models import Customer
from prs.operations.invoicing.models import Invoice
from prs.operations.invoicing.rules import CreditStanding
from prs.operations.invoicing.selectors import LEFT, OPEN

ZERO: Final = Decimal(0)
# What is left of an invoice, in home currency.
LEFT_AT_HOME: Final = ExpressionWrapper(
    LEFT * F("rate"), output_field=DecimalField(max_digits=30, decimal_places=8)
)


@dataclass(frozen=True)
class CreditAccount:
    """What a customer may owe and does. `limit` is None where none was set: then there is no end."""

    limit: Decimal | None
    outstanding: Decimal
    overdue: Decimal
    oldest_due: date | None
    open_count: int
    currency: str

    @property
    def available(self) -> Decimal | None:
        """What is left of the limit; None without one."""
        return None if self.limit is None else max(self.limit - self.outstanding, ZERO)

    @property
    def used(self) -> Decimal | None:
        """What part of the limit is used, in per cent; None without a limit to use."""
        return self.outstanding * 100 / self.limit if self.limit else None


def credit_account(customer: Customer, *, currency: str, on: date) -> CreditAccount:
    """A customer's credit on a day, in the home currency that is passed in."""
    late = Q(due_date__lt=on)
    sums = Invoice.objects.filter(OPEN, customer__in=parties.family(customer)).aggregate(
        outstanding=Sum(LEFT_AT_HOME, default=ZERO),
        overdue=Sum(LEFT_AT_HOME, filter=late, default=ZERO),
        oldest_due=Min("due_date", filter=late),
        open_count=Count("pk"),
    )
    return CreditAccount(
        limit=customer.credit_limit,
        outstanding=money.rounded(sums["outstanding"], currency),
        overdue=money.rounded(sums["overdue"], currency),
        oldest_due=sums["oldest_due"],
        open_count=sums["open_count"],
        currency=currency,
    )


def standing_of(customer: Customer, account: CreditAccount) -> CreditStanding:
    """What the rules of credit look at."""
    return CreditStanding(
        walk_in=customer.is_walk_in,
        blocked=customer.credit_blocked,
        active=customer.active,
        available=account.available,
        overdue=account.overdue,
    )


def used_by(
    customers: QuerySet[Customer], *, on: date, currency: str
) -> list[tuple[Customer, Decimal, Decimal]]:
    """Customers with what they have outstanding and what of it is late, in two queries."""
    late = Q(due_date__lt=on)
    sums = (
        Invoice.objects.filter(OPEN)
        .order_by()
        .annotate(root=Coalesce("customer__merged_into_id", "customer_id"))
        .filter(root__in=customers.order_by().values("pk"))
        .values_list("root")
        .annotate(
            owed=Sum(LEFT_AT_HOME, default=ZERO), late=Sum(LEFT_AT_HOME, filter=late, default=ZERO)
        )
    )
    found = {root: (owed, late) for root, owed, late in sums}
    rows = []
    for row in customers:
        owed, overdue = found.get(row.pk, (ZERO, ZERO))
        rows.append((row, money.rounded(owed, currency), money.rounded(overdue, currency)))
    return rows

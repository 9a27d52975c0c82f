"""What verifiers achieved in a stretch of time: each figure with the rows that it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from prs.operations.payments.models import Decision, Payment, Reversal
from prs.operations.payments.selectors import HOME, WAITING

COMPLETED = (Payment.Status.VERIFIED, Payment.Status.REFUNDED)
FAILED = (Payment.Status.DENIED, Payment.Status.CHARGED_BACK, Payment.Status.BOUNCED)
STATES: dict[str, tuple[str, ...]] = {
    "pending": WAITING,
    "completed": COMPLETED,
    "unsuccessful": FAILED,
}


@dataclass(frozen=True)
class Stretch:
    """A stretch of time: from a moment on, before another."""

    start: datetime
    end: datetime

    def of(self, field: str) -> Q:
        """The rows whose moment lies in it."""
        return Q(**{f"{field}__gte": self.start, f"{field}__lt": self.end})


@dataclass(frozen=True)
class Tally:
    """How many rows of one currency, and what they come to."""

    currency: str
    count: int
    amount: Decimal

    @property
    def average(self) -> Decimal:
        """The amount of a row in the middle, to the cent."""
        return to_the_cent(self.amount / self.count) if self.count else Decimal(0)


def in_state(payments: QuerySet[Payment], state: str) -> QuerySet[Payment]:
    """Payments that wait, came to a good end, or did not."""
    return payments.filter(status__in=STATES[state])


def tallies(rows: QuerySet[Any], *, amount: str, currency: str = "currency") -> list[Tally]:
    """Count and sum of rows by currency."""
    found = rows.order_by(currency).values_list(currency)
    sums = found.annotate(count=Count("*"), total=Sum(amount, default=Decimal(0)))
    return [Tally(*row) for row in sums]


def how_they_stand(
    payments: QuerySet[Payment], recorded: Stretch, *, currency: str
) -> tuple[dict[str, Tally], Tally]:
    """Payments recorded in a stretch by state, and all that wait now, in home currency and one query."""
    within = recorded.of("recorded_at")
    conditions = {state: within & Q(status__in=STATES[state]) for state in STATES}
    conditions["now"] = Q(status__in=WAITING)
    wanted: dict[str, Any] = {}
    for name, condition in conditions.items():
        wanted[f"count_{name}"] = Count("pk", filter=condition)
        wanted[f"amount_{name}"] = Sum(HOME, filter=condition, default=Decimal(0))
    sums = payments.filter(within | Q(status__in=WAITING)).order_by().aggregate(**wanted)
    tallies = {
        name: Tally(currency, sums[f"count_{name}"], to_the_cent(sums[f"amount_{name}"]))
        for name in conditions
    }
    now = tallies.pop("now")
    return tallies, now


def to_the_cent(amount: Decimal) -> Decimal:
    """An exact sum as a person reads it."""
    return amount.quantize(Decimal("0.01"))


def methods(payments: QuerySet[Payment]) -> list[tuple[str, int]]:
    """How many payments came by each method, the most used first."""
    rows = payments.order_by("method").values_list("method").annotate(count=Count("pk"))
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def reasons(payments: QuerySet[Payment]) -> list[tuple[str, int]]:
    """How many of the denied payments were denied for each reason, the most frequent first."""
    rows = (
        Decision.objects.filter(kind=Decision.Kind.DENY, payment__in=payments.values("pk"))
        .order_by("reason")
        .values_list("reason")
        .annotate(count=Count("pk"))
    )
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def course(
    payments: QuerySet[Payment], stretches: Sequence[Stretch], *, currency: str
) -> list[Tally]:
    """What was verified in each of several stretches, in one currency and one query."""
    # All of them lie between the first and the last, which an index finds.
    whole = Stretch(min(each.start for each in stretches), max(each.end for each in stretches))
    wanted: dict[str, Any] = {}
    for at, stretch in enumerate(stretches):
        within = stretch.of("decided_at")
        wanted[f"count_{at}"] = Count("pk", filter=within)
        wanted[f"amount_{at}"] = Sum("verified_amount", filter=within, default=Decimal(0))
    sums = (
        in_state(payments, "completed")
        .filter(whole.of("decided_at"), currency=currency)
        .aggregate(**wanted)
    )
    return [
        Tally(currency, sums[f"count_{at}"], sums[f"amount_{at}"]) for at in range(len(stretches))
    ]


def granted(reversals: QuerySet[Reversal]) -> QuerySet[Reversal]:
    """Refunds that were paid out."""
    return reversals.filter(kind=Reversal.Kind.REFUND, status=Reversal.Status.DONE)

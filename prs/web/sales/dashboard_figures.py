"""What the dashboard is asked, and the figures that answer it; never more than the caller's reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from prs.kernel.identity.models import Member, Team
from prs.kernel.tenancy.models import Organization
from prs.masterdata.parties import selectors as parties
from prs.masterdata.parties.permissions import VIEW as SEE_CUSTOMERS
from prs.operations.deals import selectors as deal_reads
from prs.operations.incentives import permissions, selectors
from prs.operations.incentives.rules.days import Period
from prs.operations.incentives.selectors import Earnings, Progress, Series, Table, Whose
from prs.operations.invoicing import standings
from prs.operations.payments import figures as payment_figures
from prs.operations.payments import selectors as payment_reads
from prs.operations.payments.figures import Tally
from prs.operations.payments.permissions import VIEW as SEE_PAYMENTS
from prs.web.kit.charts import address
from prs.web.kit.moments import stretch
from prs.web.kit.reader import Reader, reader

BEST = 5
# What stands in the address of the dashboard, and stays there when one of it changes.
KEPT = ("period", "team", "member", "by", "open", "top")
# How each list calls the member whose rows it is narrowed to.
WHO = {
    "sales:deals": "salesperson",
    "sales:money": "salesperson",
    "sales:customers": "salesperson",
    "sales:commissions": "member",
    "billing:payments": "recorded_by",
}
Deals = dict[str, tuple[int, Decimal]]


@dataclass
class Asked:
    """What the address asks for: whose figures, of which days, beside which earlier ones.

    `first` is whom the caller sees without asking, `teams` those they may look at, and `by` whether
    people or teams are ranked.
    """

    request: Any
    first: Whose
    whose: Whose
    teams: Sequence[Team]
    kind: str
    on: date
    period: Period
    before: Period
    by: str

    @property
    def member(self) -> Member:
        """Who asks."""
        member: Member = self.request.member
        return member

    @property
    def organization(self) -> Organization:
        organization: Organization = self.request.organization
        return organization

    @property
    def currency(self) -> str:
        return self.organization.currency

    @property
    def to_date(self) -> Period:
        """The days of the period that have come."""
        return self.period.until(self.on)

    @cached_property
    def words(self) -> Reader:
        return reader()

    def here(self, **changes: Any) -> str:
        """This address with some parameters changed; None drops one."""
        kept = {name: self.request.GET.get(name) for name in KEPT}
        return address("sales:dashboard", **{**kept, **changes})

    def link(self, name: str, **query: Any) -> str:
        """The address of a list, narrowed to whose figures these are."""
        if self.whose.member:
            query[WHO[name]] = self.whose.member.pk
        elif self.whose.team:
            query["team"] = self.whose.team.pk
        return address(name, **query)

    def of(self, rows: QuerySet[Any], field: str) -> QuerySet[Any]:
        """The rows of whom these figures are."""
        people = self.whose.people
        return rows if people is None else rows.filter(**{f"{field}__in": people})

    # --- rows: never more than the caller's scope reaches ---------------------------------------

    @property
    def deals(self) -> QuerySet[Any]:
        return self.of(deal_reads.visible_to(self.member), "salesperson")

    @property
    def payments(self) -> QuerySet[Any]:
        return self.of(payment_reads.visible_to(self.member), "recorded_by")

    @property
    def customers(self) -> QuerySet[Any]:
        return self.of(parties.listed(self.member), "salesperson")

    @property
    def money(self) -> QuerySet[Any]:
        return self.of(selectors.money_visible_to(self.member), "member")

    @cached_property
    def reachable(self) -> list[Member]:
        """The people whom the caller may look at and who live of selling, by name."""
        if self.first.member:
            return [self.first.member]
        return list(selectors.sellers_among(self.first.people))

    @property
    def is_own(self) -> bool:
        """Whether somebody looks at their own figures."""
        return self.whose.member is not None and self.whose.member.pk == self.member.pk

    @property
    def earner(self) -> Member | None:
        """Whose commission is shown alone: the caller's, who does not oversee what others earn."""
        return None if self.member.may(permissions.VIEW_ALL) else self.member

    @property
    def may_see_commission(self) -> bool:
        """Whether there is a commission that the caller may see beside these figures."""
        may = self.member.may
        looks_at_another = self.whose.member is not None and not self.is_own
        own = may(permissions.VIEW_OWN) and not looks_at_another
        return own or may(permissions.VIEW_ALL)


@dataclass(frozen=True)
class Figures:
    """What was found for the figures and charts of a dashboard. None is what may not be seen."""

    series: Series
    progress: Progress | None
    deals: Deals
    deals_before: Deals
    states: dict[str, Tally] | None
    waiting: Tally | None
    owed: dict[str, Any] | None
    earned: Earnings | None
    table: Table | None

    @property
    def nothing(self) -> bool:
        """Whether the period and the one before say nothing."""
        waits = self.waiting is not None and self.waiting.count
        return not (self.series.total or self.series.before or self.deals or waits)


def figures_of(asked: Asked) -> Figures:
    """Everything that tiles and charts count, each in one query or two."""
    may = asked.member.may
    series = selectors.compared(asked.whose.people, asked.kind, asked.to_date, asked.before)
    days = (asked.to_date, asked.before)
    closed, closed_before = deal_reads.closed_on(asked.deals, *((d.first, d.last) for d in days))
    states, waiting = None, None
    if may(SEE_PAYMENTS):
        recorded = stretch(asked.to_date.first, asked.to_date.last)
        states, waiting = payment_figures.how_they_stand(
            asked.payments, recorded, currency=asked.currency
        )
    owed = None
    if may(SEE_CUSTOMERS):
        owed = standings.owed_by(asked.customers, currency=asked.currency, on=asked.words.today)
    return Figures(
        series=series,
        progress=progress_of(asked, series),
        deals=closed,
        deals_before=closed_before,
        states=states,
        waiting=waiting,
        owed=owed,
        earned=earned_by(asked) if asked.may_see_commission else None,
        table=ranks(asked) if may(permissions.STANDINGS) else None,
    )


def progress_of(asked: Asked, series: Series) -> Progress | None:
    """How whoever is looked at stands towards their goal; None for people without a common one."""
    subject = asked.whose.subject(asked.organization)
    if subject is None:
        return None
    return selectors.progress_of(
        subject,
        asked.period,
        on=asked.on,
        organization=asked.organization,
        achieved=series.total,
    )


def earned_by(asked: Asked) -> Earnings:
    """What was earned in the months of the period: by the caller, or by those looked at."""
    rows = selectors.visible_to(asked.member)
    rows = rows.filter(member=asked.earner) if asked.earner else asked.of(rows, "member")
    return selectors.earnings(rows, selectors.months_around(asked.period))


def ranks(asked: Asked) -> Table:
    """The best of the organization, with the caller's own rank."""
    return selectors.standings(
        asked.period, by=asked.by, limit=BEST, member=asked.member, on=asked.on
    )

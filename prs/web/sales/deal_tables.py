"""The list of deals, and the columns of their board."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import django_filters
from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from prs.masterdata.places.selectors import colleagues
from prs.operations.deals import selectors
from prs.operations.deals.models import Deal
from prs.operations.deals.permissions import EDIT
from prs.operations.payments.models import Payment
from prs.operations.payments.selectors import WAITING
from prs.web.kit import choices
from prs.web.kit.columns import (
    NOTHING,
    Age,
    Amount,
    Choice,
    Column,
    Lead,
    Status,
    Table,
    Text,
    Writer,
    icon,
)
from prs.web.kit.filters import DayFilter, Named, OfTeam
from prs.web.kit.lists import Action, Empty, Figure, List
from prs.web.kit.reader import Reader, reader
from prs.web.kit.states import STAGE, deal_stage, deal_state

SHOWN = 30
STATES = (*Deal.Status.choices, ("called_off", _("Called off")))
STAGES = [(code, word) for code, (_meaning, word) in STAGE.items()]


class DueDay(Column):
    """The day a deal is due, with a mark and a word when it has passed unpaid."""

    css = "num"

    def writer(self, reader: Reader) -> Writer:
        def written(
            day: date | None, value: Decimal, paid: Decimal, cancelled_at: datetime | None
        ) -> str:
            if day is None:
                return NOTHING
            shown = format_html('<time datetime="{}">{}</time>', day.isoformat(), reader.day(day))
            if day >= reader.today or paid >= value or cancelled_at is not None:
                return shown
            late = icon("alert-triangle")
            return format_html(
                '<span class="deal-late">{}{}<span class="visually-hidden"> {}</span></span>',
                late,
                shown,
                gettext("late"),
            )

        return written


class DealTable(Table):
    number = Lead(_("Deal"), to="sales:deal", under="name")
    customer = Text(_("Customer"), accessor="customer__name")
    value = Amount(_("Value"), currency="currency", css="amount wide")
    home = Amount(_("In home currency"), currency="home_currency", visible=False, orderable=False)
    paid = Amount(_("Verified"), currency="currency", visible=False)
    left = Amount(_("Left to pay"), currency="currency")
    state = Status(_("Status"), needs=("status", "cancelled_at"), shows=deal_state, orderable=False)
    stage = Status(
        _("Paid"), needs=("value", "paid"), shows=deal_stage, css="wide", orderable=False
    )
    due_date = DueDay(_("Due"), needs=("due_date", "value", "paid", "cancelled_at"))
    source = Choice(_("Source"), choices=Deal.Source, visible=False)
    project = Text(_("Project"), accessor="project__name", visible=False)
    salesperson = Text(_("Salesperson"), accessor="salesperson__name", css="wide")
    created_at = Age(_("Closed"), css="num wide")

    class Meta:
        model = Deal
        fields = ()
        order_by = ("-created_at", "-pk")


def projects(request: Any) -> QuerySet[Any]:
    """The projects that the reader may see, by name."""
    return selectors.projects_visible_to(request.member).order_by("name", "pk")


def month_began(words: Reader) -> datetime:
    """The first moment of this month on the reader's clock."""
    first = words.today.replace(day=1)
    return datetime(first.year, first.month, 1, tzinfo=ZoneInfo(words.zone))


def verified_since(moment: datetime) -> QuerySet[Any]:
    """Payments of deals that were proven since a moment."""
    return Payment.objects.filter(deal__isnull=False, decided_at__gte=moment).exclude(
        verified_amount__isnull=True
    )


def waiting_on_deals() -> QuerySet[Any]:
    """Payments of deals that nobody has decided."""
    return Payment.objects.filter(deal__isnull=False, status__in=WAITING)


class DealFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(label=_("Status"), choices=STATES, method="in_state")
    stage = django_filters.ChoiceFilter(label=_("Paid"), choices=STAGES, method="in_stage")
    overdue = django_filters.BooleanFilter(label=_("Overdue"), method="if_overdue")
    unpaid = django_filters.BooleanFilter(label=_("Something left to pay"), method="if_unpaid")
    waiting = django_filters.BooleanFilter(label=_("Payment waits for proof"), method="if_waiting")
    this_month = django_filters.BooleanFilter(
        label=_("Verified this month"), method="if_this_month"
    )
    customer = Named(
        "customer", label=_("Customer"), queryset=choices.customers, by="customer__name"
    )
    project = django_filters.ModelChoiceFilter(label=_("Project"), queryset=projects)
    salesperson = django_filters.ModelChoiceFilter(label=_("Salesperson"), queryset=choices.members)
    team = OfTeam("salesperson")
    called_off = django_filters.BooleanFilter(label=_("Called off"), method="if_called_off")
    source = django_filters.ChoiceFilter(label=_("Source"), choices=Deal.Source)
    since = DayFilter(label=_("From"), field_name="deal_date", lookup_expr="gte")
    until = DayFilter(label=_("To"), field_name="deal_date", lookup_expr="lte")
    due_since = DayFilter(label=_("Due from"), field_name="due_date", lookup_expr="gte")
    due_until = DayFilter(label=_("Due to"), field_name="due_date", lookup_expr="lte")

    def in_state(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Rows in a state; a deal that was called off is in no other."""
        if value == "called_off":
            return rows.filter(cancelled_at__isnull=False)
        return rows.filter(selectors.ALIVE, status=value)

    def in_stage(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Rows that are paid so far."""
        if value == "full":
            return rows.filter(paid__gte=F("value"))
        return rows.filter(Q(paid=0) if value == "initial" else Q(paid__gt=0, paid__lt=F("value")))

    def if_overdue(self, rows: QuerySet[Any], _name: str, value: bool) -> QuerySet[Any]:  # noqa: FBT001
        """Rows that should have been paid, or the others."""
        late = selectors.OPEN & Q(due_date__lt=reader().today)
        return chosen(rows, late, value=value)

    def if_called_off(self, rows: QuerySet[Any], _name: str, value: bool) -> QuerySet[Any]:  # noqa: FBT001
        """Rows that were called off, or the others."""
        return rows.exclude(selectors.ALIVE) if value else rows.filter(selectors.ALIVE)

    def if_unpaid(self, rows: QuerySet[Any], _name: str, value: bool) -> QuerySet[Any]:  # noqa: FBT001
        """Rows with something left, or the others."""
        return chosen(rows, selectors.OPEN, value=value)

    def if_waiting(self, rows: QuerySet[Any], _name: str, value: bool) -> QuerySet[Any]:  # noqa: FBT001
        """Rows with a payment that nobody has decided, or the others."""
        return chosen(rows, Q(pk__in=waiting_on_deals().values("deal")), value=value)

    def if_this_month(self, rows: QuerySet[Any], _name: str, value: bool) -> QuerySet[Any]:  # noqa: FBT001
        """Rows with a payment that was proven this month, or the others."""
        proven = verified_since(month_began(reader()))
        return chosen(rows, Q(pk__in=proven.values("deal")), value=value)


def chosen(rows: QuerySet[Any], condition: Q, *, value: bool) -> QuerySet[Any]:
    """The rows for which a condition holds, or those for which it doesn't."""
    # Two steps, because a day that is not known is neither before nor after another.
    matching = rows.filter(condition)
    return matching if value else rows.exclude(pk__in=matching.order_by().values("pk"))


def deal_figures(request: Any, rows: QuerySet[Any]) -> Sequence[Figure]:
    """What is open, late, waits for proof and was proven this month, in the home currency."""
    currency, words = request.organization.currency, reader()
    mine = rows.filter(currency=currency)
    sums = selectors.owed(mine, on=words.today)
    # A payment is in its deal's currency. Whoever sees every deal needs no look at the deals.
    everything = colleagues(request.member) is None
    of_mine = Q(currency=currency) if everything else Q(deal__in=mine.order_by().values("pk"))
    waits = waiting_on_deals().filter(of_mine)
    waiting = waits.aggregate(sum=Sum("amount", default=Decimal(0)), count=Count("pk"))
    proven = verified_since(month_began(words)).filter(of_mine)
    month = proven.aggregate(
        sum=Sum(F("verified_amount") - F("reversed_amount"), default=Decimal(0)), count=Count("pk")
    )
    late = sums["late_count"]
    return (
        Figure(
            _("Left to pay"),
            words.figure(sums["open_amount"], currency),
            "unpaid=true",
            currency,
            ngettext("%(count)s deal", "%(count)s deals", sums["open_count"])
            % {"count": words.number(sums["open_count"])},
        ),
        Figure(
            _("Overdue"),
            words.figure(sums["late_amount"], currency),
            "overdue=true",
            currency,
            _("%(count)s late") % {"count": words.number(late)},
            "attention" if late else "",
        ),
        Figure(
            _("Waits for proof"),
            words.figure(waiting["sum"], currency),
            "waiting=true",
            currency,
            ngettext("%(count)s payment", "%(count)s payments", waiting["count"])
            % {"count": words.number(waiting["count"])},
        ),
        Figure(
            _("Verified this month"),
            words.figure(month["sum"], currency),
            "this_month=true",
            currency,
            ngettext("%(count)s payment", "%(count)s payments", month["count"])
            % {"count": words.number(month["count"])},
        ),
    )


DEALS = List(
    name="deals",
    title=_("Deals"),
    table=DealTable,
    filters=DealFilter,
    summary=deal_figures,
    search=("number", "name", "customer__name"),
    search_label=_("Number, name or customer"),
    empty=Empty(
        "briefcase",
        _("What did you sell?"),
        _(
            "A deal says who buys what for how much. Its payments, their proof and what is left follow."
        ),
        "/sales/deals/add/",
        _("Close a deal"),
        EDIT,
    ),
    main=Action(_("Close a deal"), "/sales/deals/add/", "plus", EDIT),
    live="deal",
    template="sales/deals.html",
)

FULL = Q(paid__gte=F("value"))
COLUMNS: tuple[tuple[str, Any, str, Q, str], ...] = (
    ("pending", _("Pending"), "waiting", ~FULL & Q(status="pending"), "state=pending"),
    (
        "verified",
        _("Verified, partly paid"),
        "done",
        ~FULL & Q(status="verified"),
        "state=verified",
    ),
    ("full", _("Paid in full"), "done", FULL, "stage=full"),
    ("rejected", _("Rejected"), "stopped", ~FULL & Q(status="rejected"), "state=rejected"),
)


@dataclass(frozen=True)
class BoardColumn:
    """Deals that stand alike: the newest of them, how many there are, and what they come to."""

    code: str
    word: Any
    meaning: str
    query: str
    cards: list[Deal]
    count: int
    sums: list[tuple[str, Decimal]]

    @property
    def hidden(self) -> int:
        """How many are not shown."""
        return self.count - len(self.cards)


def board_of(rows: QuerySet[Any]) -> list[BoardColumn]:
    """Deals by how they stand. Derived from their payments, so nothing moves by hand."""
    alive = rows.filter(selectors.ALIVE)
    return [
        column_of(alive.filter(condition), code, word, meaning, query)
        for code, word, meaning, condition, query in COLUMNS
    ]


def column_of(rows: QuerySet[Any], *about: Any) -> BoardColumn:
    """One column, the earliest due first."""
    code, word, meaning, query = about
    sums = list(
        rows.order_by("currency")
        .values_list("currency")
        .annotate(total=Sum("value"), number=Count("pk"))
    )
    return BoardColumn(
        code=code,
        word=word,
        meaning=meaning,
        query=query,
        cards=list(rows.order_by(F("due_date").asc(nulls_last=True), "-created_at", "pk")[:SHOWN]),
        count=sum(number for _currency, _total, number in sums),
        sums=[(currency, total) for currency, total, _number in sums],
    )

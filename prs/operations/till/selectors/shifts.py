"""Reads of tills, shifts and their reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum

from prs.kernel.identity.models import Member
from prs.kernel.identity.selectors import holders_of
from prs.masterdata.places.selectors import branch_of
from prs.operations.till import permissions, rules
from prs.operations.till.models import (
    CashMovement,
    Pin,
    Return,
    Sale,
    SaleLine,
    Shift,
    Tender,
    Till,
    TillRule,
    TillSetting,
)
from prs.operations.till.selectors.sales import Way

ZERO = Decimal(0)


def tills() -> QuerySet[Till]:
    """Every till, by storefront and name."""
    return Till.objects.select_related("place").order_by("place__name", "name", "pk")


def tills_for(member: Member) -> QuerySet[Till]:
    """The tills at which a member may sell: those of their branch, or all."""
    rows = tills().filter(active=True, place__active=True)
    branch = branch_of(member)
    return rows if branch is None else rows.filter(place__branch__in=[branch])


def open_shifts() -> QuerySet[Shift]:
    """The drawers that are open now."""
    rows = Shift.objects.filter(state=Shift.State.OPEN).select_related("till__place", "member")
    return rows.order_by("opened_at")


def shifts_visible_to(member: Member) -> QuerySet[Shift]:
    """Shifts that a member sees: all with the right to, or to confirm them; else their own."""
    rows = Shift.objects.select_related("till__place", "member", "closed_by", "confirmed_by")
    every = member.may(permissions.SHIFTS) or member.may(permissions.VERIFY_SHIFT)
    return rows if every else rows.filter(member=member)


def to_confirm(member: Member) -> QuerySet[Shift]:
    """Counted shifts that a member may confirm, the oldest first."""
    if not member.may(permissions.VERIFY_SHIFT):
        return Shift.objects.none()
    rows = shifts_visible_to(member).filter(state=Shift.State.CLOSED)
    return rows.exclude(member=member).exclude(closed_by=member).order_by("closed_at")


def movements_of(shift: Shift) -> list[CashMovement]:
    """What went into a drawer and came out of it without a sale."""
    return list(CashMovement.objects.filter(shift=shift).select_related("by").order_by("at", "pk"))


@dataclass(frozen=True)
class TaxRow:
    """What was sold at a tax, and the tax in it."""

    code: str
    rate: Decimal
    net: Decimal
    tax: Decimal


@dataclass(frozen=True)
class Report:
    """What went through a drawer: an X report while it is open, the Z report once it is counted.

    The sums are the shift's own, which the database keeps; taxes and discounts are added up for it.
    """

    shift: Shift
    ways: Sequence[Way]
    movements: Sequence[CashMovement]
    taxes: Sequence[TaxRow]
    opening: Decimal
    cash_in: Decimal
    cash_out: Decimal
    cash_sales: Decimal
    cash_back: Decimal
    discounts: Decimal
    on_credit: Decimal
    voided: int
    blind: bool

    @property
    def kind(self) -> str:
        """X while the drawer is open, Z once it is counted."""
        return "X" if self.shift.state == Shift.State.OPEN else "Z"


def report(shift: Shift, *, reader: Member) -> Report:
    """A shift's report. Whoever counts the drawer isn't told what to expect before it is counted."""
    tenders = Tender.objects.filter(shift=shift).order_by()
    ways = tenders.values("method").annotate(sum=Sum("amount"), rows=Count("pk"))
    cash = tenders.filter(method=Tender.Method.CASH)
    moved = movements_of(shift)
    sold = Sale.objects.filter(shift=shift, state__in=["completed", "voided"]).order_by()
    sums = sold.aggregate(
        discounts=Sum("discount", default=ZERO), on_credit=Sum("on_credit", default=ZERO)
    )
    float_ = CashMovement.Kind.FLOAT
    own = reader.pk == shift.member_id and not reader.may(permissions.SHIFTS)
    return Report(
        shift=shift,
        ways=[Way(row["method"], row["sum"], row["rows"]) for row in ways.order_by("method")],
        movements=moved,
        taxes=taxes_of(shift),
        opening=sum((each.amount for each in moved if each.kind == float_), ZERO),
        cash_in=sum(
            (each.amount for each in moved if each.amount > 0 and each.kind != float_), ZERO
        ),
        cash_out=sum((each.amount for each in moved if each.amount < 0), ZERO),
        cash_sales=cash.filter(amount__gt=0).aggregate(sum=Sum("amount", default=ZERO))["sum"],
        cash_back=cash.filter(amount__lt=0).aggregate(sum=Sum("amount", default=ZERO))["sum"],
        voided=Return.objects.filter(shift=shift, kind=Return.Kind.VOID).count(),
        blind=shift.state == Shift.State.OPEN and own,
        **sums,
    )


def taxes_of(shift: Shift) -> list[TaxRow]:
    """What was sold in a shift, by tax."""
    found: dict[tuple[str, Decimal], tuple[Decimal, Decimal]] = {}
    lines = SaleLine.objects.filter(sale__shift=shift, sale__state="completed")
    for net, taxes in lines.values_list("net", "taxes"):
        for code, rate, tax in taxes:
            key = (code, Decimal(rate))
            before = found.get(key, (ZERO, ZERO))
            found[key] = (before[0] + net, before[1] + Decimal(tax))
    return [TaxRow(code, rate, *found[code, rate]) for code, rate in sorted(found)]


def setting_of(currency: str) -> TillSetting:
    """How an organization sells in a currency; the usual way until somebody says otherwise."""
    row: TillSetting | None = TillSetting.objects.filter(currency=currency).first()
    return row or TillSetting(currency=currency, rounding_step=ZERO, return_limit=Decimal(100))


def rules_by_role() -> dict[object, TillRule]:
    """The discount limits that were set, by role."""
    return {row.role_id: row for row in TillRule.objects.all()}


def sellers() -> QuerySet[Member]:
    """Members who may sell at a till."""
    return holders_of(permissions.SELL)


def with_pin(right: object) -> list[Member]:
    """Members who hold a right and have a PIN: whom to ask at the till."""
    known = Pin.objects.values("member")
    return list(holders_of(right).filter(pk__in=known))


def denominations_of(shift: Shift) -> tuple[Decimal, ...]:
    """The pieces that are counted in a drawer."""
    return rules.denominations(shift.currency)

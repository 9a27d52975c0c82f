"""What somebody earns from verified money. Sources: reference 5, decision 0013.

A commission is a function of what is known of the money, not of the order in which it became known:
every amount is a sum over events, and money that goes back counts on the day it had come in, so that
taking it back takes exactly what it had earned. Tiers look at the total of a period, never at one
deal, so that splitting a deal gains nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from uuid import UUID

ZERO = Decimal(0)
HUNDRED = Decimal(100)
DEFAULT_RATE = Decimal(5)
# Receivable above so many times the agreed rate is worth a second look.
SUSPICIOUS = 2


class Basis(StrEnum):
    """What counts as sold."""

    VALUE = "value"
    CASH = "cash"
    PAID = "paid"


class Mode(StrEnum):
    """How a tier's rate applies: to what lies above it, or to everything."""

    MARGINAL = "marginal"
    CLIFF = "cliff"


@dataclass(frozen=True)
class MoneyEvent:
    """Verified money of one claim that came in, or, below zero, went back.

    `on` is the day on which the money had first counted, for what went back too. `home` is the amount
    in the organization's currency, not rounded.
    """

    key: UUID
    claim: UUID
    payment: UUID
    member: UUID | None
    on: date
    amount: Decimal
    home: Decimal
    kind: str = "verified"


@dataclass(frozen=True)
class Claim:
    """What the money pays: a deal, or an invoice without one. `shares` are per cent by member."""

    id: UUID
    value: Decimal
    home: Decimal
    shares: Mapping[UUID, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Tier:
    """From which total on another rate holds."""

    above: Decimal
    rate: Decimal


@dataclass(frozen=True)
class Terms:
    """What a rule promises."""

    basis: Basis = Basis.VALUE
    rate: Decimal = DEFAULT_RATE
    tiers: tuple[Tier, ...] = ()
    mode: Mode = Mode.MARGINAL
    cap: Decimal | None = None


@dataclass(frozen=True)
class Step:
    """A part of the total and the rate that it earns."""

    base: Decimal
    rate: Decimal
    amount: Decimal
    above: Decimal = ZERO


@dataclass(frozen=True)
class Counted:
    """Something that counts as sold, and the payment that made it count."""

    claim: UUID
    payment: UUID
    on: date
    base: Decimal
    kind: str


@dataclass(frozen=True)
class Earned:
    """One counted thing and what it earns."""

    counted: Counted
    amount: Decimal


def rounded(amount: Decimal, unit: Decimal) -> Decimal:
    """An amount in whole units, half up."""
    return amount.quantize(unit, rounding=ROUND_HALF_UP)


def ladder(terms: Terms, base: Decimal) -> list[Step]:
    """How a period's total is cut into parts with a rate each."""
    tiers = sorted(terms.tiers, key=lambda tier: tier.above)
    if terms.mode == Mode.CLIFF:
        reached = [tier for tier in tiers if base > tier.above]
        rate = reached[-1].rate if reached else terms.rate
        return [Step(base, rate, base * rate / HUNDRED)]
    floors = [Tier(ZERO, terms.rate), *(tier for tier in tiers if base > tier.above)]
    tops = [tier.above for tier in floors[1:]] + [base]
    return [
        Step(top - floor.above, floor.rate, (top - floor.above) * floor.rate / HUNDRED, floor.above)
        for floor, top in zip(floors, tops, strict=True)
    ]


def earning(terms: Terms, base: Decimal) -> Decimal:
    """What a period's total earns, at most the cap; not rounded."""
    whole = sum((step.amount for step in ladder(terms, base)), ZERO)
    return whole if terms.cap is None else min(whole, terms.cap)


def share_of(claim: Claim, seller: UUID | None, member: UUID) -> Decimal:
    """A member's part of a claim: the agreed split, else all of it for whoever sold."""
    if claim.shares:
        return claim.shares.get(member, ZERO) / HUNDRED
    return Decimal(1) if seller == member else ZERO


def by_claim(events: Iterable[MoneyEvent]) -> dict[UUID, list[MoneyEvent]]:
    """Events of each claim, in an order that does not depend on the one they came in."""
    found: dict[UUID, list[MoneyEvent]] = defaultdict(list)
    for event in events:
        found[event.claim].append(event)
    return {
        claim: sorted(rows, key=lambda row: (row.on, row.payment, row.amount < 0, row.key))
        for claim, rows in sorted(found.items())
    }


def standing(rows: Sequence[MoneyEvent]) -> list[tuple[MoneyEvent, Decimal]]:
    """Payments of a claim that have not gone back entirely, in order, with what is left of each."""
    left: dict[tuple[date, UUID], Decimal] = defaultdict(Decimal)
    first: dict[tuple[date, UUID], MoneyEvent] = {}
    for row in rows:
        left[row.on, row.payment] += row.amount
        first.setdefault((row.on, row.payment), row)
    return [(first[key], amount) for key, amount in left.items() if amount > 0]


def turning_point(claim: Claim, rows: Sequence[MoneyEvent], basis: Basis) -> MoneyEvent | None:
    """The payment that makes a claim's value count: the first that stands, or the one that covers it."""
    kept = standing(rows)
    if basis == Basis.VALUE:
        return kept[0][0] if kept else None
    total = ZERO
    for event, amount in kept:
        total += amount
        if total >= claim.value:
            return event
    return None


def counted(
    events: Iterable[MoneyEvent],
    claims: Mapping[UUID, Claim],
    *,
    member: UUID,
    basis: Basis,
    first: date,
    last: date,
) -> list[Counted]:
    """What counts as sold by a member in a period, each thing with the payment behind it.

    All events of the claims concerned are needed, also from before and after the period.
    """
    found = []
    for key, rows in by_claim(events).items():
        claim = claims[key]
        if basis == Basis.CASH:
            for row in rows:
                base = row.home * share_of(claim, row.member, member)
                if base and first <= row.on <= last:
                    found.append(Counted(key, row.payment, row.on, base, row.kind))
            continue
        turn = turning_point(claim, rows, basis)
        if turn is not None and first <= turn.on <= last:
            base = claim.home * share_of(claim, turn.member, member)
            if base:
                found.append(Counted(key, turn.payment, turn.on, base, str(basis)))
    return sorted(found, key=lambda each: (each.on, each.claim, each.payment, -each.base))


def base_of(things: Iterable[Counted]) -> Decimal:
    """The total of what counts; not rounded."""
    return sum((each.base for each in things), ZERO)


def shared_out(total: Decimal, things: Sequence[Counted], unit: Decimal) -> list[Earned]:
    """A total given to the things that earned it, by their size, to the last unit."""
    base, running, given, lines = base_of(things), ZERO, ZERO, []
    for each in things:
        running += each.base
        upto = rounded(total * running / base, unit) if base else ZERO
        lines.append(Earned(each, upto - given))
        given = upto
    return lines


def commission(
    terms: Terms, things: Sequence[Counted], unit: Decimal
) -> tuple[Decimal, list[Earned]]:
    """What a member earns of what counts, and the line of each thing."""
    total = rounded(earning(terms, base_of(things)), unit)
    return total, shared_out(total, things, unit)


@dataclass(frozen=True)
class Sums:
    """The figures of a commission: first in the home currency, then in the one it is paid in."""

    sales: Decimal
    earned: Decimal
    payable: Decimal
    total: Decimal
    receivable: Decimal
    converted: Decimal


def suspicious(receivable: Decimal, converted_sales: Decimal, rate: Decimal) -> bool:
    """Whether it is below zero, or more than twice what the agreed rate would give."""
    return receivable < 0 or receivable > converted_sales * rate / HUNDRED * SUSPICIOUS


def sums(
    *,
    sales: Decimal,
    earned: Decimal,
    exchange_rate: Decimal,
    bonus: Decimal,
    penalty: Decimal,
    unit: Decimal,
    home_unit: Decimal,
) -> Sums:
    """The computed fields of a commission. A bonus is in the currency it is paid in."""
    payable = rounded(earned * exchange_rate, unit)
    total = payable + bonus
    return Sums(
        sales=rounded(sales, home_unit),
        earned=earned,
        payable=payable,
        total=total,
        receivable=total - penalty,
        converted=rounded(sales * exchange_rate, unit),
    )

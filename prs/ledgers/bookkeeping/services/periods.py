"""Years and months: set up, closed, locked, and opened again by two people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from prs.kernel.activity.rules import Actor
from prs.kernel.activity.services import record
from prs.kernel.db.names import refusing
from prs.kernel.errors import Invalid, Refusal
from prs.kernel.identity.models import Member
from prs.ledgers.bookkeeping import events, selectors
from prs.ledgers.bookkeeping.models import Account, Entry, FiscalYear, Period, Reopening
from prs.ledgers.bookkeeping.rules import RETAINED_EARNINGS, YEAR, Side, month_later, months_of
from prs.ledgers.bookkeeping.services.drafting import WhyMissing
from prs.ledgers.bookkeeping.services.posting import PeriodClosed, Source, entry_of, post, reverse


class Overlaps(Refusal):
    """Two periods for one day."""

    sentence = gettext_lazy("Another period or year has some of these days.")


class Locked(Refusal):
    """Closed for good."""

    sentence = gettext_lazy("A locked period is never opened again.")


class NotClosed(Refusal):
    """Nothing to open, or to lock."""

    sentence = gettext_lazy("This period isn't closed.")


class AlreadyAsked(Refusal):
    """Somebody asked before."""

    sentence = gettext_lazy("Someone has already asked to open this period.")


class NotByTheAsker(Refusal):
    """Two people open a period."""

    sentence = gettext_lazy("You asked for this, so somebody else decides.")


class AlreadyDecided(Refusal):
    """Somebody was faster."""

    sentence = gettext_lazy("Someone has already decided this.")


class DraftsWait(Refusal):
    """Something of the period is not in the books yet."""

    sentence = gettext_lazy(
        "Drafts of this time are not posted: {count}. Post or discard them first."
    )


class YearClosed(Refusal):
    """The year is closed already, or its last month must be opened first."""

    sentence = gettext_lazy("The year is closed. Open its last month first.")


class LastMonthClosed(Refusal):
    """A year's result is posted on its last day."""

    sentence = gettext_lazy(
        "The last month of this year is closed. Open it again: the result is posted on its last day."
    )


class YearNotOver(Invalid):
    """A year is closed once its last day has come."""

    sentence = gettext_lazy("A year is closed after its last day.")


class EarlierYearOpen(Refusal):
    """Years are closed one after the other."""

    sentence = gettext_lazy("Close the year before it first.")


KEPT: dict[str, type[Refusal]] = {
    "period_overlaps_none": Overlaps,
    "period_locked_for_good": Locked,
    "period_reopened_by_two": PeriodClosed,
    "fiscal_year_starts_once": Overlaps,
}


@transaction.atomic
def set_up_year(*, first: date, by: Member, at: datetime) -> FiscalYear:
    """Set up a fiscal year with its twelve months, all open. Months that are there keep their state.

    :raises Overlaps: another year or period has some of its days.
    """
    last = month_later(first, 12) - timedelta(days=1)
    if FiscalYear.objects.filter(starts_on__lte=last, ends_on__gte=first).exists():
        raise Overlaps
    name = str(first.year) if first.month == 1 else f"{first.year}/{last.year % 100:02d}"
    with refusing(KEPT):
        year = FiscalYear.objects.create(name=name, starts_on=first, ends_on=last)
        for start, end in months_of(first):
            Period.objects.update_or_create(
                starts_on=start,
                ends_on=end,
                defaults={"year": year},
                create_defaults={"year": year, "name": f"{start:%Y-%m}"},
            )
    record(events.YEAR_OPENED, year, by=by, at=at)
    return year


@dataclass(frozen=True)
class CheckItem:
    """One thing to look at before closing: whether it is well, and what it says."""

    well: bool
    text: str
    stops: bool = False


def checklist(first: date, last: date) -> list[CheckItem]:
    """What to look at before a time is closed."""
    count = selectors.unposted(first, last).count()
    balance = selectors.trial_balance(first, last)
    faults = list(selectors.findings())
    earlier = Period.objects.filter(ends_on__lt=first, status=Period.Status.OPEN).count()
    return [
        CheckItem(
            not count,
            _("No draft of this time waits.")
            if not count
            else ngettext(
                "%(count)s draft of this time is not posted.",
                "%(count)s drafts of this time are not posted.",
                count,
            )
            % {"count": count},
            stops=True,
        ),
        CheckItem(balance.balanced, _("Debits and credits are equal."), stops=True),
        CheckItem(
            not faults,
            _("Kept balances are the sums of their lines.") if not faults else faults[0],
            stops=True,
        ),
        CheckItem(
            not earlier,
            _("Every month before is closed.")
            if not earlier
            else ngettext(
                "%(count)s month before is still open.",
                "%(count)s months before are still open.",
                earlier,
            )
            % {"count": earlier},
        ),
    ]


@transaction.atomic
def close_period(*, name: str, first: date, last: date, by: Actor, at: datetime) -> Period:
    """Close a stretch of the books; what is dated in it can't be posted any more.

    :raises DraftsWait: drafts dated in it are not posted.
    :raises Locked: it is locked.
    """
    with refusing(KEPT):
        period, _made = Period.objects.get_or_create(
            starts_on=first, ends_on=last, defaults={"name": name}
        )
        if period.status == Period.Status.CLOSED:
            return period
        period.status, period.closings = Period.Status.CLOSED, period.closings + 1
        period.closed_at, period.closed_by_label = at, by.label
        period.save()
    # Asked after the lock of the books is held: nothing is handed in between.
    count = selectors.unposted(first, last).count()
    if count:
        raise DraftsWait(count=count)
    record(events.PERIOD_CLOSED, period, by=by, at=at)
    return period


@transaction.atomic
def lock_period(period: Period, *, by: Member, at: datetime) -> Period:
    """Lock a closed period for good.

    :raises NotClosed: it is open, or locked.
    """
    won = Period.objects.filter(pk=period.pk, status=Period.Status.CLOSED).update(
        status=Period.Status.LOCKED
    )
    if not won:
        raise NotClosed
    period.refresh_from_db()
    record(events.PERIOD_LOCKED, period, by=by, at=at)
    return period


ASKED: dict[str, type[Refusal]] = {
    "reopening_one_open": AlreadyAsked,
    "reopening_says_why": WhyMissing,
}


@transaction.atomic
def ask_to_open(period: Period, *, reason: str, by: Member, at: datetime) -> Reopening:
    """Ask somebody else to open a closed period again.

    :raises WhyMissing: no reason was given.
    :raises NotClosed: it is open, or locked.
    :raises AlreadyAsked: somebody asked before.
    :raises YearClosed: its year is closed, and it isn't the last month.
    """
    if period.status != Period.Status.CLOSED:
        raise NotClosed
    require_open_year(period)
    with refusing(ASKED):
        row = Reopening.objects.create(
            period=period, number=period.closings, reason=reason.strip(), asked_by=by, asked_at=at
        )
    record(events.REOPENING_ASKED, period, by=by, at=at, words={"reason": reason.strip()})
    return row


def require_open_year(period: Period) -> None:
    """Refuse to open a month in the middle of a closed year. The year is held until the commit."""
    year = FiscalYear.objects.select_for_update(of=("self",)).filter(pk=period.year_id).first()
    if year is not None and year.closing_id is not None and period.ends_on != year.ends_on:
        raise YearClosed


@transaction.atomic
def decide_opening(row: Reopening, *, granted: bool, by: Member, at: datetime) -> Period:
    """Grant or refuse what somebody else asked. Granted, the period is open; a closed year with it.

    :raises NotByTheAsker: the decider asked.
    :raises AlreadyDecided: somebody decided.
    :raises YearClosed: its year was closed meanwhile, and it isn't the last month.
    """
    if row.asked_by_id == by.pk:
        raise NotByTheAsker
    if granted:
        require_open_year(row.period)
    won = Reopening.objects.filter(pk=row.pk, decided_at__isnull=True).update(
        decided_by=by, decided_at=at, granted=granted
    )
    if not won:
        raise AlreadyDecided
    period = row.period
    if not granted:
        record(events.REOPENING_REFUSED, period, by=by, at=at)
        return period
    with refusing(KEPT):
        opened = Period.objects.filter(pk=period.pk, status=Period.Status.CLOSED).update(
            status=Period.Status.OPEN
        )
    if not opened:
        raise NotClosed
    period.refresh_from_db()
    record(events.PERIOD_OPENED, period, by=by, at=at, words={"reason": row.reason})
    if period.year is not None and period.ends_on == period.year.ends_on:
        undo_closing(period.year, by=by, at=at)
    return period


# --- the end of a year --------------------------------------------------------------------------------


def last_month_open(year: FiscalYear) -> bool:
    """Whether a year's result may be posted on its last day."""
    closed = Period.objects.exclude(status=Period.Status.OPEN)
    return not closed.filter(starts_on__lte=year.ends_on, ends_on__gte=year.ends_on).exists()


@transaction.atomic
def close_year(year: FiscalYear, *, by: Member, at: datetime) -> FiscalYear:
    """Move the result of a year into retained earnings, and close its months. Twice is once.

    :raises YearNotOver: its last day is to come.
    :raises EarlierYearOpen: a year before it is open.
    :raises DraftsWait: drafts of it are not posted.
    :raises LastMonthClosed: its last month is closed already.
    """
    row = FiscalYear.objects.select_for_update(of=("self",)).get(pk=year.pk)
    if row.closed_at is not None:
        return row
    if at.date() <= row.ends_on:
        raise YearNotOver
    if FiscalYear.objects.filter(ends_on__lt=row.starts_on, closed_at__isnull=True).exists():
        raise EarlierYearOpen
    if not last_month_open(row):
        raise LastMonthClosed
    row.closings += 1
    row.closing = post_closing(row, by=by, at=at)
    row.closed_at = at
    row.save()
    for start, end in months_of(row.starts_on):
        period = Period.objects.filter(starts_on=start, ends_on=end).first()
        if period is None or period.status == Period.Status.OPEN:
            close_period(name=f"{start:%Y-%m}", first=start, last=end, by=by, at=at)
    record(events.YEAR_CLOSED, row, by=by, at=at)
    return row


def post_closing(year: FiscalYear, *, by: Member, at: datetime) -> Entry | None:
    """Post what takes revenue and expense of a year to retained earnings; None when there are none."""
    with connection.cursor() as cursor:
        # What this transaction has posted is in the kept sums before they are read.
        cursor.execute("SET CONSTRAINTS entry_balanced IMMEDIATE")
        cursor.execute("SET CONSTRAINTS entry_balanced DEFERRED")
    kinds = dict(Account.objects.values_list("pk", "kind"))
    found = selectors.sums(year.starts_on, year.ends_on)
    nets = {
        pk: each.net
        for pk, each in found.items()
        if kinds[pk] in {"revenue", "expense"} and each.net
    }
    if not nets:
        return None
    result = sum(nets.values(), Decimal(0))
    sides = [Side("", -net, account_id=pk) for pk, net in sorted(nets.items())]
    sides.append(Side(RETAINED_EARNINGS, result))
    return post(
        Source(YEAR, year.pk, f"closed:{year.closings}"),
        tuple(sides),
        on=year.ends_on,
        currency=selectors.organization().currency,
        description=_("Closing of %(year)s") % {"year": year.name},
        by=by,
        at=at,
    )


def undo_closing(year: FiscalYear, *, by: Member, at: datetime) -> None:
    """Take the result of a year back out of retained earnings."""
    row = FiscalYear.objects.select_for_update(of=("self",)).get(pk=year.pk)
    if row.closed_at is None:
        return
    entry = entry_of(Source(YEAR, row.pk, f"closed:{row.closings}"))
    if entry is not None:
        reverse(
            entry,
            on=row.ends_on,
            by=by,
            at=at,
            source=Source(YEAR, row.pk, f"opened:{row.closings}"),
            description=_("Opening of %(year)s") % {"year": row.name},
        )
    row.closing, row.closed_at = None, None
    row.save()
    record(events.YEAR_REOPENED, row, by=by, at=at)

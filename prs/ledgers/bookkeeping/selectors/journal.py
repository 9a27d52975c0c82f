"""Reads of drafts, recurring entries, periods, years, rates and revaluations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from prs.kernel.tenancy.models import StoredFile
from prs.ledgers.bookkeeping.models import (
    Account,
    DraftEntry,
    DraftLine,
    FiscalYear,
    Period,
    Rate,
    Recurring,
    Reopening,
    Revaluation,
)

# What forms and lists choose from.
KINDS = Account.Kind.choices
CASH_FLOWS = Account.CashFlow.choices
TAXES = Account.Tax.choices
EVERY = Recurring.Every.choices
MODES = Recurring.Mode.choices
STATES = DraftEntry.State.choices
DRAFT_KINDS = DraftEntry.Kind.choices


def drafts() -> QuerySet[DraftEntry]:
    """What people wrote for the journal; templates of recurring entries are not among them."""
    return DraftEntry.objects.exclude(kind=DraftEntry.Kind.TEMPLATE)


def draft_lines(draft: DraftEntry) -> QuerySet[DraftLine]:
    """The lines of a draft, in order."""
    return DraftLine.objects.filter(draft=draft).select_related("account").order_by("position")


def waiting() -> QuerySet[DraftEntry]:
    """Drafts that somebody has to approve."""
    return drafts().filter(state=DraftEntry.State.SUBMITTED)


def unposted(first: date, last: date) -> QuerySet[DraftEntry]:
    """Drafts dated between two days that are not in the books."""
    open_states = [DraftEntry.State.DRAFT, DraftEntry.State.SUBMITTED]
    return drafts().filter(state__in=open_states, entry_date__range=(first, last))


def draft_of(entry_id: UUID) -> DraftEntry | None:
    """The draft that an entry was posted from."""
    return DraftEntry.objects.filter(entry=entry_id).select_related("file").first()


def file_of(draft: DraftEntry) -> StoredFile | None:
    """What is attached to a draft."""
    return draft.file


def recurring() -> QuerySet[Recurring]:
    """Entries that come back, those that run first."""
    rows = Recurring.objects.select_related("template", "made_by", "approved_by")
    return rows.order_by("-active", "template__description", "pk")


def periods() -> QuerySet[Period]:
    """The periods, newest first."""
    return Period.objects.order_by("-starts_on")


def years() -> QuerySet[FiscalYear]:
    """The fiscal years, newest first."""
    return FiscalYear.objects.select_related("closing").order_by("-starts_on")


def period_of(day: date) -> Period | None:
    """The period that a day lies in."""
    return Period.objects.filter(starts_on__lte=day, ends_on__gte=day).first()


def reopenings() -> QuerySet[Reopening]:
    """What was asked of closed periods, newest first."""
    rows = Reopening.objects.select_related("period", "asked_by", "decided_by")
    return rows.order_by("-asked_at", "-pk")


def rates() -> QuerySet[Rate]:
    """Exchange rates."""
    return Rate.objects.all()


def rate_of(currency: str, on: date) -> Decimal | None:
    """What a unit of a currency was worth on a day: the newest rate until then."""
    row = Rate.objects.filter(currency=currency, day__lte=on).order_by("-day").first()
    return row.rate if row else None


def revaluations() -> QuerySet[Revaluation]:
    """The days at which other currencies were counted anew, newest first."""
    return Revaluation.objects.order_by("-day")


def foreign_currencies() -> Sequence[str]:
    """Currencies that have a rate."""
    rows: Any = Rate.objects.values_list("currency", flat=True).distinct().order_by("currency")
    return list(rows)

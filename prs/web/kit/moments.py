"""Days and stretches of the reader's calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from prs.operations.payments.figures import Stretch


def midnight(day: date) -> datetime:
    """The beginning of a day on the reader's clock."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())


def stretch(first: date, last: date) -> Stretch:
    """Days as moments, both of them included."""
    return Stretch(midnight(first), midnight(last + timedelta(days=1)))


def between(
    rows: QuerySet[Any], field: str, *, first: date | None = None, last: date | None = None
) -> QuerySet[Any]:
    """Rows whose moment lies on these days."""
    if first:
        rows = rows.filter(**{f"{field}__gte": midnight(first)})
    if last:
        rows = rows.filter(**{f"{field}__lt": stretch(last, last).end})
    return rows


@dataclass(frozen=True)
class Bucket:
    """The days that one bar of a chart stands for."""

    first: date
    last: date
    label: str

    @property
    def stretch(self) -> Stretch:
        return stretch(self.first, self.last)

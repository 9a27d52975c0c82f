"""Which time, which part of the books, and what it is compared with: as the address says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prs.kernel.identity.models import Member
from prs.ledgers.bookkeeping.rules import month_later, months_of
from prs.ledgers.bookkeeping.selectors import Slice, Span
from prs.masterdata.places.models import Branch
from prs.operations.deals.models import Project
from prs.web.kit.fields import DayField
from prs.web.kit.reader import reader

COMPARED = (
    ("", gettext_lazy("nothing")),
    ("previous", gettext_lazy("the time before")),
    ("year", gettext_lazy("a year before")),
    ("months", gettext_lazy("month by month")),
    ("branch", gettext_lazy("branch by branch")),
)
MOST_MONTHS = 12


class SpanForm(forms.Form):
    """A stretch of time, a part of the books, and what it is compared with."""

    first = DayField(label=gettext_lazy("From"))
    last = DayField(label=gettext_lazy("To"))
    compare = forms.ChoiceField(label=gettext_lazy("Beside it"), choices=COMPARED, required=False)
    branch: Any = forms.ModelChoiceField(
        label=gettext_lazy("Branch"), queryset=None, required=False
    )
    project: Any = forms.ModelChoiceField(
        label=gettext_lazy("Project"), queryset=None, required=False
    )
    member: Any = forms.ModelChoiceField(
        label=gettext_lazy("Person"), queryset=None, required=False
    )

    def __init__(self, *args: Any, shown: Sequence[str] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        rows: dict[str, Any] = {
            "branch": Branch.objects.order_by("name", "pk"),
            "project": Project.objects.order_by("name", "pk"),
            "member": Member.objects.order_by("name", "pk"),
        }
        for name in ("compare", *rows):
            field: Any = self.fields[name]
            if name not in shown or (name in rows and not rows[name].exists()):
                del self.fields[name]
            elif name in rows:
                field.queryset, field.empty_label = rows[name], _("all")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day can't come before the first."))
        return data


@dataclass(frozen=True)
class Asked:
    """What an address asks for."""

    form: SpanForm
    first: date
    last: date
    part: Slice
    compare: str
    presets: Sequence[tuple[str, str, bool]]

    @property
    def query(self) -> str:
        """The same time and part, for links."""
        words: dict[str, Any] = {"first": self.first.isoformat(), "last": self.last.isoformat()}
        for name in ("branch", "project", "member"):
            value = getattr(self.part, name)
            if value is not None:
                words[name] = str(value)
        return urlencode(words)


def fiscal_year_start(today: date, month: int) -> date:
    """The first day of the fiscal year that a day lies in."""
    return date(today.year if today.month >= month else today.year - 1, month, 1)


def asked(request: Any, *shown: str) -> Asked:
    """The time that the address names; the fiscal year until today without one."""
    today = reader().today
    start = fiscal_year_start(today, request.organization.fiscal_year_start_month)
    data = request.GET if "first" in request.GET else None
    form = SpanForm(data, initial={"first": start, "last": today}, shown=shown)
    first, last, part, compare = start, today, Slice(), ""
    if form.is_bound and form.is_valid():
        words = form.cleaned_data
        first, last, compare = words["first"], words["last"], words.get("compare", "")
        chosen = {
            name: getattr(words.get(name), "pk", None) for name in ("branch", "project", "member")
        }
        part = Slice(**chosen)
    return Asked(form, first, last, part, compare, presets(request, first, last, start, today))


def presets(  # noqa: PLR0917
    request: Any, first: date, last: date, start: date, today: date
) -> list[tuple[str, str, bool]]:
    """Times that are asked for often: label, address, and whether it is shown now."""
    month = today.replace(day=1)
    before = month - timedelta(days=1)
    spans = (
        (_("This month"), month, today),
        (_("Last month"), before.replace(day=1), before),
        (_("This year"), start, today),
        (_("Last year"), month_later(start, -12), start - timedelta(days=1)),
    )
    found = []
    for label, begin, end in spans:
        words = request.GET.copy()
        words["first"], words["last"] = begin.isoformat(), end.isoformat()
        for name in ("after", "before"):
            words.pop(name, None)
        found.append((label, f"?{words.urlencode()}", (begin, end) == (first, last)))
    return found


def columns(asked_for: Asked) -> list[Span]:
    """The columns of a statement: the time that was asked for, and what stands beside it."""
    first, last, part = asked_for.first, asked_for.last, asked_for.part
    here = Span(span_label(first, last), first, last, part)
    match asked_for.compare:
        case "previous":
            return [here, earlier(here)]
        case "year":
            begin, end = month_later(first, -12), year_before(last)
            return [here, Span(span_label(begin, end), begin, end, part)]
        case "months":
            return by_month(first, last, part)
        case "branch":
            rows = Branch.objects.order_by("name", "pk")[:MOST_MONTHS]
            return [
                *[Span(row.name, first, last, replace(part, branch=row.pk)) for row in rows],
                replace(here, label=_("All")),
            ]
        case _:
            return [here]


def year_before(day: date) -> date:
    """The same day of the year before; the month's end stays its end."""
    ends = (day + timedelta(days=1)).day == 1
    found = month_later(day.replace(day=1) if ends else day, -12)
    return month_later(found, 1) - timedelta(days=1) if ends else found


def earlier(span: Span) -> Span:
    """The stretch of the same length before it; whole months stay whole months."""
    last = span.first - timedelta(days=1)
    whole = span.first.day == 1 and (span.last + timedelta(days=1)).day == 1
    if whole:
        count = (span.last.year - span.first.year) * 12 + span.last.month - span.first.month + 1
        first = month_later(span.first, -count)
    else:
        first = last - (span.last - span.first)
    return Span(span_label(first, last), first, last, span.part)


def by_month(first: date, last: date, part: Slice) -> list[Span]:
    """One column for each month, the newest twelve, and one for all of them."""
    months = [
        (max(first, start), min(last, end))
        for start, end in months_of(first.replace(day=1), 240)
        if start <= last
    ][-MOST_MONTHS:]
    words = reader()
    spans = [Span(words.brief(start, "yMMM"), start, end, part) for start, end in months]
    return [*spans, Span(_("Total"), months[0][0], last, part)]


def span_label(first: date, last: date) -> str:
    """A stretch of time in a few words."""
    words = reader()
    if first.day == 1 and last == month_later(first, 1) - timedelta(days=1):
        return words.brief(first, "yMMM")
    return _("%(first)s to %(last)s") % {"first": words.day(first), "last": words.day(last)}

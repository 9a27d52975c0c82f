"""The verifiers' dashboard. Each figure leads to the rows that it counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from prs.kernel import clock
from prs.operations.payments import figures, permissions, selectors
from prs.operations.payments.models import Decision, Payment, Reversal
from prs.web.kit.access import requires
from prs.web.kit.charts import Chart, Part, Spot, address, chart, parts
from prs.web.kit.lists import Figure
from prs.web.kit.moments import Bucket, stretch
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen
from prs.web.verify.clocks import clock_of
from prs.web.verify.moments import PERIODS, buckets
from prs.web.verify.tables import reversal_state

NEWEST = 5


def decided_in(first: date, last: date) -> dict[str, str]:
    """The filters that ask for what was decided on these days."""
    return {"decided_from": first.isoformat(), "decided_to": last.isoformat()}


@requires(permissions.VERIFY)
def dashboard(request: Any) -> HttpResponse:
    """What came in, what was proven, what went back, and what waits."""
    period = request.GET.get("period", "day")
    period = period if period in PERIODS else "day"
    bars = buckets(period, reader().today)
    first, last = bars[0].first, bars[-1].last
    whole = stretch(first, last)
    payments = selectors.visible_to(request.member)
    reversals = selectors.reversals_visible_to(request.member)
    recorded = payments.filter(whole.of("recorded_at"))
    decided = payments.filter(whole.of("decided_at"))
    back = reversals.filter(whole.of("decided_at"))
    hours = selectors.hours_to_verify(request.organization)
    now = clock.now()
    newest = selectors.waiting(request.member).order_by("-recorded_at", "-pk")[:NEWEST]
    gone = reversals.order_by("-requested_at", "-pk")[:NEWEST]
    context = {
        "periods": [(code, word, code == period) for code, word in PERIODS.items()],
        "first": first,
        "last": last,
        "figures": tiles(recorded, decided, payments, first=first, last=last),
        "money": money_tiles(decided, back, first, last),
        "chart": course(payments, bars, request.organization.currency),
        "chart_title": _("Verified money in %(currency)s")
        % {"currency": request.organization.currency},
        "methods": method_parts(recorded, first, last),
        "reasons": reason_parts(decided, first, last),
        "gone": [(row, reversal_state(row.status)) for row in gone],
        "newest": [(row, clock_of(row.recorded_at, hours, now)) for row in newest],
    }
    return screen(request, "verify/dashboard.html", context)


def tile(figure: Figure, url: str) -> dict[str, Any]:
    """A figure that leads to its rows."""
    return {
        "label": figure.label,
        "value": figure.value,
        "currency": figure.currency,
        "note": figure.note,
        "meaning": figure.meaning,
        "url": url,
        "active": False,
    }


def tiles(recorded: Any, decided: Any, payments: Any, *, first: date, last: date) -> Sequence[Any]:
    """How many payments came, ended well, ended badly, and wait."""
    number, history = reader().number, "verify:history"
    waiting = figures.in_state(payments, "pending").count()
    recorded_on = {"recorded_from": first.isoformat(), "recorded_to": last.isoformat()}
    on = decided_in(first, last)
    return [
        tile(
            Figure(_("Payments recorded"), number(recorded.count())),
            address(history, **recorded_on),
        ),
        tile(
            Figure(_("Verified"), number(figures.in_state(decided, "completed").count())),
            address(history, state="completed", **on),
        ),
        tile(
            Figure(_("Unsuccessful"), number(figures.in_state(decided, "unsuccessful").count())),
            address(history, state="unsuccessful", **on),
        ),
        tile(
            Figure(_("Waiting now"), number(waiting), meaning="attention" if waiting else "plain"),
            address(history, state="pending"),
        ),
    ]


def money_tiles(decided: Any, back: Any, first: date, last: date) -> Sequence[Any]:
    """Verified money with the average payment, and refunds, by currency."""
    words, on = reader(), decided_in(first, last)
    shown = []
    for each in figures.tallies(figures.in_state(decided, "completed"), amount="verified_amount"):
        url = address("verify:history", state="completed", currency=each.currency, **on)
        figure = words.figure(each.amount, each.currency)
        average = words.figure(each.average, each.currency)
        note = _("%(average)s on average") % {"average": average}
        shown.append(tile(Figure(_("Verified money"), figure, None, each.currency, note), url))
    refunds = figures.granted(back)
    for each in figures.tallies(refunds, amount="amount", currency="payment__currency"):
        chosen = {"kind": Reversal.Kind.REFUND, "status": Reversal.Status.DONE, **on}
        url = address("verify:refunds", currency=each.currency, **chosen)
        figure = words.figure(each.amount, each.currency)
        note = ngettext("%(count)s refund", "%(count)s refunds", each.count) % {
            "count": words.number(each.count)
        }
        shown.append(tile(Figure(_("Refunded"), figure, None, each.currency, note), url))
    return shown


def course(payments: Any, shown: Sequence[Bucket], currency: str) -> Chart:
    """Verified money by day, week or month, in home currency."""
    tallies = figures.course(payments, [each.stretch for each in shown], currency=currency)
    spots = []
    for bucket, tally in zip(shown, tallies, strict=True):
        on = decided_in(bucket.first, bucket.last)
        url = address("verify:history", state="completed", currency=currency, **on)
        spots.append(Spot(bucket.label, tally.amount, url, tally.count))
    return chart(spots, currency)


def shares(
    counts: Sequence[tuple[str, int]], labels: dict[Any, Any], query: dict[str, str], name: str
) -> list[Part]:
    """Lines of a distribution, each with the payments that it counts."""
    return parts(
        [
            (labels[code], count, address("verify:history", **{name: code}, **query))
            for code, count in counts
        ]
    )


def method_parts(recorded: Any, first: date, last: date) -> list[Part]:
    """How the payments came."""
    on = {"recorded_from": first.isoformat(), "recorded_to": last.isoformat()}
    return shares(figures.methods(recorded), dict(Payment.Method.choices), on, "method")


def reason_parts(decided: Any, first: date, last: date) -> list[Part]:
    """Why payments were denied."""
    denied = decided.filter(status=Payment.Status.DENIED)
    labels = dict(Decision.Reason.choices)
    return shares(figures.reasons(denied), labels, decided_in(first, last), "reason")

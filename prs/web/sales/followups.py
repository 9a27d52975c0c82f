"""Following up on what is owed: the tracker, one account, alerts, visits and the report."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Value
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from prs.kernel import clock
from prs.kernel.errors import Refusal
from prs.masterdata.parties import selectors as parties
from prs.operations.followups import permissions, rules, selectors, services
from prs.operations.followups.models import FollowUp
from prs.operations.invoicing import selectors as invoices
from prs.operations.invoicing import standings
from prs.operations.invoicing.permissions import VIEW as INVOICES
from prs.web.kit.access import found, requires
from prs.web.kit.forms import edit_screen
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen
from prs.web.sales.followup_forms import LogForm, ResolveForm
from prs.web.sales.followup_tables import ALERTS, RISKS, TRACKER, VISITS

REPORT_DAYS = 30


def tabs(current: str) -> list[tuple[str, str, bool]]:
    """The four ways to look at following up, with the one that is open."""
    ways = {
        "followups": _("Accounts"),
        "alerts": _("Alerts"),
        "visits": _("Visits"),
        "followup_report": _("Report"),
    }
    return [(word, reverse(f"sales:{name}"), name == current) for name, word in ways.items()]


@requires(permissions.VIEW)
def followups(request: Any) -> HttpResponse:
    """Everyone with something left to pay, and when they were last contacted."""
    currency = request.organization.currency
    rows = selectors.tracked(request.member, currency=currency, at=clock.now())
    return TRACKER.show(
        request, rows.annotate(home_currency=Value(currency)), tabs=tabs("followups")
    )


@requires(permissions.VIEW)
def followup(request: Any, pk: UUID) -> HttpResponse:
    """One account: what is owed, what was promised, the log, and the next contact."""
    row = found(parties.visible_to(request.member), pk=pk)
    currency, today = request.organization.currency, reader().today
    form = LogForm(
        request.POST or None,
        by=request.member,
        currency=currency,
        initial={"channel": FollowUp.Channel.PHONE, "next_on": today + timedelta(days=7)},
    )
    may_log = request.member.may(permissions.LOG)
    if request.method == "POST" and may_log and form.is_valid():
        try:
            services.log(row, form.cleaned_data, by=request.member, at=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The contact is logged."))
            return redirect("sales:followup", row.pk)
    account = standings.account_of(row, currency=currency, on=today)
    latest = selectors.latest_of(row)
    since = None if latest is None else (today - latest.at.date()).days
    theirs = invoices.visible_to(request.member).filter(customer__in=parties.family(row))
    context = {
        "customer": row,
        "account": account,
        "risk": RISKS[rules.risk(account.owed, since)],
        "latest": latest,
        "log": selectors.log_of(row)[:50],
        "promises": selectors.promises_of(row, today=today),
        "alerts": selectors.alerts_visible_to(request.member).filter(customer=row),
        "escalation": selectors.escalation_of(row),
        "unpaid": invoices.unpaid(theirs)[:10] if request.member.may(INVOICES) else (),
        "may_log": may_log,
    }
    return edit_screen(request, "sales/followup.html", form, context)


@requires(permissions.VIEW)
def alerts(request: Any) -> HttpResponse:
    """Accounts that need a contact."""
    return ALERTS.show(request, selectors.alerts_visible_to(request.member), tabs=tabs("alerts"))


@requires(permissions.LOG)
def resolve_alert(request: Any, pk: UUID) -> HttpResponse:
    """Resolve an alert, with how."""
    row = found(selectors.alerts_visible_to(request.member), pk=pk)
    form = ResolveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.resolve(row, how=form.cleaned_data["how"], by=request.member, at=clock.now())
        return redirect("sales:followup", row.customer_id)
    return edit_screen(request, "sales/alert_form.html", form, {"alert": row})


@requires(permissions.VIEW)
def visits(request: Any) -> HttpResponse:
    """Who visited whom."""
    return VISITS.show(request, selectors.visits_visible_to(request.member), tabs=tabs("visits"))


@requires(permissions.VIEW)
def report(request: Any) -> HttpResponse:
    """What each member's contacts of the last thirty days came to."""
    now = clock.now()
    rows = selectors.report(request.member, since=now - timedelta(days=REPORT_DAYS), until=now)
    context = {"rows": rows, "days": REPORT_DAYS, "tabs": tabs("followup_report")}
    return screen(request, "sales/followup_report.html", context)

"""Commissions: one's own, everyone's, the grid of a month, approval, disputes and payouts."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from prs.kernel import clock
from prs.kernel.activity.selectors import timeline
from prs.kernel.errors import Refusal
from prs.operations.incentives import permissions, selectors
from prs.operations.incentives import services as incentives
from prs.operations.incentives.models import Commission, Dispute
from prs.operations.incentives.rules.commissions import suspicious
from prs.operations.incentives.rules.days import DAY, Period, month_of
from prs.operations.incentives.selectors import GridRow
from prs.web.kit.access import found, requires
from prs.web.kit.downloads import document_response
from prs.web.kit.lists import picked
from prs.web.kit.once import once
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen
from prs.web.sales.commission_forms import DisputeForm, GridForm, PayoutForm, ResolveForm
from prs.web.sales.commission_tables import COMMISSIONS, commission_state

MONTHS = 12


@requires(permissions.VIEW_OWN, permissions.VIEW_ALL)
def commissions(request: Any) -> HttpResponse:
    """Everyone's commissions, or one's own."""
    return COMMISSIONS.show(request, selectors.visible_to(request.member))


@requires(permissions.VIEW_OWN, permissions.VIEW_ALL)
def commission(request: Any, pk: UUID) -> HttpResponse:
    """One commission, and how it came about: line by line, down to the payment."""
    row = found(selectors.visible_to(request.member), pk=pk)
    return screen(request, "sales/commission.html", commission_page(request, row))


def commission_page(request: Any, row: Commission, **more: Any) -> dict[str, Any]:
    """What the page of a commission shows."""
    may, own = request.member.may, row.member_id == request.member.pk
    approved, draft = row.state == Commission.State.APPROVED, row.state == Commission.State.DRAFT
    disputes = list(selectors.disputes_of(row))
    waiting = next((each for each in disputes if each.state == Dispute.State.OPEN), None)
    lines = list(selectors.lines_of(row))
    return {
        "commission": row,
        "state": commission_state(row.state),
        "lines": lines,
        "ladder": selectors.ladder_of(row),
        "terms": selectors.terms_of(row.rule, row.rate),
        "disputes": disputes,
        "payout": selectors.payout_of(row),
        "document": selectors.document_of(row),
        "events": timeline(row),
        "own": own,
        "odd": is_odd(row),
        "over": row.ends_on < reader().today,
        "may_approve": draft and not own and may(permissions.APPROVE),
        "may_calculate": draft and may(permissions.EDIT),
        "may_pay": approved and not own and row.receivable > 0 and may(permissions.PAY),
        "dispute_form": DisputeForm() if own and approved else None,
        "resolve_form": ResolveForm(auto_id="id_resolve_%s")
        if waiting and not own and may(permissions.APPROVE)
        else None,
        "waiting": waiting,
        **more,
    }


def is_odd(row: Commission) -> bool:
    """Whether a commission is worth a second look before it is approved."""
    rate = row.rate if row.rate is not None else selectors.terms_of(row.rule).rate
    return suspicious(row.receivable, row.converted, rate)


@requires(permissions.VIEW_OWN, permissions.VIEW_ALL)
def statement(request: Any, pk: UUID) -> HttpResponseBase:
    """The statement of an approved commission, as it was rendered."""
    row = found(selectors.visible_to(request.member), pk=pk)
    document = selectors.document_of(row)
    if document is None:
        messages.info(request, _("The statement is made once the commission is approved."))
        return redirect("sales:commission", row.pk)
    return document_response(document)


@requires(permissions.APPROVE)
@require_POST
@once
def approve_commission(request: Any, pk: UUID) -> HttpResponse:
    """Approve one commission: it is owed and frozen from now on."""
    row = found(selectors.visible_to(request.member), pk=pk)
    row = incentives.approve(row, by=request.member, at=clock.now())
    messages.success(request, _("%(number)s is approved.") % {"number": row.number})
    return redirect("sales:commission", row.pk)


@requires(permissions.APPROVE)
@require_POST
def approve_commissions(request: Any) -> HttpResponse:
    """Approve the picked drafts; none stops another."""
    done, refused = 0, ""
    for row in picked(request, selectors.approvable(request.member)).order_by("pk"):
        try:
            incentives.approve(row, by=request.member, at=clock.now())
        except Refusal as refusal:
            refused = f"{row.member.name}: {refusal}"
        else:
            done += 1
    text = ngettext(
        "%(count)s commission is approved.", "%(count)s commissions are approved.", done
    )
    messages.success(request, text % {"count": done})
    if refused:
        messages.warning(request, refused)
    return redirect("sales:commissions")


@requires(permissions.PAY)
@once
def pay_commission(request: Any, pk: UUID) -> HttpResponse:
    """Pay an approved commission out."""
    row = found(selectors.visible_to(request.member), pk=pk)
    form = PayoutForm(request.POST or None, initial={"on": reader().today})
    if request.method == "POST" and form.is_valid():
        incentives.pay_out(row, **form.cleaned_data, by=request.member, at=clock.now())
        messages.success(request, _("%(number)s is paid out.") % {"number": row.number})
        return redirect("sales:commission", row.pk)
    context = {
        "form": form,
        "title": _("Pay %(number)s out") % {"number": row.number or row.member.name},
        "commission": row,
        "save": _("Pay out"),
        "back": reverse("sales:commission", args=[row.pk]),
    }
    status = 422 if form.is_bound and form.errors else 200
    return screen(request, "sales/commission_form.html", context, status=status)


@requires(permissions.VIEW_OWN)
@require_POST
@once
def dispute_commission(request: Any, pk: UUID) -> HttpResponse:
    """Object to one's own commission."""
    row = found(selectors.visible_to(request.member).filter(member=request.member), pk=pk)
    form = DisputeForm(request.POST)
    if not form.is_valid():
        context = commission_page(request, row, dispute_form=form)
        return screen(request, "sales/commission.html", context, status=422)
    incentives.dispute(row, **form.cleaned_data, by=request.member, at=clock.now())
    return redirect("sales:commission", row.pk)


@requires(permissions.APPROVE)
@require_POST
@once
def resolve_dispute(request: Any, pk: UUID) -> HttpResponse:
    """Decide the open dispute about a commission."""
    row = found(selectors.visible_to(request.member), pk=pk)
    raised = found(selectors.disputes_of(row).filter(state=Dispute.State.OPEN), commission=row)
    form = ResolveForm(request.POST)
    if not form.is_valid():
        context = commission_page(request, row, resolve_form=form)
        return screen(request, "sales/commission.html", context, status=422)
    incentives.resolve(raised, **form.cleaned_data, by=request.member, at=clock.now())
    return redirect("sales:commission", row.pk)


# --- the grid of a month ------------------------------------------------------------------------------


def asked_month(request: Any) -> Period:
    """The month that the address names; the last one that is over without a name."""
    text = request.GET.get("month", "") or request.POST.get("month", "")
    try:
        return month_of(date.fromisoformat(f"{text}-01"))
    except ValueError:
        return month_of(reader().today.replace(day=1) - DAY)


def months_until(today: date) -> list[date]:
    """The months to choose from, the newest first."""
    found, first = [], today.replace(day=1)
    for _month in range(MONTHS):
        found.append(first)
        first = (first - DAY).replace(day=1)
    return found


def grid_address(period: Period) -> str:
    """The address of a month's grid."""
    return f"{reverse('sales:commission_grid')}?month={period.first:%Y-%m}"


def grid_page(
    request: Any, period: Period, forms: list[tuple[GridRow, GridForm | None]]
) -> dict[str, Any]:
    """What the grid shows."""
    return {
        "forms": forms,
        "grid": selectors.grid(request.member, period),
        "period": period,
        "month": f"{period.first:%Y-%m}",
        "months": months_until(reader().today),
        "home": request.organization.currency,
        "states": {key: commission_state(key) for key in Commission.State.values},
    }


def grid_forms(
    request: Any, period: Period, data: Any = None
) -> list[tuple[GridRow, GridForm | None]]:
    """The rows of the grid; those that can still be changed with their form."""
    home = request.organization.currency
    return [
        (
            row,
            GridForm(data, row=row, home=home)
            if (row.commission is None or row.editable) and row.member.pk != request.member.pk
            else None,
        )
        for row in selectors.grid(request.member, period).rows
    ]


@requires(permissions.EDIT)
def commission_grid(request: Any) -> HttpResponse:
    """Everyone's commission of a month, to be changed in place and saved together."""
    period = asked_month(request)
    forms = grid_forms(request, period, request.POST if request.method == "POST" else None)
    edited = [(row, form) for row, form in forms if form and form.edited]
    valid = [form.is_valid() for _row, form in edited]
    if request.method == "POST" and all(valid):
        at = clock.now()
        changes = [(drafted(row, form, period, at), form.touched) for row, form in edited]
        done = incentives.change_all(changes, by=request.member, at=at)
        text = ngettext(
            "%(count)s commission is saved.", "%(count)s commissions are saved.", len(done)
        )
        messages.success(request, text % {"count": len(done)})
        return redirect(grid_address(period))
    status = 422 if request.method == "POST" else 200
    return screen(
        request, "sales/commission_grid.html", grid_page(request, period, forms), status=status
    )


def drafted(row: GridRow, form: GridForm, period: Period, at: Any) -> Commission:
    """The draft that a row is about, in the version that the page showed."""
    if row.commission is None:
        return incentives.open_commission(row.member, period, at=at)
    row.commission.version = form.cleaned_data["version"] or 0
    return row.commission


@requires(permissions.EDIT)
@require_POST
def calculate_commissions(request: Any) -> HttpResponse:
    """Work a month out: everyone's commission, or one member's."""
    period, wanted = asked_month(request), request.POST.get("member", "")
    rows = selectors.grid(request.member, period).rows
    members = [row.member for row in rows if wanted in ("", str(row.member.pk))]
    done = incentives.calculate_all(members, period, by=request.member, at=clock.now())
    text = ngettext(
        "%(count)s commission is calculated.", "%(count)s commissions are calculated.", len(done)
    )
    messages.success(request, text % {"count": len(done)})
    return redirect(grid_address(period))


@requires(permissions.EDIT)
def reconcile_commissions(request: Any) -> HttpResponse:
    """Compare recorded commissions with their money: first shown, then applied."""
    period = asked_month(request)
    rows = (
        selectors.visible_to(request.member)
        .filter(starts_on=period.first, ends_on=period.last)
        .order_by("member__name", "pk")
    )
    dry_run = request.method != "POST"
    differences = incentives.reconcile(rows, by=request.member, at=clock.now(), dry_run=dry_run)
    if not dry_run:
        messages.success(request, _("Drafts are worked out again."))
        return redirect(grid_address(period))
    context = {
        "differences": differences,
        "period": period,
        "month": f"{period.first:%Y-%m}",
        "home": request.organization.currency,
        "count": rows.count(),
        "to_apply": any(not each.frozen for each in differences),
        "back": grid_address(period),
    }
    return screen(request, "sales/commission_reconcile.html", context)

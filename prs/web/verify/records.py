"""Decided payments: the list of decisions, one of them, and what may still happen to its money."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from prs.kernel import clock
from prs.kernel.activity.selectors import timeline
from prs.kernel.identity.permissions import VIEW_AUDIT
from prs.operations.payments import permissions, selectors, services
from prs.operations.payments.models import Payment, Reversal
from prs.web.kit.access import found, requires
from prs.web.kit.downloads import document_response, file_response
from prs.web.kit.once import once
from prs.web.kit.screens import screen
from prs.web.kit.states import payment_state
from prs.web.verify.forms import GrantForm, RefuseForm
from prs.web.verify.tables import (
    RECORDS,
    REVERSALS,
    STATES,
    reversal_state,
    waiting_first,
    with_denial,
)

READS = (
    permissions.VERIFY,
    permissions.REQUEST_REFUND,
    permissions.REFUND,
    permissions.CHARGE_BACK,
    permissions.CHEQUES,
)
IN_HAND = (Payment.Cheque.RECEIVED, Payment.Cheque.DEPOSITED)


@requires(*READS)
def history(request: Any) -> HttpResponse:
    """Every payment with how it was decided, by whom and how soon."""
    rows = with_denial(selectors.visible_to(request.member))
    chosen = request.GET.get("state", "")
    tabs = [("", _("All"), not chosen), *((code, word, code == chosen) for code, word in STATES)]
    return RECORDS.show(request, rows, tabs=tabs)


@requires(*READS)
def record(request: Any, pk: UUID) -> HttpResponse:
    """One payment with its proof, its decisions, and what went back of it."""
    row = visible(request, pk)
    me, verified = request.member, row.status == Payment.Status.VERIFIED
    reversals = [(each, reversal_state(each.status)) for each in selectors.reversals_of(row)]
    asked_for = any(each.status == Reversal.Status.REQUESTED for each, _state in reversals)
    receipt = selectors.receipt_of(row)
    waits = row.status in selectors.TO_DECIDE and row.recorded_by_id != me.pk
    context = {
        "payment": row,
        "state": payment_state(row.status),
        "allocations": selectors.allocations_of(row),
        "decisions": selectors.decisions_of(row),
        "reversals": reversals,
        "receipt": receipt,
        "document": selectors.receipt_document(receipt),
        "left": services.left_of(row) if verified else None,
        "may_review": waits and me.may(permissions.VERIFY),
        "may_refund": verified and not asked_for and me.may(permissions.REQUEST_REFUND),
        "may_charge_back": verified and not asked_for and me.may(permissions.CHARGE_BACK),
        "may_bounce": verified and row.cheque_state in IN_HAND and me.may(permissions.CHARGE_BACK),
        "may_deposit": row.cheque_state == Payment.Cheque.RECEIVED
        and row.status not in {Payment.Status.DENIED, Payment.Status.WITHDRAWN}
        and me.may(permissions.CHEQUES),
        "may_clear": verified
        and row.cheque_state == Payment.Cheque.DEPOSITED
        and me.may(permissions.CHEQUES),
        "may_audit": me.may(VIEW_AUDIT),
        "events": timeline(row, *(each.pk for each, _state in reversals)),
    }
    return screen(request, "verify/record.html", context)


def visible(request: Any, pk: UUID) -> Payment:
    """A payment that this member may see."""
    rows = selectors.visible_to(request.member)
    row: Payment = found(rows.select_related("proof", "deal", "place", "first_by"), pk=pk)
    return row


@requires(*READS)
def refunds(request: Any) -> HttpResponse:
    """Money that went back, or should: what waits for approval first."""
    rows = waiting_first(selectors.reversals_visible_to(request.member))
    chosen = request.GET.get("kind", "")
    kinds = [(code, word, code == chosen) for code, word in Reversal.Kind.choices]
    return REVERSALS.show(request, rows, tabs=[("", _("All"), not chosen), *kinds])


@requires(*READS)
def reversal(request: Any, pk: UUID) -> HttpResponse:
    """One refund, chargeback or bounce, with its payment and its reason."""
    row = found_reversal(request, pk)
    return screen(request, "verify/reversal.html", reversal_page(request, row))


def found_reversal(request: Any, pk: UUID) -> Reversal:
    """A reversal that this member may see."""
    rows = selectors.reversals_visible_to(request.member).select_related(
        "proof", "payment__customer", "payment__recorded_by"
    )
    row: Reversal = found(rows, pk=pk)
    return row


def reversal_page(request: Any, row: Reversal, **forms: Any) -> dict[str, Any]:
    """What the page of a reversal shows."""
    waits = row.status == Reversal.Status.REQUESTED
    own = row.requested_by_id == request.member.pk
    return {
        "reversal": row,
        "payment": row.payment,
        "state": reversal_state(row.status),
        "parts": selectors.shares_of(row),
        "left": services.left_of(row.payment),
        "done": row.status == Reversal.Status.DONE,
        "document": selectors.reversal_document(row),
        "own": waits and own,
        "may_decide": waits and not own and request.member.may(permissions.REFUND),
        "grant_form": GrantForm(auto_id="id_grant_%s"),
        "refuse_form": RefuseForm(),
        "events": timeline(row),
        **forms,
    }


@requires(*READS)
@xframe_options_sameorigin
def reversal_proof(request: Any, pk: UUID) -> HttpResponseBase:
    """The document of a refund or a chargeback."""
    rows = selectors.reversals_visible_to(request.member).select_related("proof")
    row = found(rows.filter(proof__isnull=False), pk=pk)
    return file_response(row.proof, inline=True)


@requires(*READS)
def reversal_note(request: Any, pk: UUID) -> HttpResponseBase:
    """The note of money that went back, as it was rendered."""
    rows = selectors.reversals_visible_to(request.member)
    row = found(rows.filter(status=Reversal.Status.DONE), pk=pk)
    document = selectors.reversal_document(row)
    if document is None:
        messages.info(request, _("The note is being prepared. Try again in a moment."))
        return redirect("verify:reversal", row.pk)
    return document_response(document)


@requires(permissions.REFUND)
@require_POST
@once
def approve_refund(request: Any, pk: UUID) -> HttpResponse:
    """Grant a refund that somebody else asked for."""
    row = found_reversal(request, pk)
    form = GrantForm(request.POST, auto_id="id_grant_%s")
    if not form.is_valid():
        context = reversal_page(request, row, grant_form=form)
        return screen(request, "verify/reversal.html", context, status=422)
    services.approve_refund(
        row, by=request.member, at=clock.now(), remarks=form.cleaned_data["remarks"]
    )
    messages.success(request, _("Refund %(number)s is booked.") % {"number": row.number})
    return redirect("verify:reversal", row.pk)


@requires(permissions.REFUND)
@require_POST
@once
def refuse_refund(request: Any, pk: UUID) -> HttpResponse:
    """Refuse a refund, and say why."""
    row = found_reversal(request, pk)
    form = RefuseForm(request.POST)
    if not form.is_valid():
        context = reversal_page(request, row, refuse_form=form)
        return screen(request, "verify/reversal.html", context, status=422)
    services.refuse_refund(
        row, by=request.member, at=clock.now(), remarks=form.cleaned_data["remarks"]
    )
    messages.info(request, _("Refund %(number)s is refused.") % {"number": row.number})
    return redirect("verify:reversal", row.pk)

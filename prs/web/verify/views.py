"""The verifier's queue: what waits, the proof, the claim, and the decision."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from prs.kernel import clock
from prs.kernel.identity.models import Member
from prs.operations.payments import permissions, selectors, services
from prs.operations.payments.models import Payment
from prs.operations.payments.services import HeldByOther, NothingWaits
from prs.web.kit.access import found, requires
from prs.web.kit.filters import drawn_form
from prs.web.kit.once import once
from prs.web.kit.screens import screen
from prs.web.verify.checks import checks_of
from prs.web.verify.clocks import clock_of
from prs.web.verify.forms import AskForm, DenyForm, NarrowForm, VerifyForm

PARTS = {"verify-queue": "verify/_verify_queue.html"}
SHOWN = 50


class Narrowed:
    """The queue as the address narrows it."""

    def __init__(self, request: Any) -> None:
        self.form = NarrowForm(request.GET)
        self.form.is_valid()
        self.chosen = {
            name: value for name, value in self.form.cleaned_data.items() if value not in ("", None)
        }
        self.chosen = {name: value for name, value in self.chosen.items() if value is not False}
        kept = {name: request.GET[name] for name in self.chosen}
        self.query = f"?{urlencode(kept)}" if kept else ""

    def rows(self, rows: QuerySet[Payment]) -> QuerySet[Payment]:
        """Those that the address asks for."""
        chosen = self.chosen
        if "method" in chosen:
            rows = rows.filter(method=chosen["method"])
        if "place" in chosen:
            rows = rows.filter(place=chosen["place"])
        if "over" in chosen:
            rows = rows.filter(amount__gt=chosen["over"])
        if "older" in chosen:
            past = clock.now() - timedelta(hours=chosen["older"])
            rows = rows.filter(recorded_at__lt=past)
        return selectors.awaiting_second(rows) if "second" in chosen else rows


def to(name: str, request: Any, *args: Any) -> HttpResponse:
    """Another page of the queue, narrowed as this one is."""
    return redirect(reverse(name, args=args) + Narrowed(request).query)


@requires(permissions.VERIFY)
def queue(request: Any) -> HttpResponse:
    """What waits for this verifier."""
    return screen(request, "verify/queue.html", queue_page(request), parts=PARTS)


def queue_page(request: Any, current: Payment | None = None) -> dict[str, Any]:
    """The waiting payments, and how many this verifier decided today."""
    now, narrowed = clock.now(), Narrowed(request)
    waiting = list(narrowed.rows(selectors.waiting(request.member))[:SHOWN])
    hours = selectors.hours_to_verify(request.organization)
    return {
        "waiting": [(row, clock_of(row.recorded_at, hours, now)) for row in waiting],
        "current": current,
        "now": now,
        "narrow": drawn_form(narrowed.form),
        "query": narrowed.query,
        "summary": selectors.waiting_summary(request.member, at=now),
        "decided": selectors.decided_today(request.member, since=now - timedelta(hours=12)),
    }


@requires(permissions.VERIFY)
def review(request: Any, pk: UUID) -> HttpResponse:
    """One payment beside its proof. Decided meanwhile, it shows how."""
    row = found(with_people().exclude(recorded_by=request.member), pk=pk)
    if row.status not in selectors.TO_DECIDE:
        return redirect("verify:record", row.pk)
    return screen(request, "verify/review.html", review_page(request, row), parts=PARTS)


def with_people() -> QuerySet[Payment]:
    """Payments with everyone and everything the review shows."""
    return Payment.objects.select_related(
        "customer", "recorded_by", "claimed_by", "first_by", "proof", "deal", "place"
    )


def review_page(request: Any, row: Payment, **forms: Any) -> dict[str, Any]:
    """The queue, the proof and the claim with its checks."""
    allocations = list(selectors.allocations_of(row))
    now, me = clock.now(), request.member
    held = bool(row.claimed_until and row.claimed_until > now)
    context = queue_page(request, row)
    waiting = [each for each, _clock in context["waiting"]]
    place = next((at for at, each in enumerate(waiting) if each.pk == row.pk), None)
    before, after = (waiting[:place], waiting[place + 1 :]) if place is not None else ([], [])
    hours = selectors.hours_to_verify(request.organization)
    return {
        **context,
        "payment": row,
        "clock": clock_of(row.recorded_at, hours, now),
        "needs_second": selectors.needs_second(row),
        "second_look": second_look(request, row),
        "allocations": allocations,
        "checks": checks_of(request, row, sum(each.amount for each in allocations)),
        "beside": beside(row),
        "decisions": selectors.decisions_of(row),
        "mine": held and row.claimed_by_id == me.pk,
        "held_by": row.claimed_by if held and row.claimed_by_id != me.pk else None,
        "before": first_free(reversed(before), me, now),
        "after": first_free(after, me, now),
        "verify_form": VerifyForm(),
        "deny_form": DenyForm(auto_id="id_deny_%s"),
        "ask_form": AskForm(),
        **forms,
    }


def first_free(rows: Iterable[Payment], me: Member, now: datetime) -> Payment | None:
    """The first of these that a verifier can take; one that a colleague holds stops nobody's keys."""
    for each in rows:
        held = each.claimed_until is not None and each.claimed_until > now
        if not held or each.claimed_by_id == me.pk:
            return each
    return None


def beside(payment: Payment) -> list[Payment]:
    """The other payments of the same deal."""
    if payment.deal is None:
        return []
    return [each for each in selectors.payments_of_deal(payment.deal) if each.pk != payment.pk]


def second_look(request: Any, payment: Payment) -> dict[str, Any] | None:
    """Who looked first and found what, and whether this member may look second."""
    if payment.status != Payment.Status.CHECKED:
        return None
    first = selectors.first_check_of(payment)
    me = request.member
    return {
        "who": payment.first_by,
        "at": payment.first_at,
        "amount": first.amount if first else None,
        "remarks": first.remarks if first else "",
        "own": payment.first_by_id == me.pk,
        "may": me.may(permissions.VERIFY_SECOND) and payment.first_by_id != me.pk,
    }


@requires(permissions.VERIFY)
@require_POST
def claim(request: Any, pk: UUID) -> HttpResponse:
    """Take a payment for review."""
    row = found(with_people(), pk=pk)
    services.claim(row, by=request.member, at=clock.now())
    return to("verify:review", request, row.pk)


@requires(permissions.VERIFY)
@require_POST
def take_next(request: Any) -> HttpResponse:
    """Take the oldest payment that is free, of those that the address asks for."""
    return to("verify:review", request, taken(request).pk)


def taken(request: Any) -> Payment:
    """The next payment, claimed.

    :raises NothingWaits: nothing of what the address asks for is free.
    """
    narrowed, at = Narrowed(request), clock.now()
    if not narrowed.query:
        return services.claim_next(by=request.member, at=at)
    for row in narrowed.rows(selectors.free_for(request.member, at=at))[:5]:
        try:
            return services.claim(row, by=request.member, at=at)
        except (HeldByOther, services.AlreadyDecided):
            continue
    raise NothingWaits


@requires(permissions.VERIFY)
@require_POST
def release(request: Any, pk: UUID) -> HttpResponse:
    """Give a payment back to the queue."""
    row = found(with_people(), pk=pk)
    services.release(row, by=request.member, at=clock.now())
    return to("verify:queue", request)


@requires(permissions.VERIFY)
@require_POST
@once
def verify(request: Any, pk: UUID) -> HttpResponse:
    """Accept a payment, and go on to the next."""
    row = found(with_people(), pk=pk)
    form = VerifyForm(request.POST)
    if not form.is_valid():
        return faulty(request, row, verify_form=form)
    receipt = services.verify(
        row,
        by=request.member,
        at=clock.now(),
        amount=form.cleaned_data["amount"],
        remarks=form.cleaned_data["remarks"],
    )
    if receipt is None:
        said = _("%(number)s goes to a second verifier.") % {"number": row.number}
    else:
        words = {"number": row.number, "receipt": receipt.number}
        said = _("%(number)s is verified, receipt %(receipt)s.") % words
    messages.success(request, said)
    return onward(request)


@requires(permissions.VERIFY)
@require_POST
@once
def deny(request: Any, pk: UUID) -> HttpResponse:
    """Refuse a payment with the reason, and go on to the next."""
    row = found(with_people(), pk=pk)
    form = DenyForm(request.POST, auto_id="id_deny_%s")
    if not form.is_valid():
        return faulty(request, row, deny_form=form)
    services.deny(row, by=request.member, at=clock.now(), **form.cleaned_data)
    messages.info(request, _("%(number)s is denied.") % {"number": row.number})
    return onward(request)


@requires(permissions.VERIFY)
@require_POST
@once
def ask_back(request: Any, pk: UUID) -> HttpResponse:
    """Ask whoever recorded a payment, and go on to the next."""
    row = found(with_people(), pk=pk)
    form = AskForm(request.POST)
    if not form.is_valid():
        return faulty(request, row, ask_form=form)
    services.ask_back(row, by=request.member, at=clock.now(), **form.cleaned_data)
    words = {"name": row.recorded_by.name, "number": row.number}
    messages.info(request, _("%(name)s is asked about %(number)s.") % words)
    return onward(request)


def faulty(request: Any, row: Payment, **forms: Any) -> HttpResponse:
    """The review again, with what was missing said beside its field."""
    return screen(request, "verify/review.html", review_page(request, row, **forms), status=422)


def onward(request: Any) -> HttpResponse:
    """The next free payment, already claimed; the queue when nothing is left."""
    try:
        return to("verify:review", request, taken(request).pk)
    except NothingWaits:
        return to("verify:queue", request)

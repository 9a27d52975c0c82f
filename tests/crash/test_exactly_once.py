"""A process that dies anywhere leaves nothing half done, and what is sent again counts once.

For each piece of work a child is killed after every statement and on both sides of the commit; then
the same request is sent twice more. Source: the fault list of the database design, A.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from prs.config.integrity import CHECKS
from prs.kernel.activity import telling
from prs.kernel.activity.models import AuditEvent, Digest, DigestItem, Mail, Notification
from prs.kernel.activity.rules import SYSTEM, Choice, Event, MailWay
from prs.kernel.activity.services import record
from prs.kernel.identity import digests
from prs.kernel.jobs.models import Job
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.services import Answer, claim_key, keep_answer
from prs.ledgers.bookkeeping import selectors as books
from prs.operations.deals.models import Deal
from prs.operations.incentives import services as incentives
from prs.operations.incentives.models import Commission, Payout
from prs.operations.invoicing import services as invoices
from prs.operations.invoicing.models import Credit, Invoice, InvoiceLine
from prs.operations.payments import services as payments
from prs.operations.payments.models import (
    Allocation,
    Decision,
    Payment,
    Receipt,
    Reversal,
    ReversalShare,
)
from prs.operations.payments.services import AlreadyDecided, NotVerified, ReversalDecided
from tests.cast import NOON, Cast, make_member
from tests.crash.killed import killed, statements_of
from tests.factories.incentives import NEXT_MONTH, OCTOBER, owed
from tests.factories.sales import make_deal, pay_deal
from tests.factories.walk import TODAY, make_customer, make_invoice, make_payment, make_proof
from tests.factories.world import sent_invoice

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = Event("payment.asked", "Question", "{actor} asks.", told_as=("pk",))


def found() -> list[str]:
    """What `verify_integrity` would say of the current organization."""
    return [f"{check.name}: {finding}" for check in CHECKS for finding in check.look()]


def points(organization_id: Any, work: Callable[[], Any]) -> Iterator[int | str]:
    """Every statement of the work, and both sides of its commit."""
    yield from range(1, statements_of(organization_id, work) + 1)
    yield from ("before commit", "after commit")


def survived(organization_id: Any, work: Callable[[], Any], point: int | str) -> None:
    """Kill the work at a point, then send it twice more."""
    assert killed(organization_id, work, point=point) == signal.SIGKILL, point
    for _time in range(2):
        with tenant_context(organization_id):
            work()


def recording(cast: Cast, invoice: Invoice, key: str) -> Callable[[], None]:
    """The request that records a payment, as the page sends it with its key."""

    def work() -> None:
        sent = {"route": "record", "key": key}
        if claim_key(**sent, content=key.encode(), at=NOON) is None:
            make_payment(
                cast.sam,
                invoice=invoice,
                amount="10.00",
                method="bank",
                reference=key,
                proof=make_proof(),
            )
            keep_answer(**sent, answer=Answer(302))

    return work


def test_a_payment_is_recorded_exactly_once(committed_cast):
    acme = committed_cast.acme.pk
    with tenant_context(acme):
        invoice = make_invoice(committed_cast.sam, amount="100000.00")
    tried = 0

    for point in list(points(acme, recording(committed_cast, invoice, "counted"))):
        survived(acme, recording(committed_cast, invoice, f"key-{point}"), point)
        tried += 1

    with tenant_context(acme):
        references = list(Payment.objects.values_list("reference", flat=True))
        assert len(references) == len(set(references)) == tried > 15
        assert Allocation.objects.count() == tried
        assert AuditEvent.objects.filter(code="payment.recorded").count() == tried
        told = Notification.objects.filter(code="payment.recorded").values_list(
            "event_id", flat=True
        )
        assert len(set(told)) == tried
        assert found() == []


def verifying(cast: Cast, payment: Payment) -> Callable[[], None]:
    """The request that verifies a payment, sent again until somebody has decided it."""

    def work() -> None:
        try:
            payments.verify(payment, by=cast.vera, at=NOON)
        except AlreadyDecided:
            return

    return work


def test_a_payment_is_verified_exactly_once(committed_cast):
    acme, sam = committed_cast.acme.pk, committed_cast.sam
    with tenant_context(acme):
        customer = make_customer(sam)
        counted = make_payment(sam, invoice=make_invoice(sam, customer=customer))
    places = list(points(acme, verifying(committed_cast, counted)))
    rows = {}
    with tenant_context(acme):
        for point in places:
            rows[point] = make_payment(sam, invoice=make_invoice(sam, customer=customer))

    for point, row in rows.items():
        survived(acme, verifying(committed_cast, row), point)

    with tenant_context(acme):
        tried = len(places)
        assert tried > 25
        verified = Payment.objects.filter(status=Payment.Status.VERIFIED)
        assert verified.count() == Receipt.objects.count() == Decision.objects.count() == tried
        assert Invoice.objects.filter(paid=Decimal(100)).count() == tried
        assert books.entries().filter(source_kind="payments.payment").count() == tried
        assert Job.objects.filter(path__endswith="render_receipt").count() == tried
        assert AuditEvent.objects.filter(code="payment.verified").count() == tried
        assert found() == []


def test_a_payment_of_a_deal_is_verified_exactly_once(committed_cast):
    acme, sam = committed_cast.acme.pk, committed_cast.sam
    with tenant_context(acme):
        counted = pay_deal(sam, make_deal(sam))
    places = list(points(acme, verifying(committed_cast, counted)))
    rows = {}
    with tenant_context(acme):
        for point in places:
            rows[point] = pay_deal(sam, make_deal(sam))

    for point, row in rows.items():
        survived(acme, verifying(committed_cast, row), point)

    with tenant_context(acme):
        tried = len(places)
        assert tried > 35
        assert Deal.objects.filter(status="verified", paid=Decimal(1000)).count() == tried
        assert Invoice.objects.filter(status="issued", paid=Decimal(1000)).count() == tried
        assert Receipt.objects.count() == tried
        assert AuditEvent.objects.filter(code="deal.paid").count() == tried
        assert found() == []


def approving(cast: Cast, reversal: Reversal) -> Callable[[], None]:
    """The request that approves a refund, sent again until somebody has decided it."""

    def work() -> None:
        try:
            payments.approve_refund(reversal, by=cast.viktor, at=NOON)
        except ReversalDecided:
            return

    return work


def make_refund(cast: Cast) -> Reversal:
    """A refund that waits, of a verified payment of a deal."""
    payment = pay_deal(cast.sam, make_deal(cast.sam))
    payments.verify(payment, by=cast.vera, at=NOON)
    return payments.request_refund(
        payment, amount=Decimal(250), reason="Late.", by=cast.sam, at=NOON
    )


def test_a_refund_is_paid_out_exactly_once(committed_cast):
    acme = committed_cast.acme.pk
    with tenant_context(acme):
        counted = make_refund(committed_cast)
    places = list(points(acme, approving(committed_cast, counted)))
    with tenant_context(acme):
        rows = {point: make_refund(committed_cast) for point in places}

    for point, row in rows.items():
        survived(acme, approving(committed_cast, row), point)

    with tenant_context(acme):
        tried = len(places)
        assert tried > 30
        assert Reversal.objects.filter(status="done").count() == tried
        assert ReversalShare.objects.count() == Credit.objects.count() == tried
        assert Deal.objects.filter(paid=Decimal(750)).count() == tried
        assert books.entries().filter(source_kind="payments.reversal").count() == tried
        assert AuditEvent.objects.filter(code="payment.refunded").count() == tried
        assert found() == []


def bouncing(cast: Cast, payment: Payment) -> Callable[[], None]:
    """The request that books a bounced cheque, sent again until it is booked."""

    def work() -> None:
        try:
            payments.bounce(payment, reason="No funds.", by=cast.viktor, at=NOON)
        except NotVerified:
            return

    return work


def make_cheque(cast: Cast, number: str) -> Payment:
    """A verified cheque that pays an invoice."""
    payment = make_payment(
        cast.sam,
        invoice=make_invoice(cast.sam),
        method="cheque",
        cheque_number=number,
        proof=make_proof(),
    )
    payments.verify(payment, by=cast.vera, at=NOON)
    return payment


def test_a_cheque_bounces_exactly_once(committed_cast):
    acme = committed_cast.acme.pk
    with tenant_context(acme):
        counted = make_cheque(committed_cast, "CH-000000")
    places = list(points(acme, bouncing(committed_cast, counted)))
    with tenant_context(acme):
        rows = {
            point: make_cheque(committed_cast, f"CH-{at:06}")
            for at, point in enumerate(places, start=1)
        }

    for point, row in rows.items():
        survived(acme, bouncing(committed_cast, row), point)

    with tenant_context(acme):
        tried = len(places)
        assert tried > 25
        assert Payment.objects.filter(status="bounced", cheque_state="bounced").count() == tried
        assert Reversal.objects.filter(kind="bounce", status="done").count() == tried
        # The cheque that only counted the statements is still good.
        assert Invoice.objects.filter(paid=0).count() == tried
        assert books.entries().filter(source_kind="payments.reversal").count() == tried
        assert found() == []


def approving_commission(cast: Cast, row: Commission) -> Callable[[], None]:
    """The request that approves a commission, sent again until it is approved."""

    def work() -> None:
        try:
            incentives.approve(row, by=cast.olga, at=NEXT_MONTH)
        except incentives.NotADraft:
            return

    return work


def make_draft(cast: Cast, number: int) -> Commission:
    """The draft of a salesperson of their own, worth ten."""
    seller = make_member(f"Seller{number}", "salesperson")
    row = incentives.open_commission(seller, OCTOBER, at=NOON)
    fields = {"bonus": Decimal(10), "bonus_reason": "Well done"}
    return incentives.change(row, fields, by=cast.olga, at=NOON)


def test_a_commission_is_approved_exactly_once(committed_cast):
    acme = committed_cast.acme.pk
    with tenant_context(acme):
        counted = make_draft(committed_cast, 0)
    places = list(points(acme, approving_commission(committed_cast, counted)))
    with tenant_context(acme):
        rows = {point: make_draft(committed_cast, at) for at, point in enumerate(places, start=1)}

    for point, row in rows.items():
        survived(acme, approving_commission(committed_cast, row), point)

    with tenant_context(acme):
        tried = len(places)
        assert tried > 10
        numbers = Commission.objects.filter(state="approved").values_list("number", flat=True)
        assert sorted(numbers) == [f"COM-2026-{at:04}" for at in range(1, tried + 1)]
        assert books.entries().filter(source_kind="incentives.commission").count() == tried
        assert Job.objects.filter(path__endswith="render_statement").count() == tried
        assert AuditEvent.objects.filter(code="commission.approved").count() == tried
        assert found() == []


def paying_out(cast: Cast, row: Commission) -> Callable[[], None]:
    """The request that pays a commission out, sent again until it is paid."""

    def work() -> None:
        try:
            incentives.pay_out(row, account="1010", on=TODAY, by=cast.anna, at=NOON)
        except incentives.NotPayable:
            return

    return work


def test_a_commission_is_paid_out_exactly_once(committed_cast):
    acme, olga = committed_cast.acme.pk, committed_cast.olga

    def make_owed(number: int) -> Commission:
        return owed(make_member(f"Seller{number}", "salesperson"), OCTOBER, by=olga)

    with tenant_context(acme):
        counted = make_owed(0)
    places = list(points(acme, paying_out(committed_cast, counted)))
    with tenant_context(acme):
        rows = {point: make_owed(at) for at, point in enumerate(places, start=1)}
        before = books.entries().count()

    for point, row in rows.items():
        survived(acme, paying_out(committed_cast, row), point)

    with tenant_context(acme):
        tried = len(places)
        assert tried > 10
        paid = Commission.objects.filter(state="paid")
        assert set(paid.values_list("pk", flat=True)) == {row.pk for row in rows.values()}
        assert Payout.objects.filter(amount=Decimal(10)).count() == Payout.objects.count() == tried
        assert books.entries().count() - before == tried
        assert AuditEvent.objects.filter(code="commission.paid").count() == tried
        trial = books.trial_balance(TODAY, TODAY)
        # One is owed still: the one that only counted the statements.
        owed_still = [abs(row.balance) for row in trial.rows if row.code == "2300"]
        assert owed_still == [Decimal(10)]
        assert found() == []


def importing(cast: Cast, number: str) -> Callable[[], None]:
    """The request of another system, sent again until it is answered."""

    def work() -> None:
        sent = sent_invoice(number, code=f"C-{number}")
        taken = invoices.take_import(sent, organization=cast.acme, by=SYSTEM, at=NOON)
        assert taken.same

    return work


def test_an_invoice_is_imported_exactly_once(committed_cast):
    acme = committed_cast.acme.pk
    places = list(points(acme, importing(committed_cast, "SI-0")))

    for place, point in enumerate(places, start=1):
        survived(acme, importing(committed_cast, f"SI-{place}"), point)

    with tenant_context(acme):
        tried = len(places)
        assert tried > 15
        assert Invoice.objects.count() == InvoiceLine.objects.count() == tried
        assert books.entries().count() == tried
        assert AuditEvent.objects.filter(code="invoice.imported").count() == tried
        assert found() == []


def test_a_digest_that_was_killed_anywhere_is_written_once(committed_cast: Cast) -> None:
    """Each day the worker is killed at another point; each day has one digest and one mail."""
    acme, sam = committed_cast.acme.pk, committed_cast.sam
    with tenant_context(acme):
        telling.choose(sam.pk, {ASKED.code: Choice(in_app=True, mail=MailWay.DAILY)})

    def happening(day: int) -> tuple[Callable[[], Any], Any]:
        at = NOON + timedelta(days=day)
        with tenant_context(acme):
            record(ASKED, sam, by=committed_cast.vera, at=at)
            (turn,) = digests.due(at=at + timedelta(days=1))
        return lambda: digests.write(turn, at=at + timedelta(days=1)), turn.day

    work, _day = happening(0)
    for number, point in enumerate(list(points(acme, work)), start=1):
        work, day = happening(number) if number > 1 else (work, _day)
        survived(acme, work, point)
        with tenant_context(acme):
            made = Digest.objects.get(member_id=sam.pk, day=day)
            assert DigestItem.objects.filter(digest=made).count() == 1, point
            assert not DigestItem.objects.filter(digest__isnull=True).exists(), point
            assert Mail.objects.filter(key=f"digest:{day}:{sam.pk}").count() == 1, point

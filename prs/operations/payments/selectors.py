"""Reads of payments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from prs.kernel.files import distance
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.context import required_organization
from prs.kernel.tenancy.models import Document, Organization, StoredFile
from prs.kernel.tenancy.rules import merged
from prs.masterdata.parties.models import Customer
from prs.masterdata.places.selectors import colleagues
from prs.operations.deals.models import Deal
from prs.operations.invoicing.models import Invoice
from prs.operations.payments.models import (
    Allocation,
    Decision,
    Payment,
    Receipt,
    Reversal,
    ReversalShare,
    VerificationPolicy,
)
from prs.operations.payments.permissions import VERIFY_SECOND

RECEIPT = "receipt"
REVERSAL = "reversal"
WAITING = (Payment.Status.PENDING, Payment.Status.CHECKED, Payment.Status.ASKED)
TO_DECIDE = (Payment.Status.PENDING, Payment.Status.CHECKED)
PROVEN = (
    Payment.Status.VERIFIED,
    Payment.Status.REFUNDED,
    Payment.Status.CHARGED_BACK,
    Payment.Status.BOUNCED,
)
NEAR = 6
HOME = Coalesce(
    F("amount") * F("rate"), Value(Decimal(0)), output_field=DecimalField(decimal_places=12)
)
UNTRUE = """
    SELECT i.number FROM invoicing_invoice i WHERE i.organization_id = %s AND i.paid <> (
      SELECT coalesce(sum(a.amount - a.reversed), 0) FROM payments_allocation a
      JOIN payments_payment p ON p.id = a.payment_id
      WHERE a.invoice_id = i.id
      AND p.status IN ('verified', 'refunded', 'charged_back', 'bounced')) ORDER BY i.number LIMIT 1
"""
UNPOSTED = """
    SELECT p.number FROM payments_payment p
    WHERE p.organization_id = %s AND p.decided_at IS NOT NULL AND p.status <> 'denied' AND NOT EXISTS (
      SELECT FROM bookkeeping_entry e WHERE e.organization_id = p.organization_id
      AND e.source_id = p.id) ORDER BY p.number LIMIT 1
"""
RECEIPT_HOLES = """
    SELECT c.period, c.last, count(r.id) FROM tenancy_counter c
    LEFT JOIN payments_receipt r ON r.organization_id = c.organization_id
         AND r.number LIKE 'RCT-' || c.period || '-%%'
    WHERE c.organization_id = %s AND c.kind = 'receipt'
    GROUP BY c.period, c.last HAVING count(r.id) <> c.last
"""


def visible_to(member: Member) -> QuerySet[Payment]:
    """The payments that a member's row scope reaches: those recorded by the people in it."""
    payments = Payment.objects.select_related("customer", "recorded_by", "decided_by")
    reach = colleagues(member)
    return payments if reach is None else payments.filter(recorded_by__in=reach)


def decidable(member: Member) -> Q:
    """Payments that a verifier may decide: others recorded them, and had the first look if there was one."""
    first = Q(status=Payment.Status.PENDING)
    if member.may(VERIFY_SECOND):
        first |= Q(status=Payment.Status.CHECKED) & ~Q(first_by=member)
    return first & ~Q(recorded_by=member)


def needs_second(payment: Payment) -> bool:
    """Whether the organization's policy wants a second verifier for a payment, in home currency."""
    rule = policy_of(payment.method, payment.place_id)
    if rule is None or rule.second_above is None:
        return False
    return bool(payment.amount * payment.rate > rule.second_above)


def policy_of(method: str, place_id: UUID | None) -> VerificationPolicy | None:
    """The rule for a method: that of the place, else the one for everywhere."""
    rules = VerificationPolicy.objects.filter(method=method).filter(
        Q(place=place_id) | Q(place__isnull=True)
    )
    return rules.order_by(F("place").asc(nulls_last=True)).first()


def of_rule(field: str) -> Subquery:
    """What the rule for a payment's method and place says, beside each payment of a query."""
    rules = VerificationPolicy.objects.filter(method=OuterRef("method")).filter(
        Q(place=OuterRef("place")) | Q(place__isnull=True)
    )
    return Subquery(rules.order_by(F("place").asc(nulls_last=True)).values(field)[:1])


def with_rules(payments: QuerySet[Payment]) -> Any:
    """Payments with the way they are verified, and above what a second verifier is wanted."""
    return payments.annotate(
        way=Coalesce(of_rule("way"), Value(VerificationPolicy.Way.PERSON.value)),
        second_above=of_rule("second_above"),
        home_amount=HOME,
    )


def counted_together(payments: QuerySet[Payment]) -> QuerySet[Payment]:
    """Waiting cash that is verified when the day's cash is counted."""
    cash = payments.filter(method=Payment.Method.CASH, status=Payment.Status.PENDING)
    counted: QuerySet[Payment] = with_rules(cash).filter(way=VerificationPolicy.Way.TILL_CLOSE)
    return counted


def one_by_one(payments: QuerySet[Payment]) -> QuerySet[Payment]:
    """Payments without those that wait for the day's cash to be counted."""
    together = Q(
        method=Payment.Method.CASH,
        status=Payment.Status.PENDING,
        way=VerificationPolicy.Way.TILL_CLOSE,
    )
    single: QuerySet[Payment] = with_rules(payments).exclude(together)
    return single


def awaiting_second(payments: QuerySet[Payment]) -> QuerySet[Payment]:
    """Payments that a second verifier decides, or will."""
    above = Q(second_above__isnull=False, home_amount__gt=F("second_above"))
    rows: QuerySet[Payment] = with_rules(payments).filter(above | Q(status=Payment.Status.CHECKED))
    return rows


def touched_by(method: str, place_id: UUID | None) -> QuerySet[Payment]:
    """Waiting payments that a rule for a method and a place speaks of, or would."""
    rows = Payment.objects.filter(method=method, status=Payment.Status.PENDING)
    if place_id is not None:
        return rows.filter(place=place_id)
    own = VerificationPolicy.objects.filter(method=method, place__isnull=False).values("place")
    return rows.exclude(place__in=own)


def over(rows: QuerySet[Payment], amount: Decimal | None) -> int:
    """How many payments are worth more than an amount, in home currency."""
    if amount is None:
        return 0
    return rows.annotate(home_amount=HOME).filter(home_amount__gt=amount).count()


def hours_to_verify(organization: Organization) -> int:
    """Within how many hours an organization wants its payments verified."""
    return int(merged(organization.settings)["notifications"]["verificationHours"])


def deposits_of(customer_id: UUID, currency: str) -> list[tuple[UUID, Decimal]]:
    """A customer's verified payments with money that no invoice needed: key and amount, oldest first."""
    parts = Allocation.objects.filter(payment=OuterRef("pk")).order_by().values("payment")
    summed = parts.annotate(sum=Sum(F("amount") - F("reversed"))).values("sum")
    kept = Coalesce(Subquery(summed), Decimal(0), output_field=DecimalField())
    rows = (
        Payment.objects.filter(
            customer_id=customer_id, currency=currency, status=Payment.Status.VERIFIED
        )
        .annotate(free=F("verified_amount") - F("reversed_amount") - kept)
        .filter(free__gt=0)
        .order_by("decided_at", "pk")
    )
    return list(rows.values_list("pk", "free"))


def credit_of(customer_id: UUID, currency: str) -> Decimal:
    """What a customer has paid beyond every invoice."""
    return sum((free for _pk, free in deposits_of(customer_id, currency)), Decimal(0))


def waiting(member: Member) -> QuerySet[Payment]:
    """What a verifier decides one by one: payments that somebody else recorded, oldest first."""
    return (
        one_by_one(Payment.objects.filter(decidable(member)))
        .select_related("customer", "recorded_by", "claimed_by", "proof")
        .order_by("recorded_at", "pk")
    )


@dataclass(frozen=True)
class Drawer:
    """Waiting cash of one place, day and recorder, that is counted together."""

    place_id: UUID | None
    place: str
    day: date
    recorder_id: UUID
    recorder: str
    currency: str
    count: int
    amount: Decimal


def drawers(member: Member) -> list[Drawer]:
    """Cash that a verifier may count, by place, day, recorder and currency; the oldest first."""
    rows = (
        counted_together(Payment.objects.filter(decidable(member)))
        .order_by("paid_on", "place__name", "recorded_by__name", "currency")
        .values(
            "place_id", "place__name", "paid_on", "recorded_by_id", "recorded_by__name", "currency"
        )
        .annotate(count=Count("pk"), total=Sum("amount"))
        .values_list(
            "place_id",
            "place__name",
            "paid_on",
            "recorded_by_id",
            "recorded_by__name",
            "currency",
            "count",
            "total",
        )
    )
    return [Drawer(row[0], row[1] or "", *row[2:]) for row in rows]


def in_drawer(
    member: Member, *, place_id: UUID | None, day: date, recorder_id: UUID, currency: str
) -> QuerySet[Payment]:
    """The payments of one drawer, in the order they came in."""
    rows = counted_together(Payment.objects.filter(decidable(member)))
    return (
        rows.filter(place=place_id, paid_on=day, recorded_by=recorder_id, currency=currency)
        .select_related("customer", "recorded_by")
        .order_by("recorded_at", "pk")
    )


def free_for(member: Member, *, at: datetime) -> QuerySet[Payment]:
    """Waiting payments that no other verifier holds."""
    held = Q(claimed_until__gt=at) & ~Q(claimed_by=member)
    return waiting(member).exclude(held)


def waiting_summary(member: Member, *, at: datetime) -> dict[str, Any]:
    """How much waits, how much of it is free, and since when."""
    free = ~Q(claimed_until__gt=at) | Q(claimed_by=member) | Q(claimed_until__isnull=True)
    rows = one_by_one(Payment.objects.filter(decidable(member)))
    return rows.aggregate(
        count=Count("pk"), free=Count("pk", filter=free), amount=Sum("amount", default=Decimal(0))
    )


def decided_today(member: Member, *, since: datetime) -> int:
    """How many payments a verifier decided since a moment."""
    return Payment.objects.filter(decided_by=member, decided_at__gte=since).count()


def allocations_of(payment: Payment) -> QuerySet[Allocation]:
    """What a payment pays, in order."""
    return (
        Allocation.objects.filter(payment=payment)
        .select_related("invoice", "invoice__customer")
        .order_by("position", "pk")
    )


def payments_of(invoice: Invoice) -> QuerySet[Allocation]:
    """What pays an invoice, newest first."""
    return (
        Allocation.objects.filter(invoice=invoice)
        .select_related("payment", "payment__recorded_by", "payment__decided_by")
        .order_by("-payment__recorded_at", "-pk")
    )


def decisions_of(payment: Payment) -> QuerySet[Decision]:
    """The decisions on a payment, oldest first."""
    return Decision.objects.filter(payment=payment).select_related("by").order_by("at", "pk")


def first_check_of(payment: Payment) -> Decision | None:
    """What the first of two verifiers found, since the last question about it."""
    checks = Decision.objects.filter(payment=payment, kind=Decision.Kind.CHECK)
    return checks.order_by("-at", "-pk").first()


def payments_of_deal(deal: Deal) -> QuerySet[Payment]:
    """The payments of a deal, in the order they were recorded."""
    return (
        Payment.objects.filter(deal=deal)
        .select_related("recorded_by", "decided_by", "proof")
        .order_by("recorded_at", "pk")
    )


def reversals_of(payment: Payment) -> QuerySet[Reversal]:
    """What of a payment went back or was asked to, newest first."""
    return (
        Reversal.objects.filter(payment=payment)
        .select_related("requested_by", "decided_by")
        .order_by("-requested_at", "-pk")
    )


def reversals_visible_to(member: Member) -> QuerySet[Reversal]:
    """The reversals of payments that a member's row scope reaches."""
    rows = Reversal.objects.select_related(
        "payment", "payment__customer", "requested_by", "decided_by"
    )
    reach = colleagues(member)
    return rows if reach is None else rows.filter(payment__recorded_by__in=reach)


def shares_of(reversal: Reversal) -> QuerySet[ReversalShare]:
    """What a reversal took from which invoice."""
    return (
        ReversalShare.objects.filter(reversal=reversal)
        .select_related("allocation__invoice")
        .order_by("allocation__position", "pk")
    )


def receipt_of(payment: Payment) -> Receipt | None:
    """The receipt of a verified payment."""
    return Receipt.objects.filter(payment=payment).first()


def receipt_document(receipt: Receipt | None) -> Document | None:
    """The stored document of a receipt; None until its task has rendered it."""
    if receipt is None:
        return None
    return Document.objects.filter(kind=RECEIPT, source_id=receipt.pk).first()


def reversal_document(reversal: Reversal) -> Document | None:
    """The stored note of money that went back; None until its task has rendered it."""
    return Document.objects.filter(kind=REVERSAL, source_id=reversal.pk).first()


@dataclass(frozen=True)
class Resemblance:
    """Another payment that looks like this one, and in what."""

    payment: Payment
    reason: str


def resembling(payment: Payment) -> list[Resemblance]:
    """Other payments with the same proof, a near-identical picture, or the same reference."""
    others = Payment.objects.exclude(pk=payment.pk).exclude(
        status__in=[Payment.Status.DENIED, Payment.Status.WITHDRAWN]
    )
    found: dict[Any, Resemblance] = {}
    if payment.reference:
        for other in others.filter(reference=payment.reference)[:5]:
            found[other.pk] = Resemblance(other, _("same reference"))
    proof = payment.proof
    if proof is not None:
        for other in others.filter(proof__sha256=proof.sha256)[:5]:
            found[other.pk] = Resemblance(other, _("same file"))
        # Slips of one bank look alike; the same slip photographed twice shows the same amount too.
        near = others.filter(proof__in=near_files(proof), amount=payment.amount)
        for other in near[:5]:
            found.setdefault(other.pk, Resemblance(other, _("nearly the same picture")))
    return list(found.values())


def near_files(proof: StoredFile) -> list[Any]:
    """Files whose picture is nearly the same, among the newest thousand."""
    if proof.near_hash is None:
        return []
    rows = (
        StoredFile.objects.exclude(pk=proof.pk)
        .filter(near_hash__isnull=False)
        .order_by("-created_at", "pk")
        .values_list("pk", "near_hash")[:1000]
    )
    return [pk for pk, near in rows if distance(near, proof.near_hash) <= NEAR]


@dataclass(frozen=True)
class History:
    """How a customer's payments went before."""

    verified: int
    denied: int
    waiting: int


def history_of(customer: Customer) -> History:
    """Counts of a customer's payments by how they ended."""
    counts = Payment.objects.filter(customer=customer).aggregate(
        verified=Count("pk", filter=Q(status=Payment.Status.VERIFIED)),
        denied=Count("pk", filter=Q(status=Payment.Status.DENIED)),
        waiting=Count("pk", filter=Q(status__in=WAITING)),
    )
    return History(**counts)


def findings() -> Iterator[str]:
    """What is wrong between payments, invoices and the books of the current organization."""
    organization = required_organization()
    with connection.cursor() as cursor:
        cursor.execute(UNTRUE, (organization,))
        for (number,) in cursor.fetchall():
            yield _("What is paid of invoice {number} is not the sum of its allocations.").format(
                number=number
            )
        cursor.execute(UNPOSTED, (organization,))
        for (number,) in cursor.fetchall():
            yield _("Verified payment {number} is not in the books.").format(number=number)
        cursor.execute(RECEIPT_HOLES, (organization,))
        for period, last, count in cursor.fetchall():
            yield _("Receipts of {period}: the counter says {last}, there are {count}.").format(
                period=period, last=last, count=count
            )

"""Reads of receivables: open claims on any day, how old they are, whose they are, and how well they come in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import (
    Case,
    CharField,
    Count,
    DateField,
    DecimalField,
    ExpressionWrapper,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, TruncDate, TruncMonth
from django.utils.translation import gettext as _

from prs.kernel import money
from prs.kernel.activity.models import AuditEvent
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.context import required_organization
from prs.kernel.tenancy.models import Organization
from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping import selectors as books
from prs.masterdata.parties.events import CREDIT_CHANGED, CUSTOMER_CHANGED
from prs.masterdata.parties.models import Customer
from prs.operations.invoicing import selectors as invoices
from prs.operations.invoicing.models import Credit, CreditOverride, Invoice
from prs.operations.payments import selectors as payments
from prs.operations.payments.models import Allocation, ReversalShare
from prs.operations.receivables.models import Collection, Reminder, WriteOff
from prs.operations.receivables.rules import BUCKETS, ENDS, risk_of

ZERO: Final = Decimal(0)
AMOUNT: Final = DecimalField(max_digits=21, decimal_places=4)
EXACT: Final = DecimalField(max_digits=32, decimal_places=10)
CLAIMING: Final = (Invoice.Status.ISSUED, Invoice.Status.WRITTEN_OFF)
CREDIT_FIELDS: Final = ("credit_limit", "terms_days", "credit_blocked", "credit_reason")
# From which day a claim's age is counted.
SINCE: Final = {"due": "due_date", "issued": "invoice_date"}


def end_of(on: date, zone: str) -> datetime:
    """The first moment after a day, where the organization is."""
    return datetime.combine(on + timedelta(days=1), time.min, tzinfo=ZoneInfo(zone))


def summed(rows: QuerySet[Any], key: str, what: str = "amount") -> Any:
    """The sum over an outer invoice's rows; zero without any."""
    sums = rows.filter(**{key: OuterRef("pk")}).order_by().values(key).annotate(sum=Sum(what))
    return Coalesce(Subquery(sums.values("sum"), output_field=AMOUNT), Value(ZERO, AMOUNT))


def claims(
    member: Member, *, on: date, today: date, zone: str, since: str = "due"
) -> QuerySet[Invoice]:
    """Invoices with something left to pay on a day: `left`, `left_home`, `bucket`, and `day` itself.

    Of a day that has passed, what was paid, credited or went back later is left aside.
    """
    rows = invoices.visible_to(member).filter(status__in=CLAIMING, invoice_date__lte=on)
    left: Any = F("total") - F("paid") - F("credited")
    if on < today:
        end = end_of(on, zone)
        back = ReversalShare.objects.filter(reversal__decided_at__lt=end)
        left = (
            F("total")
            - summed(Allocation.objects.filter(counted_at__lt=end), "invoice")
            + summed(back, "allocation__invoice")
            - summed(Credit.objects.filter(credited_on__lte=on), "invoice")
        )
    whens = [
        When(**{f"{SINCE[since]}__gte": on - timedelta(days=end)}, then=Value(bucket))
        for bucket, end in zip(BUCKETS, ENDS, strict=False)
    ]
    return rows.annotate(
        left_then=ExpressionWrapper(left, output_field=AMOUNT),
        left_home=ExpressionWrapper(left * F("rate"), output_field=EXACT),
        bucket=Case(*whens, default=Value(BUCKETS[-1]), output_field=CharField()),
        day=Value(on, DateField()),
    ).filter(left_then__gt=0)


def with_care(rows: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Claims with when their customer was last reminded, and who has them in hand."""
    last = Reminder.objects.filter(invoice=OuterRef("pk")).order_by("-at")
    held = Collection.objects.filter(invoice=OuterRef("pk"), closed_at__isnull=True)
    return rows.annotate(
        reminded_at=Subquery(last.values("at")[:1]),
        assignee=Coalesce(
            Subquery(held.values("assigned_to__name")[:1]), Value(""), output_field=CharField()
        ),
        assignee_id=Subquery(held.values("assigned_to")[:1]),
    )


def by_bucket(rows: QuerySet[Any], currency: str) -> dict[str, tuple[int, Decimal]]:
    """How many claims there are of each age and what they come to, in home currency."""
    found: Any = rows.order_by().values("bucket").annotate(n=Count("pk"), sum=Sum("left_home"))
    sums = {row["bucket"]: (row["n"], money.rounded(row["sum"], currency)) for row in found}
    return {bucket: sums.get(bucket, (0, ZERO)) for bucket in BUCKETS}


@dataclass
class Aged:
    """What one customer owes by age, in home currency."""

    customer_id: UUID
    name: str
    code: str
    limit: Decimal | None
    ages: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(BUCKETS, ZERO))

    @property
    def total(self) -> Decimal:
        return sum(self.ages.values(), ZERO)

    @property
    def used(self) -> Decimal | None:
        """What part of the limit is used, in per cent."""
        return self.total * 100 / self.limit if self.limit else None

    @property
    def risk(self) -> str:
        return risk_of(list(self.ages.values()), self.used)


@dataclass(frozen=True)
class Ageing:
    """The ageing report of a day: customers, those who owe most first, and what the books say."""

    on: date
    since: str
    currency: str
    rows: Sequence[Aged]
    booked: Decimal | None

    @property
    def ages(self) -> dict[str, Decimal]:
        return {bucket: sum((row.ages[bucket] for row in self.rows), ZERO) for bucket in BUCKETS}

    @property
    def total(self) -> Decimal:
        return sum((row.total for row in self.rows), ZERO)

    @property
    def difference(self) -> Decimal:
        """What the books say more; what claims in other currencies won or lost stands here."""
        return ZERO if self.booked is None else self.booked - self.total


def ageing(
    member: Member, *, on: date, today: date, zone: str, currency: str, since: str = "due"
) -> Ageing:
    """What customers owe on a day by age. What was merged counts for who stands for it now."""
    rows = claims(member, on=on, today=today, zone=zone, since=since)
    sums = (
        rows.order_by()
        .annotate(root=Coalesce("customer__merged_into_id", "customer_id"))
        .values_list("root", "bucket")
        .annotate(sum=Sum("left_home"))
    )
    parts = [(root, bucket, money.rounded(total, currency)) for root, bucket, total in sums]
    known = Customer.everyone.in_bulk({root for root, _bucket, _total in parts})
    found: dict[UUID, Aged] = {}
    for root, bucket, total in parts:
        customer = known[root]
        row = found.setdefault(
            root, Aged(root, customer.name, customer.code, customer.credit_limit)
        )
        row.ages[bucket] += total
    ordered = sorted(found.values(), key=lambda row: (-row.total, row.name, row.code))
    booked = receivable_on(on) if invoices.sees_all(member) else None
    return Ageing(on, since, currency, ordered, booked)


def receivable_on(on: date) -> Decimal:
    """The balance of receivables in the books at the end of a day."""
    rows = books.accounts().filter(pk__in=books.account_ids([chart.RECEIVABLE]))
    return sum((books.opening_balance(row, on + timedelta(days=1)) for row in rows), ZERO)


# --- how well it comes in -----------------------------------------------------------------------


@dataclass(frozen=True)
class Month:
    """A month of selling on credit and of collecting, in home currency."""

    first: date
    sold: Decimal
    collected: Decimal
    days: Decimal | None

    @property
    def rate(self) -> Decimal | None:
        """What was collected, in per cent of what was sold on credit."""
        return self.collected * 100 / self.sold if self.sold else None

    @property
    def last(self) -> date:
        return (self.first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def months(member: Member, *, first: date, last: date, zone: str, currency: str) -> list[Month]:
    """Month by month what was invoiced on credit, what was collected, and after how many days.

    The invoices of deals are left out: they are issued when their money has come.
    """
    theirs = invoices.visible_to(member)
    sold = dict(
        theirs.filter(status__in=CLAIMING, deal__isnull=True, invoice_date__range=(first, last))
        .order_by()
        .annotate(month=TruncMonth("invoice_date"))
        .values_list("month")
        .annotate(sum=Sum(ExpressionWrapper(F("total") * F("rate"), output_field=EXACT)))
    )
    start = datetime.combine(first, time.min, tzinfo=ZoneInfo(zone))
    net = (F("amount") - F("reversed")) * F("invoice__rate")
    rows = (
        Allocation.objects.filter(
            invoice__in=theirs.filter(deal__isnull=True).order_by().values("pk"),
            counted_at__gte=start,
            counted_at__lt=end_of(last, zone),
        )
        .order_by()
        .annotate(day=TruncDate("counted_at", tzinfo=ZoneInfo(zone)))
        .values_list("day", "invoice__invoice_date")
        .annotate(sum=Sum(ExpressionWrapper(net, output_field=EXACT)))
    )
    came: dict[date, tuple[Decimal, Decimal]] = {}
    for day, issued, amount in rows:
        total, weighed = came.get(day.replace(day=1), (ZERO, ZERO))
        came[day.replace(day=1)] = (total + amount, weighed + amount * (day - issued).days)
    found, month = [], first.replace(day=1)
    while month <= last:
        total, weighed = came.get(month, (ZERO, ZERO))
        found.append(
            Month(
                month,
                money.rounded(sold.get(month, ZERO), currency),
                money.rounded(total, currency),
                (weighed / total).quantize(Decimal(1)) if total else None,
            )
        )
        month = (month + timedelta(days=32)).replace(day=1)
    return found


def by_method(
    member: Member, *, first: date, last: date, zone: str, currency: str
) -> list[tuple[str, int, Decimal]]:
    """Verified money that came in between two days by method: how many payments, and how much."""
    start = datetime.combine(first, time.min, tzinfo=ZoneInfo(zone))
    home = ExpressionWrapper(F("verified_amount") * F("rate"), output_field=EXACT)
    rows = (
        payments.visible_to(member)
        .filter(decided_at__gte=start, decided_at__lt=end_of(last, zone))
        .exclude(verified_amount__isnull=True)
        .order_by()
        .values_list("method")
        .annotate(count=Count("pk"), sum=Sum(home))
    )
    found = [(method, count, money.rounded(total, currency)) for method, count, total in rows]
    return sorted(found, key=lambda row: (-row[2], row[0]))


def credit_changes(customer: Customer, *, most: int = 20) -> list[dict[str, Any]]:
    """How a customer's limit, terms and block changed: who, when, and what it was before."""
    rows = AuditEvent.objects.filter(
        subject_id=customer.pk, code__in=[CREDIT_CHANGED.code, CUSTOMER_CHANGED.code]
    ).order_by("-at", "-pk")
    found = []
    for row in rows[: most * 5]:
        changed = [
            (name, row.before.get(name), row.after.get(name))
            for name in CREDIT_FIELDS
            if name in row.after and row.before.get(name) != row.after.get(name)
        ]
        if changed:
            found.append({"at": row.at, "by": row.actor_label, "changed": changed})
    return found[:most]


# --- what is done about it ----------------------------------------------------------------------


def write_offs(member: Member) -> QuerySet[WriteOff]:
    """Write-offs of the invoices that a member sees, as asked for."""
    return WriteOff.objects.filter(
        invoice__in=invoices.visible_to(member).order_by().values("pk")
    ).select_related("invoice__customer", "requested_by", "decided_by")


def overrides(member: Member) -> QuerySet[CreditOverride]:
    """Credit given against the rules, on the invoices that a member sees."""
    return CreditOverride.objects.filter(
        invoice__in=invoices.visible_to(member).order_by().values("pk")
    ).select_related("invoice", "customer", "granted_by", "sold_by")


def reminders_of(invoice: Invoice) -> QuerySet[Reminder]:
    """The reminders of an invoice, newest first."""
    return Reminder.objects.filter(invoice=invoice).select_related("by").order_by("-at", "-pk")


def collection_of(invoice: Invoice) -> Collection | None:
    """Who has a claim in hand now."""
    rows = Collection.objects.filter(invoice=invoice, closed_at__isnull=True)
    return rows.select_related("assigned_to", "opened_by").first()


def asked_write_off(invoice: Invoice) -> WriteOff | None:
    """The write-off of an invoice that waits for its decision."""
    rows = WriteOff.objects.filter(invoice=invoice, state=WriteOff.State.REQUESTED)
    return rows.select_related("requested_by").first()


# --- what must hold -----------------------------------------------------------------------------

# By who stands for the account now: what is merged was posted under the name of that time.
UNEQUAL = """
    WITH part (party, owed, booked) AS (
      SELECT customer_id, total - paid - credited, 0 FROM invoicing_invoice
      WHERE organization_id = %(org)s AND status IN ('issued', 'written_off') AND currency = %(home)s
      UNION ALL
      SELECT l.party_id, 0, l.amount FROM bookkeeping_line l
      JOIN bookkeeping_account a ON a.id = l.account_id
      WHERE l.organization_id = %(org)s AND a.code = %(account)s AND l.currency = %(home)s
        AND l.party_id IS NOT NULL)
    SELECT root.code, root.name, sum(part.owed), sum(part.booked)
    FROM part JOIN parties_customer c ON c.id = part.party
    JOIN parties_customer root ON root.id = coalesce(c.merged_into_id, c.id)
    GROUP BY root.id, root.code, root.name HAVING sum(part.owed) <> sum(part.booked)
    ORDER BY 1
"""
NAMELESS = """
    SELECT e.number FROM bookkeeping_line l
    JOIN bookkeeping_account a ON a.id = l.account_id JOIN bookkeeping_entry e ON e.id = l.entry_id
    WHERE l.organization_id = %(org)s AND a.code = %(account)s AND l.party_id IS NULL
    ORDER BY 1
"""
OVERPAID = """
    SELECT number FROM invoicing_invoice
    WHERE organization_id = %(org)s AND status IN ('issued', 'written_off')
      AND (paid + credited > total OR (status = 'written_off' AND paid + credited < total))
    ORDER BY 1
"""
OVERRECOVERED = """
    SELECT i.number FROM invoicing_credit c JOIN invoicing_invoice i ON i.id = c.invoice_id
    WHERE c.organization_id = %(org)s AND c.kind IN ('write_off', 'recovery')
    GROUP BY i.number HAVING sum(c.amount) < 0 ORDER BY 1
"""
UNGRANTED = """
    SELECT i.number FROM receivables_writeoff w JOIN invoicing_invoice i ON i.id = w.invoice_id
    LEFT JOIN invoicing_credit c ON c.id = w.credit_id
    WHERE w.organization_id = %(org)s AND w.state = 'approved'
      AND (c.amount IS DISTINCT FROM w.amount OR c.invoice_id <> w.invoice_id)
    ORDER BY 1
"""


def findings() -> Iterator[str]:
    """What is wrong between customers, their invoices and the account of receivables."""
    home = Organization.objects.values_list("currency", flat=True).get(pk=required_organization())
    words: dict[str, Any] = {
        "org": required_organization(),
        "account": chart.RECEIVABLE,
        "home": home,
    }
    with connection.cursor() as cursor:
        cursor.execute(UNEQUAL, words)
        for code, name, owed, booked in cursor.fetchall():
            yield _(
                "{code} {name}: invoices leave {owed} to pay, receivables say {booked}."
            ).format(code=code, name=name, owed=owed, booked=booked)
        for sql, sentence in (
            (NAMELESS, _("Entry {number} moves receivables of no customer.")),
            (OVERPAID, _("Invoice {number}: paid and credited don't fit its total.")),
            (OVERRECOVERED, _("Invoice {number}: more was recovered than written off.")),
            (UNGRANTED, _("Invoice {number}: its write-off is not what was approved.")),
        ):
            cursor.execute(sql, words)
            for (number,) in cursor.fetchall():
                yield sentence.format(number=number)

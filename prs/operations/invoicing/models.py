"""Tables of invoices."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import AppendOnly, Trigger, refuse
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import TenantForeignKey, TenantModel
from prs.masterdata.parties.models import Customer
from prs.operations.deals.models import Deal

FROZEN = f"""
BEGIN
  IF OLD.status = 'draft' THEN RETURN coalesce(NEW, OLD); END IF;
  IF TG_OP = 'DELETE' THEN
    {refuse("invoice_issued_is_frozen", "an issued invoice is never deleted")}
  END IF;
  IF NEW.status = 'draft'
     OR ROW(OLD.series, OLD.number, OLD.currency, OLD.rate, OLD.origin, OLD.deal_id, OLD.issued_at)
     IS DISTINCT FROM
     ROW(NEW.series, NEW.number, NEW.currency, NEW.rate, NEW.origin, NEW.deal_id, NEW.issued_at) THEN
    {refuse("invoice_issued_is_frozen", "an issued invoice keeps its number, currency and origin")}
  END IF;
  IF ROW(OLD.customer_id, OLD.invoice_date, OLD.net_total, OLD.tax_total, OLD.total, OLD.line_count,
         OLD.bill_to)
     IS DISTINCT FROM
     ROW(NEW.customer_id, NEW.invoice_date, NEW.net_total, NEW.tax_total, NEW.total, NEW.line_count,
         NEW.bill_to)
     AND NEW.revision = OLD.revision THEN
    {refuse("invoice_issued_is_frozen", "an issued invoice changes only by a new revision")}
  END IF;
  IF NEW.revision <> OLD.revision AND NOT (
       NEW.revision = OLD.revision + 1 AND OLD.origin = 'import'
       AND EXISTS (SELECT FROM invoicing_revision r
                   WHERE r.invoice_id = OLD.id AND r.number = OLD.revision)) THEN
    {refuse("invoice_revision_keeps_the_old", "a revision keeps what it replaces")}
  END IF;
  RETURN NEW;
END
"""
ADDS_UP = f"""
DECLARE now_ record; found record;
BEGIN
  SELECT * INTO now_ FROM invoicing_invoice WHERE id = NEW.id;
  IF now_.status = 'draft' OR now_.issued_at IS NULL THEN RETURN NULL; END IF;
  SELECT count(*) AS lines, coalesce(sum(net), 0) AS net, coalesce(sum(tax), 0) AS tax INTO found
    FROM invoicing_invoiceline WHERE invoice_id = NEW.id AND revision = now_.revision;
  IF found.lines <> now_.line_count OR found.net <> now_.net_total OR found.tax <> now_.tax_total THEN
    {refuse("invoice_adds_up", "the totals of an invoice are the sums of its lines")}
  END IF;
  RETURN NULL;
END
"""
# As in the ledger: places are unique and below the declared count, so nothing fits in afterwards.
LINE_FROZEN = f"""
DECLARE home record; line record;
BEGIN
  line := coalesce(NEW, OLD);
  SELECT status, revision, line_count INTO home FROM invoicing_invoice WHERE id = line.invoice_id;
  IF home.status <> 'draft' AND (TG_OP <> 'INSERT' OR line.revision <> home.revision
     OR line.position NOT BETWEEN 1 AND home.line_count) THEN
    {refuse("invoice_line_is_frozen", "the lines of an issued invoice are never changed")}
  END IF;
  RETURN line;
END
"""


CREDITED = f"""
DECLARE now_ record;
BEGIN
  SELECT * INTO now_ FROM invoicing_invoice WHERE id = NEW.{{column}};
  IF now_.credited <> (SELECT coalesce(sum(amount), 0) FROM invoicing_credit
                       WHERE organization_id = now_.organization_id AND invoice_id = now_.id) THEN
    {refuse("invoice_credited_is_its_credits", "what is credited is the sum of the credits")}
  END IF;
  RETURN NULL;
END
"""


class Invoice(TenantModel):
    """A claim on a customer. What is paid is derived from verified payments, never typed in."""

    class Origin(models.TextChoices):
        MANUAL = "manual", _("By hand")
        DEAL = "deal", _("Deal")
        TILL = "till", _("Till")
        IMPORT = "import", _("Import")
        SUBSCRIPTION = "subscription", _("Subscription")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ISSUED = "issued", _("Issued")
        VOID = "void", _("Void")
        WRITTEN_OFF = "written_off", _("Written off")

    class Billing(models.TextChoices):
        BILLED = "billed", _("Billed")
        REVIEW = "review", _("In review")
        RE_INVOICED = "re_invoiced", _("Re-invoiced")

    class Priority(models.TextChoices):
        LOW = "LOW", _("Low")
        MEDIUM = "MEDIUM", _("Medium")
        HIGH = "HIGH", _("High")

    origin = models.CharField(_("origin"), max_length=12, choices=Origin)
    series = models.CharField(max_length=24, blank=True)
    number = models.CharField(_("number"), max_length=100, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.DRAFT)
    billing = models.CharField(max_length=12, choices=Billing, default=Billing.BILLED)
    customer = TenantForeignKey(Customer, verbose_name=_("customer"))
    bill_to = models.JSONField(_("billed to"), default=dict)
    salesperson = TenantForeignKey(Member, null=True, blank=True, verbose_name=_("salesperson"))
    salesperson_name = models.CharField(_("salesperson"), max_length=150, blank=True)
    deal = TenantForeignKey(Deal, null=True, blank=True, verbose_name=_("deal"))
    invoice_date = models.DateField(_("invoice date"))
    due_date = models.DateField(_("due date"))
    priority = models.CharField(
        _("priority"), max_length=8, choices=Priority, default=Priority.MEDIUM
    )
    remarks = models.TextField(_("remarks"), max_length=2000, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    rate = models.DecimalField(_("exchange rate"), max_digits=18, decimal_places=8, default=1)
    net_total = models.DecimalField(_("net"), max_digits=19, decimal_places=4, default=0)
    tax_total = models.DecimalField(_("tax"), max_digits=19, decimal_places=4, default=0)
    total = models.DecimalField(_("total"), max_digits=19, decimal_places=4, default=0)
    paid = models.DecimalField(_("paid"), max_digits=19, decimal_places=4, default=0)
    credited = models.DecimalField(_("credited"), max_digits=19, decimal_places=4, default=0)
    line_count = models.PositiveSmallIntegerField(default=0)
    revision = models.PositiveSmallIntegerField(_("revision"), default=1)
    content_digest = models.CharField(max_length=64, blank=True)
    created_by_label = models.CharField(_("created by"), max_length=200)
    review_reason = models.CharField(_("why it came back"), max_length=1000, blank=True)
    issued_at = models.DateTimeField(_("issued"), null=True)
    created_at = models.DateTimeField(_("created"))
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        indexes: ClassVar = [
            models.Index(fields=["organization", "-created_at", "-id"], name="invoice_newest"),
            models.Index(
                fields=["organization", "customer", "-invoice_date"], name="invoice_by_customer"
            ),
            models.Index(
                fields=["organization", "due_date", "id"],
                condition=models.Q(
                    status="issued", total__gt=models.F("paid") + models.F("credited")
                ),
                name="invoice_open_by_due",
            ),
            # Whoever asks what everybody owes reads this alone.
            models.Index(
                fields=["organization", "currency", "customer"],
                include=["total", "paid", "credited", "due_date"],
                condition=models.Q(
                    status="issued",
                    deal__isnull=True,
                    total__gt=models.F("paid") + models.F("credited"),
                ),
                name="invoice_open_by_account",
            ),
            models.Index(
                fields=["organization", "deal", "id"],
                condition=models.Q(deal__isnull=False),
                name="invoice_by_deal",
            ),
            models.Index(
                fields=["organization", "salesperson", "-created_at"], name="invoice_by_salesperson"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "series", "number"],
                condition=~models.Q(number=""),
                name="invoice_number_unique",
            ),
            models.CheckConstraint(
                condition=models.Q(total=models.F("net_total") + models.F("tax_total")),
                name="invoice_total_is_net_and_tax",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    paid__gte=0, credited__gte=0, total__gte=models.F("paid") + models.F("credited")
                ),
                name="invoice_paid_within_total",
            ),
            models.CheckConstraint(
                condition=models.Q(origin="deal", deal__isnull=False)
                | (~models.Q(origin="deal") & models.Q(deal__isnull=True)),
                name="invoice_of_a_deal_names_it",
            ),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="invoice_rate_positive"),
            models.CheckConstraint(
                condition=models.Q(due_date__gte=models.F("invoice_date")),
                name="invoice_due_after_date",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["draft", "void"], number="", issued_at__isnull=True)
                | (
                    ~models.Q(status="draft")
                    & ~models.Q(number="")
                    & models.Q(issued_at__isnull=False)
                ),
                name="invoice_issued_has_number_and_moment",
            ),
            models.CheckConstraint(
                condition=~models.Q(billing="review") | ~models.Q(review_reason=""),
                name="invoice_review_has_a_reason",
            ),
            Trigger(
                name="invoice_issued_is_frozen",
                when="BEFORE UPDATE OR DELETE ON {table}",
                body=FROZEN,
            ),
            Trigger(
                name="invoice_adds_up",
                when="AFTER INSERT OR UPDATE OF status, total, net_total, tax_total, line_count, "
                "revision ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=ADDS_UP,
                constraint=True,
            ),
        ]

    def __str__(self) -> str:
        return self.number or str(_("Draft"))

    @property
    def left(self) -> Decimal:
        """What is left to pay."""
        return self.total - self.paid - self.credited


class InvoiceLine(TenantModel):
    """One line: what was sold, as it was said at that time. It refers to no product."""

    invoice = TenantForeignKey(Invoice, on_delete=models.CASCADE)
    revision = models.PositiveSmallIntegerField(default=1)
    position = models.PositiveSmallIntegerField()
    description = models.CharField(_("description"), max_length=300)
    item_code = models.CharField(_("item code"), max_length=60, blank=True)
    barcode = models.CharField(_("barcode"), max_length=60, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=3)
    unit_price = models.DecimalField(_("price"), max_digits=19, decimal_places=4)
    tax_rate = models.DecimalField(_("tax %"), max_digits=6, decimal_places=3, default=0)
    net = models.DecimalField(_("net"), max_digits=19, decimal_places=4)
    tax = models.DecimalField(_("tax"), max_digits=19, decimal_places=4, default=0)
    details = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "invoice", "revision", "position"],
                name="invoice_line_position_unique",
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0), name="invoice_line_quantity_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(unit_price__gte=0, net__gte=0, tax__gte=0, tax_rate__gte=0),
                name="invoice_line_not_negative",
            ),
            Trigger(
                name="invoice_line_is_frozen",
                when="BEFORE INSERT OR UPDATE OR DELETE ON {table}",
                body=LINE_FROZEN,
            ),
        ]

    def __str__(self) -> str:
        return self.description


class Revision(TenantModel):
    """An imported invoice as it was before a correction."""

    invoice = TenantForeignKey(Invoice)
    number = models.PositiveSmallIntegerField()
    content = models.JSONField()
    reason = models.CharField(max_length=1000, blank=True)
    replaced_by_label = models.CharField(max_length=200)
    replaced_at = models.DateTimeField()

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        constraints: ClassVar = [
            AppendOnly(name="revision_append_only"),
            models.UniqueConstraint(
                fields=["organization", "invoice", "number"], name="revision_number_unique"
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)


class Credit(TenantModel):
    """What an invoice no longer claims: by a credit note, or written off as lost.

    A recovery takes a write-off back: its amount is below zero, and the invoice claims it again.
    """

    class Kind(models.TextChoices):
        NOTE = "note", _("Credit note")
        WRITE_OFF = "write_off", _("Write-off")
        RECOVERY = "recovery", _("Recovery")

    invoice = TenantForeignKey(Invoice)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    number = models.CharField(_("number"), max_length=24, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)
    tax = models.DecimalField(_("tax"), max_digits=19, decimal_places=4, default=0)
    reason = models.CharField(_("reason"), max_length=1000)
    cause_id = models.UUIDField(null=True)
    credited_on = models.DateField(_("date"))
    by = TenantForeignKey(Member, verbose_name=_("by"))
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("credit")
        verbose_name_plural = _("credits")
        indexes: ClassVar = [
            models.Index(fields=["organization", "invoice", "at"], name="credit_by_invoice"),
        ]
        constraints: ClassVar = [
            AppendOnly(name="credit_append_only"),
            models.UniqueConstraint(
                fields=["organization", "number"],
                condition=~models.Q(number=""),
                name="credit_number_unique",
            ),
            models.UniqueConstraint(
                fields=["organization", "invoice", "cause_id"],
                condition=models.Q(cause_id__isnull=False),
                name="credit_once_per_cause",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0, tax__gte=0, tax__lte=models.F("amount"))
                & ~models.Q(kind="recovery")
                | models.Q(kind="recovery", amount__lt=0, tax__lte=0, tax__gte=models.F("amount")),
                name="credit_amount_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="note") & ~models.Q(number="")
                | models.Q(kind__in=["write_off", "recovery"], number=""),
                name="credit_note_has_a_number",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="credit_says_why"),
            Trigger(
                name="credit_reduces_its_invoice",
                when="AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=CREDITED.replace("{column}", "invoice_id"),
                constraint=True,
            ),
            Trigger(
                name="invoice_credited_is_its_credits",
                when="AFTER INSERT OR UPDATE OF credited ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=CREDITED.replace("{column}", "id"),
                constraint=True,
                on="invoicing_invoice",
            ),
        ]

    def __str__(self) -> str:
        return self.number or str(self.get_kind_display())


class CreditOverride(TenantModel):
    """Credit that was given against a rule: by whom, why, and what stood against it then."""

    class Rule(models.TextChoices):
        BLOCKED = "blocked", _("Credit is blocked")
        LIMIT = "limit", _("Beyond the limit")
        OVERDUE = "overdue", _("Something is overdue")

    invoice = TenantForeignKey(Invoice, verbose_name=_("invoice"))
    customer = TenantForeignKey(Customer, verbose_name=_("customer"))
    rule = models.CharField(_("rule"), max_length=8, choices=Rule)
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)
    credit_limit = models.DecimalField(
        _("credit limit"), max_digits=19, decimal_places=4, null=True
    )
    outstanding = models.DecimalField(_("outstanding then"), max_digits=21, decimal_places=4)
    overdue = models.DecimalField(_("overdue then"), max_digits=21, decimal_places=4)
    currency = models.CharField(_("currency"), max_length=3)
    reason = models.CharField(_("reason"), max_length=500)
    granted_by = TenantForeignKey(Member, verbose_name=_("allowed by"))
    sold_by = TenantForeignKey(Member, verbose_name=_("sold by"))
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("credit override")
        verbose_name_plural = _("credit overrides")
        indexes: ClassVar = [
            models.Index(fields=["organization", "-at", "-id"], name="override_newest"),
            models.Index(fields=["organization", "customer", "-at"], name="override_by_customer"),
        ]
        constraints: ClassVar = [
            AppendOnly(name="override_append_only"),
            models.UniqueConstraint(
                fields=["organization", "invoice", "rule"], name="override_once_per_rule"
            ),
            # Who is not active gets no credit from anybody: these rules are never set aside.
            models.CheckConstraint(
                condition=~models.Q(rule__in=["inactive", "walk_in"]),
                name="override_of_a_rule_that_may",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="override_says_why"),
            models.CheckConstraint(
                condition=models.Q(amount__gte=0), name="override_amount_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_rule_display())

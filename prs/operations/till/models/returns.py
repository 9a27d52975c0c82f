"""What comes back, and the money that changes hands."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import AppendOnly, Trigger, refuse
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import TenantForeignKey, TenantModel
from prs.masterdata.catalog.models import Product
from prs.masterdata.parties.models import Customer
from prs.masterdata.places.models import Place
from prs.operations.till.models.registers import Shift, Till
from prs.operations.till.models.sales import LINE_RETURNED, SALE_ADDS_UP, Sale, SaleLine

RETURN_ADDS_UP = f"""
DECLARE now_ record; sums record; brought numeric;
BEGIN
  SELECT * INTO now_ FROM till_return WHERE id = NEW.{{id}};
  IF NOT FOUND THEN RETURN NULL; END IF;
  SELECT coalesce(sum(net), 0) AS net, coalesce(sum(tax), 0) AS tax INTO sums
    FROM till_returnline WHERE organization_id = now_.organization_id AND return_of_id = now_.id;
  SELECT coalesce(sum(amount), 0) INTO brought FROM till_tender
    WHERE organization_id = now_.organization_id AND return_of_id = now_.id;
  IF sums.net <> now_.net_total OR sums.tax <> now_.tax_total OR -brought <> now_.refunded THEN
    {refuse("return_adds_up", "a return is its lines and what was given for them")}
  END IF;
  RETURN NULL;
END
"""
APPROVED = f"""
BEGIN
  IF NEW.approved_by_id IS NULL AND NEW.kind <> 'void' AND NEW.total >
     coalesce((SELECT return_limit FROM till_tillsetting s
               WHERE s.organization_id = NEW.organization_id AND s.currency = NEW.currency), 100) THEN
    {refuse("return_above_limit_is_approved", "a large return is approved by somebody else")}
  END IF;
  RETURN NEW;
END
"""
RETURN_COUNTS = f"""
BEGIN
  UPDATE till_shift SET returns_count = returns_count + 1,
         returns_total = returns_total + NEW.total + NEW.rounding
  WHERE id = NEW.shift_id AND state = 'open';
  IF NOT FOUND THEN
    {refuse("return_in_open_shift", "goods are taken back in an open shift")}
  END IF;
  RETURN NULL;
END
"""
TENDER_COUNTS = f"""
BEGIN
  UPDATE till_shift SET
    cash = cash + CASE NEW.method WHEN 'cash' THEN NEW.amount ELSE 0 END,
    card = card + CASE NEW.method WHEN 'card' THEN NEW.amount ELSE 0 END,
    mobile = mobile + CASE NEW.method WHEN 'mobile' THEN NEW.amount ELSE 0 END,
    bank = bank + CASE NEW.method WHEN 'bank' THEN NEW.amount ELSE 0 END
  WHERE id = NEW.shift_id AND state = 'open';
  IF NOT FOUND THEN
    {refuse("tender_in_open_shift", "money changes hands in an open shift")}
  END IF;
  RETURN NULL;
END
"""
# The row of the return is the gate: two tills never spend the same credit.
CREDIT_ONCE = f"""
BEGIN
  IF NEW.method <> 'exchange' THEN RETURN NULL; END IF;
  PERFORM 1 FROM till_return WHERE id = NEW.exchange_id FOR NO KEY UPDATE;
  IF (SELECT sum(amount) FROM till_tender WHERE organization_id = NEW.organization_id
      AND exchange_id = NEW.exchange_id) > 0 THEN
    {refuse("tender_exchange_within_return", "what was given for goods is spent once")}
  END IF;
  RETURN NULL;
END
"""


class Return(TenantModel):
    """Goods that a customer brought back, and what they got for them. It is written once."""

    class Kind(models.TextChoices):
        RETURN = "return", _("Return")
        EXCHANGE = "exchange", _("Exchange")
        VOID = "void", _("Void")

    number = models.CharField(_("number"), max_length=32)
    key = models.UUIDField()
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.RETURN)
    sale = TenantForeignKey(Sale, null=True, verbose_name=_("sale"))
    place = TenantForeignKey(Place, verbose_name=_("storefront"))
    till = TenantForeignKey(Till, verbose_name=_("till"))
    shift = TenantForeignKey(Shift, verbose_name=_("shift"))
    customer = TenantForeignKey(Customer, null=True, verbose_name=_("customer"))
    reason = models.CharField(_("why"), max_length=300)
    currency = models.CharField(_("currency"), max_length=3)
    net_total = models.DecimalField(_("net"), max_digits=19, decimal_places=4)
    tax_total = models.DecimalField(_("tax"), max_digits=19, decimal_places=4)
    total = models.DecimalField(_("total"), max_digits=19, decimal_places=4)
    rounding = models.DecimalField(_("rounding"), max_digits=9, decimal_places=4, default=0)
    refunded = models.DecimalField(_("given back"), max_digits=19, decimal_places=4)
    credited = models.DecimalField(_("no longer owed"), max_digits=19, decimal_places=4)
    cost = models.DecimalField(_("cost"), max_digits=19, decimal_places=4, default=0)
    by = TenantForeignKey(Member, verbose_name=_("taken back by"))
    approved_by = TenantForeignKey(Member, null=True, verbose_name=_("approved by"))
    at = models.DateTimeField(_("when"))
    on_date = models.DateField(_("day"))

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        indexes: ClassVar = [
            models.Index(fields=["organization", "-at", "-id"], name="return_newest_first"),
            models.Index(fields=["organization", "sale"], name="return_by_sale"),
            models.Index(fields=["organization", "shift"], name="return_by_shift"),
        ]
        constraints: ClassVar = [
            AppendOnly(name="return_append_only"),
            models.UniqueConstraint(fields=["organization", "number"], name="return_number_unique"),
            models.UniqueConstraint(fields=["organization", "key"], name="return_key_unique"),
            models.CheckConstraint(condition=models.Q(reason__gt=""), name="return_says_why"),
            models.CheckConstraint(
                condition=models.Q(
                    total=models.F("net_total") + models.F("tax_total"),
                    refunded=models.F("total") + models.F("rounding") - models.F("credited"),
                    refunded__gte=0,
                    credited__gte=0,
                ),
                name="return_total_is_given_or_credited",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True)
                | ~models.Q(approved_by=models.F("by")),
                name="return_approved_by_another",
            ),
            models.CheckConstraint(
                condition=models.Q(sale__isnull=False)
                | models.Q(approved_by__isnull=False, credited=0),
                name="return_without_receipt_is_approved",
            ),
            Trigger(
                name="return_above_limit_is_approved",
                when="BEFORE INSERT ON {table}",
                body=APPROVED,
            ),
            Trigger(
                name="return_in_open_shift", when="AFTER INSERT ON {table}", body=RETURN_COUNTS
            ),
            Trigger(
                name="return_adds_up",
                when="AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=RETURN_ADDS_UP.replace("{id}", "id"),
                constraint=True,
            ),
            Trigger(
                name="return_counts_in_its_sale",
                when="AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=SALE_ADDS_UP.replace("NEW.id", "NEW.sale_id").replace(
                    "'sale_adds_up'", "'return_counts_in_its_sale'"
                ),
                constraint=True,
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ReturnLine(TenantModel):
    """A product that came back: to the shelf, or to be written off."""

    return_of = TenantForeignKey(Return)
    sale_line = TenantForeignKey(SaleLine, null=True, verbose_name=_("line of the sale"))
    product = TenantForeignKey(Product, verbose_name=_("product"))
    name = models.CharField(_("name"), max_length=200)
    sku = models.CharField(_("SKU"), max_length=40)
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=3)
    net = models.DecimalField(_("net"), max_digits=19, decimal_places=4)
    tax = models.DecimalField(_("tax"), max_digits=19, decimal_places=4)
    total = models.DecimalField(_("total"), max_digits=19, decimal_places=4)
    restock = models.BooleanField(_("back to the shelf"), default=True)
    parts = models.JSONField(_("goods put back"), default=list)
    cost = models.DecimalField(_("cost"), max_digits=19, decimal_places=4, default=0)

    class Meta:
        verbose_name = _("line of a return")
        verbose_name_plural = _("lines of returns")
        indexes: ClassVar = [
            models.Index(fields=["organization", "sale_line"], name="return_line_by_sale_line"),
            models.Index(fields=["organization", "return_of"], name="return_line_by_return"),
        ]
        constraints: ClassVar = [
            AppendOnly(name="return_line_append_only"),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0), name="return_line_of_something"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    net__gte=0,
                    tax__gte=0,
                    total=models.F("net") + models.F("tax"),
                ),
                name="return_line_total_is_net_and_tax",
            ),
            Trigger(
                name="return_line_adds_up",
                when="AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=RETURN_ADDS_UP.replace("{id}", "return_of_id").replace(
                    "'return_adds_up'", "'return_line_adds_up'"
                ),
                constraint=True,
            ),
            Trigger(
                name="return_line_counts_in_its_sale",
                when="AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=LINE_RETURNED.replace("{line}", "sale_line_id").replace(
                    "'sale_line_returned_is_its_returns'", "'return_line_counts_in_its_sale'"
                ),
                constraint=True,
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Tender(TenantModel):
    """Money that changed hands over the counter: above zero towards us, below zero back."""

    class Method(models.TextChoices):
        CASH = "cash", _("Cash")
        CARD = "card", _("Card")
        MOBILE = "mobile", _("Mobile money")
        BANK = "bank", _("Bank transfer")
        EXCHANGE = "exchange", _("Exchange")

    sale = TenantForeignKey(Sale, null=True, verbose_name=_("sale"))
    return_of = TenantForeignKey(Return, null=True, verbose_name=_("return"))
    exchange = TenantForeignKey(Return, null=True, verbose_name=_("exchange of"))
    shift = TenantForeignKey(Shift, verbose_name=_("shift"))
    method = models.CharField(_("how"), max_length=10, choices=Method)
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)
    handed = models.DecimalField(_("handed over"), max_digits=19, decimal_places=4)
    change = models.DecimalField(_("change"), max_digits=19, decimal_places=4, default=0)
    reference = models.CharField(_("reference"), max_length=60, blank=True)
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("tender")
        verbose_name_plural = _("tenders")
        indexes: ClassVar = [
            models.Index(fields=["organization", "sale"], name="tender_by_sale"),
            models.Index(fields=["organization", "return_of"], name="tender_by_return"),
            models.Index(
                fields=["organization", "exchange"],
                condition=models.Q(exchange__isnull=False),
                name="tender_by_exchange",
            ),
        ]
        constraints: ClassVar = [
            AppendOnly(name="tender_append_only"),
            models.CheckConstraint(
                condition=models.Q(sale__isnull=False, return_of__isnull=True, amount__gt=0)
                | models.Q(sale__isnull=True, return_of__isnull=False, amount__lt=0),
                name="tender_goes_its_way",
            ),
            models.CheckConstraint(
                condition=models.Q(handed=models.F("amount") + models.F("change"), change__gte=0)
                & (models.Q(change=0) | models.Q(method="cash", amount__gt=0)),
                name="tender_change_is_of_cash",
            ),
            models.CheckConstraint(
                condition=models.Q(method="exchange", exchange__isnull=False)
                | models.Q(~models.Q(method="exchange"), exchange__isnull=True),
                name="tender_exchange_names_its_return",
            ),
            Trigger(
                name="tender_in_open_shift", when="AFTER INSERT ON {table}", body=TENDER_COUNTS
            ),
            Trigger(
                name="tender_exchange_within_return",
                when="AFTER INSERT ON {table}",
                body=CREDIT_ONCE,
            ),
            Trigger(
                name="tender_counts_in_its_sale",
                when="AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=SALE_ADDS_UP.replace("NEW.id", "NEW.sale_id").replace(
                    "'sale_adds_up'", "'tender_counts_in_its_sale'"
                ),
                constraint=True,
            ),
            Trigger(
                name="tender_counts_in_its_return",
                when="AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=RETURN_ADDS_UP.replace("{id}", "return_of_id").replace(
                    "'return_adds_up'", "'tender_counts_in_its_return'"
                ),
                constraint=True,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_method_display()} {self.amount}"

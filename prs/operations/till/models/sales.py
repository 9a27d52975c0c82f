"""Sales: a basket while it is open, and never changed once it is completed."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import Trigger, refuse
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import TenantForeignKey, TenantModel
from prs.masterdata.catalog.models import Product
from prs.masterdata.parties.models import Customer
from prs.masterdata.places.models import Place
from prs.operations.invoicing.models import Invoice
from prs.operations.till.models.doors import DOORS
from prs.operations.till.models.registers import Shift, Till

# What a completed sale still learns: what came back of it, and that it was voided.
SALE_FROZEN = f"""
DECLARE later text[] := ARRAY['state', 'returned', 'voided_at', 'voided_by_id', 'void_reason'];
BEGIN
  IF TG_OP = 'DELETE' THEN
    {refuse("sale_completed_is_frozen", "a sale is never deleted")}
  END IF;
  IF OLD.state = 'open' AND NEW.state <> 'voided' THEN RETURN NEW; END IF;
  IF OLD.state <> 'completed' OR NEW.state NOT IN ('completed', 'voided')
     OR NEW.returned < OLD.returned
     OR to_jsonb(OLD) - later <> to_jsonb(NEW) - later THEN
    {refuse("sale_completed_is_frozen", "a completed sale is never changed")}
  END IF;
  RETURN NEW;
END
"""
SALE_ADDS_UP = f"""
DECLARE now_ record; sums record; brought numeric; back numeric;
BEGIN
  SELECT * INTO now_ FROM till_sale WHERE id = NEW.id;
  IF NOT FOUND OR now_.state NOT IN ('completed', 'voided') THEN RETURN NULL; END IF;
  SELECT count(*) AS lines, coalesce(sum(net), 0) AS net, coalesce(sum(tax), 0) AS tax INTO sums
    FROM till_saleline WHERE sale_id = now_.id;
  SELECT coalesce(sum(amount), 0) INTO brought FROM till_tender
    WHERE organization_id = now_.organization_id AND sale_id = now_.id;
  SELECT coalesce(sum(total), 0) INTO back FROM till_return
    WHERE organization_id = now_.organization_id AND sale_id = now_.id;
  IF sums.lines <> now_.line_count OR sums.lines = 0 OR sums.net <> now_.net_total
     OR sums.tax <> now_.tax_total OR brought <> now_.paid OR back <> now_.returned THEN
    {refuse("sale_adds_up", "a sale is its lines, its tenders and its returns")}
  END IF;
  RETURN NULL;
END
"""
KNOWN_CUSTOMER = f"""
BEGIN
  IF NEW.on_credit > 0 AND coalesce(
       (SELECT is_walk_in FROM parties_customer c WHERE c.id = NEW.customer_id), true) THEN
    {refuse("sale_credit_has_a_name", "nobody owes who is not known")}
  END IF;
  RETURN NEW;
END
"""
COUNTS = """
BEGIN
  IF OLD.state = 'open' AND NEW.state = 'completed' THEN
    UPDATE till_shift SET sales_count = sales_count + 1,
           sales_total = sales_total + NEW.total + NEW.rounding
    WHERE id = NEW.shift_id AND state = 'open';
    IF NOT FOUND THEN
      RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'sale_in_open_shift',
            MESSAGE = 'a sale is completed in an open shift';
    END IF;
  END IF;
  RETURN NULL;
END
"""
BEGINS_OPEN = f"""
BEGIN
  IF NEW.state <> 'open' OR NEW.returned <> 0 THEN
    {refuse("sale_begins_as_basket", "a sale begins as an open basket")}
  END IF;
  RETURN NEW;
END
"""
LINE_FROZEN = f"""
DECLARE later text[] := ARRAY['returned_quantity', 'returned_total']; line record; state_ text;
BEGIN
  line := coalesce(NEW, OLD);
  SELECT state INTO state_ FROM till_sale WHERE id = line.sale_id;
  IF state_ <> 'open' AND (TG_OP <> 'UPDATE' OR to_jsonb(OLD) - later <> to_jsonb(NEW) - later
     OR NEW.returned_quantity < OLD.returned_quantity) THEN
    {refuse("sale_line_is_frozen", "the lines of a completed sale are never changed")}
  END IF;
  RETURN line;
END
"""
LINE_RETURNED = f"""
DECLARE line record; back record;
BEGIN
  SELECT * INTO line FROM till_saleline WHERE id = NEW.{{line}};
  IF NOT FOUND THEN RETURN NULL; END IF;
  SELECT coalesce(sum(quantity), 0) AS quantity, coalesce(sum(total), 0) AS total INTO back
    FROM till_returnline WHERE organization_id = line.organization_id AND sale_line_id = line.id;
  IF back.quantity <> line.returned_quantity OR back.total <> line.returned_total THEN
    {refuse("sale_line_returned_is_its_returns", "what came back of a line is what was returned")}
  END IF;
  RETURN NULL;
END
"""


class Sale(TenantModel):
    """What somebody buys. While it is open it is a basket, which may wait and change hands."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        COMPLETED = "completed", _("Sold")
        VOIDED = "voided", _("Voided")
        ABANDONED = "abandoned", _("Left")

    class Level(models.TextChoices):
        RETAIL = "retail", _("Retail")
        WHOLESALE = "wholesale", _("Wholesale")

    place = TenantForeignKey(Place, verbose_name=_("storefront"))
    till = TenantForeignKey(Till, verbose_name=_("till"))
    shift = TenantForeignKey(Shift, null=True, verbose_name=_("shift"))
    seller = TenantForeignKey(Member, verbose_name=_("sold by"))
    customer = TenantForeignKey(Customer, null=True, blank=True, verbose_name=_("customer"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    level = models.CharField(_("prices"), max_length=10, choices=Level, default=Level.RETAIL)
    number = models.CharField(_("receipt"), max_length=32, blank=True)
    key = models.UUIDField(null=True)
    currency = models.CharField(_("currency"), max_length=3)
    discount_percent = models.DecimalField(
        _("discount, %"), max_digits=7, decimal_places=4, default=0
    )
    discount_fixed = models.DecimalField(_("discount"), max_digits=19, decimal_places=4, default=0)
    discount = models.DecimalField(_("discounts"), max_digits=19, decimal_places=4, default=0)
    net_total = models.DecimalField(_("net"), max_digits=19, decimal_places=4, default=0)
    tax_total = models.DecimalField(_("tax"), max_digits=19, decimal_places=4, default=0)
    total = models.DecimalField(_("total"), max_digits=19, decimal_places=4, default=0)
    rounding = models.DecimalField(_("rounding"), max_digits=9, decimal_places=4, default=0)
    paid = models.DecimalField(_("paid"), max_digits=19, decimal_places=4, default=0)
    on_credit = models.DecimalField(_("on credit"), max_digits=19, decimal_places=4, default=0)
    returned = models.DecimalField(_("taken back"), max_digits=19, decimal_places=4, default=0)
    cost = models.DecimalField(_("cost"), max_digits=19, decimal_places=4, default=0)
    line_count = models.PositiveSmallIntegerField(default=0)
    invoice = TenantForeignKey(Invoice, null=True, blank=True, verbose_name=_("invoice"))
    discount_by = TenantForeignKey(Member, null=True, verbose_name=_("discount approved by"))
    name = models.CharField(_("called"), max_length=60, blank=True)
    held_at = models.DateTimeField(_("put aside"), null=True)
    begun_at = models.DateTimeField(_("begun"))
    touched_at = models.DateTimeField(_("last touched"))
    completed_at = models.DateTimeField(_("sold"), null=True)
    completed_on = models.DateField(_("day"), null=True)
    voided_at = models.DateTimeField(_("voided"), null=True)
    voided_by = TenantForeignKey(Member, null=True, verbose_name=_("voided by"))
    void_reason = models.CharField(_("why voided"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("sale")
        verbose_name_plural = _("sales")
        indexes: ClassVar = [
            models.Index(fields=["organization", "-completed_at", "-id"], name="sale_newest_first"),
            models.Index(fields=["organization", "shift", "completed_at"], name="sale_by_shift"),
            models.Index(
                fields=["organization", "customer", "-completed_at"], name="sale_by_customer"
            ),
            models.Index(
                fields=["organization", "place", "touched_at"],
                condition=models.Q(state="open"),
                name="sale_open_by_place",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "number"],
                condition=~models.Q(number=""),
                name="sale_number_unique",
            ),
            models.UniqueConstraint(
                fields=["organization", "key"],
                condition=models.Q(key__isnull=False),
                name="sale_key_unique",
            ),
            models.UniqueConstraint(
                fields=["organization", "till"],
                condition=models.Q(state="open", held_at__isnull=True),
                name="sale_one_basket_per_till",
            ),
            models.CheckConstraint(
                condition=models.Q(total=models.F("net_total") + models.F("tax_total")),
                name="sale_total_is_net_and_tax",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    discount_percent__range=(0, 100),
                    discount_fixed__gte=0,
                    discount__gte=0,
                    net_total__gte=0,
                    tax_total__gte=0,
                    on_credit__gte=0,
                    paid__gte=0,
                ),
                name="sale_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["open", "abandoned"], number="", completed_at__isnull=True, paid=0
                )
                | models.Q(
                    ~models.Q(number=""),
                    state__in=["completed", "voided"],
                    completed_at__isnull=False,
                    completed_on__isnull=False,
                    shift__isnull=False,
                    key__isnull=False,
                ),
                name="sale_completed_is_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "abandoned"])
                | models.Q(
                    total=models.F("paid") + models.F("on_credit") - models.F("rounding"),
                ),
                name="sale_is_paid_or_owed",
            ),
            models.CheckConstraint(
                condition=models.Q(on_credit=0) | models.Q(rounding=0),
                name="sale_rounds_cash_only",
            ),
            models.CheckConstraint(
                condition=models.Q(on_credit=0) | models.Q(invoice__isnull=False),
                name="sale_on_credit_is_invoiced",
            ),
            models.CheckConstraint(
                condition=models.Q(returned__gte=0, returned__lte=models.F("total")),
                name="sale_returned_within_total",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    ~models.Q(state="voided"), voided_by__isnull=True, void_reason=""
                )
                | models.Q(
                    ~models.Q(void_reason=""),
                    state="voided",
                    voided_by__isnull=False,
                    voided_at__isnull=False,
                    returned=models.F("total"),
                ),
                name="sale_voided_says_why",
            ),
            Trigger(
                name="sale_begins_as_basket", when="BEFORE INSERT ON {table}", body=BEGINS_OPEN
            ),
            Trigger(
                name="sale_completed_is_frozen",
                when="BEFORE UPDATE OR DELETE ON {table}",
                body=SALE_FROZEN,
            ),
            Trigger(
                name="sale_credit_has_a_name",
                when="BEFORE INSERT OR UPDATE ON {table}",
                body=KNOWN_CUSTOMER,
            ),
            Trigger(name="sale_in_open_shift", when="AFTER UPDATE ON {table}", body=COUNTS),
            Trigger(
                name="sale_adds_up",
                when="AFTER INSERT OR UPDATE ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=SALE_ADDS_UP,
                constraint=True,
            ),
            *DOORS,
        ]

    def __str__(self) -> str:
        return self.number or self.name or str(_("Basket"))

    @property
    def to_pay(self) -> Decimal:
        """What has to be handed over or owed."""
        return self.total + self.rounding


class SaleLine(TenantModel):
    """A product of a sale, as it was called and priced then, with the goods that were given for it."""

    sale = TenantForeignKey(Sale)
    position = models.PositiveSmallIntegerField()
    product = TenantForeignKey(Product, verbose_name=_("product"))
    name = models.CharField(_("name"), max_length=200)
    sku = models.CharField(_("SKU"), max_length=40)
    unit = models.CharField(_("unit"), max_length=12)
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=3)
    unit_price = models.DecimalField(_("price"), max_digits=19, decimal_places=4)
    tax_included = models.BooleanField(default=True)
    rates = models.JSONField(default=list)
    discount_percent = models.DecimalField(
        _("discount, %"), max_digits=7, decimal_places=4, default=0
    )
    discount_fixed = models.DecimalField(_("discount"), max_digits=19, decimal_places=4, default=0)
    gross = models.DecimalField(_("price"), max_digits=19, decimal_places=4, default=0)
    discount = models.DecimalField(_("discount"), max_digits=19, decimal_places=4, default=0)
    basket_share = models.DecimalField(
        _("share of the basket's discount"), max_digits=19, decimal_places=4, default=0
    )
    net = models.DecimalField(_("net"), max_digits=19, decimal_places=4, default=0)
    tax = models.DecimalField(_("tax"), max_digits=19, decimal_places=4, default=0)
    total = models.DecimalField(_("total"), max_digits=19, decimal_places=4, default=0)
    taxes = models.JSONField(default=list)
    parts = models.JSONField(_("goods taken"), default=list)
    cost = models.DecimalField(_("cost"), max_digits=19, decimal_places=4, default=0)
    returned_quantity = models.DecimalField(
        _("came back"), max_digits=14, decimal_places=3, default=0
    )
    returned_total = models.DecimalField(
        _("given back"), max_digits=19, decimal_places=4, default=0
    )

    class Meta:
        verbose_name = _("line of a sale")
        verbose_name_plural = _("lines of sales")
        indexes: ClassVar = [
            models.Index(fields=["organization", "product"], name="sale_line_by_product"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "sale", "position"], name="sale_line_position_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0), name="sale_line_of_something"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    unit_price__gte=0, net__gte=0, tax__gte=0, discount__gte=0, basket_share__gte=0
                ),
                name="sale_line_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(discount_percent__range=(0, 100), discount_fixed__gte=0),
                name="sale_line_discount_in_range",
            ),
            models.CheckConstraint(
                condition=models.Q(total=models.F("net") + models.F("tax")),
                name="sale_line_total_is_net_and_tax",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    returned_quantity__gte=0,
                    returned_quantity__lte=models.F("quantity"),
                    returned_total__gte=0,
                    returned_total__lte=models.F("total"),
                ),
                name="sale_line_returned_within_sold",
            ),
            models.CheckConstraint(
                condition=models.Q(returned_quantity__lt=models.F("quantity"))
                | models.Q(returned_total=models.F("total")),
                name="sale_line_whole_return_is_its_total",
            ),
            Trigger(
                name="sale_line_is_frozen",
                when="BEFORE INSERT OR UPDATE OR DELETE ON {table}",
                body=LINE_FROZEN,
            ),
            Trigger(
                name="sale_line_returned_is_its_returns",
                when="AFTER UPDATE ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=LINE_RETURNED.replace("{line}", "id"),
                constraint=True,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def left(self) -> Decimal:
        """How much of it hasn't come back."""
        return self.quantity - self.returned_quantity

    @property
    def worth(self) -> Decimal:
        """Its price after its own discount."""
        return self.gross - self.discount

    @property
    def off(self) -> Decimal:
        """What was taken off it, with its share of the basket's discount."""
        return self.discount + self.basket_share

    @property
    def back_figure(self) -> str:
        """What can come back of it, as a field holds it."""
        return f"{self.left.normalize():f}"

    @property
    def figure(self) -> str:
        """Its quantity as a field holds it."""
        return f"{self.quantity.normalize():f}"

    @property
    def one_less(self) -> str:
        """Its quantity after a step down."""
        return f"{max(self.quantity - 1, Decimal(0)).normalize():f}"

    @property
    def one_more(self) -> str:
        """Its quantity after a step up."""
        return f"{(self.quantity + 1).normalize():f}"

"""Registers, who stands at them, and the drawer of a shift."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import AppendOnly, Trigger, refuse
from prs.kernel.identity.models import Member, Role
from prs.kernel.tenancy.models import TenantForeignKey, TenantModel
from prs.masterdata.places.models import Place

IN_A_STOREFRONT = f"""
BEGIN
  IF (SELECT kind FROM places_place p WHERE p.id = NEW.place_id) IS DISTINCT FROM 'storefront' THEN
    {refuse("till_stands_in_a_storefront", "a till stands where customers buy")}
  END IF;
  RETURN NEW;
END
"""
# A shift goes from open to closed to confirmed; what was counted is never counted again.
SHIFT_FROZEN = f"""
BEGIN
  IF TG_OP = 'DELETE' THEN
    {refuse("shift_moves_forward", "a shift is never deleted")}
  END IF;
  IF ROW(OLD.number, OLD.till_id, OLD.member_id, OLD.opened_at, OLD.opened_on)
     IS DISTINCT FROM ROW(NEW.number, NEW.till_id, NEW.member_id, NEW.opened_at, NEW.opened_on)
     OR OLD.state = 'confirmed'
     OR (OLD.state = 'open' AND NEW.state = 'confirmed')
     OR (OLD.state = 'closed' AND (NEW.state = 'open'
         OR to_jsonb(OLD) - ARRAY['state', 'confirmed_by_id', 'confirmed_at']
            <> to_jsonb(NEW) - ARRAY['state', 'confirmed_by_id', 'confirmed_at'])) THEN
    {refuse("shift_moves_forward", "a shift that was counted is confirmed as it is")}
  END IF;
  RETURN NEW;
END
"""
# What is in the drawer follows from tenders and movements, whose triggers alone add it up.
SUMS = f"""
BEGIN
  IF pg_trigger_depth() = 1 AND
     ROW(OLD.cash, OLD.card, OLD.mobile, OLD.bank, OLD.sales_count, OLD.sales_total,
         OLD.returns_count, OLD.returns_total)
     IS DISTINCT FROM
     ROW(NEW.cash, NEW.card, NEW.mobile, NEW.bank, NEW.sales_count, NEW.sales_total,
         NEW.returns_count, NEW.returns_total) THEN
    {refuse("shift_sums_by_database", "the sums of a shift follow from what went through it")}
  END IF;
  RETURN NEW;
END
"""
STARTS_EMPTY = f"""
BEGIN
  IF NEW.state <> 'open' OR ROW(NEW.cash, NEW.card, NEW.mobile, NEW.bank, NEW.sales_total, NEW.returns_total)
     <> ROW(0::numeric, 0::numeric, 0::numeric, 0::numeric, 0::numeric, 0::numeric)
     OR NEW.sales_count + NEW.returns_count > 0 THEN
    {refuse("shift_starts_empty", "a shift begins open, with nothing in it")}
  END IF;
  RETURN NEW;
END
"""
IN_OPEN_SHIFT = f"""
BEGIN
  UPDATE till_shift SET cash = cash + NEW.amount WHERE id = NEW.shift_id AND state = 'open';
  IF NOT FOUND THEN
    {refuse("cash_movement_in_open_shift", "money moves in a drawer that is open")}
  END IF;
  RETURN NULL;
END
"""


class Till(TenantModel):
    """A register: where it stands and what it is called."""

    place = TenantForeignKey(Place, verbose_name=_("storefront"))
    code = models.CharField(_("code"), max_length=8)
    name = models.CharField(_("name"), max_length=80)
    active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("till")
        verbose_name_plural = _("tills")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "code"], name="till_code_unique"),
            models.UniqueConstraint(
                fields=["organization", "place", "name"], name="till_name_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(code__gt="") & models.Q(name__gt=""),
                name="till_has_code_and_name",
            ),
            Trigger(
                name="till_stands_in_a_storefront",
                when="BEFORE INSERT OR UPDATE ON {table}",
                body=IN_A_STOREFRONT,
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TillSetting(TenantModel):
    """How an organization sells in a currency: its smallest coin, and what needs an approval."""

    currency = models.CharField(_("currency"), max_length=3)
    rounding_step = models.DecimalField(
        _("smallest coin"), max_digits=9, decimal_places=4, default=0
    )
    return_limit = models.DecimalField(
        _("returns need an approval above"), max_digits=19, decimal_places=4, default=100
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("rule of the till")
        verbose_name_plural = _("rules of the till")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "currency"], name="till_setting_one_per_currency"
            ),
            models.CheckConstraint(
                condition=models.Q(rounding_step__gte=0, return_limit__gte=0),
                name="till_setting_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.currency


class TillRule(TenantModel):
    """How much a role may take off a price without asking anybody, in per cent."""

    role = TenantForeignKey(Role, on_delete=models.CASCADE, verbose_name=_("role"))
    line_discount = models.DecimalField(_("off a line, %"), max_digits=5, decimal_places=2)
    basket_discount = models.DecimalField(_("off a basket, %"), max_digits=5, decimal_places=2)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("discount limit")
        verbose_name_plural = _("discount limits")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "role"], name="till_rule_one_per_role"),
            models.CheckConstraint(
                condition=models.Q(line_discount__range=(0, 100), basket_discount__range=(0, 100)),
                name="till_rule_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_discount} {self.basket_discount}"


class Pin(TenantModel):
    """The number by which a member says who they are at a till. Only its digest is kept."""

    member = TenantForeignKey(Member, on_delete=models.CASCADE)
    digest = models.CharField(max_length=128)
    failures = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("PIN")
        verbose_name_plural = _("PINs")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "member"], name="pin_one_per_member"),
            models.CheckConstraint(
                condition=models.Q(digest__contains="$"), name="pin_is_kept_as_digest"
            ),
        ]

    def __str__(self) -> str:
        return str(self.changed_at)


class Shift(TenantModel):
    """One person's open drawer, from the float to the count that another confirms."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Counted")
        CONFIRMED = "confirmed", _("Confirmed")

    number = models.CharField(_("number"), max_length=24)
    till = TenantForeignKey(Till, verbose_name=_("till"))
    member = TenantForeignKey(Member, verbose_name=_("cashier"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    currency = models.CharField(_("currency"), max_length=3)
    opened_at = models.DateTimeField(_("opened"))
    opened_on = models.DateField(_("day"))
    cash = models.DecimalField(_("cash"), max_digits=19, decimal_places=4, default=0)
    card = models.DecimalField(_("card"), max_digits=19, decimal_places=4, default=0)
    mobile = models.DecimalField(_("mobile money"), max_digits=19, decimal_places=4, default=0)
    bank = models.DecimalField(_("bank transfer"), max_digits=19, decimal_places=4, default=0)
    sales_count = models.PositiveIntegerField(_("sales"), default=0)
    sales_total = models.DecimalField(_("sold"), max_digits=19, decimal_places=4, default=0)
    returns_count = models.PositiveIntegerField(_("returns"), default=0)
    returns_total = models.DecimalField(_("taken back"), max_digits=19, decimal_places=4, default=0)
    pieces = models.JSONField(_("counted pieces"), default=dict)
    counted = models.DecimalField(_("counted"), null=True, max_digits=19, decimal_places=4)
    expected = models.DecimalField(_("expected"), null=True, max_digits=19, decimal_places=4)
    difference = models.DecimalField(_("difference"), null=True, max_digits=19, decimal_places=4)
    remarks = models.CharField(_("remarks"), max_length=500, blank=True)
    closed_at = models.DateTimeField(_("counted"), null=True)
    closed_by = TenantForeignKey(Member, null=True, verbose_name=_("counted by"))
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    confirmed_by = TenantForeignKey(Member, null=True, verbose_name=_("confirmed by"))

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        indexes: ClassVar = [
            models.Index(fields=["organization", "-opened_at", "-id"], name="shift_newest_first"),
            models.Index(
                fields=["organization", "closed_at"],
                condition=models.Q(state="closed"),
                name="shift_to_confirm",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "number"], name="shift_number_unique"),
            models.UniqueConstraint(
                fields=["organization", "till"],
                condition=models.Q(state="open"),
                name="shift_one_open_per_till",
            ),
            models.UniqueConstraint(
                fields=["organization", "member"],
                condition=models.Q(state="open"),
                name="shift_one_open_per_member",
            ),
            models.CheckConstraint(
                condition=models.Q(cash__gte=0), name="shift_drawer_not_below_zero"
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", counted__isnull=True, closed_at__isnull=True)
                | models.Q(
                    state__in=["closed", "confirmed"],
                    counted__gte=0,
                    closed_at__isnull=False,
                    closed_by__isnull=False,
                    expected=models.F("cash"),
                    difference=models.F("counted") - models.F("expected"),
                ),
                name="shift_closed_is_counted",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="confirmed")
                | models.Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="shift_confirmed_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by__isnull=True)
                | ~models.Q(confirmed_by=models.F("member"))
                & ~models.Q(confirmed_by=models.F("closed_by")),
                name="shift_confirmed_by_another",
            ),
            Trigger(name="shift_starts_empty", when="BEFORE INSERT ON {table}", body=STARTS_EMPTY),
            Trigger(
                name="shift_moves_forward",
                when="BEFORE UPDATE OR DELETE ON {table}",
                body=SHIFT_FROZEN,
            ),
            Trigger(name="shift_sums_by_database", when="BEFORE UPDATE ON {table}", body=SUMS),
        ]

    def __str__(self) -> str:
        return self.number


class CashMovement(TenantModel):
    """Money that came into a drawer or left it without a sale."""

    class Kind(models.TextChoices):
        FLOAT = "float", _("Float")
        FROM_SAFE = "from_safe", _("From the safe")
        TO_SAFE = "to_safe", _("To the safe")
        EXPENSE = "expense", _("Paid for something")

    shift = TenantForeignKey(Shift)
    kind = models.CharField(_("what"), max_length=10, choices=Kind)
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)
    reason = models.CharField(_("why"), max_length=200, blank=True)
    by = TenantForeignKey(Member, verbose_name=_("by"))
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("cash movement")
        verbose_name_plural = _("cash movements")
        indexes: ClassVar = [
            models.Index(fields=["organization", "shift", "at"], name="cash_movement_by_shift"),
        ]
        constraints: ClassVar = [
            AppendOnly(name="cash_movement_append_only"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["float", "from_safe"], amount__gt=0)
                | models.Q(kind__in=["to_safe", "expense"], amount__lt=0),
                name="cash_movement_goes_its_way",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="float") | models.Q(reason__gt=""),
                name="cash_movement_says_why",
            ),
            models.UniqueConstraint(
                fields=["organization", "shift"],
                condition=models.Q(kind="float"),
                name="cash_movement_one_float",
            ),
            Trigger(
                name="cash_movement_in_open_shift",
                when="AFTER INSERT ON {table}",
                body=IN_OPEN_SHIFT,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"

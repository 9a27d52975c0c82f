"""Couriers, and how an invoice's boxes reach the customer."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import Trigger, refuse
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import StoredFile, TenantForeignKey, TenantModel
from prs.operations.fulfilment.models.work import Fulfilment

DELIVERY_FROZEN = f"""
BEGIN
  IF TG_OP = 'DELETE' OR OLD.state IN ('delivered', 'cancelled')
     OR ROW(OLD.fulfilment_id, OLD.way) IS DISTINCT FROM ROW(NEW.fulfilment_id, NEW.way)
     OR OLD.state = 'in_transit' AND NEW.state = 'assigned' THEN
    {refuse("delivery_moves_forward", "a delivery that ended is history")}
  END IF;
  RETURN NEW;
END
"""
FOLLOWS = f"""
DECLARE stands text;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.state = NEW.state THEN RETURN NEW; END IF;
  END IF;
  SELECT state INTO stands FROM fulfilment_fulfilment f WHERE f.id = NEW.fulfilment_id;
  IF NEW.state <> 'cancelled' AND stands NOT IN ('packed', 'dispatched') THEN
    {refuse("delivery_of_what_is_packed", "only what is packed is delivered")}
  END IF;
  RETURN NEW;
END
"""
# Whoever says that goods left says how.
HANDED = f"""
BEGIN
  IF NEW.state IN ('dispatched', 'delivered') AND NEW.state <> OLD.state AND NOT EXISTS (
       SELECT FROM fulfilment_delivery d
       WHERE d.organization_id = NEW.organization_id AND d.fulfilment_id = NEW.id
         AND d.state = CASE NEW.state WHEN 'delivered' THEN 'delivered' ELSE 'in_transit' END) THEN
    {refuse("fulfilment_leaves_by_a_delivery", "goods leave by a delivery")}
  END IF;
  RETURN NEW;
END
"""


class Courier(TenantModel):
    """Who carries parcels for us, and what the numbers look like by which they are followed."""

    class Kind(models.TextChoices):
        EXTERNAL = "external", _("External")
        INTERNAL = "internal", _("Our own")

    code = models.CharField(_("code"), max_length=24)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.EXTERNAL)
    contact = models.CharField(_("contact"), max_length=120, blank=True)
    phone = models.CharField(_("phone"), max_length=32)
    phone2 = models.CharField(_("second phone"), max_length=32, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    address = models.TextField(_("address"), max_length=500, blank=True)
    collects_cash = models.BooleanField(_("collects cash"), default=False)
    tracking_pattern = models.CharField(
        _("pattern of tracking numbers"),
        max_length=120,
        blank=True,
        help_text=_("# is a digit, @ a letter, * either. Empty: any number."),
    )
    remarks = models.CharField(_("remarks"), max_length=300, blank=True)
    active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("courier")
        verbose_name_plural = _("couriers")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "code"], name="courier_code_unique"),
            models.CheckConstraint(
                condition=models.Q(code__gt="", name__gt="", phone__gt=""),
                name="courier_can_be_called",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Delivery(TenantModel):
    """One way by which an invoice's boxes leave: over the counter, by courier, by a driver of ours."""

    class Way(models.TextChoices):
        COUNTER = "counter", _("Picked up")
        COURIER = "courier", _("Courier")
        DRIVER = "driver", _("Our driver")
        DECIDED = "decided", _("By decision")

    class State(models.TextChoices):
        ASSIGNED = "assigned", _("To be handed over")
        IN_TRANSIT = "in_transit", _("On the way")
        DELIVERED = "delivered", _("Delivered")
        CANCELLED = "cancelled", _("Cancelled")

    fulfilment = TenantForeignKey(Fulfilment, verbose_name=_("invoice"))
    way = models.CharField(_("way"), max_length=8, choices=Way)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ASSIGNED)
    courier = TenantForeignKey(Courier, null=True, verbose_name=_("courier"))
    driver = TenantForeignKey(Member, null=True, verbose_name=_("driver"))
    tracking = models.CharField(_("tracking number"), max_length=60, blank=True)
    slip = TenantForeignKey(StoredFile, null=True, verbose_name=_("slip"))
    person = models.CharField(_("handed to"), max_length=150, blank=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    company = models.CharField(_("company"), max_length=200, blank=True)
    photo = TenantForeignKey(StoredFile, null=True, verbose_name=_("photo"))
    signature = TenantForeignKey(StoredFile, null=True, verbose_name=_("signature"))
    latitude = models.DecimalField(_("latitude"), null=True, max_digits=9, decimal_places=6)
    longitude = models.DecimalField(_("longitude"), null=True, max_digits=9, decimal_places=6)
    accuracy = models.PositiveIntegerField(_("accuracy, m"), null=True)
    note = models.CharField(_("note"), max_length=1000, blank=True)
    stop = models.PositiveSmallIntegerField(_("stop on the route"), default=0)
    by = TenantForeignKey(Member, verbose_name=_("assigned by"))
    at = models.DateTimeField(_("assigned"))
    left_at = models.DateTimeField(_("left"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    ended_by = TenantForeignKey(Member, null=True, verbose_name=_("ended by"))

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes: ClassVar = [
            models.Index(fields=["organization", "-at", "-id"], name="delivery_newest_first"),
            models.Index(
                fields=["organization", "driver", "state"],
                condition=models.Q(driver__isnull=False),
                name="delivery_by_driver",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "fulfilment"],
                condition=~models.Q(state="cancelled"),
                name="delivery_one_per_invoice",
            ),
            models.CheckConstraint(
                condition=models.Q(way="counter", person__gt="", phone__gt="", state="delivered")
                | models.Q(way="courier", courier__isnull=False)
                | models.Q(way="driver", driver__isnull=False)
                | models.Q(way="decided", note__gt="", state="delivered"),
                name="delivery_says_its_way",
            ),
            models.CheckConstraint(
                condition=~models.Q(way="courier", state__in=["in_transit", "delivered"])
                | models.Q(tracking__gt="")
                | models.Q(slip__isnull=False),
                name="delivery_by_courier_is_followed",
            ),
            models.CheckConstraint(
                condition=~models.Q(way="driver", state="delivered")
                | models.Q(person__gt="")
                & (models.Q(photo__isnull=False) | models.Q(signature__isnull=False)),
                name="delivery_by_driver_is_proven",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["assigned", "in_transit"],
                    ended_at__isnull=True,
                    ended_by__isnull=True,
                )
                | models.Q(
                    state__in=["delivered", "cancelled"],
                    ended_at__isnull=False,
                    ended_by__isnull=False,
                ),
                name="delivery_ends_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                | models.Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="delivery_on_this_earth",
            ),
            Trigger(
                name="delivery_moves_forward",
                when="BEFORE UPDATE OR DELETE ON {table}",
                body=DELIVERY_FROZEN,
            ),
            Trigger(
                name="delivery_of_what_is_packed",
                when="BEFORE INSERT OR UPDATE ON {table}",
                body=FOLLOWS,
            ),
            Trigger(
                name="fulfilment_leaves_by_a_delivery",
                when="BEFORE UPDATE ON {table}",
                body=HANDED,
                on="fulfilment_fulfilment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_way_display()} {self.at:%Y-%m-%d}"

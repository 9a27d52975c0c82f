"""Goods that go from place to place."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import TenantForeignKey, TenantModel
from prs.masterdata.catalog.models import Product
from prs.masterdata.places.models import Place


class Transfer(TenantModel):
    """Goods asked for at one place, sent from another, and received: each step by somebody."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        REQUESTED = "requested", _("Requested")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        DISPATCHED = "dispatched", _("On the way")
        RECEIVED = "received", _("Received")
        CANCELLED = "cancelled", _("Cancelled")

    class Priority(models.TextChoices):
        LOW = "low", _("Low")
        MEDIUM = "medium", _("Medium")
        HIGH = "high", _("High")

    number = models.CharField(_("number"), max_length=24)
    origin = TenantForeignKey(Place, verbose_name=_("from"))
    destination = TenantForeignKey(Place, verbose_name=_("to"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    priority = models.CharField(
        _("priority"), max_length=6, choices=Priority, default=Priority.MEDIUM
    )
    notes = models.TextField(_("notes"), max_length=2000, blank=True)
    reason = models.CharField(_("why not"), max_length=500, blank=True)
    requested_by = TenantForeignKey(Member, verbose_name=_("asked for by"))
    requested_at = models.DateTimeField(_("asked for"))
    approved_by = TenantForeignKey(Member, null=True, verbose_name=_("approved by"))
    approved_at = models.DateTimeField(_("approved"), null=True)
    dispatched_by = TenantForeignKey(Member, null=True, verbose_name=_("sent by"))
    dispatched_at = models.DateTimeField(_("sent"), null=True)
    received_by = TenantForeignKey(Member, null=True, verbose_name=_("received by"))
    received_at = models.DateTimeField(_("received"), null=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        indexes: ClassVar = [
            models.Index(fields=["organization", "-requested_at", "-id"], name="transfer_newest"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "number"], name="transfer_number_unique"
            ),
            models.CheckConstraint(
                condition=~models.Q(origin=models.F("destination")),
                name="transfer_between_two_places",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["rejected", "cancelled"]) | models.Q(reason__gt=""),
                name="transfer_refused_with_a_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["approved", "dispatched", "received"])
                | models.Q(approved_by__isnull=False, approved_at__isnull=False),
                name="transfer_sent_when_approved",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["dispatched", "received"])
                | models.Q(dispatched_by__isnull=False, dispatched_at__isnull=False),
                name="transfer_received_when_sent",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="received")
                | models.Q(received_by__isnull=False, received_at__isnull=False),
                name="transfer_received_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class TransferLine(TenantModel):
    """A product of a transfer: asked for, granted, sent, and arrived."""

    transfer = TenantForeignKey(Transfer, on_delete=models.CASCADE)
    product = TenantForeignKey(Product, verbose_name=_("product"))
    requested = models.DecimalField(_("asked for"), max_digits=14, decimal_places=3)
    approved = models.DecimalField(_("granted"), null=True, max_digits=14, decimal_places=3)
    dispatched = models.DecimalField(_("sent"), null=True, max_digits=14, decimal_places=3)
    received = models.DecimalField(_("arrived"), null=True, max_digits=14, decimal_places=3)
    remark = models.CharField(_("remark"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("line of a transfer")
        verbose_name_plural = _("lines of transfers")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "transfer", "product"], name="transfer_line_once"
            ),
            models.CheckConstraint(
                condition=models.Q(requested__gt=0), name="transfer_line_of_something"
            ),
            models.CheckConstraint(
                condition=(models.Q(approved__isnull=True) | models.Q(approved__gte=0))
                & (models.Q(dispatched__isnull=True) | models.Q(dispatched__gte=0))
                & (models.Q(received__isnull=True) | models.Q(received__gte=0)),
                name="transfer_line_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(received__isnull=True)
                | models.Q(received__lte=models.F("dispatched")),
                name="transfer_line_received_within_sent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id}"

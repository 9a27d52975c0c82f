"""Suppliers."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.tenancy.models import TenantModel
from prs.masterdata.parties.rules import shown_phone


class Supplier(TenantModel):
    """Who we buy from: how to reach them, and on what terms they sell."""

    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=200)
    contact_person = models.CharField(_("contact person"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    address = models.TextField(_("address"), max_length=500, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    tax_id = models.CharField(_("tax number"), max_length=40, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    terms_days = models.PositiveSmallIntegerField(
        _("days to pay"), default=30, validators=[MaxValueValidator(365)]
    )
    lead_days = models.PositiveSmallIntegerField(
        _("days to deliver"), default=7, validators=[MaxValueValidator(365)]
    )
    minimum_order = models.DecimalField(
        _("smallest order"), max_digits=19, decimal_places=4, null=True, blank=True
    )
    notes = models.TextField(_("notes"), max_length=2000, blank=True)
    active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("supplier")
        verbose_name_plural = _("suppliers")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "code"], name="supplier_code_unique"),
            models.UniqueConstraint(fields=["organization", "name"], name="supplier_name_unique"),
            models.CheckConstraint(
                condition=models.Q(name__gt="") & models.Q(code__gt=""),
                name="supplier_has_name_and_code",
            ),
            models.CheckConstraint(
                condition=models.Q(currency__regex="^[A-Z]{3}$"), name="supplier_currency_is_iso"
            ),
            models.CheckConstraint(
                condition=models.Q(minimum_order__isnull=True) | models.Q(minimum_order__gte=0),
                name="supplier_smallest_order_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def shown_phone(self) -> str:
        """The phone with its groups of digits."""
        return shown_phone(self.phone)

"""What other currencies are worth, and the revaluations that follow from it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import AppendOnly
from prs.kernel.tenancy.models import TenantModel


class Rate(TenantModel):
    """What one unit of a currency is worth in the organization's own from a day on."""

    currency = models.CharField(_("currency"), max_length=3)
    day = models.DateField(_("from"))
    rate = models.DecimalField(_("rate"), max_digits=18, decimal_places=8)
    by_label = models.CharField(_("by"), max_length=200)
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        indexes: ClassVar = [
            models.Index(fields=["organization", "-day", "currency"], name="rate_by_day"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "currency", "day"], name="rate_once_a_day"
            ),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="rate_positive"),
            models.CheckConstraint(
                condition=models.Q(currency__regex="^[A-Z]{3}$"), name="rate_currency_is_iso"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.day}"


class Revaluation(TenantModel):
    """The end of a day at which what is held in other currencies was counted at that day's rates."""

    day = models.DateField(_("day"))
    difference = models.DecimalField(_("difference"), max_digits=19, decimal_places=4)
    by_label = models.CharField(_("by"), max_length=200)
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("revaluation")
        verbose_name_plural = _("revaluations")
        constraints: ClassVar = [
            AppendOnly(name="revaluation_append_only"),
            models.UniqueConstraint(fields=["organization", "day"], name="revaluation_once_a_day"),
        ]

    def __str__(self) -> str:
        return str(self.day)

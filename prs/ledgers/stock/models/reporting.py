"""Weeks of the stock ledger that were reported on, each once."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import AppendOnly
from prs.kernel.tenancy.models import TenantModel


class StockWeek(TenantModel):
    """A week, Monday to Sunday, whose movements were told of. The figures are the ledger's own."""

    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    made_at = models.DateTimeField(_("reported"))

    class Meta:
        verbose_name = _("week of stock")
        verbose_name_plural = _("weeks of stock")
        constraints: ClassVar = [
            AppendOnly(name="stock_week_append_only"),
            models.UniqueConstraint(fields=["organization", "starts_on"], name="stock_week_once"),
            models.CheckConstraint(
                condition=models.Q(ends_on=models.F("starts_on") + timedelta(days=6)),
                name="stock_week_of_seven_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on:%G-W%V}"

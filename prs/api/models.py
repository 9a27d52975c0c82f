"""What other systems asked of us."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.models import ApiKey
from prs.kernel.tenancy.models import TenantForeignKey, TenantModel


class ApiRequest(TenantModel):
    """One request of another system and its answer, without the content."""

    key = TenantForeignKey(ApiKey)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=200)
    status = models.PositiveSmallIntegerField(_("answer"))
    subject = models.CharField(_("about"), max_length=200, blank=True)
    size = models.PositiveIntegerField(_("size in bytes"))
    milliseconds = models.PositiveIntegerField()
    address = models.CharField(max_length=45, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("API request")
        verbose_name_plural = _("API requests")
        indexes: ClassVar = [
            models.Index(fields=["organization", "-at", "-id"], name="api_request_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"


class Allowance(models.Model):
    """How much a key, or an address with bad keys, has asked lately. Written outside transactions.

    The table is not logged: after a crash of the database every allowance is whole again.
    """

    subject = models.CharField(max_length=80, primary_key=True)
    whole_at = models.DateTimeField()

    class Meta:
        verbose_name = _("allowance")
        verbose_name_plural = _("allowances")

    def __str__(self) -> str:
        return self.subject

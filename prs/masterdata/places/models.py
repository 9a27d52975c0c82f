"""Tables of places."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import TenantForeignKey, TenantModel


class Branch(TenantModel):
    """A place where people of the organization work."""

    name = models.CharField(_("name"), max_length=120)
    code = models.CharField(_("code"), max_length=12)
    address = models.TextField(_("address"), max_length=500, blank=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("branch")
        verbose_name_plural = _("branches")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "name"], name="branch_name_unique"),
            models.UniqueConstraint(fields=["organization", "code"], name="branch_code_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class BranchMember(TenantModel):
    """A member posted to a branch; the key of a branch-wide row scope."""

    branch = TenantForeignKey(Branch)
    member = TenantForeignKey(Member, on_delete=models.CASCADE)

    class Meta:
        verbose_name = _("member at a branch")
        verbose_name_plural = _("members at branches")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "member"], name="branch_member_one_branch"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.branch_id} {self.member_id}"


class Place(TenantModel):
    """Where goods are: a warehouse, a storefront, or on the way between two of them."""

    class Kind(models.TextChoices):
        WAREHOUSE = "warehouse", _("Warehouse")
        STOREFRONT = "storefront", _("Storefront")
        TRANSIT = "transit", _("In transit")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.WAREHOUSE)
    name = models.CharField(_("name"), max_length=120)
    code = models.CharField(_("code"), max_length=8)
    branch = TenantForeignKey(Branch, null=True, blank=True, verbose_name=_("branch"))
    address = models.TextField(_("address"), max_length=500, blank=True)
    active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "name"], name="place_name_unique"),
            models.UniqueConstraint(fields=["organization", "code"], name="place_code_unique"),
            models.UniqueConstraint(
                fields=["organization"],
                condition=models.Q(kind="transit"),
                name="place_one_transit",
            ),
            models.CheckConstraint(
                condition=models.Q(name__gt="") & models.Q(code__gt=""),
                name="place_has_name_and_code",
            ),
        ]

    def __str__(self) -> str:
        return self.name

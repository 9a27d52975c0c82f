"""Tables of deals and projects."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.models import Member, Team
from prs.kernel.tenancy.models import TenantForeignKey, TenantModel
from prs.masterdata.parties.models import Customer
from prs.operations.deals.rules import stage_of


class Project(TenantModel):
    """Work that several deals belong to. Members see it through their teams."""

    class Status(models.TextChoices):
        PLANNING = "planning", _("Planning")
        IN_PROGRESS = "in_progress", _("In progress")
        COMPLETED = "completed", _("Completed")
        ON_HOLD = "on_hold", _("On hold")
        CANCELLED = "cancelled", _("Cancelled")

    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), max_length=2000, blank=True)
    status = models.CharField(
        _("status"), max_length=12, choices=Status, default=Status.IN_PROGRESS
    )
    starts_on = models.DateField(_("starts"), null=True, blank=True)
    ends_on = models.DateField(_("ends"), null=True, blank=True)
    created_by = TenantForeignKey(Member, editable=False, verbose_name=_("set up by"))
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("set up"), auto_now_add=True)

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        indexes: ClassVar = [
            models.Index(fields=["organization", "name", "id"], name="project_by_name"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "name"], name="project_name_unique"),
            models.CheckConstraint(condition=models.Q(name__gt=""), name="project_name_not_empty"),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True)
                | models.Q(starts_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="project_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProjectTeam(TenantModel):
    """A team that works on a project."""

    project = TenantForeignKey(Project, on_delete=models.CASCADE)
    team = TenantForeignKey(Team, on_delete=models.CASCADE)

    class Meta:
        verbose_name = _("team of a project")
        verbose_name_plural = _("teams of projects")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "project", "team"], name="project_team_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.team_id}"


class Deal(TenantModel):
    """An agreed sale of a value. What is paid of it and where it stands follow from its payments."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Pending")
        VERIFIED = "verified", _("Verified")
        REJECTED = "rejected", _("Rejected")

    class Source(models.TextChoices):
        LINKEDIN = "linkedin", _("LinkedIn")
        INSTAGRAM = "instagram", _("Instagram")
        GOOGLE = "google", _("Google")
        REFERRAL = "referral", _("Referral")
        OTHERS = "others", _("Others")

    number = models.CharField(_("number"), max_length=24, editable=False)
    customer = TenantForeignKey(Customer, verbose_name=_("customer"))
    project = TenantForeignKey(Project, null=True, blank=True, verbose_name=_("project"))
    salesperson = TenantForeignKey(Member, verbose_name=_("salesperson"))
    name = models.CharField(_("name"), max_length=255)
    value = models.DecimalField(_("value"), max_digits=19, decimal_places=4)
    cost = models.DecimalField(
        _("expected cost"), max_digits=19, decimal_places=4, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3)
    rate = models.DecimalField(_("exchange rate"), max_digits=18, decimal_places=8, default=1)
    deal_date = models.DateField(_("date"))
    due_date = models.DateField(_("due"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=12, choices=Source, default=Source.OTHERS)
    remarks = models.TextField(_("remarks"), max_length=2000, blank=True)
    status = models.CharField(
        _("status"), max_length=8, choices=Status, default=Status.PENDING, editable=False
    )
    paid = models.DecimalField(
        _("verified"), max_digits=19, decimal_places=4, default=0, editable=False
    )
    cancelled_at = models.DateTimeField(_("called off"), null=True, editable=False)
    created_by = TenantForeignKey(Member, editable=False, verbose_name=_("closed by"))
    created_at = models.DateTimeField(_("closed"), editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("deal")
        verbose_name_plural = _("deals")
        indexes: ClassVar = [
            models.Index(fields=["organization", "-created_at", "-id"], name="deal_newest"),
            models.Index(
                fields=["organization", "customer", "-deal_date"], name="deal_by_customer"
            ),
            models.Index(
                fields=["organization", "salesperson", "-deal_date"],
                include=["id", "currency"],
                name="deal_by_salesperson",
            ),
            models.Index(fields=["organization", "project", "-deal_date"], name="deal_by_project"),
            models.Index(
                fields=["organization", "due_date", "id"],
                condition=models.Q(cancelled_at__isnull=True, paid__lt=models.F("value")),
                name="deal_open_by_due",
            ),
            # Whoever asks what everybody owes reads this alone.
            models.Index(
                fields=["organization", "currency", "customer"],
                include=["value", "paid", "due_date"],
                condition=models.Q(cancelled_at__isnull=True, paid__lt=models.F("value")),
                name="deal_open_by_account",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "number"], name="deal_number_unique"),
            models.CheckConstraint(condition=models.Q(name__gt=""), name="deal_name_not_empty"),
            models.CheckConstraint(
                condition=models.Q(value__gt=0, value__lte=Decimal("999999999.99")),
                name="deal_value_in_range",
            ),
            models.CheckConstraint(
                condition=models.Q(cost__isnull=True) | models.Q(cost__gte=0),
                name="deal_cost_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(rate__gt=0, rate__lte=10_000), name="deal_rate_in_range"
            ),
            models.CheckConstraint(
                condition=models.Q(due_date__isnull=True)
                | models.Q(due_date__gte=models.F("deal_date")),
                name="deal_due_after_date",
            ),
            models.CheckConstraint(
                condition=models.Q(paid__gte=0, paid__lte=models.F("value")),
                name="deal_paid_within_value",
            ),
            models.CheckConstraint(
                condition=models.Q(cancelled_at__isnull=True) | models.Q(paid=0),
                name="deal_called_off_is_unpaid",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def due(self) -> Decimal:
        """What is still to be paid."""
        return self.value - self.paid

    @property
    def stage(self) -> str:
        """How far it is paid: initial, partial or full."""
        return stage_of(self.value, self.paid)

    @property
    def edited(self) -> bool:
        """Whether a person changed it since it was closed."""
        return self.version > 1

    @property
    def margin(self) -> Decimal | None:
        """Value less expected cost; None while nobody knows the cost."""
        return None if self.cost is None else self.value - self.cost

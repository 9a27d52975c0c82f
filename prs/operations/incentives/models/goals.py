"""Goals, streaks and the days that count for them."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import AppendOnly
from prs.kernel.identity.models import Member, Team
from prs.kernel.tenancy.models import TenantForeignKey, TenantModel

# One at a time for each subject, so that two who write at once see each other.


class Goal(TenantModel):
    """How much verified money is to come in: for the organization, a team or a member."""

    name = models.CharField(_("name"), max_length=120, blank=True)
    team = TenantForeignKey(Team, null=True, blank=True, verbose_name=_("team"))
    member = TenantForeignKey(Member, null=True, blank=True, verbose_name=_("member"))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    target = models.DecimalField(_("target"), max_digits=19, decimal_places=4)
    set_by = TenantForeignKey(Member, editable=False, verbose_name=_("set by"))
    set_at = models.DateTimeField(_("set"), editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        indexes: ClassVar = [
            models.Index(fields=["organization", "-starts_on", "-id"], name="goal_newest"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "team", "member", "starts_on", "ends_on"],
                nulls_distinct=False,
                name="goal_once_per_period",
            ),
            models.CheckConstraint(
                condition=models.Q(team__isnull=True) | models.Q(member__isnull=True),
                name="goal_has_one_subject",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="goal_in_order"
            ),
            models.CheckConstraint(condition=models.Q(target__gt=0), name="goal_target_positive"),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.starts_on:%Y-%m-%d} – {self.ends_on:%Y-%m-%d}"


class GoalSkip(TenantModel):
    """Somebody put off choosing an own goal: twice at most."""

    member = TenantForeignKey(Member)
    number = models.PositiveSmallIntegerField()
    skipped_on = models.DateField()

    class Meta:
        verbose_name = _("goal put off")
        verbose_name_plural = _("goals put off")
        constraints: ClassVar = [
            AppendOnly(name="goal_skip_append_only"),
            models.UniqueConstraint(
                fields=["organization", "member", "number"], name="goal_skip_number_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(number__in=[1, 2]), name="goal_skipped_twice_at_most"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.number}"


class StreakDay(TenantModel):
    """A working day of somebody's streak. Derived: replaying the days gives the same rows."""

    class Outcome(models.TextChoices):
        SUCCESS = "success", _("Sold")
        WAITING = "waiting", _("Waits for proof")
        FAILURE = "failure", _("No sale")

    member = TenantForeignKey(Member)
    on = models.DateField(_("date"))
    deals_closed = models.PositiveIntegerField(_("deals"), default=0)
    value = models.DecimalField(_("value"), default=0, max_digits=19, decimal_places=4)
    outcome = models.CharField(max_length=8, choices=Outcome)
    streak = models.DecimalField(_("streak"), max_digits=3, decimal_places=1)

    class Meta:
        verbose_name = _("day of a streak")
        verbose_name_plural = _("days of streaks")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "member", "on"], name="streak_day_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(streak__in=[Decimal(halves) / 2 for halves in range(11)]),
                name="streak_in_half_stars",
            ),
            models.CheckConstraint(
                condition=~models.Q(outcome="success") | models.Q(deals_closed__gt=0, value__gt=0),
                name="streak_success_has_a_deal",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.streak}"


class WorkCalendar(TenantModel):
    """On which days the organization works, for paces and streaks. Without a row: as its country does."""

    week = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("working days"))
    keep_holidays = models.BooleanField(_("public holidays are free"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("working days")
        verbose_name_plural = _("working days")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization"], name="work_calendar_one"),
            models.CheckConstraint(
                condition=models.Q(week__contained_by=[0, 1, 2, 3, 4, 5, 6], week__len__gte=1),
                name="work_calendar_has_days",
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(map(str, self.week))

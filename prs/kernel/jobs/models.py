"""Jobs and the worker's sign of life. Rows name ids only: these tables stand outside row security."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.ids import new_id


class Job(models.Model):
    """A promise to call a function with ids. The row is the truth; queue messages only wake it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    path = models.CharField(max_length=200)
    organization_id = models.UUIDField(null=True)
    ids = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_by = models.CharField(max_length=64, blank=True)
    leased_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes: ClassVar = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(done_at__isnull=True, failed_at__isnull=True),
                name="job_open",
            ),
            models.Index(
                fields=["leased_by", "leased_at"],
                condition=Q(leased_at__isnull=False),
                name="job_leased",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(failed_at__isnull=True),
                name="job_ends_one_way",
            ),
            models.CheckConstraint(
                condition=Q(leased_at__isnull=True, leased_until__isnull=True)
                | Q(leased_at__isnull=False, leased_until__isnull=False),
                name="job_lease_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.path} {self.id}"


class Heartbeat(models.Model):
    """The last moment at which a worker finished something."""

    worker = models.CharField(primary_key=True, max_length=64)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return f"{self.worker} {self.at:%Y-%m-%d %H:%M:%S}"

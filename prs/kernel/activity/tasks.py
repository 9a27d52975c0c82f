"""Background work of what happened: mail, the nightly check, and forgetting what pages were told."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from prs.kernel import clock
from prs.kernel.activity import integrity, mail
from prs.kernel.activity.models import Digest, DigestItem, OutboxEvent
from prs.kernel.jobs.services import enqueue
from prs.kernel.tenancy import services
from prs.kernel.tenancy.context import platform_context, tenant_context
from prs.kernel.tenancy.models import Organization

log = structlog.get_logger(__name__)

# An open page catches up over an hour at most; a day leaves room to look into what happened.
EVENTS_KEPT: Final = timedelta(days=1)
DIGESTS_KEPT: Final = timedelta(days=30)


def organizations() -> list[UUID]:
    """Every organization on the server."""
    with platform_context():
        return list(Organization.objects.order_by("pk").values_list("pk", flat=True))


def send_mail(*, organization_id: UUID | str, mail_id: str) -> None:
    """Send one queued mail. What fails is tried again by `send_due_mail`."""
    mail.send(UUID(str(organization_id)), mail_id, at=clock.now())


def send_mail_of(*, organization_id: UUID | str) -> None:
    """Send what one organization has queued and is due."""
    mail.send_due(UUID(str(organization_id)), at=clock.now())


def send_due_mail() -> None:
    """Send every mail whose next attempt is due."""
    at = clock.now()
    for organization_id in organizations():
        mail.send_due(organization_id, at=at)


def check_everything() -> None:
    """Have every organization checked, each in a job of its own."""
    for organization_id in organizations():
        enqueue("prs.kernel.activity.tasks.check_organization", organization_id=organization_id)


def check_organization(*, organization_id: UUID | str) -> None:
    """Check one organization and log what does not hold; `verify_integrity` says more."""
    for finding in integrity.findings(UUID(str(organization_id))):
        log.error(
            "integrity.broken",
            organization=str(organization_id),
            check=finding.check,
            sentence=finding.sentence,
        )


def forget_what_passed() -> None:
    """Delete live events, lines of digests and idempotency keys that nobody will ask for any more."""
    at = clock.now()
    for organization_id in organizations():
        with tenant_context(organization_id):
            OutboxEvent.objects.filter(at__lt=at - EVENTS_KEPT).delete()
            # Lines that were never sent wait for somebody who left.
            DigestItem.objects.filter(at__lt=at - DIGESTS_KEPT).delete()
            Digest.objects.filter(made_at__lt=at - DIGESTS_KEPT).delete()
            services.forget_old_keys(at=at)


def sweep_files() -> None:
    """Delete files of this month and the last that no row refers to."""
    at = clock.now()
    for organization_id in organizations():
        with tenant_context(organization_id):
            for month in (at, at.replace(day=1) - timedelta(days=1)):
                services.sweep_files(month.date(), at=at)

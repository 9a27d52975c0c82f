"""Background work about logins, and about telling people once a day."""

from __future__ import annotations

from uuid import UUID

from prs.kernel import clock
from prs.kernel.activity.tasks import organizations
from prs.kernel.identity import digests, notices
from prs.kernel.identity.services import mail, security
from prs.kernel.jobs.services import enqueue


def send_account_mail(mail_id: str) -> None:
    """Send one queued mail. What fails is tried again by `send_due_account_mail`."""
    mail.send(mail_id, at=clock.now())


def send_due_account_mail() -> None:
    """Send the mails whose next attempt is due."""
    mail.send_due(at=clock.now())


def publish_chain_heads() -> None:
    """Write the newest audit seals outside the database."""
    notices.publish_chain_heads(at=clock.now())


def send_digests() -> None:
    """Have the daily mails that are due written, each organization in a job of its own."""
    for organization_id in organizations():
        if digests.waits(organization_id):
            enqueue("prs.kernel.identity.tasks.send_digests_of", organization_id=organization_id)


def send_digests_of(*, organization_id: UUID | str) -> None:
    """Write the daily mails of one organization that are due. Twice is once."""
    digests.send_due(UUID(str(organization_id)), at=clock.now())


def forget_security_events() -> None:
    """Delete security events that were kept long enough."""
    security.forget_old(at=clock.now())

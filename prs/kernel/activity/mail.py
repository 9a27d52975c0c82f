"""Mail of an organization: written with its cause, sent by a job, tried again with growing pauses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F

from prs.kernel.activity.models import Mail
from prs.kernel.files.storing import open_stored
from prs.kernel.jobs.rules import backoff
from prs.kernel.jobs.services import enqueue
from prs.kernel.tenancy.context import required_organization, tenant_context
from prs.kernel.tenancy.models import Document, Organization

log = structlog.get_logger(__name__)

SEND: Final = "prs.kernel.activity.tasks.send_mail"
SEND_SEVERAL: Final = "prs.kernel.activity.tasks.send_mail_of"
# With the pauses of `backoff`, ten attempts reach over about eight hours.
ATTEMPTS: Final = 10
# As long as one attempt may take; after a crash the mail is due again then.
LEASE: Final = timedelta(minutes=2)


@transaction.atomic
def post(
    *,
    key: str,
    recipient: str,
    subject: str,
    body: str,
    at: datetime,
    document: Document | None = None,
    not_before: datetime | None = None,
) -> Mail:
    """Queue a mail in the transaction of its cause. The same key again queues nothing new.

    With `not_before` it waits as a row until then, whatever becomes of the worker meanwhile.
    """
    mail, new = Mail.objects.get_or_create(
        key=key,
        defaults={
            "recipient": recipient,
            "subject": " ".join(subject.split())[:300],
            "body": body,
            "document": document,
            "next_attempt_at": not_before or at,
            "created_at": at,
        },
    )
    if new and mail.next_attempt_at <= at:
        enqueue(SEND, organization_id=required_organization(), mail_id=mail.pk)
    return mail


@dataclass(frozen=True)
class Draft:
    """A mail that is to be queued with others."""

    key: str
    recipient: str
    subject: str
    body: str
    not_before: datetime | None = None


@transaction.atomic
def post_all(drafts: Sequence[Draft], *, at: datetime) -> None:
    """Queue mails of one cause: two writes and one job, however many they are."""
    if not drafts:
        return
    organization_id = required_organization()
    rows = [
        Mail(
            organization_id=organization_id,
            key=each.key,
            recipient=each.recipient,
            subject=" ".join(each.subject.split())[:300],
            body=each.body,
            next_attempt_at=each.not_before or at,
            created_at=at,
        )
        for each in drafts
    ]
    Mail.objects.bulk_create(rows, ignore_conflicts=True)
    if any(row.next_attempt_at <= at for row in rows):
        enqueue(SEND_SEVERAL, organization_id=organization_id)


def send(organization_id: UUID, mail_id: UUID | str, *, at: datetime) -> bool:
    """Send a mail if it is due and nobody else sends it; say whether it went out.

    Claimed, sent and marked in three steps, because a mail can't be rolled back: a crash between the
    last two sends it once more when its lease ends, and never loses it.
    """
    with tenant_context(organization_id):
        due = Mail.objects.filter(pk=mail_id, state=Mail.State.QUEUED, next_attempt_at__lte=at)
        if not due.update(attempts=F("attempts") + 1, next_attempt_at=at + LEASE):
            return False
        mail = Mail.objects.select_related("document").get(pk=mail_id)
        organization = Organization.objects.get(pk=organization_id)
    try:
        message(mail, organization).send()
    except Exception as error:  # noqa: BLE001  (whatever the mail server says, it is tried again)
        put_off(mail, error, at=at)
        return False
    with tenant_context(organization_id):
        Mail.objects.filter(pk=mail.pk).update(state=Mail.State.SENT, sent_at=at, error="")
    return True


def message(mail: Mail, organization: Organization) -> EmailMessage:
    """The mail as it goes out: from us, with answers to the organization."""
    written = EmailMessage(
        mail.subject,
        mail.body,
        settings.DEFAULT_FROM_EMAIL,
        [mail.recipient],
        reply_to=[organization.email] if organization.email else None,
        # One cause, one message id: a mail that goes out twice is shown once.
        headers={"Message-ID": f"<{mail.pk}@prs>", "Auto-Submitted": "auto-generated"},
    )
    if mail.document is not None:
        with open_stored(mail.document.name) as file:
            written.attach(f"{mail.document.number}.pdf", file.read(), "application/pdf")
    return written


def put_off(mail: Mail, error: Exception, *, at: datetime) -> None:
    """Try a failed mail later, or give it up."""
    ended = mail.attempts >= ATTEMPTS
    log.warning("mail.failed", mail=str(mail.pk), attempt=mail.attempts, given_up=ended)
    with tenant_context(mail.organization_id):
        Mail.objects.filter(pk=mail.pk).update(
            state=Mail.State.FAILED if ended else Mail.State.QUEUED,
            error=type(error).__name__[:300],
            next_attempt_at=at + backoff(mail.attempts),
        )


def send_due(organization_id: UUID, *, at: datetime, limit: int = 100) -> int:
    """Send what failed earlier, or whose sender died, and is due again. Returns how many went out."""
    with tenant_context(organization_id, read_only=True):
        due = Mail.objects.filter(state=Mail.State.QUEUED, next_attempt_at__lte=at)
        ids = list(due.order_by("next_attempt_at", "pk").values_list("pk", flat=True)[:limit])
    return sum(send(organization_id, mail_id, at=at) for mail_id in ids)

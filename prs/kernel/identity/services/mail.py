"""Mail about logins: codes, links and warnings. Written with its cause, sent by a job, then emptied."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import translation

from prs.kernel.identity.models import AccountMail
from prs.kernel.jobs.rules import backoff
from prs.kernel.jobs.services import enqueue

log = structlog.get_logger(__name__)

SEND = "prs.kernel.identity.tasks.send_account_mail"
# With the pauses of `backoff`, ten attempts reach over about eight hours.
ATTEMPTS: Final = 10
LEASE: Final = timedelta(minutes=2)


@transaction.atomic
def write(
    template: str, recipient: str, words: Mapping[str, Any], *, at: datetime, language: str = ""
) -> AccountMail:
    """Render `email/account/<template>.txt` and queue it. The template's first line is the subject."""
    with translation.override(language or translation.get_language()):
        text = render_to_string(
            f"email/account/{template}.txt", {**words, "site_url": settings.SITE_URL}
        )
    subject, _line, body = text.strip().partition("\n")
    return queue(recipient, subject, body.strip(), at=at)


@transaction.atomic
def queue(recipient: str, subject: str, body: str, *, at: datetime) -> AccountMail:
    """Queue a mail whose words are ready."""
    mail = AccountMail.objects.create(
        recipient=recipient,
        subject=" ".join(subject.split())[:300],
        body=body,
        next_attempt_at=at,
        created_at=at,
    )
    enqueue(SEND, mail_id=mail.pk)
    return mail


def send(mail_id: Any, *, at: datetime) -> bool:
    """Send a queued mail if it is due and nobody else sends it; say whether it went out.

    A failure is written down and tried again later, with growing pauses.
    """
    won = AccountMail.objects.filter(
        pk=mail_id, state=AccountMail.State.QUEUED, next_attempt_at__lte=at
    ).update(attempts=F("attempts") + 1, next_attempt_at=at + LEASE)
    if not won:
        return False
    mail = AccountMail.objects.get(pk=mail_id)
    try:
        EmailMessage(mail.subject, mail.body, settings.DEFAULT_FROM_EMAIL, [mail.recipient]).send()
    except Exception as error:  # noqa: BLE001  (whatever the mail server says, it is tried again)
        put_off(mail, error, at=at)
        return False
    AccountMail.objects.filter(pk=mail.pk).update(
        state=AccountMail.State.SENT, sent_at=at, body="", error=""
    )
    return True


def put_off(mail: AccountMail, error: Exception, *, at: datetime) -> None:
    """Try a failed mail later, or give it up; a mail that is given up keeps no secrets either."""
    ended = mail.attempts >= ATTEMPTS
    log.warning("account_mail.failed", mail=str(mail.pk), attempt=mail.attempts, given_up=ended)
    AccountMail.objects.filter(pk=mail.pk).update(
        state=AccountMail.State.FAILED if ended else AccountMail.State.QUEUED,
        error=f"{type(error).__name__}"[:300],
        next_attempt_at=at + backoff(mail.attempts),
        body="" if ended else mail.body,
    )


def send_due(*, at: datetime, limit: int = 100) -> int:
    """Send what failed earlier and is due again. Returns how many went out."""
    due = AccountMail.objects.filter(state=AccountMail.State.QUEUED, next_attempt_at__lte=at)
    ids = list(due.order_by("next_attempt_at", "pk").values_list("pk", flat=True)[:limit])
    return sum(send(mail_id, at=at) for mail_id in ids)

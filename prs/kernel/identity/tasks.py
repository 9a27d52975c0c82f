"""Background work about logins."""

from __future__ import annotations

from prs.kernel import clock
from prs.kernel.identity import notices
from prs.kernel.identity.services import mail


def send_account_mail(mail_id: str) -> None:
    """Send one queued mail. What fails is tried again by `send_due_account_mail`."""
    mail.send(mail_id, at=clock.now())


def send_due_account_mail() -> None:
    """Send the mails whose next attempt is due."""
    mail.send_due(at=clock.now())


def publish_chain_heads() -> None:
    """Write the newest audit seals outside the database."""
    notices.publish_chain_heads(at=clock.now())

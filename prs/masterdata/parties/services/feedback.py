"""How content customers are: asked by mail with a signed link, answered once, by whoever has it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Model
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prs.kernel.activity import mail
from prs.kernel.activity.rules import Actor, SystemActor
from prs.kernel.activity.services import record
from prs.kernel.errors import Invalid, Refusal
from prs.kernel.tenancy.context import required_organization
from prs.kernel.tenancy.models import Organization
from prs.kernel.tenancy.rules import merged
from prs.masterdata.parties import events
from prs.masterdata.parties.models import Contact, Customer, Feedback
from prs.masterdata.parties.selectors import token_of

EVERY: Final = timedelta(days=30)
ANSWERABLE: Final = timedelta(days=30)


class LinkExpired(Refusal):
    """The time to answer is over."""

    sentence = gettext_lazy("This link has expired. Thank you all the same.")


class AlreadyAnswered(Refusal):
    """Each question is answered once."""

    sentence = gettext_lazy("You have answered already. Thank you.")


class NoFace(Invalid):
    """An answer is one of three."""

    sentence = gettext_lazy("Choose one of the three faces.")


def recipient_of(customer: Customer) -> str:
    """Whom to ask: the customer's own address, else that of the contact to talk to."""
    if customer.email:
        return customer.email
    contacts = Contact.objects.filter(customer=customer).exclude(email="")
    found = contacts.order_by("-is_primary", "-is_billing", "pk").first()
    return found.email if found else ""


@transaction.atomic(savepoint=False)
def ask_feedback(customer: Customer, cause: Model, *, by: Actor, at: datetime) -> Feedback | None:
    """Ask a customer how content they are, at most once in thirty days and once for each cause.

    None when there is nobody to ask, when the organization asks nobody, or when it was asked lately.
    """
    if customer.is_walk_in:
        return None
    recipient = recipient_of(customer)
    if not recipient:
        return None
    organization = Organization.objects.get(pk=required_organization())
    if not merged(organization.settings)["notifications"]["customerFeedback"]:
        return None
    # Held, so that two payments verified at once ask once.
    Customer.objects.select_for_update(of=("self",), no_key=True).get(pk=customer.pk)
    if Feedback.objects.filter(customer=customer, asked_at__gt=at - EVERY).exists():
        return None
    row, new = Feedback.objects.get_or_create(
        cause_id=cause.pk,
        defaults={
            "customer": customer,
            "cause_kind": cause._meta.label_lower,
            "asked_at": at,
            "expires_at": at + ANSWERABLE,
        },
    )
    if not new:
        return None
    write_to(row, recipient, organization, at=at)
    record(events.FEEDBACK_ASKED, customer, by=by, at=at)
    return row


def write_to(row: Feedback, recipient: str, organization: Organization, *, at: datetime) -> None:
    """Queue the mail with the link."""
    with translation.override(organization.language):
        words = {
            "organization": organization.name,
            "link": f"{settings.SITE_URL}/sales/feedback/{token_of(row)}/",
        }
        mail.post(
            key=f"feedback:{row.pk}",
            recipient=recipient,
            subject=_("How content are you with %(organization)s?") % words,
            body=_(
                "Thank you for your payment. How content are you with us? One click is enough:\n\n"
                "%(link)s\n\n"
                "The link is yours alone and works for 30 days.\n\n"
                "%(organization)s"
            )
            % words,
            at=at,
        )


@transaction.atomic
def answer(row: Feedback, *, score: str, comment: str, at: datetime) -> Feedback:
    """Take a customer's answer.

    :raises NoFace: none of the three was chosen.
    :raises LinkExpired: it came too late.
    :raises AlreadyAnswered: it was answered before.
    """
    if score not in Feedback.Score.values:
        raise NoFace
    if row.expires_at <= at:
        raise LinkExpired
    words = " ".join(comment.split())[:1000]
    won = Feedback.objects.filter(pk=row.pk, answered_at__isnull=True).update(
        answered_at=at, score=score, comment=words
    )
    if not won:
        raise AlreadyAnswered
    row.refresh_from_db()
    customer = row.customer
    said = {"score": row.get_score_display(), "comment": words}
    record(events.FEEDBACK_ANSWERED, customer, by=SystemActor(customer.name), at=at, words=said)
    return row

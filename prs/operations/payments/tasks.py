"""Background work of payments."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _

from prs.kernel import clock, documents
from prs.kernel.activity import mail
from prs.kernel.activity.services import announce
from prs.kernel.activity.tasks import organizations
from prs.kernel.jobs.services import enqueue
from prs.kernel.tenancy.context import tenant_task
from prs.kernel.tenancy.models import Document, Organization
from prs.kernel.tenancy.services import keep_document
from prs.operations.payments import notes, receipts, selectors, services
from prs.operations.payments.models import Payment, Receipt, Reversal


@tenant_task
def render_receipt(*, receipt_id: str) -> None:
    """Render and keep a receipt's document, and mail it to the customer. Twice is once."""
    receipt = Receipt.objects.select_related(
        "payment__customer", "payment__decided_by", "organization"
    ).get(pk=receipt_id)
    if selectors.receipt_document(receipt) is not None:
        return
    organization, payment, at = receipt.organization, receipt.payment, clock.now()
    sheet = receipts.sheet_of(receipt, payment, organization)
    document = keep_document(
        documents.receipt(sheet, language=organization.language),
        kind=selectors.RECEIPT,
        number=receipt.number,
        source_id=receipt.pk,
        at=at,
    )
    announce("payment", payment, at=at, permission="payments.view")
    if payment.customer.email:
        send_receipt(receipt, payment, organization, document)


def send_receipt(
    receipt: Receipt, payment: Payment, organization: Organization, document: Document
) -> None:
    """Mail a receipt to the customer, once."""
    with translation.override(organization.language):
        words = {"organization": organization.name, "number": receipt.number}
        mail.post(
            key=f"receipt:{receipt.pk}",
            recipient=payment.customer.email,
            subject=_("Receipt %(number)s from %(organization)s") % words,
            body=_(
                "Thank you. We received your payment; receipt %(number)s is attached.\n\n"
                "%(organization)s"
            )
            % words,
            at=clock.now(),
            document=document,
        )


@tenant_task
def render_reversal(*, reversal_id: str) -> None:
    """Render and keep the note of money that went back. Twice is once."""
    reversal = Reversal.objects.select_related(
        "payment__customer", "decided_by", "organization"
    ).get(pk=reversal_id, status=Reversal.Status.DONE)
    if selectors.reversal_document(reversal) is not None:
        return
    organization, at = reversal.organization, clock.now()
    sheet = notes.sheet_of(reversal, organization)
    keep_document(
        documents.reversal(sheet, language=organization.language),
        kind=selectors.REVERSAL,
        number=reversal.number,
        source_id=reversal.pk,
        at=at,
    )
    announce("payment", reversal.payment, at=at, permission="payments.view")


def remind_everybody() -> None:
    """Have every organization's verifiers told of what waits, each in a job of its own."""
    for organization_id in organizations():
        enqueue(
            "prs.operations.payments.tasks.remind_organization", organization_id=organization_id
        )


@tenant_task
def remind_organization() -> None:
    """Tell one organization's verifiers what waits. Twice a day is once."""
    services.remind_verifiers(at=clock.now())


def escalate_everywhere() -> None:
    """Have every organization look for payments that wait too long, each in a job of its own."""
    for organization_id in organizations():
        enqueue(
            "prs.operations.payments.tasks.escalate_organization", organization_id=organization_id
        )


@tenant_task
def escalate_organization() -> None:
    """Tell who stands above the verifiers what waits too long. Twice is once."""
    services.escalate(at=clock.now())

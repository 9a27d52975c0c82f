"""From nothing to a first paid invoice: how many screens it takes."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.core import mail

from prs.kernel.identity.models import Member, Role, User
from prs.kernel.tenancy.context import platform_context, tenant_context
from prs.kernel.tenancy.models import Organization
from prs.operations.invoicing.models import Invoice
from tests.cast import PASSWORD
from tests.journeys.person import Person
from tests.web.account.doors import mailed_code, verified


def path_in_mail(to):
    """The address in the newest mail to somebody."""
    body = next(each.body for each in reversed(mail.outbox) if each.to == [to])
    return urlsplit(re.search(r"https?://\S+", body).group(0)).path


def test_from_sign_up_to_a_first_paid_invoice_takes_at_most_eight_screens(db):
    nora = Person().opens("/accounts/signup/")
    nora.presses(
        "Open organization",
        organization="Nova Trading",
        name="Nora",
        email="nora@nova.test",
        password1=PASSWORD,
        currency="KES",
    )
    nora.presses("Confirm", code=mailed_code())
    with platform_context():
        nova = Organization.objects.get(name="Nova Trading")
    with tenant_context(nova.pk):
        owner = Member.objects.select_related("user").get()
    invite_verifier(nora, owner)

    nora.opens("/billing/invoices/add/")
    nora.presses(
        "Issue invoice",
        new_customer="Harbour Pharmacy",
        **{
            "lines-0-description": "Paracetamol",
            "lines-0-quantity": "2",
            "lines-0-unit_price": "1,250.50",
        },
    )
    nora.sees("2,501.00").follows("Record a payment").presses("Record payment", method="cash")
    walked = [urlsplit(place).path for place in nora.screens]

    vera = Person().opens(path_in_mail("vera@nova.test"))
    vera.presses("Join", name="Vera", password1=PASSWORD)
    verified(vera.client, User.objects.get(email="vera@nova.test"))
    vera.opens("/verify/").presses("Take the oldest").presses("Verify payment")

    with tenant_context(nova.pk):
        assert not Invoice.objects.get().left
    assert len(walked) <= 8, walked


def invite_verifier(nora, owner):
    """The owner proves a second factor, as the policy of a new organization asks, and invites."""
    verified(nora.client, owner.user)
    with tenant_context(owner.organization_id):
        role = Role.objects.get(key="verifier")
    nora.opens("/office/start/people/")
    nora.presses("Send invitation", email="vera@nova.test", role=str(role.pk))
    nora.sees("vera@nova.test")

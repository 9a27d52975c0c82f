"""Where things are shown: from the kind of a row to its screen, for links in notices and mail."""

from __future__ import annotations

from uuid import UUID

from django.urls import NoReverseMatch, reverse

# A payment that waits is decided in the queue; that is where its own page leads on.
PLACES: dict[str, str] = {
    "payments.payment": "billing:payment",
    "payments.reversal": "verify:reversal",
    "incentives.commission": "sales:commission",
    "invoicing.invoice": "billing:invoice",
    "parties.customer": "sales:customer",
    "deals.deal": "sales:deal",
    "deals.project": "sales:project",
    "followups.alert": "sales:alert",
    "identity.member": "office:member",
    "identity.role": "office:role",
    "identity.team": "office:team",
    "parties.customerimport": "sales:import",
    "incentives.goal": "sales:goal",
}
# What has no page of its own is shown among its like.
LISTS: dict[str, str] = {
    "tenancy.organization": "verify:queue",
    "payments.verificationpolicy": "verify:policy",
    "incentives.commissionrule": "sales:commission_rules",
    "incentives.teamoverride": "sales:commission_rules",
}


def place_of(kind: str, pk: UUID | None) -> str:
    """The address of a row's screen, or an empty string when it has none."""
    if kind in LISTS:
        return reverse(LISTS[kind])
    if pk is None or kind not in PLACES:
        return ""
    try:
        return reverse(PLACES[kind], args=[pk])
    except NoReverseMatch:
        return ""

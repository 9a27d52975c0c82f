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
    "receivables.writeoff": "billing:write_off",
    "identity.member": "office:member",
    "identity.role": "office:role",
    "identity.team": "office:team",
    "parties.customerimport": "sales:import",
    "catalog.product": "stock:product",
    "catalog.category": "stock:category",
    "catalog.brand": "stock:brand",
    "catalog.unit": "stock:unit",
    "catalog.taxrate": "stock:tax_rate",
    "catalog.pricelist": "stock:price_list",
    "parties.supplier": "stock:supplier",
    "places.place": "stock:place",
    "incentives.goal": "sales:goal",
    "stock.transfer": "stock:transfer",
    "stock.stockrequest": "stock:request",
    "stock.adjustment": "stock:adjustment",
    "stock.count": "stock:count",
    "stock.batch": "stock:batch",
    "stock.stockweek": "stock:week",
    "purchasing.purchaseorder": "stock:order",
    "purchasing.goodsreceipt": "stock:receipt",
    "purchasing.supplierbill": "stock:bill",
    "bookkeeping.draftentry": "books:draft",
    "bookkeeping.entry": "books:entry",
    "bookkeeping.account": "books:account",
}
# What has no page of its own is shown among its like.
LISTS: dict[str, str] = {
    "stock.stockalert": "stock:alerts",
    "stock.reservation": "stock:adjustments",
    "tenancy.organization": "verify:queue",
    "payments.verificationpolicy": "verify:policy",
    "incentives.commissionrule": "sales:commission_rules",
    "incentives.teamoverride": "sales:commission_rules",
    "bookkeeping.period": "books:periods",
    "bookkeeping.fiscalyear": "books:periods",
    "bookkeeping.rate": "books:rates",
    "bookkeeping.revaluation": "books:rates",
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

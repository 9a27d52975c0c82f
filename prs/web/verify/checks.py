"""What speaks for a payment, or against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from prs.operations.deals.models import Deal
from prs.operations.deals.rules import readiness
from prs.operations.invoicing import standings
from prs.operations.payments import selectors
from prs.operations.payments.models import Payment
from prs.operations.payments.rules import NEEDS_PROOF, OLDEST
from prs.web.kit.reader import reader


@dataclass(frozen=True)
class Check:
    """One thing that speaks for a payment, or against it."""

    meaning: str
    icon: str
    title: str
    text: str
    url_of: Any = None


def checks_of(request: Any, payment: Payment, claimed: Any) -> list[Check]:
    """What a careful verifier looks at."""
    checks = [proof_check(payment), *likeness_checks(payment), amount_check(payment, claimed)]
    if payment.deal is not None:
        checks.append(deal_check(payment, payment.deal))
    checks.append(standing_check(payment, request.organization.currency))
    return [*checks, history_check(payment)]


def likeness_checks(payment: Payment) -> list[Check]:
    """Payments that this one may be a copy of."""
    likenesses = selectors.resembling(payment)
    if not likenesses:
        return [Check("done", "circle-check", _("Not seen before"), _("No other has this proof."))]
    return [
        Check("attention", "copy", _("Looks like another payment"), each.reason, each.payment)
        for each in likenesses
    ]


def proof_check(payment: Payment) -> Check:
    """Whether a proof is there."""
    if payment.proof is None:
        return Check("attention", "file-off", _("No proof"), _("Ask for one, or count the cash."))
    return Check("done", "circle-check", _("Proof attached"), payment.proof.display_name)


def amount_check(payment: Payment, allocated: Any) -> Check:
    """Whether the money is what the invoices need."""
    if allocated == payment.amount:
        return Check("done", "circle-check", _("Amount fits"), _("It pays its invoices exactly."))
    rest = reader().figure(payment.amount - allocated, payment.currency)
    text = _("%(rest)s %(currency)s stay as a deposit.") % {
        "rest": rest,
        "currency": payment.currency,
    }
    return Check("waiting", "info-circle", _("More than the invoices need"), text)


def deal_check(payment: Payment, deal: Deal) -> Check:
    """How complete a deal's papers are: a hint, never a decision."""
    today = reader().today
    ready = readiness(
        customer=payment.customer.active,
        value=deal.value > 0,
        method=payment.proof is not None or payment.method not in NEEDS_PROOF,
        dated=today - OLDEST <= deal.deal_date <= today,
        payment=payment.amount > 0,
    )
    meaning = "done" if ready >= 80 else "attention"
    title = _("Papers %(percent)d %% complete") % {"percent": ready}
    return Check(meaning, "clipboard-check", title, deal.number)


def standing_check(payment: Payment, currency: str) -> Check:
    """What the customer owes, and whether it is late."""
    account = standings.account_of(payment.customer, currency=currency, on=reader().today)
    words = reader()
    if account.overdue:
        text = _("%(amount)s %(currency)s overdue") % {
            "amount": words.figure(account.overdue, currency),
            "currency": currency,
        }
        return Check("attention", "user", str(standings.STANDINGS[account.standing]), text)
    text = _("%(amount)s %(currency)s owed") % {
        "amount": words.figure(account.owed, currency),
        "currency": currency,
    }
    return Check("done", "user", str(standings.STANDINGS[account.standing]), text)


def history_check(payment: Payment) -> Check:
    """How this customer's payments went before."""
    past = selectors.history_of(payment.customer)
    text = _("%(verified)d verified, %(denied)d denied before") % {
        "verified": past.verified,
        "denied": past.denied,
    }
    meaning = "attention" if past.denied else "done"
    return Check(meaning, "history", _("History"), text)

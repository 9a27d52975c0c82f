"""Credit: whether somebody gets it, and who gave it against the rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from prs.kernel import money
from prs.kernel.activity.services import record
from prs.kernel.identity.models import Member
from prs.masterdata.parties.models import Customer
from prs.operations.invoicing import credit, events
from prs.operations.invoicing.credit import CreditAccount
from prs.operations.invoicing.models import CreditOverride, Invoice
from prs.operations.invoicing.permissions import OVERRIDE
from prs.operations.invoicing.rules import CREDIT_RULES, credit_faults
from prs.operations.invoicing.services.refusals import (
    CreditLimitReached,
    CreditOverdue,
    CreditRefused,
    CustomerInactive,
    NoCredit,
    OverrideNotYours,
    OverrideUnexplained,
    WalkInPays,
)

REFUSING: dict[str, type[CreditRefused]] = {
    refusal.rule: refusal
    for refusal in (WalkInPays, NoCredit, CustomerInactive, CreditLimitReached, CreditOverdue)
}


@dataclass(frozen=True)
class Override:
    """Somebody's word that credit is given against the rules: who says so, and why."""

    by: Member
    reason: str


@dataclass(frozen=True)
class Clearance:
    """Credit that may be given now: the customer's row is held until the commit."""

    customer: Customer
    amount: Decimal
    account: CreditAccount
    overridden: tuple[str, ...] = ()
    override: Override | None = None


def check_credit(
    customer: Customer,
    amount: Decimal,
    *,
    on: date,
    by: Member,
    override: Override | None = None,
) -> Clearance:
    """Hold a customer's row and see whether an amount in home currency may be sold to them on credit.

    Whoever then issues the invoice passes the clearance to `keep_override`, which writes down what was
    set aside. The rules are asked in their order; a walk-in or inactive customer never gets credit.

    :raises WalkInPays: nobody knows who it is.
    :raises NoCredit: credit is blocked.
    :raises CustomerInactive: the customer is not active.
    :raises CreditLimitReached: the limit would be passed.
    :raises CreditOverdue: something should have been paid already.
    :raises OverrideUnexplained: the rules are to be set aside without a reason.
    :raises OverrideNotYours: the member who sets them aside lacks the right.
    """
    held = Customer.everyone.select_for_update(of=("self",), no_key=True).get(pk=customer.pk)
    account = credit.credit_account(held, currency=by.organization.currency, on=on)
    faults = credit_faults(credit.standing_of(held, account), amount)
    final = [rule for rule in faults if not CREDIT_RULES[rule]]
    if faults and (override is None or final):
        raise refusal((final or faults)[0], held, amount, account)
    if faults and override is not None:
        check_override(override)
    return Clearance(held, amount, account, tuple(faults), override if faults else None)


def check_override(override: Override) -> None:
    """Refuse a word without a reason, or of somebody who can't give it."""
    if not override.by.may(OVERRIDE):
        raise OverrideNotYours
    if not override.reason.strip():
        raise OverrideUnexplained


def refusal(
    rule: str, customer: Customer, amount: Decimal, account: CreditAccount
) -> CreditRefused:
    """The refusal by a rule, with the figures that it speaks of."""

    def spoken(value: Decimal | None) -> str:
        return money.spoken(money.Money(account.currency, value or Decimal(0)))

    return REFUSING[rule](
        customer=customer.name,
        reason=customer.credit_reason,
        amount=spoken(amount),
        limit=spoken(account.limit),
        left=spoken(account.available),
        outstanding=spoken(account.outstanding),
        overdue=spoken(account.overdue),
        since=account.oldest_due,
    )


def keep_override(clearance: Clearance, invoice: Invoice, *, by: Member, at: datetime) -> None:
    """Write down which rules were set aside for an invoice, by whom and why. Nothing if none was."""
    override, account = clearance.override, clearance.account
    if override is None:
        return
    CreditOverride.objects.bulk_create(
        CreditOverride(
            organization_id=invoice.organization_id,
            invoice=invoice,
            customer=clearance.customer,
            rule=rule,
            amount=clearance.amount,
            credit_limit=account.limit,
            outstanding=account.outstanding,
            overdue=account.overdue,
            currency=account.currency,
            reason=override.reason.strip(),
            granted_by=override.by,
            sold_by=by,
            at=at,
        )
        for rule in clearance.overridden
    )
    amount = money.spoken(money.Money(account.currency, clearance.amount))
    words = {"customer": clearance.customer.name, "amount": amount, "reason": override.reason}
    record(events.CREDIT_OVERRIDDEN, invoice, by=override.by, at=at, words=words)

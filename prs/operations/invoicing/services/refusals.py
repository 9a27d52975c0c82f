"""What invoicing refuses, each with its sentence."""

from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from prs.kernel.errors import Forbidden, Invalid, Refusal


class NoLines(Invalid):
    """An invoice claims nothing without lines."""

    sentence = _("An invoice needs at least one line.")


class NumberTaken(Refusal):
    """The number belongs to another invoice of this organization."""

    sentence = _("There is an invoice with this number already.")


class NotInReview(Refusal):
    """Only an invoice that was returned can be corrected."""

    sentence = _("Invoice {number} is not in review. Return it for correction first.")


class CannotReturn(Refusal):
    """The invoice is in review already, or was never issued, or is ours to credit instead."""

    sentence = _("This invoice can't be returned for correction.")


class BelowPaid(Refusal):
    """A correction can't claim less than was paid."""

    sentence = _("{paid} of this invoice is paid already; the correction can't come to less.")


class AmountWrong(Refusal):
    """What is allocated is more than what is open."""

    sentence = _("More was allocated than invoice {number} has left to pay.")


class NotLost(Refusal):
    """Only what was written off is claimed again."""

    sentence = _("{left} of this invoice was written off; no more can be claimed again.")


class CreditRefused(Refusal):
    """A customer gets no credit. `rule` says by which rule, `may_override` whether a manager can."""

    rule: ClassVar[str]
    may_override: ClassVar[bool] = True


class WalkInPays(CreditRefused):
    """Who leaves no name pays at once."""

    sentence = _("A walk-in customer pays at once. Choose a customer to sell on credit.")
    rule = "walk_in"
    may_override = False


class NoCredit(CreditRefused):
    """Nothing is sold on credit to a customer who is blocked."""

    sentence = _("{customer} gets no credit: {reason}")
    rule = "blocked"


class CustomerInactive(CreditRefused):
    """Nothing is sold on credit to a customer who is not active any more."""

    sentence = _("{customer} is not active any more and gets no credit.")
    rule = "inactive"
    may_override = False


class CreditLimitReached(CreditRefused):
    """More would be owed than was granted."""

    sentence = _(
        "{customer} has {left} of credit left and this comes to {amount}. "
        "The limit is {limit}, {outstanding} is outstanding."
    )
    rule = "limit"


class CreditOverdue(CreditRefused):
    """What should have been paid comes first."""

    sentence = _("{customer} has to pay {overdue} first, which is overdue since {since}.")
    rule = "overdue"


class OverrideUnexplained(Invalid):
    """Credit against the rules is explained."""

    sentence = _("Say why the customer gets credit all the same.")


class OverrideNotYours(Forbidden):
    """Not everybody may set the rules of credit aside."""

    sentence = _("You can't set the rules of credit aside. Ask a manager.")

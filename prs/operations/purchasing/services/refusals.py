"""What buying refuses, each with its sentence."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.errors import Invalid, Refusal


class NothingOrdered(Invalid):
    """An order asks for something."""

    sentence = _("Name at least one product, and how much of it.")


class NothingCame(Invalid):
    """A receipt takes in something."""

    sentence = _("Say how much of at least one product came.")


class OrderMoved(Refusal):
    """The order is past this step."""

    sentence = _("This order is {state} by now. Reload the page to see what can be done.")


class ReasonMissing(Invalid):
    """Somebody will ask why."""

    sentence = _("Say why.")


class SupplierMissing(Invalid):
    """Goods that are bought come from somebody."""

    sentence = _("Say which supplier the goods came from.")


class DamageUntold(Invalid):
    """What is damaged is described."""

    sentence = _("Say what is wrong with {product}.")


class ExpiryMissing(Invalid):
    """Goods that expire are taken in with their date."""

    sentence = _("{product} expires: say when.")


class ExpiredOnArrival(Invalid):
    """What is past its date is not taken in as good."""

    sentence = _("{product} is past its date already. Take it in as damaged.")


class NotOnOrder(Invalid):
    """A line of another order."""

    sentence = _("{product} is not on this order. Take it in without the order.")


class BillKnown(Refusal):
    """The supplier's number was recorded before."""

    sentence = _("A bill with this number of this supplier is recorded already.")


class ReceiptBilled(Refusal):
    """A receipt is paid once."""

    sentence = _("One of these receipts is on another bill already.")


class NotTheirGoods(Invalid):
    """A bill asks for goods of its supplier in its currency."""

    sentence = _("Receipt {receipt} is of another supplier or in another currency.")


class BillOfNothing(Invalid):
    """A bill asks for something."""

    sentence = _("The bill's total must be above zero.")


class DueTooEarly(Invalid):
    """A bill is due after it was written."""

    sentence = _("A bill can't be due before its date.")


class MoreThanOwed(Invalid):
    """A bill is paid once."""

    sentence = _("Only {left} of this bill are left to pay.")


class FutureReceipt(Invalid):
    """Goods that came, came."""

    sentence = _("Goods can't have come later than today.")


class BillVoid(Refusal):
    """The bill asks for nothing any more."""

    sentence = _("This bill is void.")


class BillHasPayments(Refusal):
    """Money went out for it."""

    sentence = _("{paid} of this bill are paid. A bill that is paid for is not voided.")


class GoodsWentBack(Refusal):
    """What is owed for it is less already."""

    sentence = _(
        "Goods of this bill went back to the supplier ({adjustments}). It can't be voided as a whole."
    )

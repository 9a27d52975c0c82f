"""What payments refuse, each with its sentence."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.errors import Invalid, Refusal


class AlreadyDecided(Refusal):
    """Somebody was faster."""

    sentence = _("Someone has already decided this payment.")


class OwnWork(Refusal):
    """Who records does not verify."""

    sentence = _("You can't decide a payment that you recorded.")


class HeldByOther(Refusal):
    """Another verifier is looking at it."""

    sentence = _("{name} is reviewing this payment until {until}.")


class NothingWaits(Refusal):
    """The queue has nothing free for this verifier."""

    sentence = _("No payment waits for you.")


class NotAsked(Refusal):
    """Only a question can be answered."""

    sentence = _("Nobody asked about this payment.")


class NotPayable(Invalid):
    """An invoice isn't this customer's, isn't issued, or has less to pay."""

    sentence = _("Invoice {number} has {open} left to pay; {amount} is too much.")


class NotTheirs(Invalid):
    """The payment would pay somebody else's invoice."""

    sentence = _("An invoice of the list does not belong to this customer.")


class MoreThanPaid(Invalid):
    """The invoices would get more than the payment brings."""

    sentence = _("The invoices get {shares} together, the payment brings only {amount}.")


class DateWrong(Invalid):
    """Money does not come in tomorrow, and old money is a question for an accountant."""

    sentence = _("The day of payment can't be in the future or more than a year ago.")


class ProofMissing(Invalid):
    """The method needs a proof."""

    sentence = _("This method needs a proof: attach a picture or a PDF.")


class RemarksMissing(Invalid):
    """A large payment is explained."""

    sentence = _("A payment above {limit} needs a remark.")


class ChequeNumberWrong(Invalid):
    """A cheque has a number of 6 to 20 characters."""

    sentence = _("A cheque needs its number, 6 to 20 characters.")


class ChequeKnown(Refusal):
    """The cheque was recorded before."""

    sentence = _("A payment with this cheque number is recorded already.")


class AmountOutOfRange(Invalid):
    """Nobody verifies more than was claimed, or nothing."""

    sentence = _("The verified amount must lie between zero and {amount}.")


class ReasonMissing(Invalid):
    """A denial or a question says why."""

    sentence = _("Say why, so that whoever recorded it knows what to do.")


class DealCovered(Refusal):
    """Nothing of the deal is left to pay."""

    sentence = _("The payments of this deal cover its value already.")


class FinalFallsShort(Invalid):
    """A final payment pays the rest."""

    sentence = _("A final payment brings the rest of the deal: {left}.")


class CoversAll(Invalid):
    """An advance or a part leaves something to pay."""

    sentence = _("{amount} pays all that is left. Record it as the final payment.")


class NotWithdrawn(Refusal):
    """Only a payment that waits can be taken back."""

    sentence = _("This payment is decided, so it can't be withdrawn.")


class FirstCheckedByYou(Refusal):
    """The second look is another person's."""

    sentence = _("You checked this payment first. Someone else decides it.")


class SeniorNeeded(Refusal):
    """The second look needs the right to it."""

    sentence = _("A senior verifier decides this payment.")


class NothingToReverse(Refusal):
    """More would go back than came in."""

    sentence = _("Only {left} of this payment can go back.")


class NotVerified(Refusal):
    """Only proven money goes back."""

    sentence = _("Only a verified payment can be refunded or charged back.")


class ReversalOpen(Refusal):
    """One request at a time."""

    sentence = _("A refund of this payment waits for approval already.")


class ReversalDecided(Refusal):
    """Somebody was faster."""

    sentence = _("Someone has already decided this refund.")


class OwnRequest(Refusal):
    """Who asks for a refund doesn't grant it."""

    sentence = _("You can't approve a refund that you requested.")


class ChequeMoved(Refusal):
    """A cheque goes from hand to bank and is cleared or bounces, once."""

    sentence = _("This cheque is {state}; that step is not open to it.")


class NoCreditLeft(Refusal):
    """The customer's deposits don't reach."""

    sentence = _("The customer has {left} of credit left.")


class NotCash(Refusal):
    """Only cash of a till is verified together."""

    sentence = _("Payment {number} can't be verified together with others.")


class PolicyKnown(Refusal):
    """One rule for each method and place."""

    sentence = _("There is a rule for this method and place already.")


class CashOnly(Invalid):
    """Only cash is counted at the end of a day."""

    sentence = _("Only cash can be verified together.")


class NotAsOneDrawer(Refusal):
    """Cash is counted by recorder and currency."""

    sentence = _("There is no cash of one recorder and one currency to count.")

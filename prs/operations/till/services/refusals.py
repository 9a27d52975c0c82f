"""What the till says no to."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.errors import Forbidden, Invalid, Refusal


class TillCodeTaken(Invalid):
    """Another till has the code."""

    sentence = _("Another till has this code.")


class TillNameTaken(Invalid):
    """Another till of the storefront has the name."""

    sentence = _("Another till here has this name.")


class NotAStorefront(Invalid):
    """Tills stand where customers buy."""

    sentence = _("A till stands in a storefront. Choose another place.")


class TillInUse(Refusal):
    """Somebody's drawer is in it."""

    sentence = _("A shift is open at {till}. Close it first.")


class ShiftOpenElsewhere(Refusal):
    """A member answers for one drawer at a time."""

    sentence = _("You have a shift open at {till}. Close it first.")


class ShiftOver(Refusal):
    """The drawer is no longer open."""

    sentence = _("This shift is closed. Open a new one to go on.")


class AlreadyClosed(Refusal):
    """Somebody counted the drawer."""

    sentence = _("This shift was counted already.")


class NotCounted(Refusal):
    """There is nothing to confirm."""

    sentence = _("This shift waits for no confirmation.")


class OwnShift(Refusal):
    """Whoever counted doesn't confirm."""

    sentence = _("Somebody else confirms a shift than who worked or counted it.")


class DrawerTooEmpty(Refusal):
    """More would be taken out than lies in the drawer."""

    sentence = _(
        "There is not enough cash in the drawer. Bring some in, or give it back another way."
    )


class ReasonMissing(Invalid):
    """It has to be said why."""

    sentence = _("Say why.")


class AmountMissing(Invalid):
    """An amount above zero is needed."""

    sentence = _("Enter an amount above zero.")


class PinWrong(Invalid):
    """A PIN is four to eight digits."""

    sentence = _("A PIN has four to eight digits, and they are not all the same.")


class BasketGone(Refusal):
    """It was sold, left or never begun."""

    sentence = _("This basket is closed. Begin a new one.")


class BasketEmpty(Invalid):
    """There is nothing to sell."""

    sentence = _("The basket is empty. Scan or choose a product first.")


class BasketInTheWay(Refusal):
    """The till's own basket is not empty."""

    sentence = _("Put the basket on the screen aside first.")


class BasketChanged(Refusal):
    """What the cashier saw is no longer what would be sold."""

    sentence = _("The basket changed meanwhile: it comes to {total} now. Look at it again.")


class NoPrice(Refusal):
    """Nobody said what it costs."""

    sentence = _("{product} has no price here. Ask who looks after prices.")


class NotInPieces(Invalid):
    """A quantity finer than the unit."""

    sentence = _("{product} is sold in whole {unit}.")


class DiscountTooLarge(Refusal):
    """The role may take off less."""

    sentence = _("You may take off up to {limit} %. Ask somebody who may give more.")


class WrongDiscount(Invalid):
    """Not a discount that makes sense."""

    sentence = _("A discount is between nothing and the whole price.")


class NoRightToApprove(Forbidden):
    """Whoever approved may not."""

    sentence = _("{name} may not approve this.")


class NotEnough(Invalid):
    """The money doesn't cover the total."""

    sentence = _("{missing} is missing. Take more, or sell the rest on credit.")


class TooMuch(Invalid):
    """Only cash gives change."""

    sentence = _("More than the total was entered. Only cash gives change.")


class WrongTender(Invalid):
    """Not a way to pay that is known here."""

    sentence = _("This can't be used to pay.")


class ExchangeSpent(Refusal):
    """What was given for goods was spent already."""

    sentence = _("The credit of this return is spent, or less than was entered.")


class NoName(Refusal):
    """Credit needs a customer."""

    sentence = _("Choose who buys before you sell on credit.")


class MoreThanSold(Invalid):
    """Less was sold, or came back already."""

    sentence = _("Of {product} only {left} can come back.")


class NothingBack(Invalid):
    """No goods were chosen."""

    sentence = _("Choose what comes back.")


class NotSold(Refusal):
    """Only completed sales come back or are voided."""

    sentence = _("This sale can't be changed any more.")


class NeedsApproval(Refusal):
    """Somebody else has to approve it."""

    sentence = _("Somebody else has to approve this.")


class VoidTooLate(Refusal):
    """The drawer was counted, or something of it came back or was paid."""

    sentence = _("This sale can't be voided any more. Take the goods back instead.")


class NoBatch(Refusal):
    """Nobody knows where it would lie."""

    sentence = _("{product} never lay here, so it can't go back to the shelf. Write it off.")

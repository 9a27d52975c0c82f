"""What the warehouse says no to."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.errors import Forbidden, Invalid, Refusal


class NotForYou(Forbidden):
    """The badge's owner may not do this work."""

    sentence = _("{name} may not do this. Ask who leads the warehouse.")


class AlreadyMoved(Refusal):
    """Somebody else was first, or the invoice went another way."""

    sentence = _("{number} is no longer where it was: {state}. Look at it again.")


class OneAtATime(Refusal):
    """A member has one invoice open at a stage."""

    sentence = _("You are at work on {number}. Finish it first, or hand it over.")


class TakenByAnother(Refusal):
    """Another works on it."""

    sentence = _("{name} works on this invoice.")


class NotYourSession(Refusal):
    """Who began a stage ends it."""

    sentence = _("{name} began this. Scan that badge, or let it be handed over.")


class SessionOver(Refusal):
    """The session ended meanwhile."""

    sentence = _("This work has ended. Open the invoice again.")


class NowhereToPick(Refusal):
    """No place is known from which goods are taken."""

    sentence = _("Nobody said where this invoice is picked. Choose a place first.")


class ReasonMissing(Invalid):
    """It has to be said why."""

    sentence = _("Say why.")


class UnknownCode(Refusal):
    """A code that names nothing here."""

    sentence = _("Nothing here has the code {code}.")


class WrongProduct(Refusal):
    """A product that this invoice doesn't ask for."""

    sentence = _("{product} is not on this invoice. Put it back.")


class WrongLot(Refusal):
    """Another batch than the invoice says, or one that doesn't lie here."""

    sentence = _("This is batch {lot}; the invoice says {wanted}.")


class UnknownLot(Refusal):
    """A batch that doesn't lie at this place."""

    sentence = _("Batch {lot} of {product} doesn't lie here. Check the label.")


class NotItsTurn(Refusal):
    """Another batch expires earlier."""

    sentence = _("Take batch {first} of {product} first: it expires earlier. Or say why not.")


class ExpiredGoods(Refusal):
    """Past its date."""

    sentence = _("This {product} expired on {day}. Put it aside.")


class TooMany(Refusal):
    """More than is left to pick."""

    sentence = _("Of {product} {left} are left to pick.")


class ScannedBefore(Refusal):
    """The same scan with something else in it."""

    sentence = _("This scan was sent before with something else in it. Scan again.")


class NothingToUndo(Refusal):
    """The scan is undone, or the work has ended."""

    sentence = _("This scan can't be undone any more.")


class NotFinePieces(Invalid):
    """A quantity that can't be counted so."""

    sentence = _("{product} is counted in whole {unit}.")


class QuantityMissing(Invalid):
    """A quantity above zero is needed."""

    sentence = _("Enter a quantity above zero.")


class ScanIt(Refusal):
    """What has a product is scanned, not ticked."""

    sentence = _("{product} is in the catalogue: scan it.")


class NotReplaceable(Invalid):
    """A substitute is another product of goods."""

    sentence = _("Choose another product, one that lies on a shelf.")


class StillToPick(Refusal):
    """Something is neither picked nor said to be missing."""

    sentence = _("Still to do: {lines}.")


class NothingToResume(Refusal):
    """It isn't at billing."""

    sentence = _("{number} is not back at billing.")


class TrayTaken(Refusal):
    """Goods of another invoice lie in the tray."""

    sentence = _("Tray {tray} holds {number}. Take another.")


class TrayUnknown(Refusal):
    """No tray in use has the code."""

    sentence = _("There is no tray {tray} in use.")


class TrayCodeTaken(Invalid):
    """Another tray has the code."""

    sentence = _("Another tray has this code.")


class BoxSealed(Refusal):
    """A sealed box stays as it is."""

    sentence = _("Box {box} is sealed. Open it first.")


class BoxEmpty(Refusal):
    """There is nothing in it."""

    sentence = _("Box {box} is empty. Put something in, or take it away.")


class NotWhatWasPicked(Refusal):
    """The boxes hold something else than was picked."""

    sentence = _(
        "The boxes don't hold what was picked: {lines}. Put it right, or send it back to billing."
    )


class BoxesOpen(Refusal):
    """A box isn't sealed."""

    sentence = _("Seal every box first: {boxes}.")


class WeightMissing(Invalid):
    """A weight above zero is needed."""

    sentence = _("Enter a weight above zero.")


class CourierCodeTaken(Invalid):
    """Another courier has the code."""

    sentence = _("Another courier has this code.")


class CourierInactive(Refusal):
    """Nothing is given to a courier that isn't in use."""

    sentence = _("{name} is not in use. Choose another courier.")


class TrackingWrong(Invalid):
    """A number that isn't this courier's."""

    sentence = _("{tracking} is no number of {name}: theirs look like {pattern}.")


class TrackingMissing(Invalid):
    """Nothing by which the parcel could be followed."""

    sentence = _("Enter the tracking number, or add the slip.")


class PickupIncomplete(Invalid):
    """Who picks up is written down."""

    sentence = _("Say who picks it up, with a phone number of seven to fifteen digits.")


class CompanyMissing(Invalid):
    """For whom somebody picks up is written down."""

    sentence = _("Say for which company it is picked up.")


class ProofMissing(Invalid):
    """A driver brings a proof."""

    sentence = _("Say who took it, and add a photo or a signature.")


class NotYourDelivery(Refusal):
    """Another drives it."""

    sentence = _("{name} delivers this.")


class DeliveryOver(Refusal):
    """It was delivered or cancelled meanwhile."""

    sentence = _("This delivery is over. Open the invoice again.")


class DeliveryThere(Refusal):
    """Somebody has it already."""

    sentence = _("Somebody delivers this already. Cancel that first.")

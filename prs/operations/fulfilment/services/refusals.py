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

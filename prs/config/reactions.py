"""The wiring of the business: from an event to the verbs that follow, in the order they run.

`record()` runs these in the transaction of the event. What may wait is queued by the verb itself.
"*" follows every event. Each verb is safe to run again for the same event.
"""

from __future__ import annotations

from prs.kernel.activity.rules import SYSTEM
from prs.kernel.activity.services import Happening, Reaction
from prs.kernel.identity import notices
from prs.kernel.identity.models import Member
from prs.ledgers.bookkeeping import services as bookkeeping
from prs.ledgers.stock import services as stock
from prs.masterdata.catalog import services as catalog
from prs.masterdata.parties import services as parties
from prs.masterdata.places import selectors as places
from prs.masterdata.places import services as stores
from prs.operations.deals import services as deals
from prs.operations.fulfilment import services as fulfilment
from prs.operations.incentives import services as incentives
from prs.operations.invoicing import services as invoices
from prs.operations.purchasing import services as purchasing


def open_books(happening: Happening) -> None:
    """A new organization gets its chart of accounts."""
    bookkeeping.seed_chart(at=happening.at)


def hand_over(happening: Happening) -> None:
    """What somebody who leaves looked after goes to the successor who was chosen."""
    successor_id = happening.row.after.get("successor_id")
    if successor_id:
        successor = Member.objects.get(pk=successor_id)
        parties.hand_over(happening.subject, successor, by=happening.by, at=happening.at)
        deals.hand_over(happening.subject, successor, by=happening.by, at=happening.at)
        invoices.hand_over(happening.subject, successor, by=happening.by, at=happening.at)


def open_counter(_happening: Happening) -> None:
    """A new organization gets the customer of those who walk in and pay."""
    parties.seed_walk_in()


def open_store(_happening: Happening) -> None:
    """A new organization gets units to count in, and places where goods lie."""
    catalog.seed_units()
    stores.seed_places()


def ask_how_it_was(happening: Happening) -> None:
    """Who paid is asked how content they are, if they were not asked lately."""
    payment = happening.subject
    parties.ask_feedback(payment.customer, payment, by=SYSTEM, at=happening.at)


def count_sale(happening: Happening) -> None:
    """Money that was verified, or went back, counts for whoever sold."""
    incentives.count_payment(happening.subject)


def count_sale_on_credit(happening: Happening) -> None:
    """A deposit that pays an invoice counts for whoever sold."""
    incentives.count_invoice(happening.subject)


def post_adjustment(happening: Happening) -> None:
    """A correction of stock that was carried out goes to the books."""
    purchasing.post_adjustment(happening.subject, by=happening.by, at=happening.at)


def post_dispatch(happening: Happening) -> None:
    """Goods that were sent are in transit in the books, too."""
    purchasing.post_dispatch(happening.subject, by=happening.by, at=happening.at)


def post_arrival(happening: Happening) -> None:
    """Goods that arrived are inventory again."""
    purchasing.post_arrival(happening.subject, by=happening.by, at=happening.at)


def follow_transfer(happening: Happening) -> None:
    """What became of a transfer becomes of the request that it was made of."""
    stock.follow_transfer(happening.subject, by=happening.by, at=happening.at)


def open_fulfilment(happening: Happening) -> None:
    """An invoice that ships waits to be picked."""
    fulfilment.open_for(happening.subject, by=happening.by, at=happening.at)


def stop_fulfilment(happening: Happening) -> None:
    """What billing took back is not worked on meanwhile."""
    reason = str(happening.row.words.get("reason", ""))
    fulfilment.follow_return(happening.subject, reason=reason, by=happening.by, at=happening.at)


def resume_fulfilment(happening: Happening) -> None:
    """A corrected invoice goes on where it stopped, with what is different."""
    fulfilment.resume(happening.subject, by=happening.by, at=happening.at)


def tell(happening: Happening) -> None:
    """Those whose business it is are told. Whose rows somebody sees, places know."""
    notices.tell(happening, onlookers=places.onlookers)


REACTIONS: dict[str, tuple[Reaction, ...]] = {
    "organization.created": (open_books, open_counter, open_store),
    "member.deactivated": (hand_over,),
    "invoice.issued": (open_fulfilment,),
    "invoice.imported": (open_fulfilment,),
    "invoice.returned": (stop_fulfilment,),
    "invoice.corrected": (resume_fulfilment,),
    "payment.verified": (
        count_sale,
        ask_how_it_was,
    ),
    "payment.refunded": (count_sale,),
    "payment.charged_back": (count_sale,),
    "payment.bounced": (count_sale,),
    "invoice.paid_with_credit": (count_sale_on_credit,),
    "stock.adjustment_approved": (post_adjustment,),
    "stock.transfer_dispatched": (post_dispatch,),
    "stock.transfer_received": (post_arrival, follow_transfer),
    "stock.transfer_rejected": (follow_transfer,),
    "stock.transfer_cancelled": (follow_transfer,),
    "*": (tell,),
}

"""A warehouse with goods on its shelves, people at work and invoices to pick, for tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from prs.kernel.db.ids import new_id
from prs.kernel.identity.models import Member
from prs.ledgers.stock import services as stock
from prs.masterdata.catalog.models import Barcode, Pack, Product
from prs.masterdata.parties.services import ImportedCustomer
from prs.masterdata.places.models import Place
from prs.operations.fulfilment import services as floor
from prs.operations.fulfilment.models import Fulfilment, FulfilmentLine, Scan, WorkSession
from prs.operations.invoicing import services as invoices
from prs.operations.invoicing.models import Invoice
from prs.operations.invoicing.rules import LineDraft
from prs.operations.invoicing.services import ImportedInvoice
from tests.cast import NOON, make_member
from tests.factories.goods import make_product, make_stock

TODAY = date(2026, 11, 20)
SOON, LATER = TODAY + timedelta(days=40), TODAY + timedelta(days=400)
# GTINs of the tests' own, as they are kept.
SOAP, CARTON, TEA = "04006381333931", "05901234123457", "04012345123456"


@dataclass(frozen=True)
class Floor:
    """A warehouse. Of soap lie 6 of lot L1, which expires soon, and 20 of lot L2; of tea lie 10."""

    owner: Member
    place: Place
    picker: Member
    packer: Member
    soap: Product
    tea: Product

    def invoice(self, number: str, *lines: LineDraft) -> Invoice:
        """An invoice that another system sends."""
        sent = sent_lines(number, lines or (self.line(), self.other()))
        taken = invoices.take_import(
            sent, organization=self.owner.organization, by=self.owner, at=NOON
        )
        return taken.invoice

    def line(self, quantity: Any = 3, **details: Any) -> LineDraft:
        """A line of soap."""
        return LineDraft(
            "Shea soap",
            Decimal(quantity),
            Decimal(5),
            item_code=self.soap.sku,
            details={"shelf_location": "A-1", **details},
        )

    def other(self, quantity: Any = 2) -> LineDraft:
        """A line of something that the catalogue doesn't have."""
        return LineDraft(
            "Hand cream", Decimal(quantity), Decimal(7), item_code="HC-9", barcode="HC-CODE"
        )

    def waiting(self, number: str, *lines: LineDraft) -> Fulfilment:
        """An invoice that waits to be picked."""
        return fulfilment_of(self.invoice(number, *lines))

    def begun(self, number: str, *lines: LineDraft, by: Member | None = None) -> WorkSession:
        """An invoice that is being picked."""
        return floor.start_picking(self.waiting(number, *lines), by=by or self.picker, at=NOON)

    def picked(self, number: str, *lines: LineDraft) -> Fulfilment:
        """An invoice that was picked whole."""
        session = self.begun(number, *lines)
        pick_all(session, by=self.picker)
        return floor.finish_picking(session, by=self.picker, at=NOON)

    def corrected(self, fulfilment: Fulfilment, *lines: LineDraft) -> Fulfilment:
        """What an invoice becomes when billing corrects it."""
        invoices.correct(
            sent_lines(fulfilment.number, lines),
            notes="As agreed",
            organization=self.owner.organization,
            by=self.owner,
            at=NOON,
        )
        return Fulfilment.objects.get(pk=fulfilment.pk)


def sent_lines(number: str, lines: Any) -> ImportedInvoice:
    """An invoice with these lines, as another system sends it."""
    return ImportedInvoice(
        number=number,
        invoice_date=TODAY,
        salesperson_name="Sam",
        priority="HIGH",
        remarks="",
        customer=ImportedCustomer(code="C-700", name="Corner Clinic"),
        lines=list(lines),
        content={"invoice_no": number, "lines": str(lines), "customer": {"code": "C-700"}},
    )


def fulfilment_of(invoice: Invoice) -> Fulfilment:
    """The warehouse's work on an invoice."""
    return Fulfilment.objects.get(invoice=invoice)


def line_of(fulfilment: Any, code: str) -> FulfilmentLine:
    """A line of an invoice by its item code."""
    pk = getattr(fulfilment, "fulfilment_id", fulfilment.pk)
    return FulfilmentLine.objects.get(fulfilment_id=pk, item_code=code)


def sent(code: str, quantity: Any = 1, **words: Any) -> floor.Scanned:
    """What a scanner sends."""
    return floor.Scanned(new_id(), code, Decimal(quantity), **words)


def take(session: WorkSession, code: str, quantity: Any = 1, *, by: Member, **words: Any) -> Scan:
    """Scan something for a session."""
    return floor.scan(session, sent(code, quantity, **words), by=by, at=NOON)


def pick_all(session: WorkSession, *, by: Member) -> None:
    """Scan or tick whatever is left of an invoice."""
    for line in FulfilmentLine.objects.filter(fulfilment=session.fulfilment).order_by("position"):
        if line.to_pick and line.product is not None:
            take(session, line.product.sku, line.to_pick, by=by)
        elif line.to_pick:
            floor.tick(session, line, key=new_id(), by=by, at=NOON)


def make_floor(owner: Member, *, mark: str = "", picker: Member | None = None) -> Floor:
    """A warehouse with soap in two batches, tea in one, a picker and a packer."""
    place = Place.objects.filter(kind=Place.Kind.WAREHOUSE).order_by("pk").first()
    assert place is not None
    soap = make_product(f"FLOOR-SOAP{mark}", name="Shea soap")
    tea = make_product(f"FLOOR-TEA{mark}", name="Hibiscus tea")
    if not mark:
        Barcode.objects.create(product=soap, code=SOAP)
        Barcode.objects.create(product=tea, code=TEA)
        carton = Pack.objects.create(product=soap, name="Six", quantity=6)
        Barcode.objects.create(product=soap, pack=carton, code=CARTON)
    make_stock(soap, place, 20, 40, by=owner, lot="L2", expires_on=LATER)
    make_stock(soap, place, 6, 9, by=owner, lot="L1", expires_on=SOON)
    make_stock(tea, place, 10, 25, by=owner, lot="T1")
    packer = picker or make_member("Paco", "packer")
    picker = picker or make_member("Pia", "picker")
    return Floor(owner, place, picker, packer, soap, tea)


def make_floor_world(owner: Member) -> None:
    """Invoices that wait, are being picked, were picked, and one whose work was cancelled."""
    ground = make_floor(owner, mark="-W", picker=owner)
    ground.picked("FW-1")
    left = ground.begun("FW-2")
    floor.cancel_session(left, reason="Lunch", by=owner, at=NOON)
    make_left_world(ground)
    session = ground.begun("FW-3", ground.line(9), ground.other())
    take(session, ground.soap.sku, 2, by=owner)
    line = line_of(session, ground.soap.sku)
    floor.substitute(session, line, ground.tea, quantity=Decimal(1), by=owner, at=NOON)
    # What others keep is for the tests of stock to say.
    stock.release(session.pk)


def make_left_world(ground: Floor) -> None:
    """What is being packed, what a courier waits for, and what was picked up."""
    words: dict[str, Any] = {"by": ground.owner, "at": NOON}
    swift = floor.add_courier({"code": "SW", "name": "Swift", "phone": "0700 000 000"}, **words)
    floor.give_to_courier(floor.express(ground.waiting("FW-5"), **words), swift, **words)
    gone = floor.express(ground.waiting("FW-6"), **words)
    floor.pick_up(gone, floor.Pickup("Ama", "0700 000 000"), **words)
    tray = floor.add_tray({"code": "T-1"}, **words)
    packing = floor.start_packing(ground.picked("FW-4"), **words)
    floor.use_tray(packing, tray.code, **words)
    for _turn in range(2):
        box = floor.add_box(packing, **words)
        floor.scan_into(packing, box, ground.soap.sku, **words)
        if box.position == 1:
            floor.seal(packing, box, weight=Decimal(1), **words)

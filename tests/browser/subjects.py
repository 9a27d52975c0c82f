"""What stands behind the ids of an address: rows of the demonstration, and a few made for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core import signing

from prs.kernel import clock
from prs.kernel.activity.models import AuditEvent
from prs.kernel.db.ids import new_id
from prs.kernel.files import CheckedFile, Kind
from prs.kernel.identity.models import (
    ApiKey,
    Department,
    Invitation,
    JobTitle,
    Role,
    Team,
    User,
)
from prs.kernel.identity.services import accounts, invitations, security
from prs.kernel.tenancy.models import Organization
from prs.ledgers.bookkeeping.models import Account, DraftEntry, Entry, FiscalYear, Period
from prs.ledgers.stock import selectors as stock
from prs.masterdata.catalog.models import (
    Brand,
    Category,
    Pack,
    PriceList,
    Product,
    TaxRate,
    Unit,
)
from prs.masterdata.parties.models import (
    Address,
    Contact,
    Customer,
    CustomerImport,
    Feedback,
    Supplier,
)
from prs.masterdata.parties.selectors import token_of as feedback_token_of
from prs.masterdata.parties.services import importing
from prs.masterdata.places.models import Branch, Place
from prs.operations.deals import services as deals
from prs.operations.deals.models import Deal, Project
from prs.operations.followups.models import Alert
from prs.operations.fulfilment import services as floor
from prs.operations.fulfilment.models import Fulfilment, WorkSession
from prs.operations.incentives.models import Commission, Goal
from prs.operations.invoicing.models import Invoice
from prs.operations.payments import services as payments
from prs.operations.payments.models import Payment, Receipt, Reversal, VerificationPolicy
from prs.operations.payments.receipts import token_of
from prs.operations.payments.services import PaymentDraft
from prs.operations.purchasing.models import GoodsReceipt, PurchaseOrder, SupplierBill
from prs.operations.receivables.models import WriteOff
from prs.operations.till import services as till
from prs.operations.till.models import Return, Sale, SaleLine, Shift, Till
from tests.browser.house import House

SECRET = "an-invitation-that-was-sent"
ID = re.compile(r"<(?:\w+:)?(\w+)>")


def invitation(house: House) -> Any:
    """An invitation that waits, with a link that we know."""
    defaults = {
        "email": "new@volta.demo",
        "role": Role.objects.get(key="viewer"),
        "invited_by": house.people["ama"],
        "expires_at": clock.now() + timedelta(days=7),
    }
    return Invitation.objects.get_or_create(digest=security.digest(SECRET), defaults=defaults)[0]


def invitation_link(house: House) -> str:
    """What stands in the mail of that invitation."""
    invitation(house)
    return signing.dumps([house.organization_id.hex, SECRET], salt=invitations.SALT)


def newcomer() -> str:
    """The link of somebody whose login another opened."""
    user = User.objects.filter(email="newcomer@volta.demo").first()
    return accounts.welcome_token(
        user or accounts.open_login("newcomer@volta.demo", name="New", at=clock.now())
    )


def key(house: House) -> Any:
    """A key of another system."""
    made = {"prefix": "abcdef", "digest": "e" * 64, "created_by": house.people["ama"]}
    return ApiKey.objects.get_or_create(name="Till system", defaults=made)[0]


def customer() -> Any:
    """The customer whose screens are looked at."""
    return first(Customer.objects.filter(external_code="C-3"))


def contact(_house: House) -> Any:
    """A person there."""
    made = {"first_name": "Rosa", "is_primary": True, "is_billing": True, "phone": "+233245550101"}
    return Contact.objects.get_or_create(customer=customer(), email="r@x.test", defaults=made)[0]


def place(_house: House) -> Any:
    """An address there."""
    made = {"line1": "Gate 4", "city": "Tema", "is_default": True}
    return Address.objects.get_or_create(customer=customer(), label="Store", defaults=made)[0]


def table(house: House) -> Any:
    """A file of customers with a fault."""
    content = b"Name,E-mail\nHarbour,info@x.test\nBad,nobody\n"
    file = CheckedFile(
        kind=Kind.CSV,
        name="customers.csv",
        extension="csv",
        content_type="text/csv",
        bytes=content,
        sha256="c" * 64,
    )
    brought = CustomerImport.objects.first()
    if brought is None:
        brought = importing.bring(file, by=house.people["ama"], at=clock.now())
        # The tests keep their files elsewhere than the house does.
        kept = house.folder / "media" / brought.file.name
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(content)
    return brought


def question(_house: House) -> str:
    """The link by which a customer says how content they are."""
    at = clock.now()
    made = {"customer": customer(), "asked_at": at, "expires_at": at + timedelta(days=30)}
    row = Feedback.objects.get_or_create(cause_id=customer().pk, defaults=made)[0]
    return feedback_token_of(row)


def deal(house: House) -> Any:
    """A deal with something left to pay."""
    fields = {"customer": customer(), "name": "Ward furniture", "currency": "GHS"}
    fields |= {"value": Decimal(1200)}
    at = clock.now()
    known = Deal.objects.filter(name="Ward furniture").first()
    by = house.people["kofi"]
    return known or deals.close({**fields, "deal_date": at.date()}, by=by, at=at)


def project(house: House) -> Any:
    """A project of every team."""
    fields, teams = {"name": "New clinic"}, Team.objects.all()
    known = Project.objects.filter(name="New clinic").first()
    by = house.people["ama"]
    return known or deals.add_project(fields, by=by, at=clock.now(), teams=teams)


def picking(house: House) -> Any:
    """An invoice that Ama picks."""
    by = house.people["ama"]
    session = WorkSession.objects.filter(member=by, outcome="").first()
    if session is None:
        waiting = first(Fulfilment.objects.filter(state="invoiced", place__isnull=False))
        session = floor.start_picking(waiting, by=by, at=clock.now())
    return session.fulfilment


def own_claim(house: House) -> Any:
    """A payment that waits, recorded by whoever looks at the screens."""
    at, by = clock.now(), house.people["ama"]
    known = Payment.objects.filter(recorded_by=by, status="pending").first()
    draft = PaymentDraft(customer(), Decimal(20), "GHS", "cash", at.date())
    return known or payments.record_payment(draft, by=by, at=at)


def first(rows: Any) -> Any:
    """The first row, which must be there."""
    row = rows.order_by("pk").first()
    assert row is not None, f"The demonstration has no such {rows.model.__name__}."
    return row


def soap() -> Any:
    """The product whose screens are looked at: it has a picture, a pack, taxes and prices."""
    return Product.objects.get(sku="HH033")


def came_back(house: House) -> Any:
    """Goods that a customer brought back to the shift that is open."""
    known = Return.objects.first()
    if known is not None:
        return known
    sold = first(Sale.objects.filter(state="completed", on_credit=0))
    shift = first(Shift.objects.filter(state="open"))
    piece = till.Back(Decimal(1), restock=True, line=first(SaleLine.objects.filter(sale=sold)))
    return till.take_back(
        sold,
        [piece],
        shift=shift,
        method="mobile",
        reason="Wrong size",
        key=new_id(),
        by=shift.member,
        at=clock.now(),
        approved_by=house.people["ama"],
    )


Subject = Callable[[House], Any]
PAID = Payment.Status.VERIFIED

# By the beginning of the address's name, the longest first; each gives the row its id is of.
ROWS: dict[str, Subject] = {
    "billing:bounce": lambda _: first(Payment.objects.filter(status=PAID)),
    "billing:charge_back": lambda _: first(Payment.objects.filter(status=PAID)),
    "billing:clear_cheque": lambda _: first(Payment.objects.filter(status=PAID)),
    "billing:credit_invoice": lambda _: first(Invoice.objects.filter(status="issued", paid=0)),
    "billing:deposit_cheque": lambda _: first(Payment.objects.filter(status=PAID)),
    "billing:pay_with_credit": lambda _: first(Invoice.objects.filter(status="issued", paid=0)),
    "billing:request_refund": lambda _: first(Payment.objects.filter(status=PAID)),
    "billing:withdraw": own_claim,
    "billing:return_invoice": lambda _: first(Invoice.objects.filter(origin="import")),
    "billing:invoice": lambda _: first(Invoice.objects.filter(paid__gt=0)),
    "billing:record_payment": lambda _: first(Invoice.objects.filter(paid=0)).customer,
    "billing:payment": lambda _: first(Payment.objects.filter(status=PAID)),
    "billing:ask_write_off": lambda _: first(Invoice.objects.filter(status="issued", paid=0)),
    "billing:customer_credit": lambda _: first(Invoice.objects.filter(paid=0)).customer,
    "billing:let_go": lambda _: first(Invoice.objects.filter(status="issued", paid=0)),
    "billing:recover": lambda _: first(Invoice.objects.filter(status="issued", paid=0)),
    "billing:reminder_letter": lambda _: first(Invoice.objects.filter(status="issued", paid=0)),
    "billing:remind": lambda _: first(Invoice.objects.filter(status="issued", paid=0)),
    "billing:take_in_hand": lambda _: first(Invoice.objects.filter(status="issued", paid=0)),
    "billing:write_off": lambda _: first(WriteOff.objects.all()),
    "books:account": lambda _: first(Account.objects.filter(code="1100")),
    "books:entry": lambda _: first(Entry.objects.all()),
    "books:edit_account": lambda _: first(Account.objects.filter(code="6200")),
    "books:reverse": lambda _: first(Entry.objects.filter(source_kind="bookkeeping.draft")),
    "books:draft": lambda _: first(DraftEntry.objects.filter(state="submitted")),
    "books:edit_draft": lambda _: first(DraftEntry.objects.filter(state="draft", kind="manual")),
    "books:return_draft": lambda _: first(DraftEntry.objects.filter(state="submitted")),
    "books:close_period": lambda _: first(Period.objects.filter(status="open")),
    "books:open_period": lambda _: first(Period.objects.filter(status="closed")),
    "books:close_year": lambda _: first(FiscalYear.objects.filter(closed_at=None)),
    "books:party": lambda _: first(Invoice.objects.filter(paid__gt=0)).customer,
    "office:audit_event": lambda _: first(AuditEvent.objects.filter(code="payment.verified")),
    "office:branch": lambda _: first(Branch.objects.all()),
    "office:copy_role": lambda _: Role.objects.get(key="salesperson"),
    "office:department": lambda _: first(Department.objects.all()),
    "office:edit_role": lambda _: Role.objects.get(key="salesperson"),
    "office:invitation": invitation,
    "office:job_title": lambda _: first(JobTitle.objects.all()),
    "office:key": key,
    "office:remove_role": lambda _: Role.objects.get(key="picker"),
    "office:revoke_key": key,
    "office:role": lambda _: Role.objects.get(key="salesperson"),
    "office:rotate_key": key,
    "office:team": lambda _: first(Team.objects.all()),
    "office:": lambda house: house.people["kofi"],
    "operator:organization": lambda house: Organization.objects.get(pk=house.organization_id),
    "operator:suspend": lambda house: Organization.objects.get(pk=house.organization_id),
    "operator:reactivate": lambda house: Organization.objects.get(pk=house.organization_id),
    "floor:": lambda _: first(Fulfilment.objects.filter(state="invoiced")),
    "floor:pick": picking,
    "sales:address": place,
    "sales:alert": lambda _: first(Alert.objects.filter(resolved_at=None)),
    "sales:call_off_deal": deal,
    "sales:commission": lambda _: first(Commission.objects.all()),
    "sales:commission_split": deal,
    "sales:contact": contact,
    "sales:deal": deal,
    "sales:edit_deal": deal,
    "sales:edit_project": project,
    "sales:goal": lambda _: first(Goal.objects.all()),
    "sales:import": table,
    "sales:note_deal": deal,
    "sales:pay_deal": deal,
    "sales:project": project,
    "sales:use_credit": deal,
    "sales:": lambda _: first(Customer.objects.filter(external_code="C-3")),
    "stock:adjustment": lambda _: first(stock.adjustments().filter(proof=None)),
    "stock:approve_adjustment": lambda _: first(stock.adjustments().filter(state="pending")),
    "stock:reject_adjustment": lambda _: first(stock.adjustments().filter(state="pending")),
    "stock:approve_transfer": lambda _: first(stock.transfers().filter(state="requested")),
    "stock:batch": lambda _: first(stock.batches()),
    "stock:bill": lambda _: first(SupplierBill.objects.all()),
    "stock:cancel_count": lambda _: first(stock.counts().filter(state="open")),
    "stock:cancel_order": lambda _: first(PurchaseOrder.objects.filter(state="draft")),
    "stock:cancel_request": lambda _: first(stock.requests().filter(state="new")),
    "stock:cancel_transfer": lambda _: first(stock.transfers().filter(state="draft")),
    "stock:close_count": lambda _: first(stock.counts().filter(state="open")),
    "stock:close_order": lambda _: first(PurchaseOrder.objects.filter(state="sent")),
    "stock:count": lambda _: first(stock.counts().filter(state="open")),
    "stock:dispatch_transfer": lambda _: first(stock.transfers().filter(state="approved")),
    "stock:edit_order": lambda _: first(PurchaseOrder.objects.filter(state="draft")),
    "stock:edit_request": lambda _: first(stock.requests().filter(state="new")),
    "stock:level": lambda _: first(stock.lying()).product,
    "stock:order": lambda _: first(PurchaseOrder.objects.filter(state="sent")),
    "stock:pay_bill": lambda _: first(SupplierBill.objects.filter(paid=0)),
    "stock:void_bill": lambda _: first(SupplierBill.objects.filter(paid=0)),
    "stock:receipt": lambda _: first(GoodsReceipt.objects.filter(kind="purchase")),
    "stock:receive_order": lambda _: first(PurchaseOrder.objects.filter(state="sent")),
    "stock:receive_transfer": lambda _: first(stock.transfers().filter(state="dispatched")),
    "stock:reject_transfer": lambda _: first(stock.transfers().filter(state="requested")),
    "stock:override_request": lambda _: first(stock.requests().filter(state="new")),
    "stock:request": lambda _: first(stock.requests().filter(state="new")),
    "stock:request_transfer": lambda _: first(stock.transfers().filter(state="draft")),
    "stock:send_order": lambda _: first(PurchaseOrder.objects.filter(state="draft")),
    "stock:week": lambda _: first(stock.weeks()),
    "stock:transfer": lambda _: first(stock.transfers().filter(state="dispatched")),
    "stock:add_pack": lambda _: soap(),
    "stock:brand": lambda _: first(Brand.objects.all()),
    "stock:category": lambda _: Category.objects.get(name="Food"),
    "stock:edit_price_list": lambda _: first(PriceList.objects.all()),
    "stock:edit_product": lambda _: soap(),
    "stock:edit_supplier": lambda _: first(Supplier.objects.all()),
    "stock:pack": lambda _: first(Pack.objects.filter(product=soap())),
    "stock:place": lambda _: first(Place.objects.filter(kind="warehouse")),
    "stock:price_list": lambda _: first(PriceList.objects.all()),
    "stock:product": lambda _: soap(),
    "stock:supplier": lambda _: first(Supplier.objects.all()),
    "stock:tax_rate": lambda _: first(TaxRate.objects.all()),
    "stock:unit": lambda _: first(Unit.objects.all()),
    "till:change_till": lambda _: first(Till.objects.all()),
    "till:discount_line": lambda _: first(SaleLine.objects.all()),
    "till:return": came_back,
    "till:return_sale": lambda _: first(Sale.objects.filter(state="completed")),
    "till:shift": lambda _: first(Shift.objects.all()),
    "till:": lambda _: first(Sale.objects.filter(state="completed")),
    "verify:change_policy": lambda _: first(VerificationPolicy.objects.all()),
    "verify:record": lambda _: first(Payment.objects.filter(status=PAID)),
    "verify:reversal": lambda _: first(Reversal.objects.all()),
    "verify:review": lambda _: first(Payment.objects.filter(status="pending")),
}
WORDS: dict[str, Callable[[House], str]] = {
    "account:welcome": lambda _: newcomer(),
    "account:invitation": invitation_link,
    "books:parties": lambda _: "customers",
    "books:plain_text": lambda _: "beancount",
    "books:rule": lambda _: "4000",
    "billing:edit_reminder_text": lambda _: "firm",
    "billing:reset_reminder_text": lambda _: "firm",
    "billing:genuine": lambda _: token_of(first(Receipt.objects.all())),
    "office:settings": lambda _: "receipt",
    "office:start": lambda _: "people",
    "sales:feedback": question,
    "shell:notification_text": lambda _: "payment.recorded",
}


def address_of(house: House, route: str, name: str) -> str:
    """An address whose ids are those of rows that are there."""
    path = "/" + route.replace("<slug:whom>", "customers", "pk" in route)
    if not ID.search(path):
        return path
    with house.inside():
        if name in WORDS:
            return ID.sub(WORDS[name](house), path)
        prefix = max((each for each in ROWS if name.startswith(each)), key=len, default="")
        assert prefix, f"Say in tests/browser/subjects.py what {name} ({route}) is about."
        return ID.sub(str(ROWS[prefix](house).pk), path)

"""What does not go straight: denied, asked about, paid in parts, returned, closed, left, clicked twice."""

from __future__ import annotations

from decimal import Decimal

from prs.kernel import clock
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.context import tenant_context
from prs.ledgers.bookkeeping import selectors as books
from prs.masterdata.parties.models import Customer
from prs.operations.invoicing.models import Invoice, Revision
from prs.operations.payments.models import Payment, Receipt
from tests.api.caller import Caller, make_item, make_key, make_payload
from tests.factories.walk import make_customer, make_invoice
from tests.journeys.person import Person, signed_in
from tests.web.account.doors import verified


def records(person, invoice, **fields):
    """Record a payment from an invoice's page."""
    person.opens(f"/billing/invoices/{invoice.pk}/").follows("Record a payment")
    return person.presses("Record payment", **{"method": "cash", **fields})


def test_a_denied_payment_says_why_and_its_replacement_settles_the_invoice(
    cast, sam, vera, quick_documents
):
    invoice = make_invoice(cast.sam)
    records(sam, invoice)
    vera.opens("/verify/").presses("Take the oldest")
    vera.presses("Deny payment", reason="bank_decline", remarks="Not on the statement.")
    vera.sees("is denied")

    sam.opens("/").sees("Payment denied", "Not on the statement.")
    assert Invoice.objects.get().left == Decimal(100)
    records(sam, invoice)
    vera.opens("/verify/").sees("1 waiting").presses("Take the oldest").sees("1 denied before")
    vera.presses("Verify payment")

    assert not Invoice.objects.get().left
    assert [row.status for row in Payment.objects.order_by("recorded_at", "pk")] == [
        "denied",
        "verified",
    ]


def test_a_question_is_answered_with_a_better_proof_and_then_decided(
    cast, sam, vera, slip, quick_documents
):
    records(sam, make_invoice(cast.sam), method="bank", reference="TT-1", proof=slip("blurred"))
    vera.opens("/verify/").presses("Take the oldest")
    vera.presses("Send question", question="Which account was it paid to?")
    vera.sees("Sam is asked about", "Nothing waits for you")

    sam.opens("/").sees("Which account was it paid to?").follows("Question about a payment")
    sam.sees("The verifier asks")
    sam.presses("Send answer", text="The one at Harbour Bank.", proof=slip("sharp and whole"))
    vera.opens("/verify/").presses("Take the oldest")
    vera.sees("The one at Harbour Bank.").presses("Verify payment")

    assert Payment.objects.get().status == "verified"


def test_one_payment_over_two_invoices_settles_one_pays_part_or_leaves_a_deposit(
    cast, sam, vera, quick_documents, check_now
):
    customer = make_customer(cast.sam)
    first = make_invoice(cast.sam, customer=customer, amount="60.00")
    second = make_invoice(cast.sam, customer=customer, amount="90.00")
    shares = {f"pays_{first.pk.hex}": "60", f"pays_{second.pk.hex}": "50"}

    records(sam, first, amount="110", **shares)
    records(sam, second, amount="75", **{f"pays_{second.pk.hex}": "40"})
    vera.opens("/verify/").presses("Take the oldest").presses("Verify payment")
    vera.sees("35.00 USD stay as a deposit").presses("Verify payment")
    check_now()

    left = {row.pk: row.left for row in Invoice.objects.all()}
    assert left == {first.pk: 0, second.pk: 0}
    today = clock.now().date()
    trial = books.trial_balance(today.replace(month=1, day=1), today)
    balances = {row.code: row.balance for row in trial.rows}
    assert (balances["1100"], balances["2200"]) == (0, Decimal(35))


def test_a_returned_invoice_comes_back_corrected_and_keeps_what_it_was(cast, check_now):
    other = Caller(make_key(cast.olga).secret)
    other.post(make_payload(items=[make_item(mrp="3.50")]))
    anna = signed_in("anna@acme.test").opens("/billing/invoices/").follows("HB-1")
    anna.follows("Return for correction").presses("Return invoice", reason="The old price list.")
    anna.sees("The old price list.")

    answer = other.patch(make_payload(items=[make_item(mrp="4.00")], correction_notes="New list"))
    check_now()

    assert answer.status_code == 200, answer.content
    anna.opens("/billing/invoices/").follows("HB-1").sees("80.00", "Before its corrections", "70")
    assert Invoice.objects.get().total == Decimal(80)
    assert Revision.objects.count() == 1


def test_a_suspended_organization_is_locked_out_at_once_and_let_in_again(cast, sam):
    pat = Person()
    verified(pat.client, cast.pat)
    sam.opens("/billing/invoices/")

    pat.opens("/platform/").follows("Acme Supplies").follows("Suspend")
    pat.presses("Suspend", reason="Unpaid for three months.")
    sam.opens("/billing/invoices/", expecting=403).sees("closed")
    assert "/accounts/login/" in sam.opens("/billing/invoices/").address

    pat.opens("/platform/").follows("Acme Supplies").follows("Reactivate")
    pat.presses("Reactivate", reason="Paid.")
    signed_in("sam@acme.test").opens("/billing/invoices/").sees("Invoices")


def test_whoever_leaves_hands_customers_over_and_is_out_at_the_next_click(cast, sam):
    make_customer(cast.sam)
    sara = signed_in("sara@acme.test").opens("/sales/customers/")
    assert "Harbour Pharmacy" not in sara.text
    adam = signed_in("adam@acme.test").opens(f"/office/people/{cast.sam.pk}/")

    adam.follows("Deactivate").presses("Deactivate and hand over", successor=str(cast.sara.pk))

    adam.sees("Sam can no longer sign in.")
    sam.opens("/sales/customers/", expecting=403)
    sara.opens("/sales/customers/").sees("Harbour Pharmacy")
    assert Customer.objects.get().salesperson == cast.sara


def test_a_second_click_on_the_same_form_counts_once_and_leads_to_the_same_page(
    cast, sam, vera, quick_documents
):
    invoice = make_invoice(cast.sam)
    sam.opens(f"/billing/invoices/{invoice.pk}/").follows("Record a payment")
    form = sam.page

    sam.presses("Record payment", method="cash")
    first = sam.address
    sam.page, sam.address = form, f"/billing/customers/{invoice.customer_id}/pay/"
    sam.presses("Record payment", method="cash")

    assert sam.address == first
    assert Payment.objects.count() == 1
    vera.opens("/verify/").presses("Take the oldest")
    review, place = vera.page, vera.address
    vera.presses("Verify payment")
    vera.page, vera.address = review, place
    vera.presses("Verify payment")
    assert Receipt.objects.count() == 1


def test_the_same_invoice_written_twice_by_one_form_is_issued_once(cast, sam):
    make_customer(cast.sam)
    customer = Customer.objects.get()
    sam.opens("/billing/invoices/add/")
    form = sam.page
    lines = {"lines-0-description": "Salts", "lines-0-quantity": "3", "lines-0-unit_price": "10"}

    sam.presses("Issue invoice", customer=str(customer.pk), **lines)
    sam.page, sam.address = form, "/billing/invoices/add/"
    sam.presses("Issue invoice", customer=str(customer.pk), **lines)

    assert Invoice.objects.count() == 1


def test_nobody_is_left_inside_whose_membership_ended_elsewhere(cast, sam):
    with tenant_context(cast.acme.pk):
        Member.objects.filter(pk=cast.sam.pk).update(active=False, deactivated_at=clock.now())

    sam.opens("/", expecting=403)
    assert "/accounts/login/" in sam.opens("/").address

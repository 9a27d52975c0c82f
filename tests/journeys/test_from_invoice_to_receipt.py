"""The business from end to end: an invoice arrives, is paid, is proven, and everybody knows."""

from __future__ import annotations

import io
import shutil
import subprocess
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
import zxingcpp
from django.core import mail
from PIL import Image
from pypdf import PdfReader

from prs.kernel import clock
from prs.kernel.activity import chain
from prs.kernel.activity.models import AuditEvent
from prs.operations.invoicing.models import Invoice
from prs.operations.payments.models import Payment
from tests.api.caller import Caller, make_item, make_key, make_payload
from tests.journeys.person import Person, signed_in


def posted(owner, number="HB-1", **fields):
    """What another system sends today, with its own key."""
    buyer = {"code": "C-1", "name": "Harbour Pharmacy", "email": "till@harbour.test"}
    day = clock.now().date().isoformat()
    fields.setdefault("items", [make_item(mrp="7.25")])
    body = make_payload(number, invoice_date=day, customer=buyer, **fields)
    return Caller(make_key(owner).secret).post(body)


def text_of(pdf):
    return " ".join(
        " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split()
    )


def code_on(pdf, folder):
    """What the QR code on the first page says."""
    (folder / "receipt.pdf").write_bytes(pdf)
    command = ["pdftoppm", "-r", "110", "-png", "-l", "1", str(folder / "receipt.pdf")]
    made = subprocess.run(command, capture_output=True, check=True)
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(made.stdout)).convert("RGB"))
    return code.text


def test_an_invoice_from_another_system_becomes_a_receipt_and_everybody_knows(
    cast, slip, check_now
):
    assert posted(cast.olga).status_code == 201

    anna = signed_in("anna@acme.test").opens("/billing/invoices/").sees("HB-1", "Harbour Pharmacy")
    anna.follows("HB-1").sees("145.00")

    sam = signed_in("sam@acme.test").opens("/billing/invoices/").follows("HB-1")
    sam.follows("Record a payment").presses(
        "Record payment", method="bank", reference="TT-4711", proof=slip()
    )
    payment = Payment.objects.get()
    sam.sees(payment.number, "waits for a verifier")

    vera = signed_in("vera@acme.test").sees("Payment to verify", payment.number)
    vera.opens("/verify/").sees("Harbour Pharmacy", "1 waiting")
    vera.presses("Take the oldest").sees("TT-4711", "Proof attached", "Not seen before")
    vera.presses("Verify payment").sees(f"{payment.number} is verified", "Nothing waits for you")
    check_now()

    sam.opens("/").sees("Payment verified", payment.number)
    sam.opens("/billing/invoices/").follows("HB-1").sees("Paid")
    assert Invoice.objects.get().paid == Decimal("145.00")
    sam.follows(payment.number).sees("Verified", "Open receipt RCT-")

    pdf = sam.downloads(sam.link("Open receipt"))
    for said in ("Acme Supplies", "Harbour Pharmacy", "RCT-", "145.00", "HB-1", "TT-4711"):
        assert said in text_of(pdf)

    anna.opens("/books/").sees("Debits equal credits")
    to_customer = [each for each in mail.outbox if each.to == ["till@harbour.test"]]
    assert [file.content for each in to_customer for file in each.attachments] == [pdf]
    assert [each.to for each in mail.outbox if "Payment verified" in each.subject] == [
        ["sam@acme.test"]
    ]
    assert list(chain.findings()) == []
    told = AuditEvent.objects.order_by("at", "pk").values_list("code", flat=True)
    assert {"invoice.imported", "payment.recorded", "payment.claimed", "payment.verified"} <= {
        *told
    }


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="Needs pdftoppm to look at the page.")
def test_whoever_scans_the_code_of_a_receipt_is_told_that_it_is_genuine(
    cast, sam, vera, slip, tmp_path
):
    posted(cast.olga)
    sam.opens("/billing/invoices/").follows("HB-1").follows("Record a payment")
    sam.presses("Record payment", proof=slip())
    vera.opens("/verify/").presses("Take the oldest").presses("Verify payment")
    sam.opens("/billing/invoices/").follows("HB-1").follows(Payment.objects.get().number)

    link = code_on(sam.downloads(sam.link("Open receipt")), tmp_path)
    stranger = Person().opens(urlsplit(link).path)

    stranger.sees("This receipt is genuine", "Acme Supplies", "145.00", "Verified")
    assert "Harbour" not in stranger.text
    Person().opens(urlsplit(link).path[:-6] + "/", expecting=404).sees("no receipt of ours")

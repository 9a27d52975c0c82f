"""Sheets as the services fill them, with the troubles of real life."""

from __future__ import annotations

import io
from dataclasses import replace

from PIL import Image
from pypdf import PdfReader

from prs.kernel.documents import (
    Fact,
    InvoiceSheet,
    Party,
    ReceiptSheet,
    RenderedDocument,
    SettledInvoice,
    SheetLine,
    TaxRow,
)

ISSUER = Party(
    name="Mzuri Medical Supplies Ltd",
    address=("4th Floor, Kimathi House", "Nairobi, Kenya"),
    facts=(Fact(label="PIN", text="P051234567X"), Fact(label="Phone", text="+254 20 222 1111")),
)
CUSTOMER = Party(name="Aga Khan University Hospital", address=("3rd Parklands Avenue", "Nairobi"))
ARABIC = Party(name="شركة النور للتجارة", address=("الكويت 13001",))
LINK = "https://prs.example.com/r/RCT-2026-0001/9f8c2b7d51"


def invoice(count: int = 2, **changes: object) -> InvoiceSheet:
    """Fill an invoice with this many lines."""
    sheet = InvoiceSheet(
        issuer=ISSUER,
        customer=CUSTOMER,
        number="INV-2026-0042",
        date="21 Nov 2026",
        due_date="21 Dec 2026",
        currency="KES",
        lines=tuple(
            SheetLine(
                description=f"Line number {at}",
                detail=f"SKU {at}",
                quantity="2",
                unit="box",
                unit_price="600.00",
                tax="16%",
                amount="1,200.00",
            )
            for at in range(1, count + 1)
        ),
        subtotal="2,400.00",
        tax="384.00",
        taxes=(TaxRow(label="VAT 16%", net="2,400.00", tax="384.00"),),
        total="KES 2,784.00",
        paid="-784.00",
        balance="KES 2,000.00",
        payment=(Fact(label="Paybill", text="247247"),),
        notes="Thank you.",
        link=LINK,
    )
    return replace(sheet, **changes)


def receipt(**changes: object) -> ReceiptSheet:
    """Fill a receipt for two invoices."""
    sheet = ReceiptSheet(
        issuer=ISSUER,
        customer=CUSTOMER,
        number="RCT-2026-0001",
        date="21 Nov 2026",
        currency="KES",
        amount="KES 1,500.00",
        method="Bank transfer",
        paid_on="20 Nov 2026",
        reference="FT26325XK9",
        invoices=(
            SettledInvoice(
                number="INV-2026-0041",
                date="3 Nov 2026",
                total="1,000.00",
                paid="1,000.00",
                remaining="0.00",
            ),
            SettledInvoice(
                number="INV-2026-0042",
                date="4 Nov 2026",
                total="2,784.00",
                paid="450.00",
                remaining="2,334.00",
            ),
        ),
        allocated="KES 1,450.00",
        unallocated="KES 50.00",
        verified_by="Grace Wanjiru",
        verified_at="21 Nov 2026, 14:05",
        link=LINK,
    )
    return replace(sheet, **changes)


def logo() -> bytes:
    """Draw a logo."""
    target = io.BytesIO()
    Image.new("RGBA", (200, 60), "#0b5f5a").save(target, "PNG")
    return target.getvalue()


def read(document: RenderedDocument) -> PdfReader:
    """Open what was made."""
    return PdfReader(io.BytesIO(document.bytes))


def text_of(document: RenderedDocument) -> str:
    """Return all words of the document with single spaces."""
    pages = (page.extract_text() for page in read(document).pages)
    return " ".join(" ".join(pages).split())

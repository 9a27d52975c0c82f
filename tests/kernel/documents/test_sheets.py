"""Invoices and receipts say what they must, in every language and at every length."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess

import pytest
import zxingcpp
from PIL import Image

from prs.kernel import documents
from prs.kernel.documents import Fact, Party, SheetLine
from tests.kernel.documents import sheets
from tests.kernel.documents.sheets import text_of

pictures = pytest.mark.skipif(not shutil.which("pdftoppm"), reason="needs poppler-utils")


def drawn(document, tmp_path):
    """Return the first page as a picture."""
    (tmp_path / "made.pdf").write_bytes(document.bytes)
    made = subprocess.run(
        ["pdftoppm", "-r", "110", "-png", "-f", "1", "-l", "1", str(tmp_path / "made.pdf")],
        capture_output=True,
        check=True,
    )
    return Image.open(io.BytesIO(made.stdout)).convert("RGB")


def test_an_invoice_says_who_owes_what_to_whom_and_how_to_pay():
    text = text_of(documents.invoice(sheets.invoice(), language="en"))

    for said in (
        "Invoice INV-2026-0042",
        "Mzuri Medical Supplies Ltd",
        "PIN P051234567X",
        "Billed to Aga Khan University Hospital",
        "Due date 21 Dec 2026",
        "Line number 2 SKU 2 2 box 600.00 16% 1,200.00",
        "VAT 16% 2,400.00 384.00",
        "Subtotal 2,400.00",
        "Total KES 2,784.00",
        "Paid -784.00",
        "Balance due KES 2,000.00",
        "Paybill 247247",
        "Thank you.",
        "Page 1 of 1",
    ):
        assert said in text, said


def test_a_receipt_says_what_was_paid_how_and_who_verified_it():
    text = text_of(documents.receipt(sheets.receipt(), language="en"))

    for said in (
        "Receipt RCT-2026-0001",
        "Received from Aga Khan University Hospital",
        "Amount received KES 1,500.00",
        "Method Bank transfer",
        "Reference FT26325XK9",
        "INV-2026-0042 4 Nov 2026 2,784.00 450.00 2,334.00",
        "Kept as credit KES 50.00",
        "Verified by Grace Wanjiru 21 Nov 2026, 14:05",
        sheets.LINK,
        "Page 1 of 1",
    ):
        assert said in text, said
    assert "Copy" not in text


def test_what_is_empty_takes_no_room():
    bare = sheets.invoice(
        lines=(SheetLine(description="Advice", amount="10.00"),),
        due_date="",
        taxes=(),
        tax="",
        paid="",
        balance="",
        payment=(),
        notes="",
        link="",
    )

    text = text_of(documents.invoice(bare, language="en"))

    for absent in ("Due date", "Quantity", "Tax", "Paid", "Balance", "How to pay", "Notes"):
        assert absent not in text, absent
    assert "Advice 10.00" in text


def test_marks_stand_beside_the_title():
    copied = text_of(documents.receipt(sheets.receipt(copy=True), language="en"))
    draft = text_of(documents.invoice(sheets.invoice(mark="Draft"), language="en"))
    credit = text_of(documents.invoice(sheets.invoice(title="Credit note"), language="en"))

    assert "Copy" in copied
    assert "Draft" in draft
    assert "Credit note INV-2026-0042" in credit


@pytest.mark.parametrize(("lines", "pages"), [(1, 1), (6, 1), (60, 4)])
def test_pages_follow_the_lines(lines, pages):
    document = documents.invoice(sheets.invoice(lines), language="en")
    text = text_of(document)

    assert document.pages == len(sheets.read(document).pages) == pages
    assert text.count("Description Quantity Price Tax Amount KES") == pages
    assert f"Page {pages} of {pages}" in text
    assert all(f"Line number {at} SKU {at} " in text for at in range(1, lines + 1))


def test_short_notes_stand_beside_the_totals_and_long_ones_below():
    short = documents.invoice(sheets.invoice(notes="Thank you."), language="en")
    long = documents.invoice(
        sheets.invoice(notes="A long story. " * 300 + "The end."), language="en"
    )

    assert text_of(short).count("Thank you.") == 1
    assert "The end." in text_of(long)
    assert text_of(short).index("Thank you.") < text_of(short).index("How to pay")
    assert text_of(long).index("The end.") > text_of(long).index("How to pay")


def test_the_same_sheet_makes_the_same_bytes():
    one = documents.receipt(sheets.receipt(), language="en")
    two = documents.receipt(sheets.receipt(), language="en")
    other = documents.receipt(sheets.receipt(copy=True), language="en")

    assert one == two
    assert one.sha256 == hashlib.sha256(one.bytes).hexdigest()
    assert one.sha256 != other.sha256


def test_a_document_names_itself_its_author_and_its_language():
    reader = sheets.read(documents.invoice(sheets.invoice(), language="en"))

    assert reader.metadata.title == "Invoice INV-2026-0042"
    assert reader.metadata.author == "Mzuri Medical Supplies Ltd"
    assert reader.root_object["/Lang"] == "en"
    assert reader.root_object["/MarkInfo"]["/Marked"]


def test_only_our_fonts_are_used_and_they_are_inside():
    mixed = sheets.invoice(customer=Party(name="Łódź Őrség und شركة النور"))
    reader = sheets.read(documents.invoice(mixed, language="en"))

    fonts = {}
    for font in reader.pages[0]["/Resources"]["/Font"].values():
        descendant = font["/DescendantFonts"][0].get_object()
        fonts[font["/BaseFont"].partition("+")[2]] = descendant["/FontDescriptor"]
    assert {name.split("-")[0] for name in fonts} == {"Inter", "Noto"}
    assert all("/FontFile2" in each or "/FontFile3" in each for each in fonts.values())


def test_paper_is_a4_or_letter():
    a4 = sheets.read(documents.invoice(sheets.invoice(), language="en")).pages[0].mediabox
    letter = sheets.read(documents.invoice(sheets.invoice(paper="letter"), language="en")).pages[0]

    assert (round(a4.width), round(a4.height)) == (595, 842)
    assert (round(letter.mediabox.width), round(letter.mediabox.height)) == (612, 792)


@pictures
def test_the_qr_code_can_be_read_from_the_page(tmp_path):
    page = drawn(documents.receipt(sheets.receipt(), language="en"), tmp_path)

    assert [code.text for code in zxingcpp.read_barcodes(page)] == [sheets.LINK]


@pictures
def test_a_long_link_is_for_the_camera_only(tmp_path):
    link = "https://prs.example.com/billing/receipts/" + "WyIwMTliZTQ" * 14 + "/"
    made = documents.receipt(sheets.receipt(link=link), language="en")

    assert [code.text for code in zxingcpp.read_barcodes(drawn(made, tmp_path))] == [link]
    assert "WyIwMTliZTQ" not in text_of(made)
    assert "Scan the code to see whether" in text_of(made)


@pictures
def test_a_logo_stands_at_the_head(tmp_path):
    issuer = Party(name="Mzuri", logo=sheets.logo())
    page = drawn(documents.receipt(sheets.receipt(issuer=issuer), language="en"), tmp_path)

    top = page.crop((0, 0, page.width // 2, page.height // 8))
    assert (11, 95, 90) in {colour for _, colour in top.getcolors(100_000)}


def test_what_is_no_picture_is_no_logo():
    assert Party(name="Mzuri", logo=b"<svg onload=alert(1)>").logo_uri == ""
    assert Party(name="Mzuri", logo=sheets.logo()).logo_uri.startswith("data:image/png;base64,")


@pictures
def test_from_right_to_left_the_page_is_mirrored(tmp_path):
    sheet = sheets.receipt(customer=sheets.ARABIC)
    there = drawn(documents.receipt(sheet, language="ar"), tmp_path)
    here = drawn(documents.receipt(sheet, language="en"), tmp_path)

    def code_at(page):
        return zxingcpp.read_barcodes(page)[0].position.top_left.x / page.width

    assert code_at(here) < 0.3
    assert code_at(there) > 0.7


def test_from_right_to_left_a_date_keeps_its_order():
    text = text_of(documents.receipt(sheets.receipt(customer=sheets.ARABIC), language="ar"))

    assert "20 Nov 2026" in text
    assert "KES 1,500.00" in text


@pytest.mark.parametrize("name", ["invoice", "receipt"])
def test_a_name_without_an_end_is_broken_and_not_cut(name):
    endless = Party(name="W" * 200, address=("i" * 200,))
    make, fill = getattr(documents, name), getattr(sheets, name)

    text = text_of(make(fill(customer=endless, issuer=endless), language="en"))

    assert text.replace(" ", "").count("W" * 200) >= 2


def test_more_facts_follow_the_first():
    sheet = sheets.receipt(facts=(Fact(label="Recorded by", text="Otieno"),))

    assert "Recorded by Otieno" in text_of(documents.receipt(sheet, language="en"))

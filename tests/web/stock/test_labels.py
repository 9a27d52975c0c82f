"""Labels: a scanner reads them off the paper."""

from __future__ import annotations

import io
import re
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
import zxingcpp
from django.urls import reverse
from pypdf import PdfReader

from prs.kernel.documents import SIZES, Label, NotPrintable, barcodes, labels, picture_of
from prs.masterdata.catalog import selectors
from prs.masterdata.catalog import services as catalog
from prs.masterdata.places.models import Place
from prs.web.stock.labels import element_string
from tests.cast import NOON
from tests.factories.goods import make_product, make_stock
from tests.web.stock.paper import needs_poppler, pages_of

EAN = "4006381333931"
pytestmark = needs_poppler


def read(content: bytes) -> list[list[tuple[str, str]]]:
    """What a scanner reads on each page."""
    return [
        sorted((str(code.format), code.text) for code in zxingcpp.read_barcodes(each))
        for each in pages_of(content)
    ]


def printed(client, products, **words):
    sent = {"product": [row.pk for row in products], "size": "a4-3x8", "first": 1, **words}
    return client.post(reverse("stock:print_labels"), sent)


@pytest.fixture
def by(cast):
    return {"by": cast.olga, "at": NOON}


@pytest.fixture
def soap(cast, by):
    row = make_product("SOAP-1", name="Cocoa soap, a name that needs more than one line of a label")
    catalog.add_barcode(row, EAN, **by)
    return row


LOT = SimpleNamespace(lot="LOT-2026/118-LONG-20", number="B-1", expires_on=date(2027, 12, 31))
KINDS = (
    ("ean13", EAN, ("EAN-13", EAN)),
    ("code128", "SOAP-1/24 kg", ("Code 128", "SOAP-1/24 kg")),
    ("gs1-128", f"010{EAN}", ("Code 128", f"(01)0{EAN}")),
    (
        "gs1-matrix",
        f"010{EAN}172712311012%LOT/7-abc_XYZ",
        ("Data Matrix", f"(01)0{EAN}(17)271231(10)12%LOT/7-abc_XYZ"),
    ),
    ("qr", EAN, ("QR Code", EAN)),
)
SQUARE = {"qr", "gs1-matrix"}


@pytest.mark.parametrize("size", SIZES)
def test_every_kind_is_read_from_every_paper(size):
    paper = SIZES[size]
    rows = [
        Label(
            name="Soap",
            price="USD 9",
            text=code,
            picture=picture_of(kind, code, size=paper),
            square=kind in SQUARE,
        )
        for kind, code, _shows in KINDS
    ]

    made = labels(rows, size=paper, language="en")

    assert made.pages == (5 if paper.per_page == 1 else 1)
    found = [code for page in read(made.bytes) for code in page]
    assert sorted(found) == sorted(shows for _kind, _code, shows in KINDS)


def test_a_sheet_is_filled_and_then_another_is_begun(browser, cast, soap):
    response = printed(browser(cast.olga), [soap], kind="ean13", **{f"copies-{soap.pk}": 25})

    assert response["Content-Type"] == "application/pdf"
    assert [len(found) for found in read(response.content)] == [24, 1]


def test_a_begun_sheet_is_gone_on_with(browser, cast, soap):
    words: dict[str, Any] = {"kind": "ean13", "first": 24, f"copies-{soap.pk}": 2}
    response = printed(browser(cast.olga), [soap], **words)

    assert [len(found) for found in read(response.content)] == [1, 1]


@pytest.mark.parametrize(
    ("kind", "read_as"), [("gs1-128", "Code 128"), ("gs1-matrix", "Data Matrix")]
)
def test_the_label_of_a_batch_carries_its_expiry_and_number(browser, cast, by, soap, kind, read_as):
    lot = {"expires_on": date(2027, 12, 31)}
    batch = make_stock(soap, Place.objects.get(code="WH1"), 5, by=cast.olga, **lot)

    response = printed(browser(cast.olga), [soap], kind=kind, batch=batch.pk)

    number = batch.lot or batch.number
    assert read(response.content) == [[(read_as, f"(01)0{EAN}(17)271231(10){number}")]]
    assert "(10)" in text_of(response.content)
    shown = browser(cast.olga).get(reverse("stock:batch", args=[batch.pk])).content.decode()
    assert f"{reverse('stock:labels')}?product={soap.pk}&amp;batch={batch.pk}" in shown


def test_a_lot_that_gs1_has_no_room_for_is_never_cut_short():
    batch = SimpleNamespace(lot="L" * 21, number="B-000007", expires_on=None)

    code, text = element_string([EAN], batch)

    assert code == f"010{EAN}10B-000007"
    assert text == f"(01)0{EAN}(10)B-000007"


def test_a_data_matrix_begins_with_fnc1_and_ends_free_fields_with_it():
    picture = barcodes.matrix_uri(f"010{EAN}10LOT-7\x1d21SERIAL", most_mm=20)
    label = Label(name="Soap", price="", text="", picture=picture, square=True)
    page = pages_of(labels([label], size=SIZES["roll-50x30"], language="en").bytes)[0]

    (code,) = zxingcpp.read_barcodes(page)

    assert code.symbology_identifier == "]d2"
    assert code.content_type == zxingcpp.ContentType.GS1
    assert code.bytes == f"010{EAN}10LOT-7\x1d21SERIAL".encode()


def test_what_a_scanner_reads_off_a_label_finds_the_product(soap):
    for sent in (
        f"010{EAN}1727123110B-000007",
        f"]d2010{EAN}1727123110B-000007",
        f"\x1d010{EAN}",
        f"(01)0{EAN}(17)271231",
    ):
        found = selectors.find_by_code(sent)
        assert found is not None, sent
        assert found.product == soap
    assert selectors.find_by_code("0104006381333932") is None


def test_a_product_without_such_a_code_is_named_and_nothing_is_printed(browser, cast, soap):
    bare = make_product("BARE-1", name="Loose rice")

    response = printed(browser(cast.olga), [soap, bare], kind="ean13")

    assert response.status_code == 422
    assert "Loose rice has no code" in response.content.decode()
    assert printed(browser(cast.olga), [soap, bare], kind="code128").status_code == 200


def test_the_price_of_today_stands_on_the_label_when_it_is_asked_for(browser, cast, by, soap):
    shop = catalog.add_price_list({"name": "Shop", "level": "retail", "currency": "USD"}, **by)
    catalog.set_prices(shop, {(soap.pk, Decimal(1)): Decimal("9.5")}, **by)
    client = browser(cast.olga)

    with_price = printed(client, [soap], kind="ean13", prices="on").content
    without = printed(client, [soap], kind="ean13").content

    assert "USD 9.50" in text_of(with_price)
    assert "USD" not in text_of(without)


def text_of(content: bytes) -> str:
    """What a person reads on the first page."""
    return PdfReader(io.BytesIO(content)).pages[0].extract_text()


NAMES = {
    "NotoSansSC": "有机茉莉花茶 繁體龍井",
    "NotoSansArabic": "شاي أخضر عضوي",
    "NotoSansEthiopic": "የኢትዮጵያ ቡና አንደኛ ደረጃ",
}


@pytest.mark.parametrize("size", SIZES)
def test_names_in_every_script_are_really_drawn(size):
    glyphs = glyphs_of(named(*NAMES.values(), size=size))

    assert not any("DejaVu" in font for font in glyphs)
    assert not any(0 in drawn for drawn in glyphs.values()), "an empty box is drawn"
    for font, name in NAMES.items():
        # Letters of Arabic join and split: they have at least as many shapes as the name has letters.
        assert len(glyphs[font]) >= len(set(name.replace(" ", ""))), font


def named(*names, size="a4-3x8"):
    """Labels with names and nothing else."""
    picture = picture_of("qr", EAN, size=SIZES[size])
    rows = [Label(name=name, price="", text="", picture=picture) for name in names]
    return labels(rows, size=SIZES[size], language="en").bytes


def test_a_long_name_and_a_huge_price_leave_each_label_on_its_own_page():
    code, text = element_string([EAN], LOT, between="\n")
    roll = SIZES["roll-50x30"]
    row = Label(
        name="Cocoa soap with shea butter, scented, and a name that does not end " * 3,
        price="UGX 999,999,999,999",
        text=text,
        detail="LOT-2026/118-LONG-20 · use by 31 December 2027",
        picture=picture_of("gs1-matrix", code, size=roll),
        square=True,
    )

    made = labels([row] * 3, size=roll, language="en")

    assert made.pages == 3
    assert [len(found) for found in read(made.bytes)] == [1, 1, 1]
    texts = [page.extract_text() for page in PdfReader(io.BytesIO(made.bytes)).pages]
    assert [text.count("999,999,999,999") for text in texts] == [1, 1, 1]


def glyphs_of(content: bytes) -> dict[str, set[int]]:
    """The numbers of the glyphs that each font family draws; 0 is the empty box."""
    found: dict[str, set[int]] = {}
    for page in PdfReader(io.BytesIO(content)).pages:
        fonts = page["/Resources"].get("/Font", {})
        family = ""
        for operands, operator in page.get_contents().operations:
            if operator == b"Tf":
                full = fonts[operands[0]]["/BaseFont"].partition("+")[2]
                family = re.sub(r"(-Semi)?(-Bold)?$", "", full).replace("-", "")
            elif operator in {b"TJ", b"Tj"}:
                texts = operands[0] if isinstance(operands[0], list) else operands
                for raw in (text.original_bytes for text in texts if isinstance(text, str | bytes)):
                    pairs = {int.from_bytes(raw[at : at + 2]) for at in range(0, len(raw), 2)}
                    found.setdefault(family, set()).update(pairs)
    return found


@pytest.mark.parametrize("text", ["", "schräg", "x" * 60])
def test_what_no_label_can_hold_is_refused(text):
    with pytest.raises(NotPrintable):
        barcodes.bars_uri(barcodes.code128(text), height_mm=12, most_mm=44)

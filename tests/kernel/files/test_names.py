"""Names in the storage are ours; the sender's name is shown only after it was made safe."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prs.kernel import files
from prs.kernel.files.names import require_ours

ORGANIZATION = UUID("0199f000-0000-7000-8000-000000000001")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_storage_name_says_whose_and_when_and_nothing_else():
    one, two = (
        files.new_name(organization_id=ORGANIZATION, extension="pdf", at=NOON) for _ in "ab"
    )

    assert one.startswith(f"{ORGANIZATION}/2026/03/")
    assert one.endswith(".pdf")
    assert one < two


@pytest.mark.parametrize("extension", ["exe", "html", "svg", "../x", "pdf/..", "PDF", ""])
def test_no_other_extension_gets_a_name(extension):
    with pytest.raises(ValueError, match="storage name"):
        files.new_name(organization_id=ORGANIZATION, extension=extension, at=NOON)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "../../etc/passwd",
        "/etc/passwd",
        f"{ORGANIZATION}/2026/03/../../x.pdf",
        f"{ORGANIZATION}/2026/03/{ORGANIZATION}.pdf\n",
        f"{ORGANIZATION}/2026/03/{ORGANIZATION}.pdf.html",
    ],
)
def test_a_path_from_elsewhere_is_no_storage_name(name):
    with pytest.raises(ValueError, match="storage name"):
        require_ours(name)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("Slip of May.pdf", "Slip of May.pdf"),
        ("C:\\Users\\ann\\slip.pdf", "slip.pdf"),
        ("../../etc/passwd", "passwd"),
        ("كشف الحساب.pdf", "كشف الحساب.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ('a"; filename="b.html', "a_ filename=_b.html"),
        ("line\r\nSet-Cookie: x.pdf", "lineSet-Cookie_ x.pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("...", "file"),
        ("", "file"),
        ("???", "file"),
        ("  a   b .pdf ", "a b.pdf"),
        ("x" * 300 + ".pdf", "x" * 96 + ".pdf"),
    ],
)
def test_a_senders_name_is_made_safe_to_show(sent, shown):
    assert files.disposition_name(sent) == shown


@given(st.text(max_size=300))
def test_no_name_breaks_out_of_a_header_or_a_folder(sent):
    shown = files.disposition_name(sent)

    assert 1 <= len(shown) <= 110
    assert not set(shown) & set('/\\"\r\n\0<>|;')
    assert shown == shown.strip(" .")
    assert files.disposition_name(shown) == shown

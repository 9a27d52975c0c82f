"""Money that goes back leaves a note: numbered, made once, and the same for ever."""

from __future__ import annotations

from decimal import Decimal

import pytest

from prs.kernel import documents
from prs.kernel.documents import ReversalSheet
from prs.kernel.files import open_stored
from prs.kernel.tenancy.models import Document
from prs.operations.payments import notes, selectors, tasks
from prs.operations.payments import services as payments
from prs.operations.payments.models import Reversal
from prs.operations.payments.services import reversing
from tests.cast import NOON
from tests.factories.sales import make_deal, pay_deal
from tests.kernel.documents.sheets import text_of


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    storage = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    place = {**storage, "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "default": place}


@pytest.fixture
def later(monkeypatch):
    """The note is rendered when a worker comes to it."""
    monkeypatch.setattr(reversing, "enqueue", lambda *_words, **_ids: None)


def verified(cast, **fields):
    payment = pay_deal(cast.sam, make_deal(cast.sam), **fields)
    payments.verify(payment, by=cast.vera, at=NOON)
    payment.refresh_from_db()
    return payment


def refund(cast, amount):
    payment = verified(cast, amount="1250.00", remarks="Rounded up")
    words = {"amount": Decimal(amount), "reason": "Two shelves were broken.", "by": cast.sam}
    request = payments.request_refund(payment, at=NOON, **words)
    return payments.approve_refund(request, by=cast.viktor, at=NOON)


def test_a_note_says_what_went_back_and_from_where(cast):
    sheet = notes.sheet_of(refund(cast, "550.00"), cast.acme)

    assert (sheet.title, sheet.number, sheet.amount) == ("Refund note", "REF-0001", "$550.00")
    assert (sheet.from_credit, sheet.from_invoices) == ("$250.00", "$300.00")
    (row,) = sheet.invoices
    assert (row.number, row.total, row.taken, row.remaining) == (
        "INV-2026-0001",
        "1,000.00",
        "300.00",
        "0.00",
    )
    assert sheet.facts[0].text == "RCT-2026-0001"
    assert sheet.decided_by == "Viktor"


def test_it_is_rendered_once_and_kept(cast, later):
    row = refund(cast, "550.00")
    assert selectors.reversal_document(row) is None

    for _time in range(2):
        tasks.render_reversal(organization_id=cast.acme.pk, reversal_id=row.pk)

    document = Document.objects.get(kind="reversal")
    assert (document.number, document.pages) == ("REF-0001", 1)
    assert selectors.reversal_document(row) == document
    with open_stored(document.name) as stored:
        assert stored.read().startswith(b"%PDF")


def test_a_refund_that_nobody_granted_has_no_note(cast):
    payment = verified(cast)
    request = payments.request_refund(
        payment, amount=Decimal(10), reason="Late", by=cast.sam, at=NOON
    )

    with pytest.raises(Reversal.DoesNotExist):
        tasks.render_reversal(organization_id=cast.acme.pk, reversal_id=request.pk)


@pytest.mark.parametrize(
    ("verb", "method", "title"),
    [("charge_back", "card", "Chargeback note"), ("bounce", "cheque", "Note of a bounced cheque")],
)
def test_a_chargeback_and_a_bounce_have_theirs(cast, verb, method, title):
    payment = verified(cast, method=method)
    row = getattr(payments, verb)(payment, reason="The bank says so.", by=cast.viktor, at=NOON)

    sheet = notes.sheet_of(row, cast.acme)

    assert sheet.title == title
    assert isinstance(sheet, ReversalSheet)
    words = text_of(documents.reversal(sheet, language="en"))
    assert "The bank says so." in words
    assert "REF-0001" in words

"""A proof that came with a faulty form is there when the form is sent again, for the same person only."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.core import signing
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from prs.kernel.db.ids import new_id
from prs.kernel.files import open_stored
from prs.kernel.tenancy.models import StoredFile
from prs.operations.payments.models import Payment
from prs.web.kit.proofs import taken_up
from tests.factories.sales import make_deal
from tests.factories.walk import make_invoice


def slip(name="slip.png", shade=120):
    target = io.BytesIO()
    Image.new("RGB", (60, 40), (shade, 90, 30)).save(target, "PNG")
    return SimpleUploadedFile(name, target.getvalue(), "image/png")


def sent(**fields):
    words = {"amount": "100.00", "method": "bank", "paid_on": "2026-11-20", "reference": "TT-1"}
    return {**words, "once": str(new_id()), **fields}


def soup_of(response):
    return BeautifulSoup(response.content, "html.parser")


def token_in(response):
    field = soup_of(response).select_one("[name=proof_kept]")
    return field["value"] if field else ""


def files():
    root = Path(storages["default"].location)
    return [each for each in root.rglob("*") if each.is_file()]


@pytest.fixture
def address(cast):
    customer = make_invoice(cast.sam).customer
    return reverse("billing:record_payment", args=[customer.pk])


def test_a_proof_is_kept_for_the_second_try(
    browser, cast, address, django_capture_on_commit_callbacks
):
    client = browser(cast.sam)
    faulty = client.post(address, sent(amount="", proof=slip()))
    assert faulty.status_code == 422
    assert "slip.png is kept" in soup_of(faulty).text
    assert not StoredFile.objects.exists()

    again = client.post(address, sent(paid_on="never", proof_kept=token_in(faulty)))
    assert again.status_code == 422
    assert token_in(again) == token_in(faulty)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address, sent(proof_kept=token_in(again)))

    kept = Payment.objects.get().proof
    assert (kept.display_name, kept.content_type) == ("slip.png", "image/png")
    with open_stored(kept.name) as stored:
        assert Image.open(stored).size == (60, 40)
    # What waited for the form is gone; what the payment refers to is there.
    assert [each.name for each in files()] == [kept.name.rpartition("/")[2]]


def test_a_new_file_takes_the_place_of_the_kept_one(browser, cast, address):
    client = browser(cast.sam)
    token = token_in(client.post(address, sent(amount="", proof=slip())))

    client.post(address, sent(proof_kept=token, proof=slip("other.png", shade=10)))

    assert Payment.objects.get().proof.display_name == "other.png"


def test_a_refused_file_is_not_kept(browser, cast, address):
    lie = SimpleUploadedFile("slip.png", b"<script>alert(1)</script>", "image/png")

    response = browser(cast.sam).post(address, sent(amount="", proof=lie))

    assert response.status_code == 422
    assert not token_in(response)
    assert files() == []


def test_the_payment_of_a_deal_keeps_its_proof_too(browser, cast):
    deal = make_deal(cast.sam)
    address = reverse("sales:pay_deal", args=[deal.pk])
    client = browser(cast.sam)
    faulty = client.post(address, sent(amount="", proof=slip()))

    client.post(address, sent(proof_kept=token_in(faulty)))

    assert Payment.objects.get().proof.display_name == "slip.png"


def test_a_note_that_was_made_up_or_is_old_brings_nothing(browser, cast, address, monkeypatch):
    client = browser(cast.sam)
    token = token_in(client.post(address, sent(amount="", proof=slip())))
    assert taken_up(cast.sam, token)
    assert taken_up(cast.sara, token) is None
    assert taken_up(cast.zoe, token) is None

    for made_up in ("x", token[:-1], signing.dumps([str(cast.sam.pk)], salt="other")):
        response = client.post(address, sent(proof_kept=made_up))
        assert "proof" in response.context["form"].errors
    monkeypatch.setattr("prs.web.kit.proofs.GOOD_FOR", -1)
    assert taken_up(cast.sam, token) is None
    assert not Payment.objects.exists()

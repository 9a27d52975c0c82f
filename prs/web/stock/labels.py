"""Labels: products are chosen, a kind of barcode and a paper, and a PDF comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from prs.kernel import documents
from prs.kernel.documents import MOST_LABELS, SIZES, SQUARE, Label, NotPrintable, Size
from prs.ledgers.stock import selectors as stock
from prs.masterdata.catalog import permissions, rules, selectors
from prs.masterdata.catalog.models import Barcode, PriceList, Product
from prs.web.kit.access import requires
from prs.web.kit.lists import picked
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen
from prs.web.kit.searching import matching
from prs.web.stock.catalogue_tables import coded

KINDS = (
    ("ean13", gettext_lazy("EAN-13")),
    ("code128", gettext_lazy("Code 128")),
    ("gs1-128", gettext_lazy("GS1-128, with batch and expiry")),
    ("gs1-matrix", gettext_lazy("GS1 DataMatrix, with batch and expiry")),
    ("qr", gettext_lazy("QR")),
)
PAPERS = (
    ("a4-3x8", gettext_lazy("A4 sheet, 3 × 8, 70 × 37 mm")),
    ("a4-3x7", gettext_lazy("A4 sheet, 3 × 7, 63.5 × 38.1 mm")),
    ("roll-50x30", gettext_lazy("Roll, 50 × 30 mm")),
)
FOUND = 8
ONE = Decimal(1)
GS1_KINDS = {"gs1-128", "gs1-matrix"}


class LabelForm(forms.Form):
    """What the labels are like."""

    kind = forms.ChoiceField(label=gettext_lazy("Barcode"), choices=KINDS)
    size = forms.ChoiceField(label=gettext_lazy("Paper"), choices=PAPERS)
    first = forms.IntegerField(
        label=gettext_lazy("Begin at label"),
        initial=1,
        min_value=1,
        max_value=24,
        help_text=gettext_lazy("On a sheet that was begun; counted from the top, row by row."),
    )
    prices = forms.BooleanField(label=gettext_lazy("Print the price"), required=False, initial=True)


@dataclass(frozen=True)
class Wanted:
    """A product of which labels are printed, and the batch when it is one's."""

    product: Product
    copies: int = 1
    batch: Any = None


@requires(permissions.VIEW)
@require_GET
def labels(request: Any) -> HttpResponse:
    """Choose products, how many labels of each, the kind of barcode and the paper."""
    return page(request, LabelForm(auto_id="id_label_%s"))


def page(
    request: Any, form: LabelForm, *, faults: Sequence[str] = (), status: int = 200
) -> HttpResponse:
    """The page on which labels are chosen."""
    wanted = chosen(request, request.GET if request.method == "GET" else request.POST)
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    kept = [str(each.product.pk) for each in wanted]
    context = {
        "form": form,
        "wanted": wanted,
        "faults": faults,
        "q": asked,
        "found": [(row, more(kept, row)) for row in look_up(request, asked, kept)] if asked else [],
        "most": MOST_LABELS,
        "kept": kept,
    }
    return screen(request, "stock/labels.html", context, status=status)


def more(kept: Sequence[str], row: Product) -> str:
    """The address of this page with one more product."""
    return f"{reverse('stock:labels')}?{urlencode({'product': [*kept, str(row.pk)]}, doseq=True)}"


def look_up(request: Any, asked: str, kept: Sequence[str]) -> list[Product]:
    """Products in use that a text finds, but for those that are chosen."""
    rows = selectors.products_visible_to(request.member).filter(active=True)
    rows = rows.filter(matching(Product, ("name",), asked) | coded(asked)).exclude(pk__in=kept)
    return list(rows.order_by("name", "pk")[:FOUND])


def chosen(request: Any, data: Any) -> list[Wanted]:
    """The products that were chosen, in that order, with the number of labels of each."""
    ids = [pk for text in data.getlist("product") if (pk := uuid_in(text))]
    batch_id = uuid_in(data.get("batch", ""))
    rows = {row.pk: row for row in selectors.products_visible_to(request.member).filter(pk__in=ids)}
    wanted = []
    for pk in dict.fromkeys(ids):
        if pk in rows:
            batch = stock.batches_of(rows[pk]).filter(pk=batch_id).first() if batch_id else None
            wanted.append(Wanted(rows[pk], copies_in(data.get(f"copies-{pk}", "1")), batch))
    return wanted


def copies_in(text: str) -> int:
    """How many labels were asked for; one where nothing readable stands."""
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 5 else 1


def uuid_in(text: str) -> UUID | None:
    """An id that came as text, or None."""
    try:
        return UUID(text)
    except ValueError:
        return None


@requires(permissions.VIEW)
@require_POST
def pick_labels(request: Any) -> HttpResponse:
    """Go on with the products that were picked in the list."""
    rows = picked(request, selectors.products_visible_to(request.member))
    query = urlencode(
        {"product": [str(pk) for pk in rows.values_list("pk", flat=True)]}, doseq=True
    )
    return redirect(f"{reverse('stock:labels')}?{query}")


@requires(permissions.VIEW)
@require_POST
def print_labels(request: Any) -> HttpResponse:
    """The labels as a PDF, or what is in the way of them."""
    form = LabelForm(request.POST, auto_id="id_label_%s")
    wanted = chosen(request, request.POST)
    if not form.is_valid() or not wanted:
        faults = [] if wanted else [_("Choose a product first.")]
        return page(request, form, faults=faults, status=422)
    fields = form.cleaned_data
    size = SIZES[fields["size"]]
    rows, faults = written(request, wanted, fields, size)
    skipped = fields["first"] if size.per_page > 1 else 1
    if len(rows) + skipped - 1 > MOST_LABELS:
        words = {"most": MOST_LABELS}
        faults.append(
            _("At most %(most)s labels are printed at once. Print them in parts.") % words
        )
    if faults or not rows:
        return page(request, form, faults=faults or [_("Nothing to print.")], status=422)
    language = get_language() or "en"
    document = documents.labels(rows, size=size, language=language, first=skipped)
    response = HttpResponse(document.bytes, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="labels.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


def written(
    request: Any, wanted: Sequence[Wanted], fields: dict[str, Any], size: Size
) -> tuple[list[Label], list[str]]:
    """The labels, and a sentence for each product that can't have one of this kind."""
    ids = [each.product.pk for each in wanted]
    codes = codes_of(ids)
    currency = request.organization.currency
    today = reader().today
    offers = (
        selectors.offers_of(ids, level=PriceList.Level.RETAIL, on=today, currency=currency)
        if fields["prices"]
        else {}
    )
    rows: list[Label] = []
    faults: list[str] = []
    for each in wanted:
        price = rules.best(offers.get(each.product.pk, ()), ONE, today)
        if price is None and fields["prices"] and each.batch is not None:
            price = each.batch.retail_price
        words = f"{currency} {reader().figure(price, currency)}" if price is not None else ""
        try:
            label = label_of(each, fields["kind"], codes.get(each.product.pk, []), size, words)
        except NotPrintable:
            faults.append(
                _("%(name)s has no code that fits this kind of barcode and this paper.")
                % {"name": each.product.name}
            )
        else:
            rows.extend([label] * each.copies)
    return rows, faults


def codes_of(products: Sequence[UUID]) -> dict[UUID, list[str]]:
    """The codes of single units, by product; one query."""
    found_codes: dict[UUID, list[str]] = {}
    rows = Barcode.objects.filter(product__in=products, pack__isnull=True).order_by("code", "pk")
    for product_id, code in rows.values_list("product_id", "code"):
        found_codes.setdefault(product_id, []).append(rules.shown(code))
    return found_codes


def label_of(  # noqa: PLR0917
    wanted: Wanted, kind: str, codes: Sequence[str], size: Size, price: str
) -> Label:
    """One label. Raises `NotPrintable` where the product has no code of the kind."""
    gtins = [code for code in codes if rules.is_gtin(code)]
    batch = wanted.batch
    if kind == "ean13":
        code = next((each for each in gtins if len(each) in {12, 13}), "")
        text = code.rjust(13, "0") if code else ""
    elif kind in GS1_KINDS:
        code, text = element_string(gtins, batch, between="\n" if kind in SQUARE else "")
    else:
        code = text = next(iter(codes), wanted.product.sku)
    if not code:
        raise NotPrintable
    picture = documents.picture_of(kind, code, size=size)
    detail = "" if batch is None else batch_line(batch)
    return Label(
        name=wanted.product.name,
        price=price,
        text=text,
        picture=picture,
        detail=detail,
        square=kind in SQUARE,
    )


def element_string(gtins: Sequence[str], batch: Any, *, between: str = "") -> tuple[str, str]:
    """A product, its expiry and its batch as GS1 writes them: for the scanner, and for people.

    The batch is of free length and stands last, where no separator must follow it.

    :raises NotPrintable: the product has no number of GS1's.
    """
    if not gtins:
        raise NotPrintable
    parts = [("01", gtins[0].rjust(14, "0"))]
    if batch is not None:
        if batch.expires_on:
            parts.append(("17", f"{batch.expires_on:%y%m%d}"))
        # A lot that GS1 has no room for is not cut: another lot may begin alike.
        lot = next((text for text in (batch.lot, batch.number) if rules.is_lot(text)), "")
        parts += [("10", lot)] if lot else []
    code = "".join(f"{name}{value}" for name, value in parts)
    return code, between.join(f"({name}){value}" for name, value in parts)


def batch_line(batch: Any) -> str:
    """The batch in words."""
    expiry: date | None = batch.expires_on
    number = batch.lot or batch.number
    if expiry is None:
        return str(number)
    return _("%(batch)s · use by %(day)s") % {"batch": number, "day": reader().day(expiry)}

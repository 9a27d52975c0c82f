"""Products: added, changed, and given a picture."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.forms.models import model_to_dict
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Actor
from prs.kernel.activity.services import record
from prs.kernel.db.names import refusing
from prs.kernel.db.versions import write_version
from prs.kernel.errors import Refusal
from prs.kernel.files import CheckedFile, Kind, checked, smaller
from prs.kernel.numbering import Series, next_number
from prs.kernel.tenancy.services import keep_file
from prs.masterdata.catalog import events
from prs.masterdata.catalog.models import Product, ProductTax

SKU = Series("product", "P-", width=5)
PICTURE_LIMIT = 5 * 1024 * 1024
LARGEST_SIDE, THUMBNAIL_SIDE = 1200, 240


class SkuTaken(Refusal):
    """Another product has this SKU."""

    sentence = _("Another product already has this SKU. Choose a different one.")


TAKEN: dict[str, type[Refusal]] = {"product_sku_unique": SkuTaken}


@transaction.atomic
def add_product(fields: Mapping[str, Any], *, by: Actor, at: datetime) -> Product:
    """Add a product; `taxes` among the fields are the codes it bears. Without a SKU it gets the next.

    :raises SkuTaken: another product has the SKU.
    """
    rest, taxes = apart(fields)
    product = Product(**rest)
    product.sku = product.sku or next_number(SKU, year=at.year)
    with refusing(TAKEN):
        product.save(force_insert=True)
    bear(product, taxes or ())
    after = {**model_to_dict(product), "taxes": sorted(taxes or ())}
    record(events.PRODUCT_ADDED, product, by=by, at=at, after=after)
    return product


@transaction.atomic
def change_product(
    product: Product, fields: Mapping[str, Any], *, by: Actor, at: datetime
) -> Product:
    """Change a product; with `taxes` it bears exactly these.

    :raises SkuTaken: another product has the SKU.
    :raises Stale: somebody else changed it in between.
    """
    rest, taxes = apart(fields)
    with refusing(TAKEN):
        before = write_version(product, rest)
    if taxes is not None:
        before["taxes"], rest["taxes"] = bear(product, taxes), sorted(taxes)
    record(events.PRODUCT_CHANGED, product, by=by, at=at, before=before, after=rest)
    return product


def apart(fields: Mapping[str, Any]) -> tuple[dict[str, Any], Collection[str] | None]:
    """A product's own fields, and the codes of its taxes when they are among them."""
    rest = {name: value for name, value in fields.items() if name != "taxes"}
    return rest, fields.get("taxes")


def bear(product: Product, codes: Collection[str]) -> list[str]:
    """Let a product bear exactly these taxes. Returns those it bore before."""
    rows = ProductTax.objects.filter(product=product)
    present = sorted(rows.values_list("code", flat=True))
    rows.exclude(code__in=codes).delete()
    ProductTax.objects.bulk_create(
        [
            ProductTax(organization_id=product.organization_id, product=product, code=code)
            for code in sorted(set(codes) - set(present))
        ]
    )
    return present


@transaction.atomic
def set_picture(
    product: Product, upload: UploadedFile[Any] | None, *, by: Actor, at: datetime
) -> Product:
    """Give a product a picture, or with None take it away.

    :raises FileRefused: it isn't a picture that can be kept.
    :raises Stale: somebody else changed the product in between.
    """
    picture = None
    if upload is not None:
        picture = checked(upload, kinds={Kind.IMAGE}, limit_bytes=PICTURE_LIMIT)
    return keep_picture(product, picture, by=by, at=at)


@transaction.atomic
def keep_picture(
    product: Product, picture: CheckedFile | None, *, by: Actor, at: datetime
) -> Product:
    """Give a product a picture that was checked already, or with None take it away."""
    image = thumbnail = None
    if picture is not None:
        image = keep_file(smaller(picture, most=LARGEST_SIDE), at=at)
        thumbnail = keep_file(smaller(picture, most=THUMBNAIL_SIDE), at=at)
    after = {"image": image, "thumbnail": thumbnail}
    before = write_version(product, after)
    record(events.PICTURE_CHANGED, product, by=by, at=at, before=before, after=after)
    return product

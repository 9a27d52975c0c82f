"""What happens to the catalogue."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Event


def seen(code: str, title: Any, sentence: Any) -> Event:
    """An event that everybody who sees the catalogue may see."""
    return Event(code, title, sentence, sees="catalog.view")


PRODUCT_ADDED = seen("product.added", _("Product added"), _("{actor} added the product {subject}."))
PRODUCT_CHANGED = seen("product.changed", _("Product changed"), _("{actor} changed {subject}."))
PICTURE_CHANGED = seen(
    "product.picture_changed",
    _("Picture changed"),
    _("{actor} changed the picture of {subject}."),
)
BARCODE_ADDED = seen(
    "product.barcode_added",
    _("Barcode added"),
    _("{actor} gave {subject} the barcode {barcode}."),
)
BARCODE_REMOVED = seen(
    "product.barcode_removed",
    _("Barcode removed"),
    _("{actor} took the barcode {barcode} from {subject}."),
)
PACK_ADDED = seen("product.pack_added", _("Pack added"), _("{actor} added the pack {pack}."))
PACK_CHANGED = seen(
    "product.pack_changed", _("Pack changed"), _("{actor} changed the pack {pack}.")
)
PACK_REMOVED = seen(
    "product.pack_removed", _("Pack removed"), _("{actor} removed the pack {pack}.")
)
CATEGORY_ADDED = seen(
    "category.added", _("Category added"), _("{actor} added the category {subject}.")
)
CATEGORY_CHANGED = seen(
    "category.changed", _("Category changed"), _("{actor} changed the category {subject}.")
)
BRAND_ADDED = seen("brand.added", _("Brand added"), _("{actor} added the brand {subject}."))
BRAND_CHANGED = seen("brand.changed", _("Brand changed"), _("{actor} changed the brand {subject}."))
UNIT_ADDED = seen("unit.added", _("Unit added"), _("{actor} added the unit {subject}."))
UNIT_CHANGED = seen("unit.changed", _("Unit changed"), _("{actor} changed the unit {subject}."))
TAX_RATE_ADDED = seen(
    "tax_rate.added", _("Tax rate added"), _("{actor} added the tax rate {subject}.")
)
TAX_RATE_CHANGED = seen(
    "tax_rate.changed", _("Tax rate changed"), _("{actor} changed the tax rate {subject}.")
)
PRICE_LIST_ADDED = seen(
    "price_list.added", _("Price list added"), _("{actor} added the price list {subject}.")
)
PRICE_LIST_CHANGED = seen(
    "price_list.changed", _("Price list changed"), _("{actor} changed the price list {subject}.")
)
PRICES_SET = seen(
    "price_list.prices_set",
    _("Prices set"),
    _("{actor} set {count} prices in the price list {subject}."),
)
CATALOGUE_IMPORTED = seen(
    "product.imported",
    _("Catalogue imported"),
    _("{actor} imported products from {file}: {added} added, {changed} changed."),
)

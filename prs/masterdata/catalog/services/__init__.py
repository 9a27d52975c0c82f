"""Writes of the catalogue. What callers outside need most stands here; the rest in its own module."""

from prs.masterdata.catalog.services.coding import (
    add_barcode,
    add_pack,
    change_pack,
    make_barcode,
    remove_barcode,
    remove_pack,
)
from prs.masterdata.catalog.services.pricing import (
    add_price_list,
    add_tax_rate,
    change_price_list,
    change_tax_rate,
    set_prices,
)
from prs.masterdata.catalog.services.products import (
    add_product,
    change_product,
    keep_picture,
    set_picture,
)
from prs.masterdata.catalog.services.shelves import (
    add_brand,
    add_category,
    add_unit,
    change_brand,
    change_category,
    change_unit,
    move_category,
    seed_units,
)

__all__ = [
    "add_barcode",
    "add_brand",
    "add_category",
    "add_pack",
    "add_price_list",
    "add_product",
    "add_tax_rate",
    "add_unit",
    "change_brand",
    "change_category",
    "change_pack",
    "change_price_list",
    "change_product",
    "change_tax_rate",
    "change_unit",
    "keep_picture",
    "make_barcode",
    "move_category",
    "remove_barcode",
    "remove_pack",
    "seed_units",
    "set_picture",
    "set_prices",
]

"""What the page of a product says of its stock: where it lies, and how much of it is free."""

from __future__ import annotations

from typing import Any

from prs.ledgers.stock import permissions
from prs.ledgers.stock import selectors as stock
from prs.masterdata.catalog.models import Product


def stock_of(request: Any, product: Product) -> dict[str, Any]:
    """What `stock/_product_stock.html` is given."""
    sees = request.member.may(permissions.VIEW) and product.kind == Product.Kind.GOODS
    return {"sees_stock": sees, "there": stock.lying().filter(product=product) if sees else ()}

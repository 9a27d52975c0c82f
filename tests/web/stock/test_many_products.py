"""Ten times the products cost a screen no more queries, and a look-up goes through an index."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.db import connection
from django.urls import reverse

from prs.kernel.db.ids import new_id
from prs.ledgers.stock import selectors as stock
from prs.masterdata.catalog.models import Barcode, Product, Unit
from tests.cast import NOON
from tests.factories.goods import make_place, make_product, make_stock

# Of any page, the two savepoints of a test among them, are eleven; a list counts and adds up too, levels
# what there is and what lies there.
MOST_QUERIES = 16
SCREENS = ("products", "levels", "batches", "movements", "transfers", "requests", "adjustments")


def many(organization, count, *, start=0):
    """Products with a barcode each, written as a seed writes them."""
    unit = Unit.objects.first()
    rows = [
        Product(
            id=new_id(),
            organization=organization,
            sku=f"M-{number:06d}",
            name=f"Product {number:06d}",
            unit=unit,
        )
        for number in range(start, start + count)
    ]
    Product.objects.bulk_create(rows)
    Barcode.objects.bulk_create(
        Barcode(organization=organization, product=row, code=f"CODE-{row.sku}") for row in rows
    )


@pytest.mark.parametrize("name", SCREENS)
def test_a_list_takes_as_few_queries_with_many_products_as_with_few(
    browser, cast, name, django_assert_max_num_queries
):
    store = make_place("Store")
    for number in range(3):
        make_stock(make_product(f"S-{number}"), store, 5, by=cast.olga)
    many(cast.acme, 200)
    client = browser(cast.olga)
    client.get(reverse(f"stock:{name}"))
    with django_assert_max_num_queries(MOST_QUERIES):
        assert client.get(reverse(f"stock:{name}")).status_code == 200


def plan_of(rows):
    """The plan of a query, as a flat list of its nodes."""
    text, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {text}", params)
        (answer,) = cursor.fetchone()
    plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    nodes, waiting = [], [plan]
    while waiting:
        node = waiting.pop()
        nodes.append(node)
        waiting += node.get("Plans", [])
    return nodes


@pytest.mark.parametrize("table", ["code", "sku", "page"])
def test_a_look_up_among_many_goes_through_an_index(cast, table):
    make_product("FIRST")
    many(cast.acme, 3000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE catalog_product; ANALYZE catalog_barcode")
    rows = {
        "code": Barcode.objects.filter(code="CODE-M-001500"),
        "sku": Product.objects.filter(sku="M-001500"),
        "page": Product.objects.order_by("name", "pk")[:25],
    }[table]

    read_through = [node for node in plan_of(rows) if node["Node Type"] == "Seq Scan"]

    assert not [node for node in read_through if node["Relation Name"].startswith("catalog_")]
    assert stock.lying().count() == 0


def test_the_sums_of_levels_are_what_the_list_comes_to(cast):
    shop, store = make_place("Shop"), make_place("Store")
    goods = [make_product(f"S-{number}") for number in range(4)]
    Product.objects.update(reorder_point=0)
    Product.objects.filter(pk=goods[0].pk).update(reorder_point=5)
    make_stock(goods[0], shop, 3, 10, by=cast.olga)
    make_stock(goods[0], store, 2, 10, by=cast.olga)
    make_stock(goods[1], store, 7, 10, by=cast.olga)
    make_stock(goods[2], store, 7, 10, by=cast.olga)
    Product.objects.filter(pk=goods[2].pk).update(active=False)

    for place in (None, shop, store):
        listed = list(stock.levels(at=NOON, on=NOON.date(), place=place))
        assert stock.level_sums(place=place) == stock.LevelSums(
            goods=len(listed),
            lying=sum(row.on_hand > 0 for row in listed),
            low=sum(row.level == "low" for row in listed),
            worth=sum((row.worth for row in listed), Decimal(0)),
        )
    assert stock.level_sums().low == 1

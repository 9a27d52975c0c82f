"""What must be true of the till, asked of the rows themselves."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection
from django.utils.translation import gettext as _

from prs.kernel.tenancy.context import required_organization
from prs.ledgers.bookkeeping import rules as chart
from prs.ledgers.bookkeeping import selectors as books
from prs.operations.till.models import Sale, Shift

DRAWERS = """
    SELECT s.number FROM till_shift s
    WHERE s.organization_id = %(org)s AND s.cash <>
      (SELECT coalesce(sum(m.amount), 0) FROM till_cashmovement m
       WHERE m.organization_id = s.organization_id AND m.shift_id = s.id) +
      (SELECT coalesce(sum(t.amount), 0) FROM till_tender t
       WHERE t.organization_id = s.organization_id AND t.shift_id = s.id AND t.method = 'cash')
    ORDER BY 1 LIMIT 1
"""
IN_TILLS = """
    SELECT coalesce(sum(CASE state WHEN 'open' THEN cash WHEN 'closed' THEN counted ELSE 0 END), 0)
    FROM till_shift WHERE organization_id = %(org)s
"""
MORE_BACK = """
    SELECT s.number FROM till_sale s WHERE s.organization_id = %(org)s AND (
      s.returned > s.total OR s.returned <> (SELECT coalesce(sum(r.total), 0) FROM till_return r
        WHERE r.organization_id = s.organization_id AND r.sale_id = s.id)
      OR EXISTS (SELECT FROM till_saleline l WHERE l.organization_id = s.organization_id
        AND l.sale_id = s.id AND l.returned_quantity > l.quantity))
    ORDER BY 1 LIMIT 1
"""
HOLES = """
    SELECT c.kind, c.period, c.last,
      (SELECT count(*) FROM till_sale s WHERE s.organization_id = c.organization_id
       AND s.number LIKE substr(c.kind, 6) || '-' || c.period || '-%%')
    FROM tenancy_counter c
    WHERE c.organization_id = %(org)s AND c.kind LIKE 'sale:%%' AND c.last <>
      (SELECT count(*) FROM till_sale s WHERE s.organization_id = c.organization_id
       AND s.number LIKE substr(c.kind, 6) || '-' || c.period || '-%%')
    ORDER BY 1, 2 LIMIT 1
"""


def findings() -> Iterator[str]:
    """What is wrong at the till of the current organization; nothing when all is well."""
    values = {"org": required_organization()}
    with connection.cursor() as cursor:
        cursor.execute(DRAWERS, values)
        for (number,) in cursor.fetchall():
            yield _("The drawer of shift {number} is not what went through it.").format(
                number=number
            )
        cursor.execute(MORE_BACK, values)
        for (number,) in cursor.fetchall():
            yield _("More came back of sale {number} than its returns say.").format(number=number)
        cursor.execute(HOLES, values)
        for kind, period, last, count in cursor.fetchall():
            yield _(
                "Receipts {kind} of {period}: the counter says {last}, there are {count}."
            ).format(kind=kind.removeprefix("sale:"), period=period, last=last, count=count)
        cursor.execute(IN_TILLS, values)
        (in_tills,) = cursor.fetchone()
    yield from books_and_tills(in_tills)


def books_and_tills(in_tills: object) -> Iterator[str]:
    """Cash in tills as the books have it, and sales that are in no book."""
    kept = books.net_of(chart.TILLS)
    # Organizations without a till use the account as they like.
    if kept != in_tills and Shift.objects.exists():
        yield _("The books have {kept} in tills, the drawers hold {there}.").format(
            kept=kept, there=in_tills
        )
    moving = Sale.objects.filter(state__in=["completed", "voided"]).exclude(paid=0, cost=0)
    posted = books.entries().filter(source_kind="till.sale", source_event="sold")
    missing = moving.exclude(pk__in=posted.values("source_id")).order_by("number")
    for number in missing.values_list("number", flat=True)[:1]:
        yield _("Sale {number} is not in the books.").format(number=number)

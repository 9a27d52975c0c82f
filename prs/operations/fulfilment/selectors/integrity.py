"""What can be wrong in the warehouse."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection
from django.utils.translation import gettext as _

from prs.kernel.tenancy.context import required_organization

# What is said to be picked is not what was scanned, or not what stock gave for it.
PICKED = """
    SELECT f.number, l.description FROM fulfilment_fulfilmentline l
    JOIN fulfilment_fulfilment f ON f.id = l.fulfilment_id
    WHERE l.organization_id = %(org)s AND l.picked <> (
      SELECT coalesce(sum(s.quantity), 0) FROM fulfilment_scan s
      WHERE s.organization_id = l.organization_id AND s.line_id = l.id AND s.undone_at IS NULL)
    ORDER BY 1, 2 LIMIT 1
"""
MOVED = """
    SELECT f.number, l.description FROM fulfilment_fulfilmentline l
    JOIN fulfilment_fulfilment f ON f.id = l.fulfilment_id
    WHERE l.organization_id = %(org)s AND l.product_id IS NOT NULL AND l.cost <> (
      SELECT -coalesce(sum(m.value), 0) FROM stock_movement m
      JOIN fulfilment_scan s ON s.organization_id = m.organization_id AND s.id = m.line_id
      WHERE m.organization_id = l.organization_id AND s.line_id = l.id
        AND m.source_id = s.session_id)
    ORDER BY 1, 2 LIMIT 1
"""
# Who is at work and where an invoice stands say the same.
AT_WORK = """
    SELECT f.number FROM fulfilment_fulfilment f
    LEFT JOIN fulfilment_worksession s ON s.organization_id = f.organization_id
      AND s.fulfilment_id = f.id AND s.outcome = ''
    WHERE f.organization_id = %(org)s AND (
      f.state IN ('picking', 'packing') AND s.id IS NULL
      OR s.stage = 'picking' AND f.state <> 'picking'
      OR s.stage = 'packing' AND f.state NOT IN ('packing', 'boxing'))
    ORDER BY 1 LIMIT 1
"""
STEPS = """
    SELECT f.number FROM fulfilment_fulfilment f
    WHERE f.organization_id = %(org)s AND f.state IS DISTINCT FROM (
      SELECT c.after FROM fulfilment_statechange c
      WHERE c.organization_id = f.organization_id AND c.fulfilment_id = f.id
        AND NOT EXISTS (SELECT FROM fulfilment_statechange d
                        WHERE d.organization_id = c.organization_id
                          AND d.fulfilment_id = c.fulfilment_id AND d.turn > c.turn))
    ORDER BY 1 LIMIT 1
"""
# What left did so by a delivery that says the same, and in boxes that hold what was picked.
LEFT = """
    SELECT f.number FROM fulfilment_fulfilment f
    LEFT JOIN fulfilment_delivery d ON d.organization_id = f.organization_id
      AND d.fulfilment_id = f.id AND d.state <> 'cancelled'
    WHERE f.organization_id = %(org)s AND (
      (f.state = 'delivered') <> (coalesce(d.state, '') = 'delivered')
      OR (f.state = 'dispatched') <> (coalesce(d.state, '') = 'in_transit'))
    ORDER BY 1 LIMIT 1
"""
PACKED = """
    SELECT f.number FROM fulfilment_fulfilment f
    JOIN fulfilment_fulfilmentline l ON l.organization_id = f.organization_id
      AND l.fulfilment_id = f.id
    WHERE f.organization_id = %(org)s AND f.state IN ('packed', 'dispatched', 'delivered')
      AND l.picked <> (SELECT coalesce(sum(c.quantity), 0) FROM fulfilment_boxcontent c
                       WHERE c.organization_id = l.organization_id AND c.line_id = l.id)
    ORDER BY 1 LIMIT 1
"""


def findings() -> Iterator[str]:
    """What is wrong in the warehouse of the current organization; nothing when all is well."""
    values = {"org": required_organization()}
    with connection.cursor() as cursor:
        cursor.execute(PICKED, values)
        for number, line in cursor.fetchall():
            yield _("{line} of {number}: what is picked is not what was scanned.").format(
                number=number, line=line
            )
        cursor.execute(MOVED, values)
        for number, line in cursor.fetchall():
            yield _("{line} of {number}: stock gave something else for it.").format(
                number=number, line=line
            )
        cursor.execute(AT_WORK, values)
        for (number,) in cursor.fetchall():
            yield _("{number} is said to be worked on, or not to be, and it isn't so.").format(
                number=number
            )
        cursor.execute(STEPS, values)
        for (number,) in cursor.fetchall():
            yield _("{number} stands elsewhere than its last step says.").format(number=number)
        cursor.execute(LEFT, values)
        for (number,) in cursor.fetchall():
            yield _("{number} and its delivery say different things.").format(number=number)
        cursor.execute(PACKED, values)
        for (number,) in cursor.fetchall():
            yield _("The boxes of {number} don't hold what was picked.").format(number=number)

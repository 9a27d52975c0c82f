"""Attacks on the rules of the warehouse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db import models

from prs.kernel.tenancy.context import tenant_context
from tests.cast import NOON
from tests.factories.world import Worlds
from tests.kernel.db import attacks as kit

Attack = Callable[[Worlds], None]
Q = models.Q
WAITS, AT_WORK = Q(state="invoiced"), Q(state="picking")
OPEN, DONE = Q(outcome="", stage="picking"), Q(outcome="done")
FLOOR_TYPICAL = {
    "fulfilment.Fulfilment": WAITS,
    "fulfilment.FulfilmentLine": Q(fulfilment__state="invoiced"),
    "fulfilment.WorkSession": DONE,
    "fulfilment.Scan": Q(session__outcome=""),
    "fulfilment.TrayUse": Q(freed_at__isnull=True),
    "fulfilment.Box": Q(fulfilment__state="packing", sealed_at__isnull=True),
    "fulfilment.BoxContent": Q(box__sealed_at__isnull=True),
    "fulfilment.Delivery": Q(state="assigned"),
}
# Rows that a trigger freezes are attacked by a copy.
FLOOR_FROZEN = {"fulfilment.Scan", "fulfilment.WorkSession"}
BEING_PICKED = Q(fulfilment__state="picking")


def table(name: str) -> Any:
    return apps.get_model(f"fulfilment.{name}")


def one(name: str, condition: Q | None = None) -> Any:
    """A row of the current organization."""
    return kit.some(table(name), condition)


def next_door(worlds: Worlds, name: str, condition: Q | None = None) -> Any:
    """A row of the organization next door."""
    with tenant_context(worlds.zenith.organization.pk):
        return one(name, condition)


def found(changes: dict[str, Any]) -> dict[str, Any]:
    """Values, those that only the world knows asked for now."""
    return {name: value() if callable(value) else value for name, value in changes.items()}


def changed(name: str, sets: str, condition: Q | None = None) -> Attack:
    """A statement on one row."""

    def attack(_worlds: Worlds) -> None:
        row = one(name, condition)
        assert kit.run(f"UPDATE fulfilment_{name.lower()} SET {sets} WHERE id = %s", row.pk) == 1

    return attack


def copy(name: str, condition: Q | None = None, /, **changes: Any) -> Attack:
    """A copy of a row that no sane write would make."""

    def attack(_worlds: Worlds) -> None:
        kit.copied(table(name), one(name, condition), **found(changes))

    return attack


def unworked() -> Any:
    """An invoice that the warehouse doesn't know."""
    invoices, known = apps.get_model("invoicing.Invoice"), table("Fulfilment")
    return invoices.objects.exclude(pk__in=known.objects.values("invoice")).first().pk


def another_invoice() -> Any:
    """An invoice that nobody is at work on."""
    return one("Fulfilment", WAITS).pk


def somebody_else() -> Any:
    """A member who is not at work."""
    members = apps.get_model("identity.Member")
    busy = table("WorkSession").objects.filter(outcome="").values("member")
    return members.objects.exclude(pk__in=busy).order_by("pk").first().pk


def foreign_invoice(worlds: Worlds) -> None:
    """Work on an invoice of the organization next door."""
    invoice = next_door(worlds, "Fulfilment", WAITS).invoice_id
    kit.run("SET CONSTRAINTS fulfilment_fulfilment_invoice_same_tenant IMMEDIATE")
    kit.copied(table("Fulfilment"), one("Fulfilment"), invoice_id=invoice)


def foreign_scan(field: str) -> Attack:
    """A scan for the work of the organization next door."""

    def attack(worlds: Worlds) -> None:
        scan = next_door(worlds, "Scan", Q(session__outcome=""))
        kit.run(f"SET CONSTRAINTS fulfilment_scan_{field}_same_tenant IMMEDIATE")
        words = {"session_id": scan.session_id, "line_id": scan.line_id, "quantity": 1}
        kit.copied(table("Scan"), one("Scan"), **words)

    return attack


def foreign(name: str, field: str, condition: Q | None = None, /, *also: str) -> Attack:
    """A copy of a row that hangs on what the same row next door hangs on."""

    def attack(worlds: Worlds) -> None:
        theirs = next_door(worlds, name, condition)
        columns = [table(name)._meta.get_field(each).attname for each in (field, *also)]
        kit.run(f"SET CONSTRAINTS fulfilment_{name.lower()}_{field}_same_tenant IMMEDIATE")
        words = {column: getattr(theirs, column) for column in columns}
        kit.copied(table(name), one(name, condition), **words)

    return attack


def away(field: str) -> Attack:
    """A delivery that names something of the organization next door."""

    def attack(worlds: Worlds) -> None:
        target = table("Delivery")._meta.get_field(field)
        with tenant_context(worlds.zenith.organization.pk):
            theirs = kit.rows_of(target.related_model).order_by("pk").first().pk
        kit.run(f"SET CONSTRAINTS fulfilment_delivery_{field}_same_tenant IMMEDIATE")
        changed("Delivery", f"{target.column} = '{theirs}'")(worlds)

    return attack


def strange_end(worlds: Worlds) -> None:
    """A delivery ended by somebody next door."""
    kit.run("SET CONSTRAINTS fulfilment_delivery_ended_by_same_tenant IMMEDIATE")
    sets = f"state = 'cancelled', ended_at = now(), ended_by_id = '{worlds.zenith.owner.pk}'"
    changed("Delivery", sets)(worlds)


def unproven(worlds: Worlds) -> None:
    """What a driver brought, by the driver's word alone."""
    owner = worlds.acme.owner.pk
    ended = {"ended_at": NOON, "ended_by_id": owner, "person": "x"}
    words = {"way": "driver", "driver_id": owner, "state": "delivered", **ended}
    kit.copied(table("Delivery"), one("Delivery"), **words)


def unwritten(_worlds: Worlds) -> None:
    """A step that leaves no trace."""
    steps = table("StateChange").objects.filter(fulfilment=one("Fulfilment"))
    before = steps.count()
    changed("Fulfilment", "state = 'review', moved_reason = 'x', section = 'picking'")(_worlds)
    if steps.count() != before:
        raise kit.Kept("fulfilment_keeps_its_history")


def uncounted(_worlds: Worlds) -> None:
    """A scan that its line doesn't know of."""
    scan = one("Scan")
    before = table("FulfilmentLine").objects.get(pk=scan.line_id).picked
    kit.copied(table("Scan"), scan, quantity=1)
    if table("FulfilmentLine").objects.get(pk=scan.line_id).picked != before:
        raise kit.Kept("scan_counts_in_its_line")


FLOOR: dict[str, Attack] = {
    "fulfilment_works_somewhere": changed("Fulfilment", "state = 'picking', place_id = NULL"),
    "fulfilment_review_says_why": changed("Fulfilment", "state = 'review', moved_reason = ''"),
    "fulfilment_begins_invoiced": copy("Fulfilment", state="picking", invoice_id=unworked),
    "fulfilment_moves_as_laid_down": changed("Fulfilment", "state = 'boxing'"),
    "fulfilment_picked_is_whole": changed("Fulfilment", "state = 'picked'", AT_WORK),
    "fulfilment_keeps_its_history": unwritten,
    "fulfilment_fulfilment_invoice_same_tenant": foreign_invoice,
    "fulfilment_line_not_negative": changed(
        "FulfilmentLine", "short = -1, short_reason = 'other'", BEING_PICKED
    ),
    "fulfilment_line_short_says_why": changed("FulfilmentLine", "short = 1", BEING_PICKED),
    "fulfilment_line_in_its_time": changed("FulfilmentLine", "ordered = ordered + 1"),
    "fulfilment_line_not_overpicked": copy("Scan", quantity=9999),
    "fulfilment_line_picked_by_scans": changed(
        "FulfilmentLine", "picked = picked - 1", BEING_PICKED & Q(picked__gt=0)
    ),
    "scan_of_something": copy("Scan", quantity=0),
    "scan_in_open_session": copy("Scan", Q(session__outcome="done")),
    "scan_stays_as_scanned": changed("Scan", "code = 'x'"),
    "scan_counts_in_its_line": uncounted,
    "fulfilment_scan_session_same_tenant": foreign_scan("session"),
    "fulfilment_scan_line_same_tenant": foreign_scan("line"),
    "work_session_one_open_per_member": copy(
        "WorkSession", OPEN, stage="picking", fulfilment_id=another_invoice
    ),
    "work_session_one_open_per_invoice": copy(
        "WorkSession", OPEN, stage="picking", member_id=somebody_else
    ),
    "work_session_ends_whole": changed("WorkSession", "outcome = 'done'", OPEN),
    "work_session_stays_as_ended": changed("WorkSession", "note = 'x'", DONE),
    "tray_has_a_code": copy("Tray", code=""),
    "tray_freed_after_it_was_used": changed("TrayUse", "freed_at = since - interval '1 day'"),
    "box_weighs_something": changed("Box", "weight = 0"),
    "box_in_its_time": changed("Box", "weight = 9", Q(fulfilment__state="delivered")),
    "box_content_of_something": changed("BoxContent", "quantity = 0"),
    "box_content_while_open": changed(
        "BoxContent", "quantity = 9", Q(box__sealed_at__isnull=False)
    ),
    "fulfilment_packed_is_picked": changed("Fulfilment", "state = 'packed'", Q(state="packing")),
    "fulfilment_box_fulfilment_same_tenant": foreign("Box", "fulfilment"),
    "fulfilment_boxcontent_box_same_tenant": foreign("BoxContent", "box", None, "line"),
    "fulfilment_boxcontent_line_same_tenant": foreign("BoxContent", "line", None, "box"),
    "courier_can_be_called": copy("Courier", phone=""),
    "delivery_one_per_invoice": copy("Delivery"),
    "delivery_says_its_way": changed("Delivery", "courier_id = NULL"),
    "delivery_by_courier_is_followed": changed("Delivery", "state = 'in_transit'"),
    "delivery_by_driver_is_proven": unproven,
    "delivery_ends_whole": changed("Delivery", "ended_at = now()"),
    "delivery_on_this_earth": changed("Delivery", "latitude = 99, longitude = 0"),
    "delivery_moves_forward": changed("Delivery", "note = 'x'", Q(state="delivered")),
    "delivery_of_what_is_packed": copy(
        "Delivery", fulfilment_id=lambda: one("Fulfilment", WAITS).pk
    ),
    "fulfilment_leaves_by_a_delivery": changed(
        "Fulfilment", "state = 'delivered'", Q(state="packed")
    ),
    "fulfilment_delivery_fulfilment_same_tenant": foreign("Delivery", "fulfilment"),
    **{
        f"fulfilment_delivery_{field}_same_tenant": away(field)
        for field in ("courier", "driver", "slip", "photo", "signature", "by")
    },
    "fulfilment_delivery_ended_by_same_tenant": strange_end,
}

"""Attacks on the rules of the till."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import models

from prs.kernel.db.ids import new_id
from prs.kernel.tenancy.context import tenant_context
from tests.cast import NOON
from tests.factories.world import Worlds
from tests.kernel.db import attacks as kit

Attack = Callable[[Worlds], None]
Q = models.Q
OPEN, SOLD = Q(state="open"), Q(state="completed", on_credit=0, returned=0)
# Which row of a table is attacked where nothing else is said.
TILL_TYPICAL = {
    "till.Sale": Q(state="open"),
    "till.SaleLine": Q(sale__state="open"),
    "till.Shift": Q(state="open"),
    "till.CashMovement": Q(kind="to_safe"),
    "till.Return": Q(kind="return"),
    "till.Tender": Q(sale__isnull=False, method="cash"),
}


def table(name: str) -> Any:
    return apps.get_model(f"till.{name}")


def one(name: str, condition: Q | None = None) -> Any:
    """A row of the current organization."""
    return kit.some(table(name), condition)


def found(changes: dict[str, Any]) -> dict[str, Any]:
    """Values, those that only the world knows asked for now."""
    return {name: value() if callable(value) else value for name, value in changes.items()}


def changed(name: str, sets: str, condition: Q | None = None) -> Attack:
    """A statement on one row."""

    def attack(_worlds: Worlds) -> None:
        row = one(name, condition)
        assert kit.run(f"UPDATE till_{name.lower()} SET {sets} WHERE id = %s", row.pk) == 1

    return attack


def copy(name: str, condition: Q | None = None, /, **changes: Any) -> Attack:
    """A copy of a row that no sane write would make."""

    def attack(worlds: Worlds) -> None:
        kit.copied(table(name), one(name, condition), **found(changes))

    return attack


def moved(name: str, field: str, condition: Q | None = None) -> Attack:
    """A reference to a row of the organization next door, by a copy of a row."""

    def attack(worlds: Worlds) -> None:
        target = table(name)._meta.get_field(field)
        with tenant_context(worlds.zenith.organization.pk):
            rows = kit.rows_of(target.related_model).order_by("pk")
            foreign = (rows.filter(OPEN) if field == "sale" else rows).first().pk
        rule = f"till_{name.lower()}_{field}_same_tenant"
        kit.run(f"SET CONSTRAINTS {rule} IMMEDIATE")
        kit.copied(table(name), one(name, condition), **{target.attname: foreign})

    return attack


def opened(**changes: Any) -> Attack:
    """A copy of an open shift, at another till by another member."""

    def attack(worlds: Worlds) -> None:
        shift = one("Shift", Q(state="open"))
        free = kit.copied(table("Till"), shift.till)
        clean = dict.fromkeys(("cash", "card", "mobile", "bank", "sales_total", "returns_total"), 0)
        words = {"till_id": free.pk, "member_id": worlds.acme.checker.pk, **clean}
        kit.copied(
            table("Shift"), shift, sales_count=0, returns_count=0, **{**words, **found(changes)}
        )

    return attack


def tender(condition: Q | None = None, **changes: Any) -> Attack:
    """A tender that goes into the open drawer."""

    def attack(_worlds: Worlds) -> None:
        shift = one("Shift", Q(state="open"))
        words = {"shift_id": shift.pk, **found(changes)}
        kit.copied(table("Tender"), one("Tender", condition), **words)

    return attack


def basket(_worlds: Worlds, **changes: Any) -> Any:
    """A basket that waits beside the others."""
    return kit.copied(table("Sale"), one("Sale", OPEN), held_at=NOON, name="x", **changes)


def into_a_closed_drawer(_worlds: Worlds) -> None:
    """A basket completed in a drawer that was counted."""
    closed = one("Shift", Q(state="closed"))
    row = one("Sale", Q(state="open", held_at__isnull=True))
    kit.run(
        "UPDATE till_sale SET state = 'completed', number = 'X-1', key = %s, shift_id = %s, "
        "completed_at = %s, completed_on = %s, paid = total WHERE id = %s",
        *(new_id(), closed.pk, NOON, NOON.date(), row.pk),
    )


def completed(sets: str) -> Attack:
    """A basket completed by hand, with something that isn't right."""

    def attack(_worlds: Worlds) -> None:
        shift = one("Shift", Q(state="open"))
        row = one("Sale", Q(state="open", held_at__isnull=True))
        kit.run(
            "UPDATE till_sale SET state = 'completed', number = 'X-1', key = %s, shift_id = %s, "
            f"completed_at = %s, completed_on = %s, {sets} WHERE id = %s",
            *(new_id(), shift.pk, NOON, NOON.date(), row.pk),
        )

    return attack


def owed_by_nobody(worlds: Worlds) -> None:
    walk_in = apps.get_model("parties.Customer").everyone.filter(is_walk_in=True).first()
    row = one("Sale", Q(on_credit__gt=0))
    basket(worlds, on_credit=1, rounding=0, customer_id=walk_in.pk, invoice_id=row.invoice_id)


def spent_twice(_worlds: Worlds) -> None:
    """The credit of an exchange, spent beyond what was given."""
    row = one("Tender", Q(sale__isnull=False, method="exchange"))
    shift = one("Shift", Q(state="open"))
    kit.copied(table("Tender"), row, shift_id=shift.pk, amount=99, handed=99)


def without_a_word(_worlds: Worlds) -> None:
    """A return that its sale doesn't know of."""
    kit.run("SET CONSTRAINTS return_counts_in_its_sale IMMEDIATE")
    row = one("Return", Q(sale__isnull=False, kind="return"))
    shift = one("Shift", Q(state="open"))
    kit.copied(table("Return"), row, shift_id=shift.pk, refunded=row.total, approved_by_id=None)


def line_without_a_word(_worlds: Worlds) -> None:
    """A line of a return that the line of the sale doesn't know of."""
    kit.run("SET CONSTRAINTS return_line_counts_in_its_sale IMMEDIATE")
    kit.copied(table("ReturnLine"), one("ReturnLine", Q(sale_line__isnull=False)))


def return_row(**changes: Any) -> Attack:
    """A copy of a return in the open drawer."""

    def attack(_worlds: Worlds) -> None:
        shift = one("Shift", Q(state="open"))
        row = one("Return", Q(kind="return"))
        kit.copied(table("Return"), row, **{"shift_id": shift.pk, **found(changes)})

    return attack


def in_a_warehouse(_worlds: Worlds) -> None:
    place = apps.get_model("places.Place").objects.filter(kind="warehouse").first()
    kit.copied(table("Till"), one("Till"), place_id=place.pk)


def movement(**changes: Any) -> Attack:
    """Cash in the open drawer."""

    def attack(_worlds: Worlds) -> None:
        shift = one("Shift", Q(state="open"))
        row = one("CashMovement", Q(kind="to_safe"))
        kit.copied(
            table("CashMovement"), row, **{"shift_id": shift.pk, "amount": -1, **found(changes)}
        )

    return attack


def away(name: str, field: str) -> Attack:
    """A reference of an open row to a row of the organization next door."""

    def attack(worlds: Worlds) -> None:
        target = table(name)._meta.get_field(field)
        with tenant_context(worlds.zenith.organization.pk):
            foreign = kit.rows_of(target.related_model).order_by("pk").first().pk
        kit.run(f"SET CONSTRAINTS till_{name.lower()}_{field}_same_tenant IMMEDIATE")
        changed(name, f"{target.column} = '{foreign}'", OPEN)(worlds)

    return attack


def voided_by_a_stranger(worlds: Worlds) -> None:
    """A sale voided by a member of the organization next door."""
    kit.run("SET CONSTRAINTS till_sale_voided_by_same_tenant IMMEDIATE")
    gone = Q(state="completed", returned=models.F("total"), returned__gt=0)
    kit.run(
        "UPDATE till_sale SET state = 'voided', voided_by_id = %s, voided_at = %s, "
        "void_reason = 'x' WHERE id = %s",
        *(worlds.zenith.owner.pk, NOON, one("Sale", gone).pk),
    )


def foreign_shift(field: str) -> Attack:
    """A shift at a till, or of a member, of the organization next door."""

    def attack(worlds: Worlds) -> None:
        target = table("Shift")._meta.get_field(field)
        with tenant_context(worlds.zenith.organization.pk):
            foreign = kit.rows_of(target.related_model).order_by("pk").first().pk
        kit.run(f"SET CONSTRAINTS till_shift_{field}_same_tenant IMMEDIATE")
        opened(**{target.attname: foreign})(worlds)

    return attack


def next_door(worlds: Worlds) -> None:
    """A shift written into the organization next door."""
    opened(organization_id=worlds.zenith.organization.pk)(worlds)


def number_taken(_worlds: Worlds) -> None:
    """A basket completed under a number that is taken."""
    taken = one("Sale", SOLD).number
    shift = one("Shift", OPEN)
    row = one("Sale", Q(state="open", held_at__isnull=True))
    kit.run(
        "UPDATE till_sale SET state = 'completed', number = %s, key = %s, shift_id = %s, "
        "completed_at = %s, completed_on = %s, paid = total WHERE id = %s",
        *(taken, new_id(), shift.pk, NOON, NOON.date(), row.pk),
    )


def key_taken(_worlds: Worlds) -> None:
    """A basket with the key of a sale."""
    row = one("Sale", Q(state="open", held_at__isnull=True))
    kit.run("UPDATE till_sale SET key = %s WHERE id = %s", one("Sale", SOLD).key, row.pk)


TILL: dict[str, Attack] = {
    "till_has_code_and_name": copy("Till", name=""),
    "till_stands_in_a_storefront": in_a_warehouse,
    "till_setting_not_negative": changed("TillSetting", "rounding_step = -1"),
    "till_rule_in_range": changed("TillRule", "line_discount = 101"),
    "pin_is_kept_as_digest": changed("Pin", "digest = '2580'"),
    "shift_one_open_per_till": opened(till_id=lambda: one("Shift", OPEN).till_id),
    "shift_one_open_per_member": opened(member_id=lambda: one("Shift", OPEN).member_id),
    "shift_number_unique": opened(number=lambda: one("Shift", OPEN).number),
    "sale_number_unique": number_taken,
    "sale_key_unique": key_taken,
    "till_sale_shift_same_tenant": away("Sale", "shift"),
    "till_sale_customer_same_tenant": away("Sale", "customer"),
    "till_sale_invoice_same_tenant": away("Sale", "invoice"),
    "till_sale_discount_by_same_tenant": away("Sale", "discount_by"),
    "till_sale_voided_by_same_tenant": voided_by_a_stranger,
    "till_shift_till_same_tenant": foreign_shift("till"),
    "till_shift_member_same_tenant": foreign_shift("member"),
    "till_shift_closed_by_same_tenant": away("Shift", "closed_by"),
    "till_shift_confirmed_by_same_tenant": away("Shift", "confirmed_by"),
    "till_shift_row_security": next_door,
    "till_tender_return_of_same_tenant": moved("Tender", "return_of", Q(return_of__isnull=False)),
    "till_tender_exchange_same_tenant": moved("Tender", "exchange", Q(exchange__isnull=False)),
    "till_return_approved_by_same_tenant": moved("Return", "approved_by"),
    "till_saleline_sale_same_tenant": moved("SaleLine", "sale"),
    "shift_drawer_not_below_zero": movement(amount=-99_999),
    "shift_closed_is_counted": changed("Shift", "counted = 1", OPEN),
    "shift_confirmed_by_somebody": changed("Shift", "state = 'confirmed'", Q(state="closed")),
    "shift_confirmed_by_another": changed(
        "Shift",
        "state = 'confirmed', confirmed_by_id = member_id, confirmed_at = now()",
        Q(state="closed"),
    ),
    "shift_starts_empty": opened(cash=5),
    "shift_moves_forward": changed("Shift", "remarks = 'x'", Q(state="confirmed")),
    "shift_sums_by_database": changed("Shift", "cash = cash + 1", OPEN),
    "cash_movement_goes_its_way": movement(kind="expense", amount=1),
    "cash_movement_says_why": movement(reason=""),
    "cash_movement_one_float": movement(kind="float", amount=1),
    "cash_movement_in_open_shift": movement(shift_id=lambda: one("Shift", Q(state="closed")).pk),
    "sale_total_is_net_and_tax": changed("Sale", "total = total + 1", OPEN),
    "sale_not_negative": changed("Sale", "discount_fixed = -1", OPEN),
    "sale_completed_is_whole": changed("Sale", "number = 'X-1'", OPEN),
    "sale_is_paid_or_owed": completed("paid = total - 1"),
    "sale_rounds_cash_only": lambda w: basket(
        w,
        on_credit=1,
        rounding=1,
        customer_id=one("Sale", Q(on_credit__gt=0)).customer_id,
        invoice_id=one("Sale", Q(on_credit__gt=0)).invoice_id,
    ),
    "sale_on_credit_is_invoiced": lambda w: basket(
        w, on_credit=1, customer_id=one("Sale", Q(on_credit__gt=0)).customer_id
    ),
    "sale_returned_within_total": changed("Sale", "returned = 99999", OPEN),
    "sale_voided_says_why": changed("Sale", "void_reason = 'x'", OPEN),
    "sale_begins_as_basket": lambda w: basket(w, returned=1, total=5, net_total=5, tax_total=0),
    "sale_completed_is_frozen": changed("Sale", "name = 'x'", SOLD),
    "sale_credit_has_a_name": owed_by_nobody,
    "sale_in_open_shift": into_a_closed_drawer,
    "sale_adds_up": completed("paid = total"),
    "sale_line_of_something": changed("SaleLine", "quantity = 0"),
    "sale_line_not_negative": changed("SaleLine", "discount = -1"),
    "sale_line_discount_in_range": changed("SaleLine", "discount_percent = 101"),
    "sale_line_total_is_net_and_tax": changed("SaleLine", "total = total + 1"),
    "sale_line_returned_within_sold": changed("SaleLine", "returned_quantity = quantity + 1"),
    "sale_line_whole_return_is_its_total": changed("SaleLine", "returned_quantity = quantity"),
    "sale_line_is_frozen": changed("SaleLine", "name = 'x'", Q(sale__state="completed")),
    "sale_line_returned_is_its_returns": changed(
        "SaleLine",
        "returned_total = returned_total + 0.01",
        Q(sale__state="completed", returned_quantity=0),
    ),
    "return_says_why": return_row(reason=""),
    "return_total_is_given_or_credited": return_row(refunded=Decimal("0.01")),
    "return_approved_by_another": return_row(
        approved_by_id=lambda: one("Return", Q(kind="return")).by_id
    ),
    "return_without_receipt_is_approved": return_row(sale_id=None, approved_by_id=None),
    "return_above_limit_is_approved": return_row(
        total=500, net_total=500, tax_total=0, refunded=500, approved_by_id=None
    ),
    "return_in_open_shift": return_row(shift_id=lambda: one("Shift", Q(state="closed")).pk),
    "return_adds_up": lambda w: return_row(sale_id=None, approved_by_id=w.acme.owner.pk)(w),
    "return_counts_in_its_sale": without_a_word,
    "return_line_of_something": copy("ReturnLine", quantity=0),
    "return_line_total_is_net_and_tax": copy("ReturnLine", total=99),
    "return_line_adds_up": copy("ReturnLine", sale_line_id=None),
    "return_line_counts_in_its_sale": line_without_a_word,
    "tender_goes_its_way": tender(amount=-1, handed=-1, change=0),
    "tender_change_is_of_cash": tender(change=1),
    "tender_exchange_names_its_return": tender(method="exchange"),
    "tender_in_open_shift": tender(shift_id=lambda: one("Shift", Q(state="closed")).pk),
    "tender_exchange_within_return": spent_twice,
    "tender_counts_in_its_sale": tender(),
    "tender_counts_in_its_return": tender(Q(return_of__isnull=False, method="cash")),
}
TILL_SAME_ANSWER: dict[str, str] = {}

"""An attack on every named rule of the database: what a careless or hostile write would try.

An attack is written by hand where the rule has a meaning of its own; the rules of a family (unique,
same tenant, append-only, written by the database) are attacked by what they have in common.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from prs.kernel import clock
from prs.kernel.db.constraints import (
    AppendOnly,
    DatabaseFunction,
    RowSecurity,
    SameTenant,
    WrittenByDatabase,
)
from prs.kernel.db.ids import new_id
from prs.kernel.jobs.models import Job
from prs.kernel.tenancy.context import current_organization, tenant_context
from prs.kernel.tenancy.models import TenantModel
from prs.ledgers.bookkeeping.models import (
    Account,
    DraftEntry,
    DraftLine,
    Entry,
    FiscalYear,
    Line,
    Period,
    PostingRule,
    Rate,
    Reopening,
)
from prs.operations.deals.models import Deal, Project
from prs.operations.followups.models import Alert, FollowUp
from prs.operations.invoicing.models import Credit, CreditOverride, Invoice, InvoiceLine
from prs.operations.payments.models import (
    Allocation,
    Decision,
    Payment,
    Reversal,
    ReversalShare,
    VerificationPolicy,
)
from prs.operations.receivables import models as receivables
from tests.cast import NOON
from tests.factories.world import Worlds
from tests.kernel.db.attacks_floor import FLOOR, FLOOR_FROZEN, FLOOR_TYPICAL
from tests.kernel.db.attacks_till import TILL, TILL_SAME_ANSWER, TILL_TYPICAL

Attack = Callable[[Worlds], None]
GRANTED = models.Q(state="approved")
PART_PAID = models.Q(paid__gt=0)
RIGHTS = "no right"
POLICY = "row security"


def rules() -> Iterator[tuple[Any, Any]]:
    """Every named rule with its table."""
    for model in apps.get_models():
        if model.__module__.startswith("prs.") and model._meta.managed:
            for rule in model._meta.constraints:
                # A door refuses nothing; what lies behind it does.
                if not isinstance(rule, DatabaseFunction):
                    yield model, rule


# --- copying rows -------------------------------------------------------------------------------------


def other_value(field: Any) -> Any:
    """A value that no row has."""
    name = new_id().hex
    match field:
        case models.EmailField():
            return f"{name}@x.test"
        case models.UUIDField():
            return new_id()
        case models.CharField():
            return name[-(field.max_length or 32) :]
        case models.IntegerField():
            return int(name[-4:], 16) % 30_000 + 1_000
        case models.DateField():
            return (NOON + timedelta(days=int(name[-3:], 16))).date()
    return None


def freed(model: Any, row: Any, kept: set[str]) -> None:
    """Change a copy so that it collides with its original in no unique rule but the one attacked."""
    for rule in model._meta.constraints:
        if isinstance(rule, models.UniqueConstraint) and not set(rule.fields) <= kept:
            for name in reversed(rule.fields):
                field = model._meta.get_field(name)
                free = name not in kept and not field.is_relation and other_value(field) is not None
                if free:
                    setattr(row, name, other_value(field))
                    break


# What a copy keeps so that other rules let it pass, and which row of a table is copied.
ALWAYS_KEPT = {
    "invoicing.InvoiceLine": {"position", "revision"},
    "incentives.GoalSkip": {"number"},
    "till.Sale": {"number", "key"},
    "purchasing.BilledReceipt": {"turn"},
}
TYPICAL = {
    "payments.Decision": models.Q(kind="ask"),
    "payments.Allocation": models.Q(payment__status="pending"),
    "payments.Reversal": models.Q(status="done"),
    "incentives.Commission": models.Q(state="draft"),
    "incentives.CommissionLine": models.Q(commission__state="draft"),
    "receivables.WriteOff": GRANTED,
    "receivables.Reminder": models.Q(step__isnull=False),
    "invoicing.Credit": models.Q(kind="note"),
    "bookkeeping.DraftEntry": models.Q(state="draft", file__isnull=False),
    "bookkeeping.DraftLine": models.Q(draft__state="draft", draft__kind="manual"),
    "stock.Movement": models.Q(kind="adjustment"),
    "stock.Adjustment": models.Q(state="pending"),
    "stock.Reservation": models.Q(state="released"),
    "stock.Transfer": models.Q(state="draft"),
    "stock.Batch": models.Q(expires_on__isnull=False),
    "purchasing.PurchaseOrder": models.Q(state="draft"),
    "purchasing.OrderLine": models.Q(order__state="draft"),
    "purchasing.GoodsReceipt": models.Q(order__isnull=False),
    "purchasing.ReceiptLine": models.Q(order_line__isnull=False),
    **TILL_TYPICAL,
    **FLOOR_TYPICAL,
}
# Tables whose rows are attacked by a copy, because a change meets the rule that freezes them first.
FROZEN = {
    "parties.Feedback",
    "invoicing.Invoice",
    "invoicing.InvoiceLine",
    "payments.Payment",
    "payments.Reversal",
    "stock.Batch",
    "stock.Adjustment",
    "purchasing.SupplierBill",
    "bookkeeping.DraftEntry",
    *FLOOR_FROZEN,
}


def copied(model: Any, row: Any, *, keeping: Collection[str] = (), **changes: Any) -> Any:
    """Insert a copy of a row, changed; it differs from its original wherever it must be unique."""
    row = model._base_manager.get(pk=row.pk)
    row.pk = new_id() if isinstance(model._meta.pk, models.UUIDField) else None
    freed(model, row, {"organization", *keeping, *changes, *ALWAYS_KEPT.get(model._meta.label, ())})
    for field in model._meta.local_fields:
        if field.has_db_default():
            setattr(row, field.attname, field.get_default())
    for name, value in changes.items():
        setattr(row, name, value)
    row._state.adding = True
    models.Model.save_base(row, raw=True, force_insert=True)
    return row


def some(model: Any, condition: Any = None) -> Any:
    """A row of the current organization that meets a condition."""
    rows = rows_of(model).filter(condition or TYPICAL.get(model._meta.label, models.Q()))
    row = rows.order_by("-pk").first()
    assert row is not None, f"The world has no row of {model._meta.label} for {condition}"
    return row


def rows_of(model: Any) -> Any:
    """The rows of the current organization, whoever looks."""
    rows = model._base_manager.all()
    if issubclass(model, TenantModel):
        return rows.filter(organization=current_organization())
    return rows


def run(sql: str, *values: Any) -> int:
    """Run one statement, and say how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


def named_in(condition: Any) -> set[str]:
    """The fields that a condition speaks of."""
    if isinstance(condition, models.Q):
        return {name for child in condition.children for name in named_in(child)}
    return {condition[0].split("__")[0]} if condition else set()


# --- families -----------------------------------------------------------------------------------------


def attack_unique(model: Any, rule: models.UniqueConstraint) -> Attack:
    """A second row with what must be unique."""

    def attack(worlds: Worlds) -> None:
        fields = set(rule.fields)
        condition = rule.condition or models.Q()
        for name in fields:
            if model._meta.get_field(name).null:
                condition &= models.Q(**{f"{name}__isnull": False})
        row = some(model, condition)
        copied(model, row, keeping=fields | named_in(rule.condition))

    return attack


def attack_reference(model: Any, rule: SameTenant) -> Attack:
    """A reference to a row of the organization next door."""

    def attack(worlds: Worlds) -> None:
        field = model._meta.get_field(rule.field)
        with tenant_context(worlds.zenith.organization.pk):
            foreign = some(field.related_model).pk
        run(f"SET CONSTRAINTS {rule.name} IMMEDIATE")
        table, home = model._meta.db_table, worlds.acme.organization.pk
        typical = TYPICAL.get(model._meta.label, models.Q())
        rows = rows_of(model).filter(typical, **{f"{rule.field}__isnull": False, rule.column: home})
        row = rows.first() or rows_of(model).filter(**{rule.column: home}).first()
        history = any(isinstance(each, AppendOnly) for each in model._meta.constraints)
        if history or model._meta.label in FROZEN:
            copied(model, row, **{field.attname: foreign})
        else:
            run(f"UPDATE {table} SET {field.column} = %s WHERE id = %s", foreign, row.pk)

    return attack


def attack_history(model: Any, rule: AppendOnly) -> Attack:
    """A change of a row that is kept as it is."""

    def attack(worlds: Worlds) -> None:
        column = next(
            field.column
            for field in model._meta.local_fields
            if field.name not in {"id", "organization"}
        )
        run(f"UPDATE {model._meta.db_table} SET {column} = {column}")

    return attack


def attack_derived(model: Any, rule: WrittenByDatabase) -> Attack:
    """A hand-written row in a table that only triggers write."""

    def attack(worlds: Worlds) -> None:
        run(f"DELETE FROM {model._meta.db_table}")

    return attack


def attack_tenant(model: Any, rule: RowSecurity) -> Attack:
    """A row moved next door."""

    def attack(worlds: Worlds) -> None:
        table, column = model._meta.db_table, rule.column
        foreign = worlds.zenith.organization.pk
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table} WHERE {column} = %s", (foreign,))
            (seen,) = cursor.fetchone()
        if seen:
            raise AssertionError(f"{table} shows rows of another organization")
        copied(model, some(model), **{"id" if column == "id" else "organization_id": foreign})

    return attack


# --- by hand ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Insert:
    """A copy of a row that no sane write would make."""

    model: Any
    changes: dict[str, Any]
    condition: models.Q | None = None

    def __call__(self, worlds: Worlds) -> None:
        changes = {
            name: value(worlds) if callable(value) else value
            for name, value in self.changes.items()
        }
        copied(self.model, some(self.model, self.condition), **changes)


@dataclass(frozen=True)
class Update:
    """A statement on one row of the world."""

    sql: str
    row: Callable[[Worlds], Any]

    def __call__(self, worlds: Worlds) -> None:
        assert run(self.sql, self.row(worlds).pk) == 1


def user_in_capitals(worlds: Worlds) -> None:
    run("UPDATE identity_user SET email = 'UPPER@x.test' WHERE id = %s", worlds.cast.pat.pk)


def owner(worlds: Worlds) -> UUID:
    """Who owns Acme."""
    return worlds.acme.owner.pk


def seller(worlds: Worlds) -> UUID:
    """Who sells at Acme."""
    return worlds.acme.seller.pk


def two_platforms(worlds: Worlds) -> None:
    for world in (worlds.zenith, worlds.acme):
        with tenant_context(world.organization.pk):
            run(
                "UPDATE tenancy_organization SET is_platform = true WHERE id = %s",
                world.organization.pk,
            )


def second_device(worlds: Worlds) -> None:
    device = apps.get_model("identity.KnownDevice")
    for _time in range(2):
        device.objects.create(
            user=worlds.cast.pat,
            fingerprint="f",
            description="x",
            first_seen_at=NOON,
            last_seen_at=NOON,
        )


def second_membership(worlds: Worlds) -> None:
    copied(
        apps.get_model("identity.Member"), worlds.acme.seller, user_id=worlds.acme.seller.user_id
    )


def young_security_event_deleted(worlds: Worlds) -> None:
    """The application may delete what was kept long enough, and nothing younger."""
    event = apps.get_model("identity.SecurityEvent")
    row = event.objects.create(user=worlds.cast.pat, kind="x", severity="low", at=clock.now())
    run("DELETE FROM identity_securityevent WHERE id = %s", row.pk)


def job_both_ways(worlds: Worlds) -> None:
    make_job(done_at=NOON, failed_at=NOON)


def half_lease(worlds: Worlds) -> None:
    make_job(leased_at=NOON)


def make_job(**fields: Any) -> Job:
    return Job.objects.create(path="x", created_at=NOON, next_attempt_at=NOON, **fields)


def make_entry(worlds: Worlds, **changes: Any) -> Entry:
    return copied(Entry, some(Entry), source_event=new_id().hex, reverses_id=None, **changes)


def make_lines(entry: Entry, *amounts: str, account: UUID | None = None) -> None:
    account = account or Account.objects.get(code="1000").pk
    for position, amount in enumerate(amounts, start=1):
        Line.objects.create(
            entry=entry,
            entry_date=entry.entry_date,
            position=position,
            account_id=account,
            amount=Decimal(amount),
            home_amount=Decimal(amount),
            currency="USD",
        )


def unbalanced(worlds: Worlds) -> None:
    make_lines(make_entry(worlds, line_count=2, total=Decimal(5)), "5", "-4")


def entry_without_lines(worlds: Worlds) -> None:
    make_entry(worlds, line_count=2, total=Decimal(5))


def entry_in_closed_month(worlds: Worlds) -> None:
    period = Period.objects.get(name="2025-01")
    make_lines(
        make_entry(worlds, entry_date=period.starts_on, line_count=2, total=Decimal(5)), "5", "-5"
    )


def foreign_entry(worlds: Worlds) -> None:
    """A draft that is posted as the entry of the organization next door."""
    with tenant_context(worlds.zenith.organization.pk):
        foreign = some(Entry).pk
    run("SET CONSTRAINTS bookkeeping_draftentry_entry_same_tenant IMMEDIATE")
    copied(DraftEntry, some(DraftEntry, models.Q(state="posted")), entry_id=foreign)


def foreign_closing(worlds: Worlds) -> None:
    """A year that is closed by the entry of the organization next door."""
    with tenant_context(worlds.zenith.organization.pk):
        foreign = some(Entry).pk
    run("SET CONSTRAINTS bookkeeping_fiscalyear_closing_same_tenant IMMEDIATE")
    FiscalYear.objects.filter(closing__isnull=False).update(closing_id=foreign)


def under_itself(worlds: Worlds) -> None:
    row = Account.objects.get(code="6900")
    Account.objects.filter(pk=row.pk).update(parent_id=row.pk)


def sales_into_cash(worlds: Worlds) -> None:
    cash = Account.objects.get(code="1000")
    copied(PostingRule, some(PostingRule, models.Q(heading="4000")), account_id=cash.pk)


def late_line(worlds: Worlds) -> None:
    """A pair added to an entry that is whole already."""
    line = some(Line)
    for position, amount in ((7, Decimal(1)), (8, Decimal(-1))):
        copied(Line, line, position=position, amount=amount, home_amount=amount)


def line_on_heading(worlds: Worlds) -> None:
    heading = Account.objects.get(code="6900").pk
    make_lines(make_entry(worlds, line_count=2, total=Decimal(5)), "5", "-5", account=heading)


def zero_line(worlds: Worlds) -> None:
    make_lines(make_entry(worlds, line_count=2, total=Decimal(5)), "0")


def two_sided_line(worlds: Worlds) -> None:
    entry = make_entry(worlds, line_count=2, total=Decimal(5))
    account = Account.objects.get(code="1000").pk
    Line.objects.create(
        entry=entry,
        entry_date=entry.entry_date,
        position=1,
        account_id=account,
        amount=1,
        home_amount=-1,
        currency="USD",
    )


def same_place(worlds: Worlds) -> None:
    entry = make_entry(worlds, line_count=2, total=Decimal(5))
    make_lines(entry, "5")
    make_lines(entry, "5")


def reversed_twice(worlds: Worlds) -> None:
    entry = some(Entry, models.Q(reverses__isnull=False))
    copied(Entry, entry, keeping={"reverses"}, source_event=new_id().hex)


def wrong_totals(worlds: Worlds) -> None:
    row = worlds.acme.unpaid
    copied(Invoice, row, net_total=row.net_total + 1, total=row.total + 1)


def untrue_paid(worlds: Worlds) -> None:
    Invoice.objects.filter(pk=worlds.acme.unpaid.pk).update(paid=1)


def more_than_paid(worlds: Worlds) -> None:
    row = worlds.acme.waiting
    Allocation.objects.filter(payment=row).update(amount=row.amount + 1)


def strange_customer(worlds: Worlds) -> None:
    """A payment that would pay another customer's invoice."""
    Allocation.objects.create(
        payment=worlds.acme.waiting, invoice=worlds.acme.imported, amount=1, position=9
    )
    Allocation.objects.filter(payment=worlds.acme.waiting).exclude(position=9).delete()


def allocation_after_decision(worlds: Worlds) -> None:
    Allocation.objects.filter(payment=worlds.acme.verified).update(amount=1)


def slipped_in(worlds: Worlds) -> None:
    """An allocation turned to another invoice and decided, without telling either invoice."""
    waiting = worlds.acme.waiting
    Payment.objects.filter(pk=waiting.pk).update(
        status="verified",
        decided_by=worlds.acme.checker,
        decided_at=NOON,
        verified_amount=waiting.amount,
    )


def allocated_in_secret(worlds: Worlds) -> None:
    """Trigger order aside: money allocated by a payment that is verified in the same transaction."""
    waiting = worlds.acme.waiting
    rows = Allocation.objects.filter(payment=waiting)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS payment_settles_its_invoices DEFERRED")
    rows.update(amount=Decimal(1))
    slipped_in(worlds)


def taken_in_secret(worlds: Worlds) -> None:
    """Money that an invoice lost without a reversal that took it, hidden from everything else."""
    part = Allocation.objects.get(payment=worlds.acme.paid_in)
    run("UPDATE deals_deal SET paid = paid - 1 WHERE id = %s", worlds.acme.deal.pk)
    run("UPDATE invoicing_invoice SET paid = paid - 1 WHERE id = %s", part.invoice_id)
    run("UPDATE payments_allocation SET reversed = reversed + 1 WHERE id = %s", part.pk)


def gone_back_in_secret(worlds: Worlds) -> None:
    """Money said to have gone back without a reversal, taken from what it paid as well."""
    row = worlds.acme.paid_in
    run("UPDATE payments_payment SET reversed_amount = reversed_amount + 1 WHERE id = %s", row.pk)
    run("UPDATE payments_allocation SET reversed = reversed + 1 WHERE payment_id = %s", row.pk)


def deal_paid_by_hand(worlds: Worlds) -> None:
    part = Allocation.objects.get(payment=worlds.acme.paid_in)
    run("UPDATE invoicing_invoice SET paid = paid - 1 WHERE id = %s", part.invoice_id)


def more_than_the_deal(worlds: Worlds) -> None:
    """A draft that claims more than its deal is worth."""
    part = Allocation.objects.get(payment=worlds.acme.promised)
    run(
        "UPDATE invoicing_invoice SET net_total = 5000, total = 5000 WHERE id = %s", part.invoice_id
    )


def customer_changed(worlds: Worlds) -> None:
    """A deal's payment that another customer would have made."""
    run(
        "UPDATE payments_payment SET customer_id = %s WHERE id = %s",
        worlds.acme.imported.customer_id,
        worlds.acme.promised.pk,
    )


def bounced_transfer(worlds: Worlds) -> None:
    row = worlds.acme.verified
    copied(Payment, row, status="bounced", reversed_amount=row.verified_amount)


def shared_twice(worlds: Worlds) -> None:
    copied(ReversalShare, some(ReversalShare), reversal_id=worlds.acme.asked_refund.pk)


def no_owner(worlds: Worlds) -> None:
    run(
        "UPDATE identity_member SET active = false, deactivated_at = now() WHERE id = %s",
        worlds.acme.owner.pk,
    )


def unsealed(worlds: Worlds) -> None:
    """An audit row that its seal does not follow: the count of seals must grow with the rows."""
    event = apps.get_model("activity.AuditEvent")
    copied(event, some(event))
    connection.check_constraints()
    events, seals = event.objects.count(), apps.get_model("activity.AuditChain").objects.count()
    if events == seals:
        raise Kept("audit_event_sealed")


# Of these a row is changed, because a copy would break other rules first.
CHANGED = frozenset({"payments_payment", "catalog_product", "parties_supplier"})


def unsearchable(kind: str, row: Callable[[Worlds], Any], column: str) -> Attack:
    """A row whose words are not kept."""

    def attack(worlds: Worlds) -> None:
        found = row(worlds)
        table = found._meta.db_table
        if kind in CHANGED:
            run(f"UPDATE {table} SET {column} = 'quokka' WHERE id = %s", found.pk)
        else:
            copied(type(found), found, **{column: "quokka"})
        words = apps.get_model("web.SearchWord").objects.filter(word="quokka")
        if words.exists():
            raise Kept(f"search_{kind}")

    return attack


class Kept(Exception):
    """The rule did its work, which here is to write something."""


INVOICE = models.Q(series__startswith="invoice", deal__isnull=True)
PENDING_CASH = models.Q(status="pending", method="cash")
CUSTOMER = apps.get_model("parties.Customer")


def foreign_undoer(worlds: Worlds) -> None:
    """A merge taken back by somebody from next door."""
    run("SET CONSTRAINTS parties_merge_undone_by_same_tenant IMMEDIATE")
    undoer = worlds.zenith.owner.pk
    run("UPDATE parties_merge SET undone_at = now(), undone_by_id = %s", undoer)


def foreign_pair(worlds: Worlds) -> None:
    """A pair with a customer from next door; the walk-in customer's id is below theirs."""
    run("SET CONSTRAINTS parties_distinct_other_same_tenant IMMEDIATE")
    pair, first = apps.get_model("parties.Distinct"), some(CUSTOMER, models.Q(is_walk_in=True))
    copied(pair, some(pair), one_id=first.pk, other_id=worlds.zenith.customer.pk)


CONTACT = apps.get_model("parties.Contact")
MAIL_HOURS = apps.get_model("activity.MailHours")
FEEDBACK = apps.get_model("parties.Feedback")
PLACE, PRODUCT = apps.get_model("places.Place"), apps.get_model("catalog.Product")
TAX = apps.get_model("catalog.TaxRate")
SUPPLIER = apps.get_model("parties.Supplier")
BATCH, MOVEMENT = apps.get_model("stock.Batch"), apps.get_model("stock.Movement")
RESERVATION, TRANSFER = apps.get_model("stock.Reservation"), apps.get_model("stock.Transfer")
TRANSFER_LINE, ADJUSTMENT = apps.get_model("stock.TransferLine"), apps.get_model("stock.Adjustment")
COUNT_LINE = apps.get_model("stock.CountLine")
STOCK_REQUEST, STOCK_ALERT = (
    apps.get_model("stock.StockRequest"),
    apps.get_model("stock.StockAlert"),
)
ORDER, ORDER_LINE = (
    apps.get_model("purchasing.PurchaseOrder"),
    apps.get_model("purchasing.OrderLine"),
)
GOODS, GOODS_LINE = (
    apps.get_model("purchasing.GoodsReceipt"),
    apps.get_model("purchasing.ReceiptLine"),
)
BILLED = apps.get_model("purchasing.BilledReceipt")
BILL, BILL_PAYMENT = (
    apps.get_model("purchasing.SupplierBill"),
    apps.get_model("purchasing.BillPayment"),
)


def other_batch() -> Any:
    """A batch of a product that nothing else speaks of."""
    return BATCH.objects.get(product__sku="WORLD-2").pk


def other_product(_worlds: Worlds) -> Any:
    """A product that nothing but its batch speaks of."""
    return PRODUCT.objects.get(sku="WORLD-2").pk


def foreign_product(worlds: Worlds) -> Any:
    """What the batch next door is of."""
    with tenant_context(worlds.zenith.organization.pk):
        return some(BATCH).product_id


def sold_to_another(_worlds: Worlds) -> None:
    """Goods that a basket keeps, sold past it."""
    kept = some(RESERVATION, models.Q(state="active"))
    lies = apps.get_model("stock.Balance").objects.get(batch=kept.batch_id, place=kept.place_id)
    copied(MOVEMENT, some(MOVEMENT), kind="sale", quantity=-lies.on_hand, value=-lies.value)


def recovered_a_note(_worlds: Worlds) -> None:
    """A recovery of what was given up by a credit note, told on its invoice too."""
    note = some(Credit, models.Q(kind="note"))
    words = {"kind": "recovery", "number": "", "amount": -1, "tax": 0, "cause_id": None}
    copied(Credit, note, keeping=["number", "cause"], **words)
    run("UPDATE invoicing_invoice SET credited = credited - 1 WHERE id = %s", note.invoice_id)


def unbilled(_worlds: Worlds) -> Any:
    """A receipt whose bill has not come."""
    return GOODS.objects.exclude(pk__in=BILLED.objects.values("receipt")).first().pk


def fulfilled_request(_worlds: Worlds) -> Any:
    """A request that was fulfilled, asked for otherwise."""
    done = some(STOCK_REQUEST)
    way = some(TRANSFER).pk
    STOCK_REQUEST._base_manager.filter(pk=done.pk).update(
        state="fulfilled", transfer=way, assigned_by=done.requested_by_id
    )
    run("UPDATE stock_stockrequest SET notes = 'more' WHERE id = %s", done.pk)


def line_of_an_assigned_request(_worlds: Worlds) -> Any:
    """A line of a request that somebody works on."""
    row = some(STOCK_REQUEST)
    STOCK_REQUEST._base_manager.filter(pk=row.pk).update(
        state="assigned", transfer=some(TRANSFER).pk, assigned_by=row.requested_by_id
    )
    run("UPDATE stock_stockrequestline SET quantity = 99 WHERE request_id = %s", row.pk)


def unmoved(_worlds: Worlds) -> None:
    """Goods that come without lying there afterwards."""
    row = some(MOVEMENT)
    lies = apps.get_model("stock.Balance").objects.filter(batch=row.batch_id, place=row.place_id)
    before = lies.get().on_hand
    copied(MOVEMENT, row)
    if lies.get().on_hand != before:
        raise Kept("movement_moves_its_balance")


BY_HAND: dict[str, Attack] = {
    "job_ends_one_way": job_both_ways,
    "job_lease_is_whole": half_lease,
    "organization_name_not_empty": Update(
        "UPDATE tenancy_organization SET name = '' WHERE id = %s", lambda w: w.acme.organization
    ),
    "organization_fiscal_month_in_year": Update(
        "UPDATE tenancy_organization SET fiscal_year_start_month = 13 WHERE id = %s",
        lambda w: w.acme.organization,
    ),
    "organization_currency_is_iso": Update(
        "UPDATE tenancy_organization SET currency = 'usd' WHERE id = %s",
        lambda w: w.acme.organization,
    ),
    "organization_one_platform": two_platforms,
    "counter_not_negative": Insert(apps.get_model("tenancy.Counter"), {"last": -1}),
    "user_email_lower_case": user_in_capitals,
    "known_device_unique": second_device,
    "security_event_append_only": young_security_event_deleted,
    "notification_preference_mail_known": Insert(
        apps.get_model("activity.NotificationPreference"), {"by_mail": "often"}
    ),
    "mail_hours_digest_in_a_day": Insert(MAIL_HOURS, {"digest_hour": 24}),
    "mail_hours_quiet_has_two_ends": Insert(MAIL_HOURS, {"quiet_from": None}),
    "member_one_organization_per_user": second_membership,
    "member_deactivated_has_a_date": Update(
        "UPDATE identity_member SET active = false WHERE id = %s", lambda w: w.acme.seller
    ),
    "member_organization_keeps_an_owner": no_owner,
    "invitation_email_lower_case": Insert(
        apps.get_model("identity.Invitation"), {"email": "UPPER@x.test"}
    ),
    "customer_name_not_empty": Insert(apps.get_model("parties.Customer"), {"name": ""}),
    "customer_walk_in_once": Insert(CUSTOMER, {}, models.Q(is_walk_in=True)),
    "customer_walk_in_pays_at_once": lambda _: run(
        "UPDATE parties_customer SET credit_limit = 5 WHERE is_walk_in"
    ),
    "customer_credit_limit_not_negative": Update(
        "UPDATE parties_customer SET credit_limit = -1 WHERE id = %s", lambda w: w.acme.customer
    ),
    "customer_block_has_a_reason": Update(
        "UPDATE parties_customer SET credit_blocked = true WHERE id = %s",
        lambda w: w.acme.customer,
    ),
    "customer_merged_is_inactive": lambda _: run(
        "UPDATE parties_customer SET active = true WHERE merged_into_id IS NOT NULL"
    ),
    "customer_merge_is_flat": Update(
        "UPDATE parties_customer SET merged_into_id = id, active = false WHERE id = %s",
        lambda w: w.acme.customer,
    ),
    "contact_email_unique": Insert(
        CONTACT, {"email": "rosa@x.test", "is_primary": False, "is_billing": False}
    ),
    "contact_one_primary": Insert(CONTACT, {"email": "", "is_billing": False}),
    "contact_one_billing": Insert(CONTACT, {"email": "", "is_primary": False}),
    "contact_has_a_name": Insert(
        CONTACT, {"first_name": "", "email": "", "is_primary": False, "is_billing": False}
    ),
    "address_not_empty": Insert(
        apps.get_model("parties.Address"), {"line1": "", "is_default": False}
    ),
    "tag_colour_is_one_of_ours": Insert(apps.get_model("parties.Tag"), {"colour": "beige"}),
    "note_not_empty": Insert(apps.get_model("parties.Note"), {"text": ""}),
    "feedback_answer_has_a_score": Insert(FEEDBACK, {"score": ""}),
    "feedback_answered_once": lambda _: run(
        "UPDATE parties_feedback SET score = 'neutral' WHERE answered_at IS NOT NULL"
    ),
    "merge_of_two": lambda _: run("UPDATE parties_merge SET merged_id = kept_id"),
    "merge_undone_by_somebody": lambda _: run("UPDATE parties_merge SET undone_at = now()"),
    "parties_merge_undone_by_same_tenant": foreign_undoer,
    "parties_distinct_other_same_tenant": foreign_pair,
    "distinct_pair_in_order": lambda _: run(
        "UPDATE parties_distinct SET one_id = other_id, other_id = one_id"
    ),
    "customer_import_counts_at_its_end": lambda _: run(
        "UPDATE parties_customerimport SET added = 1"
    ),
    "account_code_readable": Insert(Account, {"code": "a b"}),
    "account_has_a_name": Insert(Account, {"name": ""}),
    "account_cash_is_held": Insert(Account, {"cash_flow": "cash"}, models.Q(kind="expense")),
    "account_tax_is_owed": Insert(Account, {"tax": "input"}, models.Q(kind="expense")),
    "account_in_the_tree": under_itself,
    "posting_rule_account_fits": sales_into_cash,
    "fiscal_year_in_order": Insert(FiscalYear, {"ends_on": NOON.date().replace(year=2001)}),
    "fiscal_year_closing_has_a_moment": lambda _: run(
        "UPDATE bookkeeping_fiscalyear SET closed_at = NULL"
    ),
    "bookkeeping_fiscalyear_closing_same_tenant": foreign_closing,
    "bookkeeping_draftentry_entry_same_tenant": foreign_entry,
    "period_within_its_rules": lambda _: run(
        "UPDATE bookkeeping_period SET status = 'open' WHERE name = '2025-01'"
    ),
    "reopening_says_why": Insert(Reopening, {"reason": ""}, models.Q(granted=True)),
    "reopening_not_decided_by_asker": lambda _: run(
        "UPDATE bookkeeping_reopening SET decided_by_id = asked_by_id WHERE granted"
    ),
    "reopening_decision_is_complete": lambda _: run(
        "UPDATE bookkeeping_reopening SET decided_at = NULL WHERE granted"
    ),
    "draft_says_what": Insert(DraftEntry, {"description": ""}),
    "draft_rate_positive": Insert(DraftEntry, {"rate": 0}),
    "draft_not_approved_by_its_writer": lambda w: copied(
        DraftEntry,
        some(DraftEntry, models.Q(state="posted")),
        decided_by_id=w.acme.owner.pk,
        submitted_by_id=w.acme.owner.pk,
    ),
    "draft_posted_has_its_entry": Insert(DraftEntry, {"state": "posted", "submitted_at": NOON}),
    "draft_handed_in_has_a_moment": Insert(DraftEntry, {"state": "submitted"}),
    "draft_posted_is_fixed": lambda _: run(
        "UPDATE bookkeeping_draftentry SET description = 'x' WHERE state = 'posted'"
    ),
    "draft_line_not_zero": Insert(DraftLine, {"amount": 0}),
    "draft_line_is_fixed": lambda _: run(
        "UPDATE bookkeeping_draftline l SET memo = 'x' FROM bookkeeping_draftentry d "
        "WHERE d.id = l.draft_id AND d.state = 'submitted'"
    ),
    "recurring_not_approved_by_its_maker": lambda _: run(
        "UPDATE bookkeeping_recurring SET approved_by_id = made_by_id"
    ),
    "recurring_ends_after_it_starts": lambda _: run(
        "UPDATE bookkeeping_recurring SET ends_on = '2001-01-01'"
    ),
    "rate_positive": Insert(Rate, {"rate": 0}),
    "rate_currency_is_iso": Insert(Rate, {"currency": "e"}),
    "period_in_order": Insert(Period, {"ends_on": NOON.date().replace(year=2001)}),
    "entry_has_two_lines": lambda w: make_entry(w, line_count=1),
    "entry_total_positive": lambda w: make_entry(w, total=Decimal(0)),
    "entry_balanced": unbalanced,
    "entry_in_open_period": entry_in_closed_month,
    "entry_reversed_once": reversed_twice,
    "line_with_its_entry": late_line,
    "line_on_active_leaf": line_on_heading,
    "line_not_zero": zero_line,
    "line_same_side_in_both_currencies": two_sided_line,
    "line_position_unique": same_place,
    "invoice_total_is_net_and_tax": Insert(Invoice, {"total": Decimal(10_000)}, INVOICE),
    "invoice_paid_within_total": Insert(Invoice, {"paid": Decimal(10_000)}, INVOICE),
    "invoice_due_after_date": Insert(
        Invoice, {"due_date": NOON.date().replace(year=2001)}, INVOICE
    ),
    "invoice_issued_has_number_and_moment": Insert(Invoice, {"issued_at": None}, INVOICE),
    "invoice_review_has_a_reason": Update(
        "UPDATE invoicing_invoice SET billing = 'review' WHERE id = %s", lambda w: w.acme.unpaid
    ),
    "invoice_issued_is_frozen": Update(
        "UPDATE invoicing_invoice SET invoice_date = '2026-11-01' WHERE id = %s",
        lambda w: w.acme.unpaid,
    ),
    "invoice_adds_up": wrong_totals,
    "invoice_line_quantity_positive": Insert(InvoiceLine, {"quantity": 0, "position": 1}),
    "invoice_line_not_negative": Insert(InvoiceLine, {"unit_price": -1, "position": 1}),
    "invoice_line_is_frozen": lambda w: run(
        "UPDATE invoicing_invoiceline SET description = 'x' WHERE invoice_id = %s", w.acme.unpaid.pk
    ),
    "payment_amount_positive": Insert(Payment, {"amount": 0}, models.Q(status="pending")),
    "payment_not_decided_by_recorder": lambda w: run(
        "UPDATE payments_payment SET status = 'denied', decided_by_id = recorded_by_id, "
        "decided_at = now() WHERE id = %s",
        w.acme.waiting.pk,
    ),
    "payment_decision_is_complete": Update(
        "UPDATE payments_payment SET status = 'denied' WHERE id = %s", lambda w: w.acme.waiting
    ),
    "payment_verified_within_amount": Insert(
        Payment, {"verified_amount": 10_000}, models.Q(status="verified")
    ),
    "payment_claim_has_an_end": Insert(
        Payment, {"claimed_until": None}, models.Q(claimed_by__isnull=False)
    ),
    "payment_cheque_has_a_number": Insert(
        Payment, {"cheque_number": "12"}, models.Q(method="cheque")
    ),
    "payment_decided_is_frozen": Update(
        "UPDATE payments_payment SET amount = 1 WHERE id = %s", lambda w: w.acme.denied
    ),
    "allocation_amount_positive": Insert(Allocation, {"amount": 0}),
    "allocation_decided_is_frozen": allocation_after_decision,
    "allocation_within_payment": more_than_paid,
    "allocation_settles_its_invoice": allocated_in_secret,
    "payment_settles_its_invoices": slipped_in,
    "invoice_paid_is_verified_allocations": untrue_paid,
    "decision_denial_has_a_reason": Insert(
        Decision, {"reason": "", "kind": "deny"}, models.Q(kind="ask")
    ),
    "decision_says_why": Insert(Decision, {"remarks": "", "kind": "ask"}, models.Q(kind="ask")),
    "project_name_not_empty": Insert(Project, {"name": ""}),
    "project_ends_after_it_starts": Insert(
        Project, {"starts_on": NOON.date(), "ends_on": NOON.date().replace(year=2001)}
    ),
    "deal_name_not_empty": Insert(Deal, {"name": ""}),
    "deal_value_in_range": Insert(Deal, {"value": 0, "paid": 0}),
    "deal_cost_not_negative": Insert(Deal, {"cost": -1}),
    "deal_rate_in_range": Insert(Deal, {"rate": 10_001}),
    "deal_due_after_date": Insert(Deal, {"due_date": NOON.date().replace(year=2001)}),
    "deal_paid_within_value": Insert(Deal, {"paid": 10_000}),
    "deal_called_off_is_unpaid": Insert(Deal, {"cancelled_at": NOON}, models.Q(paid__gt=0)),
    "deal_follows_its_payments": Update(
        "UPDATE payments_payment SET status = 'withdrawn' WHERE id = %s", lambda w: w.acme.promised
    ),
    "deal_state_is_derived": Update(
        "UPDATE deals_deal SET status = 'rejected' WHERE id = %s", lambda w: w.acme.deal
    ),
    "deal_paid_is_its_invoices": deal_paid_by_hand,
    "deal_value_covers_claims": Update(
        "UPDATE deals_deal SET value = 350 WHERE id = %s", lambda w: w.acme.deal
    ),
    "deal_currency_is_its_payments": Update(
        "UPDATE deals_deal SET currency = 'XAF' WHERE id = %s", lambda w: w.acme.deal
    ),
    "payment_of_a_living_deal": customer_changed,
    "invoice_within_its_deal": more_than_the_deal,
    "invoice_of_a_deal_names_it": Insert(Invoice, {"origin": "deal"}, INVOICE),
    "invoice_rate_positive": Insert(Invoice, {"rate": 0}, INVOICE),
    "invoice_credited_is_its_credits": Update(
        "UPDATE invoicing_invoice SET credited = credited + 1 WHERE id = %s",
        lambda w: w.acme.unpaid,
    ),
    "credit_reduces_its_invoice": Insert(Credit, {}),
    "credit_amount_positive": Insert(Credit, {"amount": 0}),
    "followup_promise_is_whole": Insert(FollowUp, {"outcome": "promised"}),
    "followup_escalation_names_somebody": Insert(FollowUp, {"outcome": "escalated"}),
    "followup_visit_has_a_place": Insert(FollowUp, {"channel": "visit"}),
    "alert_escalation_is_somebodys": Insert(Alert, {"kind": "escalated", "assigned_to_id": None}),
    "alert_resolver_has_a_moment": Update(
        "UPDATE followups_alert SET resolved_by_id = assigned_to_id WHERE id = %s",
        lambda _: some(Alert),
    ),
    "credit_note_has_a_number": Insert(Credit, {"number": ""}, models.Q(kind="note")),
    "credit_says_why": Insert(Credit, {"reason": ""}),
    "reminder_by_hand_has_a_sender": Insert(receivables.Reminder, {"by_id": None, "step": None}),
    "collection_says_why": Insert(
        receivables.Collection, {"notes": "", "closed_at": NOON, "closed_by_id": owner}
    ),
    "collection_end_is_complete": Insert(
        receivables.Collection, {"closed_at": NOON, "closed_by_id": None}
    ),
    "write_off_amount_positive": Insert(receivables.WriteOff, {"amount": 0}),
    "write_off_says_why": Insert(receivables.WriteOff, {"reason": ""}, GRANTED),
    "write_off_decided_by_another": Insert(
        receivables.WriteOff, {"decided_by_id": seller}, GRANTED
    ),
    "write_off_decision_is_complete": Insert(receivables.WriteOff, {"decided_at": None}, GRANTED),
    "recovered_within_written_off": recovered_a_note,
    "reminder_text_names_the_claim": Insert(
        receivables.ReminderText, {"body": "Pay, please.", "tone": "last"}
    ),
    "write_off_decided_once": Update(
        "UPDATE receivables_writeoff SET remarks = 'Other' WHERE id = %s",
        lambda _: some(receivables.WriteOff, GRANTED),
    ),
    "override_of_a_rule_that_may": Insert(CreditOverride, {"rule": "inactive"}),
    "override_says_why": Insert(CreditOverride, {"reason": ""}),
    "override_amount_not_negative": Insert(CreditOverride, {"amount": -1}),
    "payment_rate_positive": Insert(Payment, {"rate": 0}, PENDING_CASH),
    "payment_only_cheques_have_a_cheque_state": Insert(
        Payment, {"cheque_state": "received"}, PENDING_CASH
    ),
    "payment_second_verifier_is_another": Insert(Payment, {"status": "checked"}, PENDING_CASH),
    "payment_reversed_within_verified": Insert(Payment, {"reversed_amount": 1}, PENDING_CASH),
    "payment_only_cheques_bounce": bounced_transfer,
    "payment_keeps_what_it_pays": Update(
        "UPDATE payments_payment SET reversed_amount = reversed_amount + 1 WHERE id = %s",
        lambda w: w.acme.paid_in,
    ),
    "payment_reversals_add_up": gone_back_in_secret,
    "payment_reversed_is_its_reversals": Insert(Reversal, {"amount": 1}),
    "allocation_reversed_within_amount": Insert(Allocation, {"reversed": 10_000}),
    "allocation_reversed_is_its_shares": shared_twice,
    "allocation_shares_add_up": taken_in_secret,
    "reversal_amount_positive": Insert(Reversal, {"amount": 0}),
    "reversal_says_why": Insert(Reversal, {"reason": ""}),
    "reversal_decision_is_complete": Insert(Reversal, {"decided_at": None}),
    "reversal_refund_approved_by_another": Insert(
        Reversal, {"requested_by_id": lambda w: w.acme.owner.pk}
    ),
    "reversal_decided_is_frozen": Update(
        "UPDATE payments_reversal SET remarks = 'x' WHERE id = %s", lambda w: w.acme.refund
    ),
    "reversal_share_positive": Insert(ReversalShare, {"amount": 0}),
    "verification_policy_threshold_not_negative": Insert(VerificationPolicy, {"second_above": -1}),
    "verification_policy_only_cash_is_counted": Insert(VerificationPolicy, {"way": "till_close"}),
    "audit_event_sealed": unsealed,
    "search_parties_customer": unsearchable("parties_customer", lambda w: w.acme.customer, "name"),
    "search_invoicing_invoice": unsearchable(
        "invoicing_invoice", lambda w: w.acme.unpaid, "number"
    ),
    "search_deals_deal": unsearchable("deals_deal", lambda w: w.acme.deal, "name"),
    "search_payments_payment": unsearchable(
        "payments_payment", lambda w: w.acme.waiting, "reference"
    ),
    "search_catalog_product": unsearchable(
        "catalog_product", lambda _: some(apps.get_model("catalog.Product")), "name"
    ),
    "search_parties_supplier": unsearchable(
        "parties_supplier", lambda _: some(apps.get_model("parties.Supplier")), "name"
    ),
}
# What selling earns. Copies lie in other years, because two promises for the same days are refused first.
RULE, OVERRIDE, SALE, SHARE = (
    apps.get_model(f"incentives.{name}")
    for name in ("CommissionRule", "TeamOverride", "SalesMoney", "Split")
)
COMMISSION, COMMISSION_LINE, DISPUTE, PAYOUT = (
    apps.get_model(f"incentives.{name}")
    for name in ("Commission", "CommissionLine", "Dispute", "Payout")
)
GOAL, SKIP, STREAK, CALENDAR = (
    apps.get_model(f"incentives.{name}")
    for name in ("Goal", "GoalSkip", "StreakDay", "WorkCalendar")
)
ELSEWHEN = {
    "starts_on": NOON.date().replace(year=2031, day=1),
    "ends_on": NOON.date().replace(year=2031, day=30),
}
UPHELD = models.Q(state="upheld")


def elsewhen(model: Any, **changes: Any) -> Insert:
    """A copy that holds in other years."""
    return Insert(model, {**ELSEWHEN, **changes})


def foreign(model: Any, name: str, **changes: Any) -> Attack:
    """A copy that refers to a row of the organization next door."""

    def attack(worlds: Worlds) -> None:
        field = model._meta.get_field(name)
        with tenant_context(worlds.zenith.organization.pk):
            stranger = some(field.related_model).pk
        run(f"SET CONSTRAINTS {model._meta.db_table}_{name}_same_tenant IMMEDIATE")
        given = {key: value(worlds) if callable(value) else value for key, value in changes.items()}
        copied(model, some(model), **{**given, field.attname: stranger})

    return attack


def moved_out(model: Any) -> Attack:
    """A row moved next door, in other years."""

    def attack(worlds: Worlds) -> None:
        copied(model, some(model), organization_id=worlds.zenith.organization.pk, **ELSEWHEN)

    return attack


def foreign_approver(worlds: Worlds) -> None:
    with tenant_context(worlds.zenith.organization.pk):
        stranger = worlds.zenith.owner.pk
    run("SET CONSTRAINTS incentives_commission_approved_by_same_tenant IMMEDIATE")
    run(
        "UPDATE incentives_commission SET state = 'approved', number = 'X', approved_at = now(), "
        "approved_by_id = %s WHERE id = %s",
        stranger,
        some(COMMISSION).pk,
    )


def foreign_sale(name: str) -> Attack:
    """Money of another organization's sale, of an allocation that nothing counts yet."""
    unverified = models.Q(payment__status="pending")
    return foreign(
        SALE,
        name,
        allocation_id=lambda _: some(Allocation, unverified).pk,
        reversal_id=None,
        kind="verified",
        amount=1,
        home=1,
    )


def wrong_shares(worlds: Worlds) -> None:
    SHARE.objects.filter(percent=60).update(percent=50)


def earned_by_hand(worlds: Worlds) -> None:
    COMMISSION.objects.filter(pk=some(COMMISSION).pk).update(earned=10_000)


def line_by_hand(worlds: Worlds) -> None:
    COMMISSION_LINE.objects.filter(commission__state="draft").update(amount=10_000)


def paid_to_oneself(worlds: Worlds) -> None:
    row = COMMISSION.objects.get(state="paid")
    waiting = COMMISSION.objects.filter(state="disputed").get()
    copied(PAYOUT, PAYOUT.objects.get(commission=row), commission_id=waiting.pk)


def second_number(worlds: Worlds) -> None:
    row = some(COMMISSION, models.Q(state="paid"))
    copied(COMMISSION, row, number=row.number, **ELSEWHEN)


def second_goal(worlds: Worlds) -> None:
    row = some(GOAL, models.Q(member__isnull=True, team__isnull=True))
    copied(GOAL, row, keeping={"team", "member", "starts_on", "ends_on"})


def bonus_for_nothing(worlds: Worlds) -> None:
    row = some(COMMISSION)
    more = {"bonus": 1, "total": row.total + 1, "receivable": row.receivable + 1}
    copied(COMMISSION, row, number="", **more, **ELSEWHEN)


def changed_promise(worlds: Worlds) -> None:
    RULE.objects.update(rate=99)


def changed_commission(worlds: Worlds) -> None:
    COMMISSION.objects.filter(state="approved").update(bonus=99, total=99, receivable=99)


def eighth_day(worlds: Worlds) -> None:
    CALENDAR.objects.update(week=[7])


BY_HAND |= {
    "sales_money_sign_fits_kind": Insert(
        SALE, {"amount": 1, "home": 1}, models.Q(reversal__isnull=False)
    ),
    **{
        f"incentives_salesmoney_{name}_same_tenant": foreign_sale(name)
        for name in ("payment", "invoice", "deal", "member")
    },
    "commission_rule_has_a_name": elsewhen(RULE, name=""),
    "commission_rule_has_one_target": elsewhen(
        RULE, role_id=lambda w: w.acme.seller.role_id, member_id=lambda w: w.acme.seller.pk
    ),
    "commission_rule_in_order": elsewhen(RULE, ends_on=NOON.date()),
    "commission_rule_rate_in_range": elsewhen(RULE, rate=101),
    "commission_rule_exchange_in_range": elsewhen(RULE, exchange_rate=0),
    "commission_rule_cap_positive": elsewhen(RULE, cap=0),
    "commission_rules_apart": Insert(RULE, {}),
    "commission_rule_is_frozen": changed_promise,
    "incentives_commissionrule_row_security": moved_out(RULE),
    **{
        f"incentives_commissionrule_{name}_same_tenant": foreign(RULE, name, **ELSEWHEN)
        for name in ("role", "member", "created_by")
    },
    "split_in_range": Insert(SHARE, {"percent": 0, "member_id": lambda w: w.acme.checker.pk}),
    "split_adds_up": wrong_shares,
    "override_in_range": elsewhen(OVERRIDE, percent=0),
    "override_in_order": elsewhen(OVERRIDE, ends_on=NOON.date()),
    "overrides_apart": Insert(OVERRIDE, {}),
    "incentives_teamoverride_row_security": moved_out(OVERRIDE),
    "commission_in_order": elsewhen(COMMISSION, ends_on=NOON.date(), number=""),
    "commission_rate_in_range": elsewhen(COMMISSION, rate=101, number=""),
    "commission_exchange_in_range": elsewhen(COMMISSION, exchange_rate=0, number=""),
    "commission_bonus_and_penalty_say_why": bonus_for_nothing,
    "commission_adds_up": elsewhen(COMMISSION, receivable=10_000, number=""),
    "commission_approval_is_complete": elsewhen(COMMISSION, approved_at=NOON, number=""),
    "commission_not_approved_by_earner": elsewhen(
        COMMISSION,
        state="approved",
        number="X",
        approved_at=NOON,
        approved_by_id=lambda w: w.acme.seller.pk,
    ),
    "commission_periods_apart": Insert(COMMISSION, {}),
    "commission_number_unique": second_number,
    "commission_approved_is_frozen": changed_commission,
    "commission_is_its_lines": earned_by_hand,
    "incentives_commission_row_security": moved_out(COMMISSION),
    "incentives_commission_approved_by_same_tenant": foreign_approver,
    "dispute_says_why": Insert(DISPUTE, {"reason": ""}, UPHELD),
    "dispute_decision_is_complete": Insert(DISPUTE, {"answer": ""}, UPHELD),
    "dispute_decided_by_another": Insert(
        DISPUTE, {"resolved_by_id": lambda w: w.acme.seller.pk}, UPHELD
    ),
    "commission_line_says_what_earned_it": Insert(
        COMMISSION_LINE, {"payment_id": None}, models.Q(kind="sale")
    ),
    "commission_line_is_frozen": Insert(
        COMMISSION_LINE,
        {"commission_id": lambda _: some(COMMISSION, models.Q(state="paid")).pk},
        models.Q(kind="sale"),
    ),
    "commission_lines_add_up": line_by_hand,
    "followups_followup_escalated_to_same_tenant": foreign(
        FollowUp, "escalated_to", outcome="escalated"
    ),
    "followups_alert_resolved_by_same_tenant": foreign(Alert, "resolved_by", resolved_at=NOON),
    **{
        f"receivables_writeoff_{name}_same_tenant": foreign(receivables.WriteOff, name)
        for name in ("invoice", "requested_by", "decided_by", "credit")
    },
    "receivables_collection_closed_by_same_tenant": foreign(
        receivables.Collection, "closed_by", closed_at=NOON
    ),
    "incentives_payout_by_same_tenant": foreign(
        PAYOUT, "by", commission_id=lambda _: some(COMMISSION).pk
    ),
    "payout_amount_positive": Insert(
        PAYOUT, {"amount": 0, "commission_id": lambda _: some(COMMISSION).pk}
    ),
    "payout_is_what_was_approved": paid_to_oneself,
    "goal_once_per_period": second_goal,
    "goal_has_one_subject": Insert(
        GOAL,
        {"team_id": lambda _: some(apps.get_model("identity.Team")).pk},
        models.Q(member__isnull=False),
    ),
    "goal_in_order": Insert(GOAL, {"ends_on": NOON.date().replace(year=2001)}),
    "goal_target_positive": Insert(GOAL, {"target": 0}),
    "goal_skipped_twice_at_most": Insert(SKIP, {"number": 3}),
    "streak_in_half_stars": Insert(STREAK, {"streak": Decimal("5.5")}),
    "streak_success_has_a_deal": Insert(STREAK, {"outcome": "success", "deals_closed": 0}),
    "work_calendar_has_days": eighth_day,
    "place_has_name_and_code": Insert(PLACE, {"name": ""}),
    "category_not_below_itself": lambda _: run(
        "UPDATE catalog_category SET parent_id = id WHERE parent_id IS NULL"
    ),
    "supplier_has_name_and_code": Insert(SUPPLIER, {"name": ""}),
    "supplier_currency_is_iso": Insert(SUPPLIER, {"currency": "usd"}),
    "supplier_smallest_order_not_negative": Insert(SUPPLIER, {"minimum_order": -1}),
    "category_name_not_empty": Insert(apps.get_model("catalog.Category"), {"name": ""}),
    "unit_at_most_three_decimals": Insert(apps.get_model("catalog.Unit"), {"decimals": 4}),
    "tax_rate_in_range": Insert(TAX, {"rate": 101}),
    "tax_rate_ends_after_it_starts": Insert(TAX, {"ends_on": NOON.date().replace(year=2001)}),
    "product_has_name_and_sku": Insert(PRODUCT, {"name": ""}),
    "product_reorder_not_negative": Insert(PRODUCT, {"reorder_point": -1}),
    "product_picture_in_two_sizes": Insert(
        PRODUCT, {"thumbnail": None}, models.Q(thumbnail__isnull=False)
    ),
    "pack_holds_something": Insert(apps.get_model("catalog.Pack"), {"quantity": 0}),
    "barcode_not_empty": Insert(apps.get_model("catalog.Barcode"), {"code": ""}),
    "price_list_ends_after_it_starts": Insert(
        apps.get_model("catalog.PriceList"),
        {"starts_on": NOON.date(), "ends_on": NOON.date().replace(year=2001)},
    ),
    "price_in_range": Insert(apps.get_model("catalog.Price"), {"amount": -1}),
    "batch_cost_not_negative": Insert(BATCH, {"unit_cost": -1}),
    "batch_price_not_negative": Insert(BATCH, {"retail_price": -1}),
    "batch_is_frozen": lambda _: run("UPDATE stock_batch SET unit_cost = unit_cost + 1"),
    "movement_of_something": Insert(MOVEMENT, {"quantity": 0}),
    "movement_worth_goes_with_goods": Insert(MOVEMENT, {"value": -1}),
    "movement_sale_takes": Insert(MOVEMENT, {"kind": "sale"}),
    "movement_return_brings": Insert(
        MOVEMENT, {"kind": "sale_return", "quantity": -1, "value": -1}
    ),
    "movement_names_its_product": Insert(MOVEMENT, {"product_id": other_product}),
    "movement_of_fresh_goods": Insert(
        MOVEMENT,
        {"kind": "sale", "quantity": -1, "value": -1, "on_date": NOON.date().replace(2030)},
    ),
    "movement_intake_is_locked": Insert(MOVEMENT, {"kind": "intake"}),
    "movement_transfer_loses_nothing": Insert(MOVEMENT, {"kind": "arrival"}),
    "movement_moves_its_balance": unmoved,
    "movement_spares_what_is_kept": sold_to_another,
    "stock_movement_batch_same_tenant": foreign(MOVEMENT, "batch", product_id=foreign_product),
    "stock_movement_row_security": lambda w: copied(
        MOVEMENT, some(MOVEMENT), organization_id=w.zenith.organization.pk
    ),
    "stock_not_below_zero": Insert(MOVEMENT, {"quantity": -9_999, "value": 0}),
    "stock_worth_follows_goods": Insert(MOVEMENT, {"quantity": -1, "value": -9_999}),
    "reservation_of_something": Insert(RESERVATION, {"quantity": 0}),
    "reservation_ends_after_it_begins": Insert(RESERVATION, {"expires_at": NOON}),
    "reservation_within_stock": Insert(RESERVATION, {"quantity": 9_999, "state": "active"}),
    "reservation_names_its_product": Insert(RESERVATION, {"product_id": other_product}),
    "reservation_of_fresh_goods": Insert(
        RESERVATION,
        {"state": "active", "on_date": NOON.date().replace(2030)},
        models.Q(batch__expires_on__isnull=False),
    ),
    "stock_reservation_batch_same_tenant": foreign(
        RESERVATION, "batch", product_id=foreign_product
    ),
    "transfer_between_two_places": lambda _: run(
        "UPDATE stock_transfer SET destination_id = origin_id"
    ),
    "transfer_refused_with_a_reason": Insert(TRANSFER, {"state": "cancelled"}),
    "transfer_sent_when_approved": Insert(TRANSFER, {"state": "approved"}),
    "transfer_received_when_sent": Insert(
        TRANSFER, {"dispatched_at": None}, models.Q(state="dispatched")
    ),
    "transfer_received_by_somebody": Insert(
        TRANSFER, {"state": "received"}, models.Q(state="dispatched")
    ),
    "transfer_line_of_something": Insert(
        TRANSFER_LINE, {"requested": 0, "product_id": other_product}
    ),
    "transfer_line_not_negative": Insert(
        TRANSFER_LINE, {"approved": -1, "product_id": other_product}
    ),
    "transfer_line_received_within_sent": Insert(
        TRANSFER_LINE,
        {"received": 9_999, "product_id": other_product},
        models.Q(dispatched__isnull=False),
    ),
    "stock_request_cancelled_with_a_reason": Insert(STOCK_REQUEST, {"state": "cancelled"}),
    "stock_request_assigned_has_a_transfer": Insert(STOCK_REQUEST, {"state": "assigned"}),
    "stock_request_set_by_hand_with_a_reason": lambda _: run(
        "UPDATE stock_stockrequest SET overridden_at = now(), overridden_by_id = requested_by_id, "
        "reason = ''"
    ),
    "stock_stockrequest_overridden_by_same_tenant": foreign(
        STOCK_REQUEST, "overridden_by", overridden_at=NOON, reason="Bought next door"
    ),
    "stock_request_fulfilled_is_frozen": fulfilled_request,
    "stock_request_line_of_something": lambda _: run(
        "UPDATE stock_stockrequestline SET quantity = 0"
    ),
    "stock_request_line_of_a_new_one": line_of_an_assigned_request,
    "stock_week_of_seven_days": Insert(
        apps.get_model("stock.StockWeek"), {"ends_on": NOON.date().replace(year=2030)}
    ),
    "stock_alert_names_its_batch": Insert(STOCK_ALERT, {"kind": "low"}, models.Q(kind="expiring")),
    "order_rate_positive": Insert(ORDER, {"rate": 0}),
    "order_ended_with_a_reason": Insert(ORDER, {"state": "cancelled"}),
    "order_sent_at_a_moment": Insert(ORDER, {"state": "sent"}),
    "order_line_of_something": Insert(ORDER_LINE, {"quantity": 0, "product_id": other_product}),
    "order_line_not_negative": Insert(ORDER_LINE, {"unit_price": -1, "product_id": other_product}),
    "order_line_sent_is_frozen": lambda _: run(
        "UPDATE purchasing_orderline SET quantity = quantity + 1 WHERE received > 0"
    ),
    "goods_receipt_not_negative": Insert(GOODS, {"charges": -1}),
    "goods_bought_of_somebody": Insert(GOODS, {"supplier_id": None}),
    "goods_line_of_something": Insert(GOODS_LINE, {"cost": -1, "position": 900}),
    "goods_line_damage_is_told": Insert(GOODS_LINE, {"damaged": 1, "position": 900}),
    "goods_line_has_its_batch": Insert(GOODS_LINE, {"batch_id": None, "position": 900}),
    "bill_total_is_net_and_tax": Insert(BILL, {"total": 10_000}),
    "bill_paid_within_total": Insert(BILL, {"paid": 10_000}),
    "bill_due_after_date": Insert(BILL, {"due_date": NOON.date().replace(year=2001)}),
    "bill_is_frozen": lambda _: run("UPDATE purchasing_supplierbill SET reference = 'x'"),
    "purchasing_billedreceipt_bill_same_tenant": foreign(BILLED, "bill", receipt_id=unbilled),
    "bill_void_is_complete": Insert(BILL, {"voided_at": NOON}),
    "bill_void_is_unpaid": Insert(
        BILL, {"voided_at": NOON, "voided_by_id": owner, "void_reason": "Twice"}, PART_PAID
    ),
    "bill_paid_is_its_payments": lambda _: run(
        "UPDATE purchasing_supplierbill SET paid = paid + 1 WHERE paid > 0"
    ),
    "bill_payment_pays_its_bill": Insert(BILL_PAYMENT, {}),
    "purchasing_supplierbill_voided_by_same_tenant": foreign(
        BILL, "voided_by", voided_at=NOON, void_reason="Twice", paid=0
    ),
    "receipt_is_billed_in_turn": Insert(BILLED, {"receipt_id": unbilled, "turn": 3}),
    "bill_payment_of_something": Insert(BILL_PAYMENT, {"amount": 0}),
    "adjustment_of_something": Insert(ADJUSTMENT, {"quantity": 0, "kind": "other"}),
    "adjustment_loss_takes": Insert(ADJUSTMENT, {"kind": "theft"}),
    "adjustment_find_brings": Insert(ADJUSTMENT, {"quantity": -1}),
    "adjustment_says_why": Insert(ADJUSTMENT, {"reason": ""}),
    "adjustment_decided_by_somebody": Insert(ADJUSTMENT, {"state": "rejected"}),
    "adjustment_approved_by_another": Insert(
        ADJUSTMENT,
        {"state": "rejected", "decided_at": NOON, "decided_by_id": lambda w: w.acme.seller.pk},
    ),
    "adjustment_decided_is_frozen": lambda _: run(
        "UPDATE stock_adjustment SET quantity = quantity + 1 WHERE state = 'completed'"
    ),
    "stock_adjustment_decided_by_same_tenant": foreign(
        ADJUSTMENT, "decided_by", state="rejected", decided_at=NOON
    ),
    "count_line_not_negative": Insert(
        COUNT_LINE, {"counted": -1, "batch_id": lambda _: other_batch()}
    ),
}
# What other rules a statement meets first, or as well, by the name of the rule attacked.
SAME_ANSWER = {
    "account_in_the_tree": "account_not_under_itself",
    "period_within_its_rules": "period_reopened_by_two",
    "member_one_organization_per_user": "identity_member_user_id_key",
    "allocation_settles_its_invoice": "invoice_paid_is_verified_allocations",
    "payment_settles_its_invoices": "invoice_paid_is_verified_allocations",
    "deal_state_is_derived": "deal_follows_its_payments",
    "deal_paid_is_its_invoices": "deal_follows_its_payments",
    "payment_of_a_living_deal": "deal_customer_is_its_payments",
    "invoice_within_its_deal": "deal_value_covers_claims",
    "credit_reduces_its_invoice": "invoice_credited_is_its_credits",
    "payment_keeps_what_it_pays": "allocation_within_payment",
    "bill_payment_pays_its_bill": "bill_paid_is_its_payments",
    "payment_reversals_add_up": "payment_reversed_is_its_reversals",
    "allocation_shares_add_up": "allocation_reversed_is_its_shares",
    "commission_lines_add_up": "commission_is_its_lines",
    "stock_movement_product_same_tenant": "movement_names_its_product",
    "stock_reservation_product_same_tenant": "reservation_names_its_product",
    **TILL_SAME_ANSWER,
}
BY_HAND |= TILL | FLOOR
# Rules about two transactions at once can't be broken by one.
NEEDS_TWO = {
    "period_waits_for_postings": (
        "tests/races/test_books.py",
        "test_nothing_is_posted_into_a_month_after_it_closed",
    ),
}
FAMILIES: dict[type, Callable[[Any, Any], Attack]] = {
    models.UniqueConstraint: attack_unique,
    SameTenant: attack_reference,
    AppendOnly: attack_history,
    WrittenByDatabase: attack_derived,
    RowSecurity: attack_tenant,
}


def attack_on(model: Any, rule: Any) -> Attack | None:
    """The attack on a rule, or None when nobody wrote one."""
    if rule.name in BY_HAND:
        return BY_HAND[rule.name]
    family = FAMILIES.get(type(rule))
    return family(model, rule) if family else None


def answer_to(attack: Attack, worlds: Worlds) -> str:
    """The name of the rule that refused an attack; empty when it went through. Nothing stays."""
    refused = ""
    try:
        with transaction.atomic():
            attack(worlds)
            run("SET CONSTRAINTS ALL IMMEDIATE")
            transaction.set_rollback(True)
    except Kept as kept:
        refused = str(kept)
    except DatabaseError as error:
        refused = name_of(error)
    run("SET CONSTRAINTS ALL DEFERRED")
    return refused


def name_of(error: DatabaseError) -> str:
    """What a refusal of the database is called."""
    cause: Any = error.__cause__
    if cause.sqlstate == "42501":
        return POLICY if "row-level security" in str(error) else RIGHTS
    return cause.diag.constraint_name or str(error)

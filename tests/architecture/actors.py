"""Who stands before an address, and which rows its ids name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client

from prs.kernel.activity.models import AuditEvent, Notification
from prs.kernel.db.ids import new_id
from prs.kernel.identity.models import (
    ApiKey,
    Department,
    Invitation,
    JobTitle,
    Member,
    Role,
    Team,
    User,
)
from prs.kernel.identity.seeds import role_seeds
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.models import StoredFile
from prs.ledgers.bookkeeping import selectors as books
from prs.ledgers.stock import selectors as stock
from prs.masterdata.catalog.models import (
    Barcode,
    Brand,
    Category,
    Pack,
    PriceList,
    Product,
    TaxRate,
    Unit,
)
from prs.masterdata.parties.models import Address, Contact, Customer, CustomerImport, Supplier
from prs.masterdata.places.models import Branch, Place
from prs.operations.followups.models import Alert
from prs.operations.fulfilment.models import Fulfilment
from prs.operations.incentives.models import Commission, CommissionRule, Goal, TeamOverride
from prs.operations.purchasing.models import GoodsReceipt, PurchaseOrder, SupplierBill
from prs.operations.receivables.models import Collection, WriteOff
from prs.operations.till.models import Return, Sale, SaleLine, Shift, Till
from tests.cast import NOON, PASSWORD, make_member
from tests.factories.world import World, Worlds

ID = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")
Subject = Callable[[World], Any]


def newest(rows: Any) -> Any:
    return rows.order_by("-pk").first()


# By the beginning of an address's name, the longest first: the row that its id is of.
SUBJECTS: dict[str, Subject] = {
    "account:end_session": lambda _: 1,
    "mfa_": lambda _: 1,
    "billing:answer": lambda w: w.asked,
    "billing:approve_write_off": lambda _w: WriteOff.objects.get(state="requested"),
    "billing:ask_write_off": lambda w: w.unpaid,
    "billing:bounce": lambda w: w.verified,
    "billing:charge_back": lambda w: w.verified,
    "billing:clear_cheque": lambda w: w.cheque,
    "billing:credit_invoice": lambda w: w.unpaid,
    "billing:customer_credit": lambda w: w.customer,
    "billing:deposit_cheque": lambda w: w.cheque,
    "billing:invoice": lambda w: w.unpaid,
    "billing:let_go": lambda _w: Collection.objects.get().invoice_id,
    "billing:pay_with_credit": lambda w: w.unpaid,
    "billing:payment": lambda w: w.waiting,
    "billing:proof": lambda w: w.verified,
    "billing:receipt": lambda w: w.verified,
    "billing:record_payment": lambda w: w.customer,
    "billing:recover": lambda w: w.unpaid,
    "billing:refuse_write_off": lambda _w: WriteOff.objects.get(state="requested"),
    "billing:remind": lambda w: w.unpaid,
    "billing:reminder_letter": lambda w: w.unpaid,
    "billing:request_refund": lambda w: w.verified,
    "billing:return_invoice": lambda w: w.imported,
    "billing:take_in_hand": lambda w: w.unpaid,
    "billing:withdraw": lambda w: w.waiting,
    "billing:write_off": lambda _w: WriteOff.objects.get(state="requested"),
    "books:account": lambda _: books.accounts().get(code="1000"),
    "books:edit_account": lambda _: books.accounts().get(code="1000"),
    "books:entry": lambda _: newest(books.entries()),
    "books:reverse": lambda _: newest(books.entries()),
    "books:draft": lambda _: newest(books.drafts().filter(file__isnull=False)),
    "books:edit_draft": lambda _: newest(books.drafts().filter(state="draft")),
    "books:submit_draft": lambda _: newest(books.drafts().filter(state="draft")),
    "books:discard_draft": lambda _: newest(books.drafts().filter(state="draft")),
    "books:copy_draft": lambda _: newest(books.drafts().filter(state="draft")),
    "books:approve_draft": lambda _: newest(books.waiting()),
    "books:return_draft": lambda _: newest(books.waiting()),
    "books:approve_recurring": lambda _: newest(books.recurring()),
    "books:switch_recurring": lambda _: newest(books.recurring()),
    "books:close_period": lambda _: books.periods().get(name="2024-12"),
    "books:lock_period": lambda _: books.periods().get(name="2025-02"),
    "books:open_period": lambda _: books.periods().get(name="2025-12"),
    "books:grant_opening": lambda _: newest(books.reopenings().filter(decided_at=None)),
    "books:refuse_opening": lambda _: newest(books.reopenings().filter(decided_at=None)),
    "books:close_year": lambda _: newest(books.years()),
    "books:party": lambda w: w.customer,
    "office:": lambda w: w.checker,
    "office:audit_event": lambda _: newest(AuditEvent.objects.all()),
    "office:branch": lambda _: newest(Branch.objects.all()),
    "office:copy_role": lambda _: Role.objects.get(key="picker"),
    "office:department": lambda _: newest(Department.objects.all()),
    "office:edit_role": lambda _: Role.objects.get(key="picker"),
    "office:invitation": lambda _: newest(Invitation.objects.all()),
    "office:job_title": lambda _: newest(JobTitle.objects.all()),
    "office:key": lambda _: newest(ApiKey.objects.all()),
    "office:remove_role": lambda _: Role.objects.get(key="picker"),
    "office:resend_invitation": lambda _: newest(Invitation.objects.all()),
    "office:revoke_invitation": lambda _: newest(Invitation.objects.all()),
    "office:revoke_key": lambda _: newest(ApiKey.objects.all()),
    "office:role": lambda _: Role.objects.get(key="picker"),
    "office:rotate_key": lambda _: newest(ApiKey.objects.all()),
    "office:team": lambda _: newest(Team.objects.all()),
    "operator:": lambda w: w.organization,
    "operator:change_role": lambda _: User.objects.get(email="staff@platform.test"),
    "stock:add_barcode": lambda _: newest(Product.objects.all()),
    "stock:add_pack": lambda _: newest(Product.objects.all()),
    "stock:brand": lambda _: newest(Brand.objects.all()),
    "stock:category": lambda _: newest(Category.objects.all()),
    "stock:edit_price_list": lambda _: newest(PriceList.objects.all()),
    "stock:edit_product": lambda _: newest(Product.objects.all()),
    "stock:edit_supplier": lambda _: newest(Supplier.objects.all()),
    "stock:make_barcode": lambda _: newest(Product.objects.all()),
    "stock:move_category": lambda _: newest(Category.objects.all()),
    "stock:pack": lambda _: newest(Pack.objects.all()),
    "stock:picture": lambda _: newest(Product.objects.exclude(image=None)).image,
    "stock:place": lambda _: newest(Place.objects.exclude(kind="transit")),
    "stock:price_list": lambda _: newest(PriceList.objects.all()),
    "stock:product": lambda _: newest(Product.objects.all()),
    "stock:remove_barcode": lambda _: newest(Barcode.objects.all()),
    "stock:remove_pack": lambda _: newest(Pack.objects.all()),
    "stock:set_prices": lambda _: newest(PriceList.objects.all()),
    "stock:supplier": lambda _: newest(Supplier.objects.all()),
    "stock:tax_rate": lambda _: newest(TaxRate.objects.all()),
    "stock:unit": lambda _: newest(Unit.objects.all()),
    "floor:": lambda _: newest(Fulfilment.objects.filter(state="picking")),
    "sales:": lambda w: w.customer,
    "sales:commission": lambda w: newest(Commission.objects.filter(member=w.seller)),
    "sales:commission_override_end": lambda _: newest(TeamOverride.objects.all()),
    "sales:commission_rule_end": lambda _: newest(CommissionRule.objects.all()),
    "sales:commission_split": lambda w: w.deal,
    "sales:goal": lambda _: newest(Goal.objects.all()),
    "sales:address": lambda _: newest(Address.objects.all()),
    "sales:contact": lambda _: newest(Contact.objects.all()),
    "sales:call_off_deal": lambda w: w.deal,
    "sales:deal": lambda w: w.deal,
    "sales:edit_deal": lambda w: w.deal,
    "sales:alert": lambda _: newest(Alert.objects.filter(resolved_at=None)),
    "sales:edit_project": lambda w: w.deal.project,
    "sales:import": lambda _: newest(CustomerImport.objects.all()),
    "sales:note_deal": lambda w: w.deal,
    "sales:pay_deal": lambda w: w.deal,
    "sales:project": lambda w: w.deal.project,
    "sales:remove_address": lambda _: newest(Address.objects.all()),
    "sales:remove_contact": lambda _: newest(Contact.objects.all()),
    "sales:run_import": lambda _: newest(CustomerImport.objects.all()),
    "sales:unmerge": lambda _: Customer.objects.get(merged_into__isnull=False),
    "sales:use_credit": lambda w: w.deal,
    "shell:open": lambda w: w.unpaid,
    "shell:read": lambda w: newest(Notification.objects.filter(member_id=w.owner.pk)),
    "stock:adjustment": lambda _: newest(stock.adjustments().filter(state="pending")),
    "stock:approve_adjustment": lambda _: newest(stock.adjustments().filter(state="pending")),
    "stock:reject_adjustment": lambda _: newest(stock.adjustments().filter(state="pending")),
    "stock:week": lambda _: newest(stock.weeks()),
    "stock:return_note": lambda _: newest(stock.adjustments().filter(state="pending")),
    "stock:transfer_note": lambda _: newest(stock.transfers()),
    "stock:approve_transfer": lambda _: newest(stock.transfers()),
    "stock:batch": lambda _: newest(stock.batches()),
    "stock:bill": lambda _: newest(SupplierBill.objects.all()),
    "stock:cancel_count": lambda _: newest(stock.counts()),
    "stock:cancel_order": lambda _: newest(PurchaseOrder.objects.all()),
    "stock:cancel_request": lambda _: newest(stock.requests()),
    "stock:cancel_transfer": lambda _: newest(stock.transfers()),
    "stock:close_count": lambda _: newest(stock.counts()),
    "stock:close_order": lambda _: newest(PurchaseOrder.objects.all()),
    "stock:count": lambda _: newest(stock.counts()),
    "stock:dispatch_transfer": lambda _: newest(stock.transfers()),
    "stock:edit_order": lambda _: newest(PurchaseOrder.objects.filter(state="draft")),
    "stock:fulfil_request": lambda _: newest(stock.requests()),
    "stock:override_request": lambda _: newest(stock.requests()),
    "stock:edit_request": lambda _: newest(stock.requests()),
    "stock:level": lambda _: newest(stock.batches()).product_id,
    "stock:order": lambda _: newest(PurchaseOrder.objects.all()),
    "stock:pay_bill": lambda _: newest(SupplierBill.objects.all()),
    "stock:void_bill": lambda _: newest(SupplierBill.objects.all()),
    "stock:receipt": lambda _: newest(GoodsReceipt.objects.all()),
    "stock:receive_order": lambda _: newest(PurchaseOrder.objects.filter(state="part")),
    "stock:receive_transfer": lambda _: newest(stock.transfers()),
    "stock:reject_transfer": lambda _: newest(stock.transfers()),
    "stock:request": lambda _: newest(stock.requests()),
    "stock:request_transfer": lambda _: newest(stock.transfers()),
    "stock:send_order": lambda _: newest(PurchaseOrder.objects.filter(state="draft")),
    "stock:transfer": lambda _: newest(stock.transfers()),
    "till:add": lambda _: newest(SaleLine.objects.all()).product_id,
    "till:change_rule": lambda w: w.seller.role,
    "till:change_till": lambda _: newest(Till.objects.all()),
    "till:confirm": lambda _: newest(Shift.objects.filter(state="closed")),
    "till:discount_line": lambda _: newest(SaleLine.objects.filter(sale__state="open")),
    "till:picture": lambda _: newest(StoredFile.objects.all()),
    "till:quantity": lambda _: newest(SaleLine.objects.filter(sale__state="open")),
    "till:return": lambda _: newest(Return.objects.exclude(kind="void")),
    "till:shift": lambda _: newest(Shift.objects.filter(state="closed")),
    "till:done": lambda _: newest(Sale.objects.filter(state="completed", returned=0)),
    "till:receipt": lambda _: newest(Sale.objects.filter(state="completed", returned=0)),
    "till:receipt_mail": lambda _: newest(Sale.objects.filter(state="completed", returned=0)),
    "till:receipt_pdf": lambda _: newest(Sale.objects.filter(state="completed", returned=0)),
    "till:return_sale": lambda _: newest(Sale.objects.filter(state="completed", returned=0)),
    "till:sale": lambda _: newest(Sale.objects.filter(state="completed", returned=0)),
    "till:void": lambda _: newest(Sale.objects.filter(state="completed", returned=0)),
    "verify:": lambda w: w.waiting,
    "verify:approve_refund": lambda w: w.asked_refund,
    "verify:change_policy": lambda w: w.policy,
    "verify:record": lambda w: w.verified,
    "verify:refuse_refund": lambda w: w.asked_refund,
    "verify:remove_policy": lambda w: w.policy,
    "verify:reversal": lambda w: w.refund,
    "verify:reversal_note": lambda w: w.refund,
}
WORDS = {
    "billing:ageing_file": "csv",
    "stock:projection_file": "csv",
    "office:settings": "receipt",
    "office:reset_settings": "receipt",
    "office:start": "people",
    "shell:notification_text": "payment.denied",
    "kind": "invoicing.invoice",
    "billing:edit_reminder_text": "friendly",
    "billing:reset_reminder_text": "friendly",
    "books:parties": "customers",
    "books:party": "customers",
    "books:plain_text": "beancount",
    "books:rule": "4000",
}
STRANGE = "unknown"


def path_of(world: World, route: str, name: str) -> str:
    """An address with the ids of a world's rows; call it inside the world's organization."""

    def value(match: re.Match[str]) -> str:
        field = match[1] or match[2]
        if field == "kind":
            return WORDS["kind"]
        if name in WORDS and field != "pk":
            return WORDS[name]
        if field != "pk":
            return STRANGE
        prefix = max((each for each in SUBJECTS if name.startswith(each)), key=len, default="")
        assert prefix, f"Say in tests/architecture/actors.py which row {name} is about."
        found = SUBJECTS[prefix](world)
        return str(getattr(found, "pk", found))

    plain = route.replace("^", "").replace("$", "").replace("\\.", ".").replace("\\Z", "")
    return "/" + ID.sub(value, plain)


@dataclass
class Actor:
    """Somebody before an address, signed in or not."""

    name: str
    client: Client
    cookies: str
    held: frozenset[str] = frozenset()

    def asks(self, method: str, path: str) -> Any:
        """One request, as if it were the first after signing in."""
        self.client.cookies = SimpleCookie(self.cookies)
        # A form's key, so that a post gets as far as the view.
        body = f"once={new_id()}".encode() if method == "POST" else b""
        answer = self.client.generic(method, path, body, "application/x-www-form-urlencoded")
        if answer.streaming and not answer.is_async:
            b"".join(answer.streaming_content)  # a file is closed once it is read
        return answer


def actor(name: str, user: User | None, held: Any = ()) -> Actor:
    client = Client(raise_request_exception=True)
    if user is not None:
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
        client.force_login(user)
    return Actor(name, client, client.cookies.output(header="", sep=";"), frozenset(held))


def make_actors(worlds: Worlds) -> dict[str, Actor]:
    """Anonymous, every seeded role, a colleague, an outsider, the suspended, the platform's people."""
    cast, found = worlds.cast, {"anonymous": actor("anonymous", None)}
    known = {"owner": cast.olga, "salesperson": cast.sam, "verifier": cast.vera}
    for seed in role_seeds():
        member = known.get(seed.key) or make_member(f"Role {seed.key}", seed.key)
        found[seed.key] = actor(seed.key, member.user, Role.objects.get(key=seed.key).permissions)
    found["colleague"] = actor("colleague", cast.sara.user, found["salesperson"].held)
    gone = make_member("Gone", "manager")
    Member.objects.filter(pk=gone.pk).update(active=False, deactivated_at=NOON)
    found["deactivated"] = actor("deactivated", gone.user)
    with tenant_context(cast.zenith.pk):
        held = Role.objects.get(key="owner").permissions
    found["outsider"] = actor("outsider", cast.zoe.user, held)
    found["newcomer"] = actor("newcomer", make_user("new@nowhere.test"))
    found["platform-owner"] = actor("platform-owner", cast.pat)
    for role in ("admin", "staff"):
        user = make_user(f"{role}@platform.test", platform_role=role)
        found[f"platform-{role}"] = actor(f"platform-{role}", user)
    return found


def make_user(email: str, **fields: Any) -> User:
    return User.objects.create_user(email, PASSWORD, password_changed_at=NOON, **fields)


def digest(tables: list[str]) -> dict[str, str]:
    """What the current organization's tables hold, as one word each."""
    words = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t")
            words[table] = str(cursor.fetchone()[0])
    return words

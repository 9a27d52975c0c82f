"""The sidebar as it is seeded. A menu shows; the permission decides."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.rules import MenuSeed


def office(code: str, label: Any, icon: str, *, needs: str, order: int) -> MenuSeed:
    """A place of administration: always there for those who hold its permission."""
    return MenuSeed(code, label, icon, f"office:{code}", needs, "office", order, always=True)


def proving(
    code: str, label: Any, icon: str, view: str, *, order: int, needs: str = "payments.verify"
) -> MenuSeed:
    """A place of the verifiers."""
    return MenuSeed(code, label, icon, f"verify:{view}", needs, "proving", order)


def goods(
    code: str, label: Any, icon: str, view: str, *, order: int, needs: str = "stock.view"
) -> MenuSeed:
    """A place of stock and buying."""
    return MenuSeed(code, label, icon, f"stock:{view}", needs, "goods", order)


def booking(code: str, label: Any, icon: str, view: str, *, order: int) -> MenuSeed:
    """A place of the books."""
    return MenuSeed(code, label, icon, f"books:{view}", "books.view", "ledger", order)


MENUS: tuple[MenuSeed, ...] = (
    MenuSeed("work", _("Work"), "home", order=1),
    MenuSeed("home", _("Home"), "home", "shell:home", parent="work", order=1),
    MenuSeed("till", _("Till"), "cash-register", "till:counter", "till.sell", "work", 2),
    MenuSeed("till_sales", _("Till sales"), "receipt", "till:sales", "till.sell", "work", 3),
    MenuSeed("till_shifts", _("Shifts"), "lock", "till:shifts", "till.verify_shift", "work", 4),
    MenuSeed("sales", _("Sales"), "users", order=2),
    MenuSeed(
        "sales_board",
        _("Dashboard"),
        "layout-dashboard",
        "sales:dashboard",
        "deals.view",
        "sales",
        0,
    ),
    MenuSeed("deals", _("Deals"), "briefcase", "sales:deals", "deals.view", "sales", 1),
    MenuSeed("customers", _("Customers"), "users", "sales:customers", "customers.view", "sales", 2),
    MenuSeed("projects", _("Projects"), "folder", "sales:projects", "deals.view", "sales", 3),
    MenuSeed("followups", _("Follow-up"), "phone", "sales:followups", "followups.view", "sales", 4),
    MenuSeed(
        "commissions",
        _("Commissions"),
        "percentage",
        "sales:commissions",
        "commissions.view_own",
        "sales",
        5,
    ),
    MenuSeed("goals", _("Goals"), "target", "sales:goals", "standings.view", "sales", 6),
    MenuSeed(
        "standings", _("Standings"), "trophy", "sales:standings", "standings.view", "sales", 7
    ),
    MenuSeed("money", _("Money"), "file-invoice", order=3),
    MenuSeed(
        "invoices", _("Invoices"), "file-invoice", "billing:invoices", "invoices.view", "money", 1
    ),
    MenuSeed("payments", _("Payments"), "cash", "billing:payments", "payments.view", "money", 2),
    MenuSeed(
        "receivables",
        _("Receivables"),
        "hourglass",
        "billing:receivables",
        "receivables.view",
        "money",
        3,
    ),
    MenuSeed("proving", _("Verifying"), "shield-check", order=3),
    proving("verify", _("Verify payments"), "shield-check", "queue", order=1),
    proving("proving_board", _("Overview"), "layout-dashboard", "dashboard", order=2),
    proving("proving_cash", _("Count cash"), "cash", "cash", order=3),
    proving("proving_history", _("Decisions"), "history", "history", order=4),
    proving("proving_refunds", _("Refunds"), "receipt-refund", "refunds", order=5),
    proving(
        "proving_policy",
        _("Rules"),
        "adjustments-horizontal",
        "policy",
        order=6,
        needs="payments.policy",
    ),
    MenuSeed("goods", _("Stock"), "package", order=3),
    goods("stock_levels", _("Stock"), "stack-2", "levels", order=1),
    goods("stock_transfers", _("Transfers"), "transfer", "transfers", order=4),
    goods("stock_adjustments", _("Adjustments"), "scale", "adjustments", order=5),
    goods("stock_counts", _("Counts"), "clipboard-list", "counts", order=6),
    goods("purchase_orders", _("Orders"), "truck", "orders", order=7, needs="purchasing.view"),
    goods(
        "receiving",
        _("Take in goods"),
        "package-import",
        "receiving",
        order=8,
        needs="purchasing.receive",
    ),
    goods("supplier_bills", _("Bills"), "file-invoice", "bills", order=9, needs="purchasing.view"),
    goods("products", _("Products"), "package", "products", order=2, needs="catalog.view"),
    goods("price_lists", _("Price lists"), "tags", "price_lists", order=3, needs="catalog.prices"),
    goods("suppliers", _("Suppliers"), "users", "suppliers", order=10, needs="suppliers.view"),
    goods("places", _("Places"), "building-warehouse", "places", order=11, needs="places.edit"),
    MenuSeed("floor", _("Warehouse"), "building-warehouse", order=3),
    MenuSeed(
        "floor_queue", _("Pick and pack"), "scan", "floor:queue", "fulfilment.view", "floor", 1
    ),
    MenuSeed("ledger", _("Books"), "book", order=4),
    booking("books", _("Trial balance"), "scale", "trial_balance", order=1),
    booking("books_journal", _("Journal"), "notebook", "entries", order=2),
    booking("books_statements", _("Statements"), "report-analytics", "income", order=3),
    booking("books_tax", _("Tax report"), "receipt-tax", "tax", order=4),
    booking("books_accounts", _("Chart of accounts"), "list-details", "accounts", order=5),
    booking("books_periods", _("Years and months"), "calendar", "periods", order=6),
    booking("books_rates", _("Currencies"), "arrows-exchange", "rates", order=7),
    MenuSeed("office", _("Office"), "settings", order=6),
    office("members", _("People"), "users", needs="members.view", order=1),
    office("teams", _("Teams"), "users-group", needs="members.view", order=2),
    office("departments", _("Departments"), "sitemap", needs="members.edit", order=3),
    office("branches", _("Branches"), "building-store", needs="branches.edit", order=4),
    office("roles", _("Roles"), "key", needs="roles.edit", order=5),
    office("menus", _("Menus"), "list-details", needs="menus.edit", order=6),
    office("keys", _("API keys"), "plug", needs="api_keys.edit", order=7),
    office("audit", _("Audit log"), "history", needs="audit.view", order=8),
    office("organization", _("Organization"), "building", needs="organization.edit", order=9),
)

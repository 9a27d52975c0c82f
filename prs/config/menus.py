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


MENUS: tuple[MenuSeed, ...] = (
    MenuSeed("work", _("Work"), "home", order=1),
    MenuSeed("home", _("Home"), "home", "shell:home", parent="work", order=1),
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
    MenuSeed("ledger", _("Books"), "book", order=4),
    MenuSeed(
        "books", _("Trial balance"), "scale", "books:trial_balance", "books.view", "ledger", 1
    ),
    MenuSeed("office", _("Office"), "settings", order=5),
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

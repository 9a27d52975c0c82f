"""The roles a new organization gets. Source: reference 1.6, with separation of duties on top."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.rules import RoleSeed, Scope

PEOPLE = ("members.view", "members.edit", "roles.edit", "menus.edit", "api_keys.edit")
OFFICE = ("organization.edit", "branches.edit", *PEOPLE, "audit.view", "lists.export")
SELLING = ("customers.view", "customers.edit", "invoices.view", "payments.view")
DEALS = ("deals.view", "deals.edit")
RECORDING = (
    *SELLING,
    *DEALS,
    "invoices.edit",
    "payments.record",
    "payments.request_refund",
    "followups.view",
    "followups.log",
)
LEADING = ("deals.oversee", "projects.edit")
PROVING = ("payments.verify", "payments.cheques", "payments.request_refund")
DECIDING = ("payments.verify_second", "payments.refund", "payments.charge_back")
ACCOUNTS = ("customers.credit", "customers.merge", "customers.import")
READING = ("customers.view", "deals.view", "invoices.view", "payments.view")
BOOKS = ("books.view",)
STOCK = ("stock.view", "stock.transfer", "stock.adjust")
STOREKEEPING = (*STOCK, "stock.costs", "stock.approve_transfers", "stock.approve_adjustments")
EARNING = ("commissions.view_own", "standings.view")
REWARDING = ("commissions.view_all", "commissions.edit", "commissions.approve", "goals.edit")
SALES_MENUS = (
    "home",
    "sales_board",
    "deals",
    "projects",
    "customers",
    "followups",
    "invoices",
    "payments",
    "commissions",
    "goals",
    "standings",
)
PROVING_MENUS = (
    "verify",
    "proving_board",
    "proving_cash",
    "proving_history",
    "proving_refunds",
    "proving_policy",
)
ADMIN_MENUS = (*SALES_MENUS, *PROVING_MENUS, "books", "members", "roles", "organization")

ROLES: tuple[RoleSeed, ...] = (
    RoleSeed(
        "owner",
        _("Owner"),
        Scope.ALL,
        (
            *OFFICE,
            *RECORDING,
            *LEADING,
            *ACCOUNTS,
            "invoices.review",
            *PROVING,
            *DECIDING,
            "payments.policy",
            *BOOKS,
            "books.edit",
            *EARNING,
            *REWARDING,
            "commissions.pay",
            *STOREKEEPING,
        ),
        ADMIN_MENUS,
        needs_mfa=True,
    ),
    RoleSeed(
        "admin",
        _("Organization Admin"),
        Scope.ALL,
        (
            *OFFICE,
            *RECORDING,
            *LEADING,
            *ACCOUNTS,
            "invoices.review",
            "payments.refund",
            "payments.policy",
            *BOOKS,
            *EARNING,
            *REWARDING,
            *STOREKEEPING,
        ),
        ADMIN_MENUS,
        needs_mfa=True,
    ),
    RoleSeed(
        "manager",
        _("Manager"),
        Scope.ALL,
        (
            *RECORDING,
            *LEADING,
            *ACCOUNTS,
            "invoices.review",
            "payments.refund",
            "members.view",
            "lists.export",
            *BOOKS,
            *EARNING,
            *REWARDING,
            *STOREKEEPING,
        ),
        (*SALES_MENUS, "books"),
    ),
    RoleSeed(
        "branch_manager",
        _("Branch Manager"),
        Scope.BRANCH,
        (
            *RECORDING,
            *LEADING,
            "members.view",
            "lists.export",
            *EARNING,
            *STOCK,
            "stock.approve_transfers",
        ),
        SALES_MENUS,
    ),
    RoleSeed(
        "team_lead",
        _("Team Lead"),
        Scope.TEAM,
        (*RECORDING, *LEADING, "members.view", *EARNING),
        SALES_MENUS,
    ),
    RoleSeed("salesperson", _("Salesperson"), Scope.OWN, (*RECORDING, *EARNING), SALES_MENUS),
    RoleSeed(
        "verifier",
        _("Verifier"),
        Scope.ALL,
        (*READING, *PROVING),
        ("home", *PROVING_MENUS, "payments", "invoices"),
        needs_mfa=True,
    ),
    RoleSeed(
        "senior_verifier",
        _("Senior Verifier"),
        Scope.ALL,
        (*READING, *PROVING, *DECIDING, "payments.policy", "audit.view", "lists.export"),
        ("home", *PROVING_MENUS, "payments", "invoices"),
        needs_mfa=True,
    ),
    RoleSeed(
        "accountant",
        _("Accountant"),
        Scope.ALL,
        (
            *READING,
            "customers.credit",
            "invoices.edit",
            "invoices.review",
            *BOOKS,
            "books.edit",
            "lists.export",
            "commissions.view_own",
            "commissions.view_all",
            "commissions.pay",
            "stock.view",
            "stock.costs",
        ),
        ("home", "invoices", "payments", "customers", "books", "commissions"),
        needs_mfa=True,
    ),
    RoleSeed("cashier", _("Cashier"), Scope.BRANCH, (*RECORDING, *STOCK[:2]), SALES_MENUS),
    RoleSeed("warehouse", _("Warehouse Staff"), Scope.BRANCH, ("invoices.view", *STOCK), ("home",)),
    RoleSeed("picker", _("Picker"), Scope.BRANCH, ("invoices.view",), ("home",)),
    RoleSeed("packer", _("Packer"), Scope.BRANCH, ("invoices.view",), ("home",)),
    RoleSeed("driver", _("Driver"), Scope.OWN, ("invoices.view",), ("home",)),
    RoleSeed(
        "billing",
        _("Billing"),
        Scope.ALL,
        (
            *READING,
            "customers.edit",
            "customers.merge",
            "customers.import",
            "invoices.edit",
            "invoices.review",
            "lists.export",
        ),
        ("home", "customers", "invoices"),
    ),
    RoleSeed(
        "supply_chain",
        _("Supply Chain"),
        Scope.ALL,
        ("invoices.view", *STOREKEEPING),
        ("home",),
    ),
    RoleSeed("viewer", _("Viewer"), Scope.ALL, (*READING, "standings.view"), SALES_MENUS),
    RoleSeed("customer", _("Customer"), Scope.OWN, (), ()),
)

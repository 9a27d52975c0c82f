"""The roles a new organization gets. Source: reference 1.6, with separation of duties on top."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.rules import RoleSeed, Scope

PEOPLE = ("members.view", "members.edit", "roles.edit", "menus.edit", "api_keys.edit")
OFFICE = ("organization.edit", "branches.edit", *PEOPLE, "audit.view", "lists.export")
SELLING = ("customers.view", "customers.edit", "invoices.view", "payments.view")
DEALS = ("deals.view", "deals.edit")
OWED = ("receivables.view",)
COLLECTING = (
    *OWED,
    "receivables.collect",
    "receivables.write_off",
    "receivables.settings",
)
RECORDING = (
    *SELLING,
    "catalog.view",
    *DEALS,
    *OWED,
    "invoices.edit",
    "payments.record",
    "payments.request_refund",
    "followups.view",
    "followups.log",
)
LEADING = ("deals.oversee", "projects.edit")
PROVING = ("payments.verify", "payments.cheques", "payments.request_refund")
DECIDING = ("payments.verify_second", "payments.refund", "payments.charge_back")
ACCOUNTS = (
    "customers.credit",
    "customers.merge",
    "customers.import",
    "invoices.override_credit",
    *COLLECTING,
    "receivables.approve",
)
READING = ("customers.view", "deals.view", "invoices.view", "payments.view")
BOOKS = ("books.view",)
KEEPING = ("books.edit", "books.approve", "books.periods", "books.settings")
STOCK = ("stock.view", "stock.transfer", "stock.adjust")
STOREKEEPING = (*STOCK, "stock.costs", "stock.approve_transfers", "stock.approve_adjustments")
CATALOGUE = ("catalog.view", "catalog.edit", "suppliers.view")
BUYING = (*CATALOGUE, "catalog.prices", "suppliers.edit", "places.edit")
TAKING_IN = ("purchasing.view", "purchasing.receive")
PURCHASING = (*TAKING_IN, "purchasing.order", "purchasing.bill")
TILL = ("till.sell",)
TILL_LEADING = (
    *TILL,
    "till.discount",
    "till.refund",
    "till.void",
    "till.shifts",
    "till.verify_shift",
)
FLOOR = ("fulfilment.view",)
PICKING, PACKING = (*FLOOR, "fulfilment.pick"), (*FLOOR, "fulfilment.pack")
DELIVERING = (*FLOOR, "fulfilment.deliver")
FLOOR_LEADING = (
    *FLOOR,
    "fulfilment.pick",
    "fulfilment.pack",
    "fulfilment.deliver",
    "fulfilment.lead",
)
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
    "receivables",
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
STORE_MENUS = ("stock_levels", "stock_transfers", "stock_adjustments", "stock_counts")
BUYING_MENUS = ("purchase_orders", "receiving", "supplier_bills")
SHELF_MENUS = ("products", "price_lists", "suppliers", "places")
GOODS_MENUS = (*STORE_MENUS, *SHELF_MENUS, *BUYING_MENUS)
BOOKS_MENUS = (
    "books",
    "books_journal",
    "books_statements",
    "books_tax",
    "books_accounts",
    "books_periods",
    "books_rates",
)
TILL_MENUS = ("till", "till_sales", "till_shifts")
ADMIN_MENUS = (
    *SALES_MENUS,
    *PROVING_MENUS,
    *GOODS_MENUS,
    *BOOKS_MENUS,
    *TILL_MENUS,
    "members",
    "roles",
    "organization",
)

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
            *KEEPING,
            *EARNING,
            *REWARDING,
            "commissions.pay",
            *STOREKEEPING,
            *BUYING,
            *PURCHASING,
            "purchasing.pay",
            "purchasing.void",
            *FLOOR_LEADING,
            "fulfilment.express",
            "fulfilment.settings",
            *TILL_LEADING,
            "till.settings",
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
            *BUYING,
            *PURCHASING,
            *FLOOR_LEADING,
            "fulfilment.express",
            "fulfilment.settings",
            *TILL_LEADING,
            "till.settings",
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
            "books.approve",
            *EARNING,
            *REWARDING,
            *STOREKEEPING,
            *BUYING,
            *PURCHASING,
            *FLOOR_LEADING,
            "fulfilment.express",
            "fulfilment.settings",
            *TILL_LEADING,
            "till.settings",
        ),
        (*SALES_MENUS, *GOODS_MENUS, "floor_queue", *BOOKS_MENUS, *TILL_MENUS),
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
            *CATALOGUE,
            *TAKING_IN,
            *FLOOR_LEADING,
            *TILL_LEADING,
        ),
        (*SALES_MENUS, *STORE_MENUS, *SHELF_MENUS, "receiving", *TILL_MENUS),
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
            *COLLECTING,
            "invoices.edit",
            "invoices.review",
            *BOOKS,
            *KEEPING,
            "lists.export",
            "commissions.view_own",
            "commissions.view_all",
            "commissions.pay",
            "stock.view",
            "stock.costs",
            "catalog.view",
            "catalog.prices",
            "suppliers.view",
            "suppliers.edit",
            "purchasing.view",
            "purchasing.bill",
            "purchasing.pay",
            "purchasing.void",
            "till.shifts",
            "till.verify_shift",
        ),
        (
            "home",
            "invoices",
            "payments",
            "receivables",
            "customers",
            *BOOKS_MENUS,
            "commissions",
            "stock_levels",
            *SHELF_MENUS[:3],
            "supplier_bills",
            "till_shifts",
        ),
        needs_mfa=True,
    ),
    RoleSeed(
        "cashier",
        _("Cashier"),
        Scope.BRANCH,
        (*RECORDING, *STOCK[:2], *TILL),
        (*TILL_MENUS[:2], *SALES_MENUS),
    ),
    RoleSeed(
        "warehouse",
        _("Warehouse Staff"),
        Scope.BRANCH,
        ("invoices.view", *STOCK, *CATALOGUE, *TAKING_IN, *FLOOR_LEADING[:4]),
        ("home", *STORE_MENUS, *SHELF_MENUS, "receiving"),
    ),
    RoleSeed(
        "picker", _("Picker"), Scope.BRANCH, ("invoices.view", *PICKING), ("home", "floor_queue")
    ),
    RoleSeed(
        "packer", _("Packer"), Scope.BRANCH, ("invoices.view", *PACKING), ("home", "floor_queue")
    ),
    RoleSeed(
        "driver", _("Driver"), Scope.OWN, ("invoices.view", *DELIVERING), ("home", "floor_queue")
    ),
    RoleSeed(
        "billing",
        _("Billing"),
        Scope.ALL,
        (
            *READING,
            "customers.edit",
            "customers.merge",
            "customers.import",
            *COLLECTING,
            "invoices.edit",
            "invoices.review",
            "lists.export",
            *FLOOR,
            "fulfilment.express",
        ),
        ("home", "customers", "invoices", "receivables"),
    ),
    RoleSeed(
        "supply_chain",
        _("Supply Chain"),
        Scope.ALL,
        ("invoices.view", *STOREKEEPING, *BUYING, *PURCHASING, *FLOOR_LEADING),
        ("home", *GOODS_MENUS, "floor_queue"),
    ),
    RoleSeed(
        "viewer", _("Viewer"), Scope.ALL, (*READING, "catalog.view", "standings.view"), SALES_MENUS
    ),
    RoleSeed("customer", _("Customer"), Scope.OWN, (), ()),
)

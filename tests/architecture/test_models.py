"""Tables: each belongs to an organization or says why not, and references fall like imports do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from prs.kernel.db.constraints import AppendOnly, WrittenByDatabase
from prs.kernel.tenancy.models import Organization, TenantForeignKey, TenantModel

# Tables outside organizations, each with its reason.
STANDS_ALONE = {
    "tenancy.Organization": "it is the organization; its policy compares its own id",
    "identity.User": "a login exists before it belongs anywhere",
    "identity.PasswordRecord": "hangs on a login",
    "identity.KnownDevice": "hangs on a login",
    "identity.SecurityEvent": "hangs on a login",
    "identity.AccountMail": "mail about a login, sent before it belongs anywhere",
    "identity.SecondFactor": "the account pages' own table, read as second factors",
    "jobs.Job": "names ids only; the worker reads it before it enters an organization",
    "api.Allowance": "counts requests, those without an organization too, beside transactions",
    "jobs.Heartbeat": "the worker's sign of life",
    "tenancy.PlatformEvent": "what platform staff did, outside any organization",
}
FLOOR = {
    "kernel": 0,
    "masterdata": 1,
    "ledgers": 2,
    "operations": 3,
    "insight": 4,
    "api": 5,
    "web": 5,
}
# Order inside the kernel and inside operations, lowest first.
INSIDE = {
    "jobs": 0,
    "tenancy": 1,
    "activity": 2,
    "identity": 3,
    "places": 0,
    "parties": 1,
    "deals": 1,
    "invoicing": 2,
    "payments": 3,
    "followups": 4,
    "receivables": 4,
    "incentives": 4,
    "till": 4,
    "fulfilment": 4,
}


def ours() -> list[type[models.Model]]:
    """Every table of the project."""
    return [model for model in apps.get_models() if model.__module__.startswith("prs.")]


def place(model: Any) -> tuple[int, int]:
    """How high a model stands."""
    _prs, floor, app, *_rest = [*model.__module__.split("."), ""]
    return FLOOR[floor], INSIDE.get(app, 0) if floor in {
        "kernel",
        "masterdata",
        "operations",
    } else 0


def references(model: Any) -> Iterator[Any]:
    """A model's own foreign keys."""
    for field in model._meta.local_fields:
        if isinstance(field, models.ForeignKey):
            yield field


def upward(model: Any, target: Any) -> bool:
    """Whether a reference points at a higher floor."""
    return target.__module__.startswith("prs.") and place(target) > place(model)


@pytest.mark.parametrize("model", ours(), ids=lambda model: model._meta.label)
def test_a_table_belongs_to_an_organization_or_says_why_not(model):
    assert issubclass(model, TenantModel) != (model._meta.label in STANDS_ALONE)


@pytest.mark.parametrize("model", ours(), ids=lambda model: model._meta.label)
def test_references_fall(model):
    wrong = [field.name for field in references(model) if upward(model, field.related_model)]
    assert wrong == []


def test_an_upward_reference_is_noticed():
    assert upward(Organization, apps.get_model("invoicing.Invoice"))


@pytest.mark.parametrize("model", ours(), ids=lambda model: model._meta.label)
def test_references_leave_no_name_on_the_other_side(model):
    """`customer.invoices` would be an upward dependency without an import."""
    wrong = [field.name for field in references(model) if field.remote_field.related_name != "+"]
    assert wrong == []


@pytest.mark.parametrize("model", ours(), ids=lambda model: model._meta.label)
def test_tenant_tables_refer_to_each_other_with_the_tenant(model):
    wrong = [
        field.name
        for field in references(model)
        if issubclass(field.related_model, TenantModel)
        and not isinstance(field, TenantForeignKey)
        and model is not Organization  # its logo is compared by its own id
    ]
    assert wrong == []


@pytest.mark.parametrize("model", ours(), ids=lambda model: model._meta.label)
def test_nothing_points_at_tables_that_choose_rows_by_kind(model):
    """Generic references and automatic many-to-many tables escape the tenant."""
    assert not model._meta.private_fields
    assert all(not field.remote_field.through._meta.auto_created for field in own_pairs(model))


def own_pairs(model: Any) -> list[Any]:
    inherited = {
        "groups",
        "user_permissions",
    }  # of Django's user; unused, and outside organizations
    return [field for field in model._meta.local_many_to_many if field.name not in inherited]


def keeps_history(model: Any) -> bool:
    """Whether rows of a table are never deleted."""
    return any(isinstance(rule, AppendOnly | WrittenByDatabase) for rule in model._meta.constraints)


@pytest.mark.parametrize(
    "model", [model for model in ours() if keeps_history(model)], ids=lambda m: m._meta.label
)
def test_no_deletion_cascades_into_history(model):
    cascades = [
        field.name
        for field in references(model)
        if field.remote_field.on_delete is models.CASCADE
        and not (model._meta.label == "identity.SecurityEvent" and field.name == "user")
    ]
    assert cascades == []


@pytest.mark.parametrize("model", ours(), ids=lambda model: model._meta.label)
def test_an_order_is_asked_for_where_it_is_needed(model):
    assert not model._meta.ordering

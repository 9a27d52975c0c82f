"""Entering and leaving organizations: nested, after the commit, in tasks, in generators, in threads."""

from __future__ import annotations

from threading import Thread
from uuid import UUID

import pytest
from django.db import InternalError, connection, connections, transaction

from prs.kernel.jobs import services as jobs
from prs.kernel.tenancy.context import (
    NoOrganization,
    current_organization,
    platform_context,
    required_organization,
    tenant_context,
    tenant_task,
)
from prs.kernel.tenancy.models import Organization
from prs.masterdata.parties.models import Customer
from tests.factories.walk import make_customer
from tests.factories.world import tenant_models

pytestmark = pytest.mark.django_db


def told() -> str:
    """The organization that the database was told of."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('prs.org', true)")
        return str(cursor.fetchone()[0] or "")


def test_a_nested_entry_gives_the_outer_organization_back(cast):
    with tenant_context(cast.zenith.pk):
        assert told() == str(cast.zenith.pk) == str(current_organization())

    assert told() == str(cast.acme.pk) == str(current_organization())


def test_an_error_inside_a_nested_entry_gives_the_outer_organization_back(cast):
    with pytest.raises(ZeroDivisionError), tenant_context(cast.zenith.pk):
        raise ZeroDivisionError

    assert told() == str(cast.acme.pk) == str(current_organization())


def test_a_failed_statement_inside_a_nested_entry_gives_the_outer_organization_back(cast):
    with pytest.raises(Exception, match="division"), tenant_context(cast.zenith.pk):
        connection.cursor().execute("SELECT 1 / 0")

    assert told() == str(cast.acme.pk) == str(current_organization())


def test_outside_an_organization_there_is_none(cast):
    assert current_organization() == cast.acme.pk


def test_nothing_is_required_outside():
    with pytest.raises(NoOrganization):
        required_organization()


@pytest.mark.django_db(transaction=True)
def test_the_organization_ends_with_the_block(committed_cast):
    with tenant_context(committed_cast.acme.pk):
        assert told()
    assert told() == ""
    assert current_organization() is None


@pytest.mark.django_db(transaction=True)
def test_a_read_only_entry_refuses_to_write(committed_cast):
    with (
        pytest.raises(InternalError, match="read-only transaction"),
        tenant_context(committed_cast.acme.pk, read_only=True),
    ):
        Organization.objects.update(name="Other")


@pytest.mark.django_db(transaction=True)
def test_after_the_commit_the_organization_is_gone_and_can_be_entered_again(committed_cast):
    seen = []

    def look():
        seen.append(current_organization())
        with tenant_context(committed_cast.acme.pk):
            seen.append(Customer.objects.count())

    with tenant_context(committed_cast.acme.pk):
        make_customer(committed_cast.sam)
        transaction.on_commit(look)
    # The block commits inside the entry, so a hook may still see the name but no row without entering.
    assert seen[1] == 1
    assert told() == ""


@pytest.mark.django_db(transaction=True)
def test_a_task_runs_inside_the_organization_it_was_given(committed_cast):
    with tenant_context(committed_cast.acme.pk):
        make_customer(committed_cast.sam)

    @tenant_task
    def count() -> int:
        return Customer.objects.count()

    assert count(organization_id=str(committed_cast.acme.pk)) == 1
    assert count(organization_id=committed_cast.zenith.pk) == 0
    with pytest.raises(NoOrganization):
        Customer.objects.count()


counted: list[int] = []


@tenant_task
def count_customers() -> None:
    counted.append(Customer.objects.count())


def test_a_job_runs_inside_its_organization(cast):
    make_customer(cast.sam)
    counted.clear()

    jobs.enqueue(f"{__name__}.count_customers", organization_id=cast.zenith.pk)
    jobs.enqueue(f"{__name__}.count_customers", organization_id=cast.acme.pk)

    assert counted == [0, 1]


@pytest.mark.django_db(transaction=True)
def test_a_stream_enters_the_organization_for_each_piece(committed_cast):
    """What is produced after the response began runs outside the request's transaction."""
    with tenant_context(committed_cast.acme.pk):
        make_customer(committed_cast.sam)

    def pieces(organization_id: UUID):
        for _piece in range(2):
            with tenant_context(organization_id):
                found = Customer.objects.count()
            yield found

    assert list(pieces(committed_cast.acme.pk)) == [1, 1]
    assert current_organization() is None


@pytest.mark.django_db(transaction=True)
def test_threads_do_not_share_an_organization(committed_cast):
    seen = []

    def look():
        try:
            seen.append((current_organization(), told()))
        finally:
            connections.close_all()

    with tenant_context(committed_cast.acme.pk):
        thread = Thread(target=look)
        thread.start()
        thread.join()

    assert seen == [(None, "")]


def test_a_row_is_saved_into_the_organization_of_the_block(cast):
    assert Customer.objects.create(code="x", name="X").organization_id == cast.acme.pk


def test_the_platform_may_change_an_organization_and_nothing_inside(cast):
    with tenant_context(cast.zenith.pk):
        make_customer(cast.zoe)
    with platform_context():
        assert Organization.objects.filter(pk=cast.zenith.pk).update(name="Zenith Two") == 1
        assert not Customer.unscoped.filter(organization=cast.zenith).exists()
    assert not Organization.objects.filter(pk=cast.zenith.pk).exists()


@pytest.mark.parametrize("model", tenant_models(), ids=lambda model: model._meta.label)
def test_the_manager_refuses_to_work_outside_an_organization(model):
    with pytest.raises(NoOrganization):
        model.objects.all()

"""Several systems at once, each with a connection of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections

from prs.api.models import ApiRequest
from prs.kernel.activity.models import AuditEvent
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.models import Counter as Numbers
from prs.masterdata.parties.models import Customer
from prs.operations.invoicing import selectors
from prs.operations.invoicing import services as invoices
from prs.operations.invoicing.models import Invoice, InvoiceLine, Revision
from tests.api.caller import Caller, make_item, make_key, make_payload
from tests.cast import NOON, STANDING

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "cache"])
CALLERS = 8


@pytest.fixture(autouse=True)
def _beside(settings):
    """As in production: otherwise the count itself would line the callers up."""
    settings.API_LIMITS_DATABASE = "cache"


@pytest.fixture
def olga():
    return STANDING.cast().olga


def at_once(*sends: Callable[[], Any]) -> list[Any]:
    """Do several things at the same moment, each in a thread with its own connection."""
    start = Barrier(len(sends))

    def run(send: Callable[[], Any]) -> Any:
        try:
            start.wait(timeout=30)
            return send()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(sends)) as threads:
        return list(threads.map(run, sends))


def test_eight_posts_of_one_number_make_one_invoice(olga):
    secret = make_key(olga).secret

    answers = at_once(*[lambda: Caller(secret).post(make_payload())] * CALLERS)

    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: CALLERS - 1}
    assert len({answer.json()["data"]["id"] for answer in answers}) == 1
    with tenant_context(olga.organization_id):
        assert Invoice.objects.count() == InvoiceLine.objects.count() == 1
        assert Customer.objects.count() == 1
        assert AuditEvent.objects.filter(code="invoice.imported").count() == 1
        assert ApiRequest.objects.count() == CALLERS
        assert list(selectors.findings()) == []
        assert Numbers.objects.get(kind="customer").last == 1
        assert Numbers.objects.get(kind="entry").last == 1


def test_of_eight_contents_for_one_number_one_is_taken(olga):
    secret = make_key(olga).secret
    sends = [
        lambda n=n: Caller(secret).post(make_payload(items=[make_item(quantity=n + 1)]))
        for n in range(CALLERS)
    ]

    answers = at_once(*sends)

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: CALLERS - 1}
    with tenant_context(olga.organization_id):
        assert Invoice.objects.count() == 1


def test_eight_repetitions_of_one_idempotency_key_get_one_answer(olga):
    secret = make_key(olga).secret

    answers = at_once(
        *[lambda: Caller(secret, **{"Idempotency-Key": "k-1"}).post(make_payload())] * CALLERS
    )

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1


def test_lists_that_overlap_in_opposite_order_do_not_wait_for_one_another_for_ever(olga):
    secret = make_key(olga).secret
    numbers = [f"HB-{n}" for n in range(6)]
    people = [{"code": f"C-{n}", "name": f"Shop {n}"} for n in range(6)]
    bodies = [
        make_payload(number, customer=customer)
        for number, customer in zip(numbers, people, strict=True)
    ]
    sends = [lambda: Caller(secret).post(bodies), lambda: Caller(secret).post(bodies[::-1])] * 2
    sends += [lambda n=n: Caller(secret).post(bodies[n]) for n in range(4)]

    answers = at_once(*sends)

    assert {answer.status_code for answer in answers} <= {200, 201}
    with tenant_context(olga.organization_id):
        assert Invoice.objects.count() == Customer.objects.count() == len(numbers)


def test_two_organizations_import_the_same_number_at_once(olga):
    zoe = STANDING.cast().zoe
    secrets = [make_key(owner).secret for owner in (olga, zoe)]

    answers = at_once(
        lambda: Caller(secrets[0]).post(make_payload()),
        lambda: Caller(secrets[1]).post(make_payload()),
    )

    assert [answer.status_code for answer in answers] == [201, 201]


def test_of_two_corrections_at_once_one_is_made(olga):
    secret = make_key(olga).secret
    Caller(secret).post(make_payload())
    with tenant_context(olga.organization_id):
        invoices.return_for_correction(Invoice.objects.get(), reason="Short", by=olga, at=NOON)
    changes = [
        {"invoice_no": "HB-1", "items": [{"item_code": "ORS20", "quantity": quantity}]}
        for quantity in (1, 2)
    ]

    answers = at_once(*[lambda change=change: Caller(secret).patch(change) for change in changes])

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    with tenant_context(olga.organization_id):
        assert Revision.objects.count() == 1


def test_what_takes_too_long_is_refused_and_written_down(olga):
    secret = make_key(olga).secret
    with tenant_context(olga.organization_id), connection.cursor() as cursor:
        name = f"import:{olga.organization_id}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))
        (answer,) = at_once(lambda: Caller(secret).post(make_payload()))

    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    with tenant_context(olga.organization_id):
        assert not Invoice.objects.exists()
        assert [row.status for row in ApiRequest.objects.all()] == [503]

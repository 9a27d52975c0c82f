"""Who gets through the door, what is written down of it, and how often."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client, override_settings

from prs.api import services, tasks, views
from prs.api.models import ApiRequest
from prs.api.problems import MEDIA_TYPE
from prs.kernel import clock
from prs.kernel.identity.services import keys
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.models import Organization
from prs.operations.invoicing.models import Invoice
from tests.api.caller import IMPORT, Caller, make_key, make_payload
from tests.cast import NOON


def logged() -> list[tuple[str, int, str]]:
    rows = ApiRequest.objects.order_by("id")
    return [(row.method, row.status, row.subject) for row in rows]


def test_a_key_comes_in_either_header(cast):
    secret = make_key(cast.olga).secret
    client = Client()

    for headers in ({"X-API-KEY": secret}, {"Authorization": f"Bearer {secret}"}):
        response = client.post(IMPORT, make_payload(), "application/json", headers=headers)
        assert response.status_code in {200, 201}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-KEY": ""},
        {"X-API-KEY": "prs_x"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic abc"},
        {"X-API-KEY": f"prs_{'0' * 32}_{'0' * 8}_{'0' * 64}"},
        {"X-API-KEY": "prs_\u00e9"},
    ],
)
def test_without_a_good_key_nobody_gets_in(db, headers):
    response = Client().post(IMPORT, make_payload(), "application/json", headers=headers)

    assert response.status_code == 401
    assert response["Content-Type"] == MEDIA_TYPE
    assert response["WWW-Authenticate"] == 'Bearer realm="PRS"'
    assert response.json()["success"] is False


def test_a_wrong_secret_of_a_known_key_is_an_unknown_key(cast):
    secret = make_key(cast.olga).secret

    response = Caller(secret[:-1] + ("0" if secret[-1] != "0" else "1")).post(make_payload())

    assert response.status_code == 401
    assert logged() == []


def test_a_revoked_key_is_refused_and_that_is_written_down(cast):
    made = make_key(cast.olga)
    keys.revoke(made.row, by=cast.olga, at=NOON)

    assert Caller(made.secret).post(make_payload()).status_code == 401
    assert logged() == [("POST", 401, "")]


def test_a_key_from_another_address_is_refused_and_that_is_written_down(cast):
    made = make_key(cast.olga, addresses=["192.0.2.0/24"])

    response = Caller(made.secret).post(make_payload())

    assert response.status_code == 403
    assert "127.0.0.1" in response.json()["detail"]
    assert logged() == [("POST", 403, "")]


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        ("invoices.import", "PATCH", "/api/v1/invoices/correct"),
        ("invoices.import", "PATCH", "/api/sales/update/invoice/"),
        ("invoices.correct", "POST", IMPORT),
        ("invoices.correct", "POST", "/api/sales/import/invoice/"),
        ("invoices.correct", "GET", "/api/v1/invoices/HB-1"),
    ],
)
def test_a_key_does_what_its_scopes_say_and_nothing_else(cast, scope, method, path):
    response = Caller(make_key(cast.olga, scope).secret).send(method, path, make_payload())

    assert response.status_code == 403
    assert not Invoice.objects.exists()


def test_the_keys_of_a_suspended_organization_are_refused(cast, caller):
    Organization.objects.filter(pk=cast.acme.pk).update(status="suspended")

    assert caller.post(make_payload()).status_code == 403
    assert not Invoice.objects.exists()


def test_a_key_never_touches_another_organization(cast, caller, neighbour):
    ours = caller.post(make_payload()).json()["data"]
    theirs = neighbour.post(make_payload(remarks="Other")).json()["data"]

    assert ours["id"] != theirs["id"]
    assert caller.get("HB-1").json()["data"]["remarks"] == ""
    assert neighbour.get("HB-1").json()["data"]["remarks"] == "Other"
    neighbour.post(make_payload("HB-2"))
    assert caller.get("HB-2").status_code == 404
    assert caller.patch({"invoice_no": "HB-2"}).status_code == 404
    assert Invoice.objects.count() == 1
    with tenant_context(cast.zenith.pk):
        assert Invoice.objects.count() == 2


def test_who_is_signed_in_makes_no_difference(cast, neighbour):
    neighbour.client.force_login(cast.bill.user)

    assert neighbour.post(make_payload()).status_code == 201
    assert not Invoice.objects.exists()


def test_a_person_without_a_key_is_nobody_here(cast):
    client = Client()
    client.force_login(cast.olga.user)

    response = client.post(IMPORT, make_payload(), "application/json")

    assert response.status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", IMPORT, "POST"),
        ("DELETE", IMPORT, "POST"),
        ("POST", "/api/v1/invoices/correct", "PATCH"),
        ("POST", "/api/v1/invoices/HB-1", "GET, HEAD"),
        ("OPTIONS", "/api/sales/import/invoice/", "POST"),
    ],
)
def test_an_address_says_what_it_answers(caller, method, path, allowed):
    response = caller.send(method, path)

    assert (response.status_code, response["Allow"]) == (405, allowed)
    assert response["Content-Type"] == MEDIA_TYPE


def test_an_address_that_does_not_exist_is_a_problem_too(caller):
    response = caller.send("POST", "/api/v2/anything", {})

    assert (response.status_code, response["Content-Type"]) == (404, MEDIA_TYPE)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 201),
        ("application/json; charset=utf-8", 201),
        ("application/vnd.billing+json", 201),
        ("text/plain", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/json; charset=latin-1", 415),
        ("", 415),
    ],
)
def test_only_json_is_read(caller, kind, status):
    body = json.dumps(make_payload()).encode()
    response = caller.client.generic("POST", IMPORT, body, kind, headers=caller.headers)

    assert response.status_code == status


@override_settings(API_MAX_BODY=1000)
def test_a_body_that_is_too_large_is_not_read(caller):
    assert caller.post(b" " * 1001).status_code == 413
    assert caller.post(b" " * 1000).status_code == 400


def test_every_request_of_a_key_is_written_down_without_its_content(cast, caller):
    caller.post(make_payload())
    caller.post(make_payload(remarks="Other"))
    caller.post(make_payload("HB-2", items=[]))
    caller.post(b"{")
    caller.get("HB-1")
    caller.get("HB-9")

    assert logged() == [
        ("POST", 201, "HB-1"),
        ("POST", 409, "HB-1"),
        ("POST", 422, ""),
        ("POST", 400, ""),
        ("GET", 200, "HB-1"),
        ("GET", 404, "HB-9"),
    ]
    first = ApiRequest.objects.order_by("id")[0]
    assert first.key.name == "Counter till"
    assert first.address == "127.0.0.1"
    assert first.size == len(json.dumps(make_payload()))
    assert len(first.request_id) == 32


def test_the_log_is_kept_for_ninety_days(cast, caller):
    caller.post(make_payload())
    caller.post(make_payload())
    old = clock.now() - services.KEPT_FOR - timedelta(hours=1)
    ApiRequest.objects.filter(status=200).update(at=old)

    tasks.forget_old_requests()

    assert logged() == [("POST", 201, "HB-1")]


def test_a_fault_of_ours_writes_nothing_and_says_no_more_than_its_code(caller, monkeypatch):
    def broken(*_args: object, **_kwargs: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(views, "refuse_differences", broken)

    response = caller.post(make_payload(), **{"X-Request-ID": "abcdefgh-1"})

    assert response.status_code == 500
    assert "abcdefgh-1" in response.json()["detail"]
    assert b"secret" not in response.content
    assert not Invoice.objects.exists()
    assert logged() == [("POST", 500, "HB-1")]


def test_a_repetition_with_the_same_idempotency_key_gets_the_first_answer(caller):
    first = caller.post(make_payload(), **{"Idempotency-Key": "k-1"})
    again = caller.post(make_payload(), **{"Idempotency-Key": "k-1"})

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Idempotent-Replayed"] == "true"
    assert Invoice.objects.count() == 1


def test_an_idempotency_key_belongs_to_one_body(caller):
    caller.post(make_payload(), **{"Idempotency-Key": "k-1"})

    response = caller.post(make_payload("HB-2"), **{"Idempotency-Key": "k-1"})

    assert response.status_code == 422
    assert "Idempotency-Key" in response.json()["detail"]
    assert Invoice.objects.count() == 1


def test_a_refused_request_frees_its_idempotency_key(caller):
    assert caller.post(make_payload(items=[]), **{"Idempotency-Key": "k"}).status_code == 422
    assert caller.post(make_payload(), **{"Idempotency-Key": "k"}).status_code == 201


def test_two_keys_may_use_the_same_idempotency_key(cast, caller):
    other = Caller(make_key(cast.olga).secret)

    caller.post(make_payload(), **{"Idempotency-Key": "k"})

    assert other.post(make_payload("HB-2"), **{"Idempotency-Key": "k"}).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 101, "a b"])
def test_an_idempotency_key_is_short_and_printable(caller, key):
    assert caller.post(make_payload(), **{"Idempotency-Key": key}).status_code == 400


def test_an_import_asks_the_database_little(caller, django_assert_max_num_queries):
    caller.post(make_payload("HB-0"))

    with django_assert_max_num_queries(40):
        caller.post(make_payload("HB-1"))

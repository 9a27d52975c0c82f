"""The addresses of the API. Each takes a `Call`, past the door of `access`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from prs.api import answers, openapi, payloads, reference
from prs.api.access import Call, opened_by
from prs.api.corrections import corrected
from prs.api.problems import Differs, NoSuchInvoice, PaidByCustomer, as_json
from prs.api.reading import parsed
from prs.kernel.identity.permissions import CORRECT_INVOICES, IMPORT_INVOICES
from prs.operations.invoicing import selectors
from prs.operations.invoicing import services as invoices
from prs.operations.invoicing.rules import differences
from prs.operations.invoicing.services import Imported
from prs.operations.payments import selectors as payments

# One list at a time, and none beside single invoices: each holds customers and counters until its end,
# and two that take them in different order would wait for one another.
TURN = "SELECT pg_advisory_xact_lock{kind}(hashtextextended(%s, 0))"


@opened_by(IMPORT_INVOICES, "POST")
def import_invoices(call: Call) -> HttpResponse:
    """Take one invoice, or a list of which all are taken or none."""
    batch = payloads.invoices_of(parsed(call.body))
    call.subject = ", ".join(content["invoice_no"] for content in batch.contents[:20])
    wait_for_turn(call, alone=batch.many)
    took = [taken(call, content) for content in batch.contents]
    refuse_differences(batch, took)
    shown = [answers.taken(each.invoice, created=each.created) for each in took]
    created = sum(each.created for each in took)
    answer = {
        "success": True,
        "message": said(created, len(took)),
        "data": shown if batch.many else shown[0],
        "warnings": payloads.warnings(batch.left_out),
    }
    return as_json(answer, 201 if created else 200)


def wait_for_turn(call: Call, *, alone: bool) -> None:
    """Wait until nothing in the way of this import runs."""
    with connection.cursor() as cursor:
        sql = TURN.format(kind="" if alone else "_shared")
        cursor.execute(sql, (f"import:{call.organization_id}",))


def taken(call: Call, content: Mapping[str, Any]) -> Imported:
    """Take one invoice."""
    sent = invoices.imported_from(content)
    return invoices.take_import(sent, organization=call.organization, by=call.by, at=call.at)


def refuse_differences(batch: payloads.Batch, took: Sequence[Imported]) -> None:
    """Refuse a request that says something else of a number that is taken.

    :raises Differs: with every difference of every such invoice.
    """
    found: list[dict[str, Any]] = []
    in_the_way: list[dict[str, Any]] = []
    for place, (content, each) in enumerate(zip(batch.contents, took, strict=True)):
        if each.same:
            continue
        stored = selectors.content_of(each.invoice)
        before = f"[{place}]" if batch.many else ""
        found += [
            {**one, "path": f"{before}.{one['path']}".lstrip(".")}
            for one in differences(stored, content)
        ]
        in_the_way.append(answers.existing(each.invoice, place if batch.many else None))
    if in_the_way:
        numbers = ", ".join(each["invoice_no"] for each in in_the_way)
        data = in_the_way if batch.many else in_the_way[0]
        raise Differs(extra={"data": data, "differences": found}, numbers=numbers)


def said(created: int, count: int) -> str:
    """The sentence of an import."""
    if count > 1:
        words = {"created": created, "there": count - created}
        return _("{created} invoices imported, {there} were there already.").format(**words)
    return _("Invoice imported.") if created else _("This invoice was imported before.")


@opened_by(CORRECT_INVOICES, "PATCH")
def correct_invoice(call: Call) -> HttpResponse:
    """Correct an invoice in review."""
    sent, left_out = payloads.correction_of(parsed(call.body))
    call.subject = sent.invoice_no
    invoice = invoices.in_review(sent.invoice_no)
    if invoice is None:
        refuse_unknown(sent.invoice_no)
        raise invoices.NotInReview(number=sent.invoice_no)
    stored = selectors.content_of(invoice)
    content = corrected(stored, sent)
    changes_customer = content["customer"]["code"] != stored["customer"]["code"]
    if changes_customer and payments.payments_of(invoice).exists():
        raise PaidByCustomer(customer=invoice.customer.name)
    invoice = invoices.correct(
        invoices.imported_from(content),
        notes=sent.resolution_notes,
        organization=call.organization,
        by=call.by,
        at=call.at,
    )
    answer = {
        "success": True,
        "message": _("Invoice corrected."),
        "data": answers.corrected(invoice, notes=sent.resolution_notes),
        "invoice": answers.full(invoice),
        "warnings": payloads.warnings(left_out),
    }
    return as_json(answer)


def refuse_unknown(number: str) -> None:
    """Refuse a number that no imported invoice of the organization has.

    :raises NoSuchInvoice: there is none.
    """
    if selectors.imported(number) is None:
        raise NoSuchInvoice(number=number)


@opened_by(IMPORT_INVOICES, "GET", "HEAD")
def read_invoice(call: Call, number: str) -> HttpResponse:
    """One imported invoice as it stands."""
    call.subject = number
    invoice = selectors.imported(number) if "\x00" not in number else None
    if invoice is None:
        raise NoSuchInvoice(number=number)
    return as_json({"success": True, "data": answers.full(invoice)})


def document(_request: HttpRequest) -> HttpResponse:
    """The OpenAPI document."""
    return as_json(openapi.document())


def page(request: HttpRequest) -> HttpResponse:
    """The same, to read."""
    return render(request, "api/docs.html", reference.page())


document.access = page.access = "public"  # type: ignore[attr-defined]

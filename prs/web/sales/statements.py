"""A customer's statement of account, on the screen and as a document."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from prs.kernel import documents
from prs.kernel.files import disposition_name
from prs.masterdata.parties import permissions, selectors
from prs.masterdata.parties.models import Customer
from prs.operations.payments import statements
from prs.operations.payments.statements import Statement
from prs.web.kit.access import found, requires
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen
from prs.web.sales.customer_forms import SpanForm

# Where a line of a statement leads, by the kind of what posted it.
PLACES = {statements.INVOICE: "billing:invoice", statements.PAYMENT: "billing:payment"}
QUARTER = timedelta(days=90)


def asked_span(request: Any) -> tuple[SpanForm, date, date]:
    """The time that the address names; the last three months without one."""
    today = reader().today
    first = (today - QUARTER).replace(day=1)
    form = SpanForm(
        request.GET if "first" in request.GET or "last" in request.GET else None,
        initial={"first": first, "last": today},
    )
    if form.is_bound and form.is_valid():
        return form, form.cleaned_data["first"], form.cleaned_data["last"]
    return form, first, today


def asked(request: Any, pk: UUID) -> tuple[SpanForm, Statement]:
    """The statement that a request asks for."""
    row: Customer = found(selectors.listed(request.member), pk=pk)
    form, first, last = asked_span(request)
    currency = request.organization.currency
    return form, statements.statement_of(row, first=first, last=last, currency=currency)


@requires(permissions.VIEW)
@require_GET
def statement(request: Any, pk: UUID) -> HttpResponse:
    """What a customer owed, what came and went, and what they owe, as the books have it."""
    form, shown = asked(request, pk)
    context = {
        "form": form,
        "statement": shown,
        "customer": shown.customer,
        "rows": [(row, PLACES.get(row.kind, "")) for row in shown.movements],
    }
    status = 422 if form.is_bound and form.errors else 200
    return screen(request, "sales/customer_statement.html", context, status=status)


@requires(permissions.VIEW)
@require_GET
def statement_document(request: Any, pk: UUID) -> HttpResponse:
    """The same as a PDF."""
    _form, shown = asked(request, pk)
    sheet = statements.sheet_of(shown, request.organization)
    made = documents.statement(sheet, language=request.organization.language)
    response = HttpResponse(made.bytes, content_type="application/pdf")
    name = disposition_name(f"{shown.customer.code}-{shown.last.isoformat()}.pdf")
    disposition = content_disposition_header(False, name)  # noqa: FBT003  (Django's own order)
    response["Content-Disposition"] = disposition or ""
    response["Cache-Control"] = "private, no-store"
    return response

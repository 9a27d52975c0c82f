"""Reports of receivables: ageing by customer, credit used, and what was collected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django.http import HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from prs.kernel import clock, documents, money
from prs.kernel.activity.services import record
from prs.kernel.documents import AgedRow, AgeingSheet, Party
from prs.kernel.errors import Forbidden, Invalid
from prs.kernel.files import disposition_name
from prs.kernel.identity.permissions import EXPORT
from prs.masterdata.parties import selectors as customers
from prs.masterdata.parties.models import Customer
from prs.masterdata.parties.permissions import CREDIT
from prs.masterdata.parties.permissions import VIEW as SEE_CUSTOMERS
from prs.operations.invoicing import credit
from prs.operations.payments.models import Payment
from prs.operations.payments.receipts import issuer_of
from prs.operations.receivables import permissions, selectors
from prs.operations.receivables.rules import HIGH, LOW, MEDIUM
from prs.operations.receivables.selectors import Ageing
from prs.web import events
from prs.web.billing.receivable_forms import DayForm, MonthsForm
from prs.web.billing.receivable_tables import AGES, tabs
from prs.web.billing.receivables import asked_day, asked_since
from prs.web.kit import exports
from prs.web.kit.access import found, requires
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen

RISKS: dict[str, tuple[str, Any]] = {
    HIGH: ("stopped", gettext_lazy("High")),
    MEDIUM: ("attention", gettext_lazy("Medium")),
    LOW: ("done", gettext_lazy("Low")),
}


def asked_ageing(request: Any) -> Ageing:
    """The report that the address asks for."""
    return selectors.ageing(
        request.member,
        on=asked_day(request),
        today=reader().today,
        zone=request.organization.time_zone,
        currency=request.organization.currency,
        since=asked_since(request),
    )


def claims_url(report: Ageing, **also: Any) -> str:
    """The address of the claims that a figure of the report sums."""
    query: dict[str, Any] = {"on": report.on.isoformat(), "since": report.since, **also}
    return f"{reverse('billing:receivables')}?{urlencode(query)}"


@requires(permissions.VIEW)
@require_GET
def ageing(request: Any) -> HttpResponse:
    """What each customer owes by age, as of a day, with the risk that follows from it."""
    report = asked_ageing(request)
    rows = [
        (
            row,
            [
                (amount, claims_url(report, bucket=bucket, account=row.customer_id))
                for bucket, amount in row.ages.items()
            ],
            claims_url(report, account=row.customer_id),
            RISKS[row.risk],
        )
        for row in report.rows
    ]
    context = {
        "report": report,
        "rows": rows,
        "heads": list(AGES.values()),
        "sums": [(sum_, claims_url(report, bucket=key)) for key, sum_ in report.ages.items()],
        "all_url": claims_url(report),
        "form": DayForm(initial={"on": report.on, "since": report.since}),
        "query": urlencode({"on": report.on.isoformat(), "since": report.since}),
        "may_export": request.member.may(EXPORT),
        "tabs": tabs(request, "ageing"),
    }
    return screen(request, "billing/ageing.html", context)


@requires(permissions.VIEW)
@require_GET
def ageing_document(request: Any) -> HttpResponse:
    """The same as a PDF."""
    report = asked_ageing(request)
    made = documents.ageing(
        sheet_of(report, request.organization), language=request.organization.language
    )
    return attached(made.bytes, "application/pdf", f"ageing-{report.on.isoformat()}.pdf")


def attached(content: bytes, kind: str, name: str) -> HttpResponse:
    """A file to keep."""
    response = HttpResponse(content, content_type=kind)
    disposition = content_disposition_header(True, disposition_name(name))  # noqa: FBT003
    response["Content-Disposition"] = disposition or ""
    response["Cache-Control"] = "private, no-store"
    return response


def sheet_of(report: Ageing, organization: Any) -> AgeingSheet:
    """What the report says on paper, in the organization's language."""
    language = organization.language

    def figure(amount: Decimal) -> str:
        return money.figure(money.Money(report.currency, amount), language) if amount else ""

    with translation.override(language):
        return AgeingSheet(
            issuer=issuer_of(organization),
            customer=Party(name=""),
            number="",
            date=format_date(report.on, "medium", locale=money.locale_of(language)),
            currency=report.currency,
            heads=tuple(str(word) for word in AGES.values()),
            rows=tuple(
                AgedRow(
                    name=row.name,
                    code=row.code,
                    ages=tuple(figure(amount) for amount in row.ages.values()),
                    total=figure(row.total),
                    risk=str(RISKS[row.risk][1]),
                )
                for row in report.rows
            ),
            sums=tuple(figure(amount) for amount in report.ages.values()),
            total=money.formatted(money.Money(report.currency, report.total), language),
        )


@requires(permissions.VIEW)
@require_GET
def ageing_file(request: Any, form: str) -> HttpResponse:
    """The same as CSV or XLSX."""
    if not request.member.may(EXPORT):
        raise Forbidden
    if form not in exports.FORMATS:
        raise Invalid
    report = asked_ageing(request)
    head = [_("Code"), _("Customer"), *(str(word) for word in AGES.values()), _("Total")]
    table: list[Sequence[Any]] = [[*head, _("Currency"), _("Credit limit"), _("Risk")]]
    for row in report.rows:
        risk = str(RISKS[row.risk][1])
        ages = row.ages.values()
        table.append([row.code, row.name, *ages, row.total, report.currency, row.limit, risk])
    words = {"rows": len(report.rows), "list": _("Ageing"), "format": form, "query": ""}
    at = clock.now()
    record(events.LIST_EXPORTED, request.organization, by=request.member, at=at, words=words)
    kind, write = exports.FORMATS[form]
    content = write(table, ZoneInfo(reader().zone))
    return attached(content, kind, f"ageing-{report.on.isoformat()}.{form}")


# --- credit -------------------------------------------------------------------------------------


@requires(permissions.VIEW)
@require_GET
def credit_used(request: Any) -> HttpResponse:
    """Who has a limit and how much of it is used; who uses most stands first."""
    currency, today = request.organization.currency, reader().today
    granted = customers.listed(request.member).filter(credit_limit__isnull=False)
    rows = [
        (row, credit.CreditAccount(row.credit_limit, owed, late, None, 0, currency))
        for row, owed, late in credit.used_by(granted, on=today, currency=currency)
    ]
    rows.sort(key=lambda pair: (-(pair[1].used or Decimal(0)), pair[0].name, pair[0].code))
    limit = sum((account.limit or Decimal(0) for _row, account in rows), Decimal(0))
    used = sum((account.outstanding for _row, account in rows), Decimal(0))
    context = {
        "rows": rows,
        "limit": limit,
        "used": used,
        "share": used * 100 / limit if limit else None,
        "currency": currency,
        "tabs": tabs(request, "credit"),
    }
    return screen(request, "billing/credit_used.html", context)


@requires(SEE_CUSTOMERS)
@require_GET
def customer_credit(request: Any, pk: UUID) -> HttpResponse:
    """One customer's credit: what was granted and is used, its changes, and what went against it."""
    row: Customer = found(customers.visible_to(request.member), pk=pk)
    today, currency = reader().today, request.organization.currency
    account = credit.credit_account(row, currency=currency, on=today)
    family = customers.family(row)
    given = selectors.overrides(request.member).filter(customer__in=family).order_by("-at", "-pk")
    context = {
        "customer": row,
        "account": account,
        "overrides": given[:20],
        "changes": [
            {**change, "changed": [in_words(each, currency) for each in change["changed"]]}
            for change in selectors.credit_changes(row)
        ],
        "currency": currency,
        "claims_url": f"{reverse('billing:receivables')}?account={row.pk}",
        "may_edit": request.member.may(CREDIT),
        "may_see_claims": request.member.may(permissions.VIEW),
    }
    return screen(request, "billing/customer_credit.html", context)


def in_words(change: tuple[str, Any, Any], currency: str) -> tuple[str, str, str]:
    """A change of a customer's credit as people read it: what, from what, to what."""
    name, before, after = change

    def said(value: Any) -> str:
        if name == "credit_limit" and value is not None:
            return money.spoken(money.Money(currency, Decimal(str(value))))
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        return str(value) if value not in (None, "") else "—"

    field: Any = Customer._meta.get_field(name)
    return str(field.verbose_name), said(before), said(after)


# --- collected ----------------------------------------------------------------------------------


@requires(permissions.VIEW)
@require_GET
def collected(request: Any) -> HttpResponse:
    """Month by month what was sold on credit and collected, and how money came in."""
    form, first, last = asked_months(request)
    zone, currency = request.organization.time_zone, request.organization.currency
    span = {"first": first, "last": last, "zone": zone, "currency": currency}
    months = selectors.months(request.member, **span)
    methods = dict(Payment.Method.choices)
    received = [
        (methods[method], count, amount, receipts_url(method, first, last))
        for method, count, amount in selectors.by_method(request.member, **span)
    ]
    sold = sum((month.sold for month in months), Decimal(0))
    came = sum((month.collected for month in months), Decimal(0))
    context = {
        "form": form,
        "months": [(month, invoices_url(month.first, month.last)) for month in months],
        "received": received,
        "received_count": sum(count for _word, count, _amount, _url in received),
        "received_total": sum((row[2] for row in received), Decimal(0)),
        "sold": sold,
        "came": came,
        "rate": came * 100 / sold if sold else None,
        "currency": currency,
        "tabs": tabs(request, "collected"),
    }
    status = 422 if form.is_bound and form.errors else 200
    return screen(request, "billing/collected.html", context, status=status)


def asked_months(request: Any) -> tuple[MonthsForm, date, date]:
    """The time that the address names; this year so far without one."""
    today = reader().today
    first = today.replace(month=1, day=1)
    bound = request.GET if "first" in request.GET or "last" in request.GET else None
    form = MonthsForm(bound, initial={"first": first, "last": today})
    if form.is_bound and form.is_valid():
        return form, form.cleaned_data["first"], form.cleaned_data["last"]
    return form, first, today


def invoices_url(first: date, last: date) -> str:
    """The address of the invoices of a month."""
    query = urlencode({"since": first.isoformat(), "until": last.isoformat()})
    return f"{reverse('billing:invoices')}?{query}"


def receipts_url(method: str, first: date, last: date) -> str:
    """The address of the payments that came in by a method."""
    days = {"decided_from": first.isoformat(), "decided_to": last.isoformat()}
    return f"{reverse('billing:payments')}?{urlencode({'method': method, **days})}"

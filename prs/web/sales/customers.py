"""Customers: the list, the board, one of them, its form and its credit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Value
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from prs.kernel import clock
from prs.kernel.activity.selectors import timeline
from prs.masterdata.parties import permissions, selectors
from prs.masterdata.parties import services as parties
from prs.masterdata.parties.models import Customer
from prs.masterdata.parties.rules import shown_phone
from prs.operations.deals import selectors as deals
from prs.operations.deals.permissions import VIEW as SEE_DEALS
from prs.operations.invoicing import selectors as invoices
from prs.operations.invoicing import standings
from prs.operations.invoicing.permissions import EDIT as INVOICE
from prs.operations.invoicing.permissions import VIEW as SEE_INVOICES
from prs.operations.payments import selectors as payments
from prs.operations.payments.permissions import RECORD
from prs.operations.payments.permissions import VIEW as SEE_PAYMENTS
from prs.web.kit.access import found, requires
from prs.web.kit.countries import country_name
from prs.web.kit.filters import sentence_of
from prs.web.kit.forms import edit_screen
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen
from prs.web.kit.states import deal_state
from prs.web.sales.customer_forms import CreditForm, CustomerForm, NoteForm, TagForm
from prs.web.sales.customer_tables import CUSTOMERS, CustomerFilter, shown_standing

SHOWN = 10
# How many of each kind of thing the story of a customer tells of.
TOLD = 50


def rows_for(request: Any) -> Any:
    """The customers that the member chooses from."""
    return selectors.listed(request.member)


@requires(permissions.VIEW)
def customers(request: Any) -> HttpResponse:
    """Everyone the member sells to."""
    currency = request.organization.currency
    rows = standings.with_standing(rows_for(request), currency=currency, on=reader().today)
    rows = rows.annotate(home_currency=Value(currency))
    query = request.GET.copy()
    for name in ("after", "before", "sort", "columns", "open"):
        query.pop(name, None)
    may = request.member.may
    return CUSTOMERS.show(
        request,
        rows,
        query=query.urlencode(),
        may_import=may(permissions.IMPORT),
        may_merge=may(permissions.MERGE),
    )


@requires(permissions.VIEW)
@require_GET
def board(request: Any) -> HttpResponse:
    """The same customers by how they stand: derived, so nothing is dragged."""
    filters = CustomerFilter(request.GET, queryset=rows_for(request), request=request)
    sentence = sentence_of(filters, request.GET, rows_for(request), reader())
    currency = request.organization.currency
    columns = standings.board(sentence.rows, currency=currency, on=reader().today)
    context = {
        "columns": [(column, *shown_standing(column.standing)) for column in columns],
        "chips": sentence.chips,
        "currency": currency,
        "today": reader().today,
        "query": request.GET.urlencode(),
        "others": others_of(request),
    }
    return screen(request, "sales/customer_board.html", context)


def others_of(request: Any) -> str:
    """The address's filters without the standing, to follow a column into the list."""
    query = request.GET.copy()
    query.pop("standing", None)
    return query.urlencode()


@requires(permissions.VIEW)
def customer(request: Any, pk: UUID) -> HttpResponse:
    """One customer: what they owe, what they paid, and what happened."""
    row = found(selectors.visible_to(request.member).select_related("merged_into"), pk=pk)
    return screen(request, "sales/customer.html", customer_page(request, row))


def customer_page(request: Any, row: Customer, **more: Any) -> dict[str, Any]:
    """What the page of a customer shows."""
    member, family = request.member, selectors.family(row)
    theirs = invoices.visible_to(member).filter(customer__in=family)
    paid = payments.visible_to(member).filter(customer__in=family)
    agreed = deals.visible_to(member).filter(customer__in=family)
    account = standings.account_of(row, currency=request.organization.currency, on=reader().today)
    may = member.may
    kinds = ((SEE_INVOICES, theirs), (SEE_PAYMENTS, paid), (SEE_DEALS, agreed))
    return {
        "customer": row,
        "phones": [shown_phone(each) for each in (row.phone, row.phone2) if each],
        "country": country_name(row.country),
        "nationality": country_name(row.nationality),
        "account": account,
        "standing": shown_standing(account.standing),
        "invoices": theirs.order_by("-invoice_date", "-pk")[:SHOWN],
        "deals": [
            (deal, deal_state(deal.status, deal.cancelled_at))
            for deal in agreed.order_by("-deal_date", "-pk")[:SHOWN]
        ],
        "sees_deals": may(SEE_DEALS),
        "payments": paid.order_by("-recorded_at", "-pk")[:SHOWN],
        "history": payments.history_of(row),
        "contacts": selectors.contacts_of(row),
        "addresses": selectors.addresses_of(row),
        "tags": selectors.tags_of(row),
        "all_tags": selectors.tags(),
        "notes": selectors.notes_of(row)[:SHOWN],
        "feedback": selectors.feedback_of(row)[:3],
        "merges": [
            (merge, invoices.owed(invoices.unpaid_of(merge.merged).order_by()))
            for merge in selectors.merges_of(row)
        ],
        "events": story_of(row, family, *[rows for right, rows in kinds if may(right)]),
        "tag_form": TagForm(auto_id="id_tag_%s"),
        "note_form": NoteForm(auto_id="id_note_%s"),
        "may_edit": may(permissions.EDIT) and not row.merged_into_id,
        "may_credit": may(permissions.CREDIT) and not row.merged_into_id,
        "may_merge": may(permissions.MERGE),
        "may_invoice": may(INVOICE) and row.active,
        "may_record": may(RECORD),
        "sees_invoices": may(SEE_INVOICES),
        "sees_payments": may(SEE_PAYMENTS),
        **more,
    }


def story_of(row: Customer, family: list[UUID], *things: Any) -> Any:
    """What happened to a customer, and to what the reader may see of it: invoices, payments, deals."""
    ids = [pk for rows in things for pk in rows.order_by("-pk").values_list("pk", flat=True)[:TOLD]]
    return timeline(row, *family[1:], *ids, limit=40)


@requires(permissions.EDIT)
def add_customer(request: Any) -> HttpResponse:
    """Add a customer."""
    form = CustomerForm(request.POST or None, initial={"salesperson": request.member})
    if request.method == "POST" and form.is_valid():
        row = form.add(parties.add, by=request.member, at=clock.now())
        if row is not None:
            messages.success(request, _("%(name)s is added.") % {"name": row.name})
            return redirect("sales:customer", row.pk)
    return edit_screen(request, "sales/customer_form.html", form)


@requires(permissions.EDIT)
def edit_customer(request: Any, pk: UUID) -> HttpResponse:
    """Change a customer."""
    row = found(rows_for(request), pk=pk)
    form = CustomerForm(request.POST or None, instance=row)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.apply(parties.change, by=request.member, at=clock.now())
    ):
        return redirect("sales:customer", row.pk)
    return edit_screen(request, "sales/customer_form.html", form, {"customer": row})


@requires(permissions.CREDIT)
def credit(request: Any, pk: UUID) -> HttpResponse:
    """Set a customer's limit, or stop their credit."""
    row = found(rows_for(request), pk=pk)
    currency = request.organization.currency
    form = CreditForm(request.POST or None, instance=row, currency=currency)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.apply(parties.set_credit, by=request.member, at=clock.now())
    ):
        return redirect("sales:customer", row.pk)
    context = {
        "customer": row,
        "currency": currency,
        "account": standings.account_of(row, currency=currency, on=reader().today),
    }
    return edit_screen(request, "sales/customer_credit.html", form, context)

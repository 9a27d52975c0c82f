"""What belongs to a customer: contacts, addresses, tags and notes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from prs.kernel import clock
from prs.masterdata.parties import permissions, selectors
from prs.masterdata.parties.models import Customer
from prs.masterdata.parties.services import details
from prs.web.kit.access import found, requires
from prs.web.kit.forms import edit_screen
from prs.web.kit.screens import screen
from prs.web.sales.customer_forms import AddressForm, ContactForm, NoteForm, TagForm
from prs.web.sales.customers import customer_page, rows_for


def added(
    request: Any, pk: UUID, form_type: Any, verb: Callable[..., Any], *, title: str
) -> HttpResponse:
    """The form that adds something to a customer, or the customer once it is added."""
    row: Customer = found(rows_for(request), pk=pk)
    form = form_type(request.POST or None)

    def add(fields: Any, *, by: Any, at: Any) -> Any:
        return verb(row, fields, by=by, at=at)

    if request.method == "POST" and form.is_valid():
        made = form.add(add, by=request.member, at=clock.now())
        if made is not None:
            return redirect("sales:customer", row.pk)
    context = {"customer": row, "title": title}
    return edit_screen(request, "sales/customer_detail_form.html", form, context)


def changed(
    request: Any, row: Any, form_type: Any, verb: Callable[..., Any], *, remove: str
) -> HttpResponse:
    """The form that changes something of a customer, or the customer once it is changed."""
    form = form_type(request.POST or None, instance=row)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.apply(verb, by=request.member, at=clock.now())
    ):
        return redirect("sales:customer", row.customer_id)
    context = {"customer": row.customer, "title": str(row), "row": row, "remove": remove}
    return edit_screen(request, "sales/customer_detail_form.html", form, context)


@requires(permissions.EDIT)
def add_contact(request: Any, pk: UUID) -> HttpResponse:
    """Add a person at a customer; posted like every form."""
    return added(request, pk, ContactForm, details.add_contact, title=_("Add a contact"))


@requires(permissions.EDIT)
def contact(request: Any, pk: UUID) -> HttpResponse:
    """Change a person at a customer."""
    row = found(selectors.contacts_for(request.member), pk=pk)
    return changed(request, row, ContactForm, details.change_contact, remove="sales:remove_contact")


@requires(permissions.EDIT)
@require_POST
def remove_contact(request: Any, pk: UUID) -> HttpResponse:
    """Remove a person at a customer."""
    row = found(selectors.contacts_for(request.member), pk=pk)
    details.remove_contact(row, by=request.member, at=clock.now())
    return redirect("sales:customer", row.customer_id)


@requires(permissions.EDIT)
def add_address(request: Any, pk: UUID) -> HttpResponse:
    """Add a place of a customer."""
    return added(request, pk, AddressForm, details.add_address, title=_("Add an address"))


@requires(permissions.EDIT)
def address(request: Any, pk: UUID) -> HttpResponse:
    """Change a place of a customer."""
    row = found(selectors.addresses_for(request.member), pk=pk)
    return changed(request, row, AddressForm, details.change_address, remove="sales:remove_address")


@requires(permissions.EDIT)
@require_POST
def remove_address(request: Any, pk: UUID) -> HttpResponse:
    """Remove a place of a customer."""
    row = found(selectors.addresses_for(request.member), pk=pk)
    details.remove_address(row, by=request.member, at=clock.now())
    return redirect("sales:customer", row.customer_id)


@requires(permissions.EDIT)
@require_POST
def tag(request: Any, pk: UUID) -> HttpResponse:
    """Put a tag on a customer."""
    row = found(rows_for(request), pk=pk)
    form = TagForm(request.POST, auto_id="id_tag_%s")
    if not form.is_valid():
        return screen(
            request, "sales/customer.html", customer_page(request, row, tag_form=form), status=422
        )
    colour = form.cleaned_data["colour"] or "grey"
    details.tag(row, form.cleaned_data["tag"], colour=colour, by=request.member, at=clock.now())
    return redirect("sales:customer", row.pk)


@requires(permissions.EDIT)
@require_POST
def untag(request: Any, pk: UUID) -> HttpResponse:
    """Take a tag from a customer."""
    row = found(rows_for(request), pk=pk)
    chosen = selectors.tags_named(row, request.POST.get("tag", ""))
    if chosen is not None:
        details.untag(row, chosen, by=request.member, at=clock.now())
    return redirect("sales:customer", row.pk)


@requires(permissions.EDIT)
@require_POST
def note(request: Any, pk: UUID) -> HttpResponse:
    """Write something down about a customer."""
    row = found(rows_for(request), pk=pk)
    form = NoteForm(request.POST, auto_id="id_note_%s")
    if not form.is_valid():
        return screen(
            request, "sales/customer.html", customer_page(request, row, note_form=form), status=422
        )
    details.note(row, form.cleaned_data["text"], by=request.member, at=clock.now())
    return redirect("sales:customer", row.pk)

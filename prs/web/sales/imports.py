"""Customers from a file: brought, its columns named, looked over, imported."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from prs.kernel import clock
from prs.kernel.errors import Refusal
from prs.kernel.files import Kind, checked
from prs.masterdata.parties import permissions, selectors
from prs.masterdata.parties.models import CustomerImport
from prs.masterdata.parties.services import importing
from prs.web.kit.access import found, requires
from prs.web.kit.exports import guarded
from prs.web.kit.screens import screen
from prs.web.sales.customer_forms import ImportForm

LARGEST = 5 * 1024 * 1024
SHOWN_FAULTS = 100


@requires(permissions.IMPORT)
def imports(request: Any) -> HttpResponse:
    """Bring a file; and the files that were brought."""
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            file = checked(
                form.cleaned_data["file"], kinds={Kind.CSV, Kind.XLSX}, limit_bytes=LARGEST
            )
            row = importing.bring(file, by=request.member, at=clock.now())
        except Refusal as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect("sales:import", row.pk)
    context = {"form": form, "imports": selectors.imports()[:20], "targets": importing.TARGETS}
    status = 422 if form.is_bound and form.errors else 200
    return screen(request, "sales/customer_imports.html", context, status=status)


def preview(request: Any, row: CustomerImport, *, status: int = 200) -> HttpResponse:
    """What the file would do, with every fault."""
    rows = importing.rows_of(row)
    plan = importing.plan_of(row, member=request.member)
    columns = [
        (place, text or _("Column %(number)s") % {"number": place + 1})
        for place, text in enumerate(rows[0])
    ]
    chosen = [(target, row.mapping.get(target.name)) for target in importing.TARGETS]
    mapped = [target for target in importing.TARGETS if target.name in row.mapping]
    context = {
        "row": row,
        "plan": plan,
        "columns": columns,
        "chosen": chosen,
        "shown": [(line, [cell_of(line, target.name) for target in mapped]) for line in plan.shown],
        "heads": [target.label for target in mapped],
        "faults": plan.faults[:SHOWN_FAULTS],
        "named": "name" in row.mapping,
    }
    return screen(request, "sales/customer_import.html", context, status=status)


def cell_of(line: importing.Line, name: str) -> Any:
    """What the preview shows of a field; a row that changes somebody always says whom."""
    if name == "name" and line.customer is not None:
        return line.fields.get("name", line.customer.name)
    return line.fields.get(name, "")


@requires(permissions.IMPORT)
def import_file(request: Any, pk: UUID) -> HttpResponse:
    """One file: which column holds what, and what an import would do."""
    row = found(selectors.imports(), pk=pk)
    if request.method == "POST":
        importing.name_columns(row, posted_mapping(request))
        return redirect("sales:import", row.pk)
    if row.finished_at is not None:
        return screen(request, "sales/customer_import_done.html", {"row": row})
    return preview(request, row)


def posted_mapping(request: Any) -> dict[str, int]:
    """Which column was chosen for which field."""
    chosen = {name: request.POST.get(f"column-{name}", "") for name in importing.FIELDS}
    return {
        name: int(text)
        for name, text in chosen.items()
        if text.isascii() and text.isdigit() and len(text) < 4
    }


@requires(permissions.IMPORT)
@require_POST
def run_import(request: Any, pk: UUID) -> HttpResponse:
    """Import every row, or none."""
    row = found(selectors.imports(), pk=pk)
    try:
        done = importing.carry_out(row, by=request.member, at=clock.now())
    except importing.Faulty as refusal:
        messages.error(request, str(refusal))
        return preview(request, row, status=422)
    words = {"added": done.added, "changed": done.changed}
    messages.success(request, _("%(added)s customers added, %(changed)s changed.") % words)
    return redirect("sales:customers")


@requires(permissions.IMPORT)
@require_GET
def import_faults(request: Any, pk: UUID) -> HttpResponse:
    """Every fault of a file as a CSV, to be worked through beside it."""
    row = found(selectors.imports(), pk=pk)
    plan = importing.plan_of(row, member=request.member)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([_("Row"), _("Column"), _("Value"), _("What is wrong")])
    for fault in plan.faults:
        writer.writerow([fault.row, fault.label, guarded(fault.value), fault.text])
    return HttpResponse(
        b"\xef\xbb\xbf" + text.getvalue().encode(),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="faults.csv"',
            "Cache-Control": "no-store",
        },
    )

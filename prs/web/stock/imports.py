"""The catalogue as a file: brought, its columns named, looked over, imported; and taken out again."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from prs.kernel import clock
from prs.kernel.activity.services import record
from prs.kernel.errors import Forbidden, Refusal
from prs.kernel.files import CheckedFile, Kind, checked, table_rows
from prs.kernel.identity.permissions import EXPORT
from prs.masterdata.catalog import permissions, selectors
from prs.masterdata.catalog.services import importing
from prs.web import events
from prs.web.kit.access import requires
from prs.web.kit.exports import FORMATS
from prs.web.kit.proofs import kept_for, taken_up
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen

LARGEST = 5 * 1024 * 1024
SHOWN_FAULTS = 100


class ImportForm(forms.Form):
    """A file of products."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "CSV or Excel (XLSX), at most 5,000 rows and 5 MB. Its first row names the columns."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
    )

    def clean_file(self) -> CheckedFile:
        """A table that can be read, with rows below its head."""
        try:
            file = checked(
                self.cleaned_data["file"], kinds={Kind.CSV, Kind.XLSX}, limit_bytes=LARGEST
            )
            rows = rows_of(file)
        except Refusal as refusal:
            raise ValidationError(str(refusal)) from refusal
        if len(rows) < 2:
            raise ValidationError(_("The file has no rows below its head."))
        if len(rows) > importing.MOST_ROWS + 1:
            raise ValidationError(
                _("The file has more than 5,000 rows. Split it and import the parts.")
            )
        return file


def rows_of(file: CheckedFile) -> list[list[str]]:
    """The rows of a checked file, its head first; empty rows at the end are left out."""
    rows = table_rows(file.bytes, file.kind, most=importing.MOST_ROWS + 2)
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


@requires(permissions.EDIT)
@require_GET
def imports(request: Any) -> HttpResponse:
    """Bring a file of products."""
    context = {"form": ImportForm(), "targets": importing.targets()}
    return screen(request, "stock/imports.html", context)


@requires(permissions.EDIT)
@require_POST
def look_at_import(request: Any) -> HttpResponse:
    """What a file would do, and every fault in it; nothing is imported yet."""
    kept = taken_up(request.member, request.POST.get("kept", ""))
    if kept is not None:
        return preview(request, kept, posted_mapping(request))
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        context = {"form": form, "targets": importing.targets()}
        return screen(request, "stock/imports.html", context, status=422)
    file = form.cleaned_data["file"]
    return preview(request, file, importing.guessed(rows_of(file)[0]))


@requires(permissions.EDIT)
@require_POST
def run_import(request: Any) -> HttpResponse:
    """Import every row, or none."""
    file = taken_up(request.member, request.POST.get("kept", ""))
    if file is None:
        messages.error(request, _("The file is no longer here. Bring it again."))
        return redirect("stock:imports")
    mapping = posted_mapping(request)
    rows, at = rows_of(file), clock.now()
    try:
        plan = importing.carry_out(rows, mapping, name=file.name, by=request.member, at=at)
    except importing.Faulty:
        return preview(request, file, mapping, status=422)
    words = {"added": plan.to_add, "changed": plan.to_change}
    messages.success(request, _("%(added)s products added, %(changed)s changed.") % words)
    return redirect("stock:products")


def preview(
    request: Any, file: CheckedFile, mapping: dict[str, int], *, status: int = 200
) -> HttpResponse:
    """The page that shows what a file would do. The file is kept for the next step."""
    rows = rows_of(file)
    plan = importing.plan_of(rows, mapping, by=request.member)
    targets = importing.targets()
    mapped = [target for target in targets if target.name in mapping]
    context = {
        "name": file.name,
        "kept": kept_for(request.member, file),
        "plan": plan,
        "columns": [
            (place, text or _("Column %(number)s") % {"number": place + 1})
            for place, text in enumerate(rows[0])
        ],
        "chosen": [(target, mapping.get(target.name)) for target in targets],
        "heads": [target.label for target in mapped],
        "shown": [(line, [cell_of(line, each.name) for each in mapped]) for line in plan.shown],
        "faults": plan.faults[:SHOWN_FAULTS],
        "ready": bool(plan.lines) and not plan.faults,
    }
    return screen(request, "stock/import.html", context, status=status)


def cell_of(line: importing.Line, name: str) -> Any:
    """What the preview shows of a field; a row that changes a product always says which."""
    if name == "name" and line.there is not None:
        return line.fields.get("name", line.there.name)
    return importing.written(line.fields.get(name, ""))


def posted_mapping(request: Any) -> dict[str, int]:
    """Which column was chosen for which field."""
    chosen = {
        target.name: request.POST.get(f"column-{target.name}", "") for target in importing.targets()
    }
    return {
        name: int(text)
        for name, text in chosen.items()
        if text.isascii() and text.isdigit() and len(text) < 4
    }


@requires(permissions.VIEW)
@require_POST
def export_catalogue(request: Any) -> HttpResponse:
    """The whole catalogue as a file that can be brought back."""
    form = request.POST.get("format", "csv")
    if form not in FORMATS or not request.member.may(EXPORT):
        raise Forbidden
    rows = selectors.products_visible_to(request.member).order_by("name", "pk")
    table, at = importing.table(list(rows)), clock.now()
    words = {"rows": len(table) - 1, "list": _("Products"), "format": form, "query": ""}
    record(events.LIST_EXPORTED, request.organization, by=request.member, at=at, words=words)
    content_type, write = FORMATS[form]
    day = clock.local_date(at, reader().zone).isoformat()
    return HttpResponse(
        write(table, ZoneInfo(reader().zone)),
        content_type=content_type,
        headers={
            "Content-Disposition": f'attachment; filename="catalogue-{day}.{form}"',
            "Cache-Control": "no-store",
        },
    )

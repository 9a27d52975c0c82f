"""The chart of accounts on the screen: the tree, one account, a published chart, posting rules."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from prs.kernel import clock
from prs.kernel.activity.selectors import timeline
from prs.kernel.db.versions import Stale
from prs.kernel.errors import Refusal
from prs.kernel.files import Kind, checked
from prs.ledgers.bookkeeping import permissions, selectors, services
from prs.ledgers.bookkeeping.rules import CHART, HEADINGS, ChartRow
from prs.web.books import naming, published
from prs.web.books.forms import AccountForm, ChartFileForm, RuleForm
from prs.web.books.posting_map import EXAMPLES, Example
from prs.web.books.sheets import attached
from prs.web.books.spans import asked
from prs.web.kit.access import found, requires
from prs.web.kit.exports import guarded
from prs.web.kit.forms import edit_screen
from prs.web.kit.screens import screen

NAMES = {code: name for code, name, _kind in CHART}
LARGEST = 2 * 1024 * 1024


@requires(permissions.VIEW)
@require_safe
def accounts(request: Any) -> HttpResponse:
    """The chart of accounts as a tree."""
    rows = selectors.tree()
    retired = request.GET.get("retired") == "1"
    groups = [
        (
            label,
            [row for row in rows if row.account.kind == kind and (retired or row.account.active)],
        )
        for kind, label in selectors.KINDS
    ]
    context = {
        "groups": groups,
        "names": NAMES,
        "retired": retired,
        "hidden": sum(not row.account.active for row in rows),
        "may_set": request.member.may(permissions.SETTINGS),
        "currency": request.organization.currency,
    }
    return screen(request, "books/accounts.html", context)


@requires(permissions.VIEW)
@require_safe
def account(request: Any, pk: UUID) -> HttpResponse:
    """One account: its lines with a running balance, a page at a time."""
    row = found(selectors.accounts(), pk=pk)
    wanted = asked(request, "branch", "project", "member")
    page = selectors.account_page(
        row,
        wanted.first,
        wanted.last,
        after=selectors.place_of(request.GET.get("after", "")),
        before=selectors.place_of(request.GET.get("before", "")),
        part=wanted.part or None,
    )
    lines = [each.line for each in page.lines]
    context = {
        "account": row,
        "asked": wanted,
        "page": page,
        "below": selectors.accounts().filter(parent=row),
        "names": naming.parties([line.party_id for line in lines]),
        "currency": request.organization.currency,
        "foreign": any(line.currency != request.organization.currency for line in lines),
        "may_set": request.member.may(permissions.SETTINGS),
    }
    status = 422 if wanted.form.is_bound and wanted.form.errors else 200
    return screen(request, "books/account.html", context, status=status)


@requires(permissions.SETTINGS)
def add_account(request: Any) -> HttpResponse:
    """Add an account."""
    above = selectors.accounts().filter(pk=request.GET["under"]).first() if under(request) else None
    first = {"parent": above, "kind": above.kind if above else None, "cash_flow": "operating"}
    form = AccountForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_account(form.values, by=request.member, at=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect("books:accounts")
    return edit_screen(request, "books/account_form.html", form)


def under(request: Any) -> bool:
    """Whether the address names an account to put the new one under."""
    try:
        UUID(request.GET.get("under", ""))
    except ValueError:
        return False
    return True


@requires(permissions.SETTINGS)
def edit_account(request: Any, pk: UUID) -> HttpResponse:
    """Rename, move, classify or retire an account."""
    row = found(selectors.accounts(), pk=pk)
    first = {name: getattr(row, name) for name in AccountForm.base_fields}
    form = AccountForm(request.POST or None, initial=first, row=row)
    if request.method == "POST" and form.is_valid():
        row.version = form.cleaned_data["version"] or 0
        touched = {name: form.values[name] for name in form.values if name in form.changed_data}
        try:
            if touched:
                services.change_account(row, touched, by=request.member, at=clock.now())
        except Stale:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect("books:account", row.pk)
    context = {"account": row, "events": timeline(row)}
    return edit_screen(request, "books/account_form.html", form, context)


# --- a published chart --------------------------------------------------------------------------------


@requires(permissions.SETTINGS)
def import_chart(request: Any) -> HttpResponse:
    """Take over a published chart: brought, looked over, its headings placed, imported."""
    if request.method == "POST" and "rows" in request.POST:
        return place_headings(request)
    form = ChartFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            if upload.name.lower().endswith(".json"):
                rows, faults = published.read_json(upload.read(LARGEST))
            else:
                file = checked(upload, kinds={Kind.CSV, Kind.XLSX}, limit_bytes=LARGEST)
                rows, faults = published.read_table(file)
        except Refusal as refusal:
            form.add_error("file", str(refusal))
        else:
            return preview(request, rows, faults, published.guesses(rows))
    context = {"form": form}
    status = 422 if form.is_bound and form.errors else 200
    return screen(request, "books/chart_import.html", context, status=status)


def preview(
    request: Any, rows: list[ChartRow], faults: Any, chosen: dict[str, str], *, status: int = 200
) -> HttpResponse:
    """What the file would do, and where each heading would post."""
    known = {row.code for row in selectors.accounts()}
    leaves = published.leaves(rows)
    headings = [
        {
            "code": code,
            "name": NAMES[code],
            "chosen": chosen.get(code, ""),
            "choices": [row for row in leaves if published.fits(code, row)],
        }
        for code in HEADINGS
    ]
    context = {
        "rows": rows,
        "shown": rows[:200],
        "faults": faults[:100],
        "fresh": sum(row.code not in known for row in rows),
        "headings": headings,
        "missing": sum(not each["chosen"] for each in headings),
        "packed": json.dumps([published.packed(row) for row in rows]),
    }
    return screen(request, "books/chart_preview.html", context, status=422 if faults else status)


def place_headings(request: Any) -> HttpResponse:
    """The second step: the headings as they were placed; imported when every one is."""
    rows, faults = published.unpack(request.POST["rows"])
    chosen = {code: request.POST.get(f"heading-{code}", "") for code in HEADINGS}
    places = {row.code for row in published.leaves(rows)}
    if faults or not all(code in places for code in chosen.values()):
        return preview(request, rows, faults, chosen, status=422)
    try:
        count = services.import_chart(rows, chosen, by=request.member, at=clock.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return preview(request, rows, faults, chosen, status=409)
    messages.info(request, _("%(count)s accounts are in the chart.") % {"count": count})
    return redirect("books:accounts")


# --- posting rules ------------------------------------------------------------------------------------


@requires(permissions.VIEW)
@require_safe
def rules(request: Any) -> HttpResponse:
    """Where each event posts, as an example entry."""
    current = {(row.heading, row.source_kind): row.account for row in selectors.current_rules()}
    context = {
        "examples": [drawn(each, current) for each in EXAMPLES],
        "headings": [(code, NAMES[code], current.get((code, ""))) for code in HEADINGS],
        "may_set": request.member.may(permissions.SETTINGS),
        "currency": request.organization.currency,
    }
    return screen(request, "books/rules.html", context)


def drawn(example: Example, current: Any, changed: Any = None) -> dict[str, Any]:
    """An example entry with the accounts that it would be posted to."""
    rules_now = {**current, **(changed or {})}
    lines = []
    for heading, amount in example.lines:
        account = rules_now.get((heading, example.kind)) or rules_now.get((heading, ""))
        lines.append(
            {
                "heading": heading,
                "name": NAMES[heading],
                "account": account,
                "debit": amount if amount > 0 else None,
                "credit": -amount if amount < 0 else None,
                "special": (heading, example.kind) in rules_now
                and rules_now[heading, example.kind] is not None,
            }
        )
    return {"title": example.title, "kind": example.kind, "lines": lines}


@requires(permissions.SETTINGS)
def rule(request: Any, heading: str) -> HttpResponse:
    """Choose where a heading posts, with a preview of what would be posted."""
    kind = request.GET.get("kind", "")
    if heading not in HEADINGS or (kind and kind not in {each.kind for each in EXAMPLES}):
        raise Http404
    current = {(row.heading, row.source_kind): row.account for row in selectors.current_rules()}
    now = current.get((heading, kind)) or current.get((heading, ""))
    form = RuleForm(request.POST or None, initial={"account": now})
    changed = None
    if request.method == "POST" and request.POST.get("then") == "default" and kind:
        services.set_rule(heading, None, by=request.member, at=clock.now(), kind=kind)
        return redirect("books:rules")
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["account"]
        changed = {(heading, kind): chosen}
        if request.POST.get("then") == "save":
            try:
                services.set_rule(heading, chosen, by=request.member, at=clock.now(), kind=kind)
            except Refusal as refusal:
                form.refuse(refusal)
            else:
                return redirect("books:rules")
    concerned = [
        each
        for each in EXAMPLES
        if heading in {code for code, _amount in each.lines} and (not kind or each.kind == kind)
    ]
    context = {
        "heading": NAMES[heading],
        "now": now,
        "kind": naming.kind_label(kind) if kind else "",
        "special": current.get((heading, kind)) is not None and bool(kind),
        "examples": [drawn(each, current, changed) for each in concerned],
        "looked": changed is not None,
        "history": selectors.rules_of(heading),
        "accounts": selectors.leaves(),
        "currency": request.organization.currency,
    }
    return edit_screen(request, "books/rule.html", form, context)


@requires(permissions.VIEW)
@require_safe
def export_chart(request: Any) -> HttpResponse:
    """The chart as a file that an import reads."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["code", "name", "kind", "parent", "cash flow", "tax"])
    for each in selectors.tree():
        row = each.account
        parent = row.parent.code if row.parent_id else ""
        if row.active:
            values = [row.code, row.name, row.kind, parent, row.cash_flow, row.tax]
            writer.writerow([guarded(value) for value in values])
    content = b"\xef\xbb\xbf" + text.getvalue().encode()
    return attached(content, "chart-of-accounts.csv", "text/csv; charset=utf-8")

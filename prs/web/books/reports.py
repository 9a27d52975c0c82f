"""Reports of the books: trial balance, statements, tax, and who owes what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from prs.ledgers.bookkeeping import permissions, selectors
from prs.ledgers.bookkeeping.selectors import CUSTOMERS, SUPPLIERS, Span, Statement
from prs.web.books import naming
from prs.web.books.sheets import Cell, Line, Sheet, account_url, answer, between, part_of, sheet_of
from prs.web.books.spans import Asked, asked, columns
from prs.web.kit.access import requires
from prs.web.kit.screens import screen

WHOM = {"customers": CUSTOMERS, "suppliers": SUPPLIERS}
read_or_export = require_http_methods(["GET", "HEAD", "POST"])


@requires(permissions.VIEW)
@read_or_export
def trial_balance(request: Any) -> HttpResponse:
    """Debits and credits of every account, and that they are equal."""
    wanted = asked(request, "branch", "project", "member")
    found = selectors.trial_balance(wanted.first, wanted.last, wanted.part)
    heads = [_("Before"), _("Debit"), _("Credit"), _("After")]
    sheet = Sheet(_("Trial balance"), between(wanted.first, wanted.last), heads)
    sheet.part = part_of(wanted)
    span = Span("", wanted.first, wanted.last, wanted.part)
    for row in found.rows:
        if not (row.before or row.debit or row.credit):
            continue
        url = account_url(row.account_id, span)
        amounts = (row.before, row.debit, row.credit, row.after)
        cells = [Cell(amount, url) for amount in amounts]
        sheet.lines.append(Line(row.name, cells, code=row.code, url=url))
    totals = (found.before, found.debit, found.credit, found.after)
    sheet.lines.append(Line(_("Total"), [Cell(amount) for amount in totals], "grand"))
    if not wanted.part:
        sheet.true, sheet.truth = found.balanced, _("Debits equal credits")
    return answer(request, sheet, wanted, "books/trial_balance.html")


def statement(
    request: Any, made: Callable[[Sequence[Span]], Statement], *shown: str
) -> HttpResponse:
    """A statement with its columns."""
    wanted = asked(request, "compare", *shown)
    sheet = sheet_of(request, made(columns(without_branches(wanted, shown))), wanted)
    return answer(request, sheet, wanted, "books/statement.html")


def without_branches(wanted: Asked, shown: Sequence[str]) -> Asked:
    """What was asked for; statements that no branch has of its own are not compared by branch."""
    if shown or wanted.compare != "branch":
        return wanted
    return Asked(wanted.form, wanted.first, wanted.last, wanted.part, "", wanted.presets)


@requires(permissions.VIEW)
@read_or_export
def income(request: Any) -> HttpResponse:
    """What was earned and spent."""
    return statement(request, selectors.income_statement, "branch", "project", "member")


@requires(permissions.VIEW)
@read_or_export
def balance_sheet(request: Any) -> HttpResponse:
    """What is owned and owed."""
    return statement(request, selectors.balance_sheet)


@requires(permissions.VIEW)
@read_or_export
def cash_flow(request: Any) -> HttpResponse:
    """Where money came from and went."""
    return statement(request, selectors.cash_flow)


@requires(permissions.VIEW)
@read_or_export
def tax(request: Any) -> HttpResponse:
    """Tax on sales and purchases, and what is left to pay."""
    wanted = asked(request)
    found = selectors.tax_report(wanted.first, wanted.last)
    sheet = Sheet(
        _("Tax report"), between(wanted.first, wanted.last), [_("Taxed amount"), _("Tax")]
    )
    span = Span("", wanted.first, wanted.last)
    for title, rows, total, label in (
        (_("Tax on sales"), found.output, found.owed, _("Total tax on sales")),
        (_("Tax on purchases"), found.input, found.reclaimed, _("Total tax on purchases")),
    ):
        sheet.lines.append(Line(title, style="head"))
        for row in rows:
            url = account_url(row.account.pk, span)
            cells = [Cell(row.base), Cell(row.tax, url)]
            sheet.lines.append(Line(row.account.name, cells, code=row.account.code, url=url))
        sheet.lines.append(Line(label, [Cell(None), Cell(total)], "sum"))
    left = _("Left to pay") if found.payable >= 0 else _("To be paid back")
    sheet.lines.append(Line(left, [Cell(None), Cell(abs(found.payable))], "grand"))
    return answer(request, sheet, wanted, "books/tax.html")


@requires(permissions.VIEW)
@read_or_export
def parties(request: Any, whom: str) -> HttpResponse:
    """What each customer owes, or what each supplier is owed, as the books have it."""
    if whom not in WHOM:
        raise Http404
    wanted = asked(request)
    sign = 1 if whom == "customers" else -1
    rows = selectors.parties(WHOM[whom], wanted.first, wanted.last)
    names = naming.parties([row.party_id for row in rows])
    title = _("Customers' accounts") if whom == "customers" else _("Suppliers' accounts")
    heads = [_("Before"), _("Claimed"), _("Paid"), _("After")]
    sheet = Sheet(title, between(wanted.first, wanted.last), heads)
    totals = [Decimal(0)] * 4
    for row in rows:
        sides = (row.debit, row.credit) if sign > 0 else (row.credit, row.debit)
        amounts = [sign * row.before, *sides, sign * row.after]
        totals = [one + two for one, two in zip(totals, amounts, strict=True)]
        url = (
            f"{reverse('books:party', args=[whom, row.party_id])}?{wanted.query}"
            if row.party_id
            else ""
        )
        code, name = names.get(row.party_id, ("", _("Without a name")))
        sheet.lines.append(Line(name, [Cell(each, url) for each in amounts], code=code, url=url))
    sheet.lines.append(Line(_("Total"), [Cell(each) for each in totals], "grand"))
    return answer(request, sheet, wanted, "books/parties.html", whom=whom)


@requires(permissions.VIEW)
@require_safe
def party(request: Any, whom: str, pk: UUID) -> HttpResponse:
    """One customer's or supplier's account: its lines with a running balance."""
    names = naming.parties([pk])
    if whom not in WHOM or pk not in names:
        raise Http404
    wanted = asked(request)
    page = selectors.party_page(
        pk,
        WHOM[whom],
        wanted.first,
        wanted.last,
        after=selectors.place_of(request.GET.get("after", "")),
        before=selectors.place_of(request.GET.get("before", "")),
    )
    context = {
        "whom": whom,
        "name": names[pk][1],
        "code": names[pk][0],
        "asked": wanted,
        "page": page,
        "currency": request.organization.currency,
    }
    return screen(request, "books/party.html", context)

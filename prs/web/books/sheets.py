"""A report as a sheet: the same lines and figures on the screen, as PDF, as CSV and as XLSX."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _

from prs.kernel import clock, documents
from prs.kernel.activity.services import record
from prs.kernel.errors import Forbidden, Invalid
from prs.kernel.files import disposition_name
from prs.kernel.identity.permissions import EXPORT
from prs.ledgers.bookkeeping.selectors import Span, Statement
from prs.operations.payments.receipts import issuer_of
from prs.web import events
from prs.web.books.spans import Asked, fiscal_year_start
from prs.web.kit.exports import FORMATS
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen


@dataclass(frozen=True)
class Cell:
    """A figure, and where the lines behind it stand."""

    amount: Decimal | None
    url: str = ""


@dataclass(frozen=True)
class Line:
    """A line of a sheet: head, group, account, sum, total or grand (the last with a double rule)."""

    label: str
    cells: Sequence[Cell] = ()
    style: str = "account"
    depth: int = 0
    code: str = ""
    url: str = ""


@dataclass
class Sheet:
    """A report, ready to be drawn."""

    title: str
    when: str
    heads: Sequence[str]
    lines: list[Line] = field(default_factory=list)
    part: str = ""
    true: bool | None = None
    truth: str = ""
    note: str = ""

    @property
    def wide(self) -> bool:
        """Whether the paper is turned."""
        return len(self.heads) > 4

    @property
    def empty(self) -> bool:
        return not any(line.style == "account" for line in self.lines)

    def rows(self) -> list[list[Any]]:
        """The sheet as a table of values."""
        found: list[list[Any]] = [[_("Code"), _("Name"), *self.heads]]
        blank = [None] * len(self.heads)
        for line in self.lines:
            amounts = [cell.amount for cell in line.cells] or blank
            found.append([line.code, f"{'  ' * line.depth}{line.label}", *amounts])
        return found


def account_url(pk: Any, span: Span, start: date | None = None) -> str:
    """Where the lines of an account in a column stand."""
    words = f"first={(start or span.first).isoformat()}&last={span.last.isoformat()}"
    for name in ("branch", "project", "member"):
        value = getattr(span.part, name)
        if value is not None:
            words += f"&{name}={value}"
    return f"{reverse('books:account', args=[pk])}?{words}"


def sheet_of(request: Any, statement: Statement, asked: Asked) -> Sheet:
    """A statement as a sheet, each figure with the way to its lines."""
    month = request.organization.fiscal_year_start_month
    sheet = Sheet(statement.title, when_of(statement, asked), heads_of(statement))
    sheet.part = part_of(asked)
    for row in statement.rows:
        cells = []
        for amount, span in zip(row.amounts, statement.spans, strict=False):
            start = fiscal_year_start(span.last, month)
            if row.account_id is not None:
                url = account_url(row.account_id, span, start if row.from_start else None)
            elif row.style == "result":
                begin = start if statement.kind == "balance" else span.first
                words = f"first={begin.isoformat()}&last={span.last.isoformat()}"
                url = f"{reverse('books:income')}?{words}"
            else:
                url = ""
            cells.append(Cell(amount, url))
        style = "account" if row.style == "result" else row.style
        sheet.lines.append(
            Line(row.label, with_change(cells, statement, asked), style, row.depth, row.code)
        )
    if statement.kind == "balance":
        sheet.true, sheet.truth = statement.true, _("Assets equal liabilities and equity")
    if statement.kind == "cash":
        sheet.true, sheet.truth = statement.true, _("The change is that of the cash accounts")
    return sheet


def heads_of(statement: Statement) -> list[str]:
    """What stands above the columns; a comparison of two gets their difference."""
    words = reader()
    heads = [
        words.day(span.last) if statement.kind == "balance" and not span.part else span.label
        for span in statement.spans
    ]
    return [*heads, _("Change")] if len(heads) == 2 else heads


def with_change(cells: list[Cell], statement: Statement, asked: Asked) -> list[Cell]:
    """The cells of a line; in a comparison of two, with what changed."""
    if len(statement.spans) != 2 or len(cells) != 2:
        return cells
    one, two = cells[0].amount or Decimal(0), cells[1].amount or Decimal(0)
    return [*cells, Cell(one - two)]


def when_of(statement: Statement, asked: Asked) -> str:
    """The time of a statement in words."""
    words = reader()
    if statement.kind == "balance":
        return _("On %(day)s") % {"day": words.day(asked.last)}
    return between(asked.first, asked.last)


def between(first: date, last: date) -> str:
    """From a day to a day."""
    words = reader()
    return _("From %(first)s to %(last)s") % {"first": words.day(first), "last": words.day(last)}


def part_of(asked: Asked) -> str:
    """Which part of the books a sheet shows, in words; nothing for the whole."""
    if not asked.form.is_bound or not asked.part:
        return ""
    rows = [asked.form.cleaned_data.get(name) for name in ("branch", "project", "member")]
    return ", ".join(str(getattr(row, "name", row)) for row in rows if row)


def answer(request: Any, sheet: Sheet, asked: Asked, template: str, **context: Any) -> HttpResponse:
    """The sheet as it was asked for: a page, a PDF, or a file."""
    if request.method == "POST":
        return file_of(request, sheet, request.POST.get("export", ""))
    if request.GET.get("as") == "pdf":
        return pdf_of(request, sheet)
    status = 422 if asked.form.is_bound and asked.form.errors else 200
    words = request.GET.copy()
    words["as"] = "pdf"
    if "first" not in words:
        words["first"], words["last"] = asked.first.isoformat(), asked.last.isoformat()
    shown = {
        "sheet": sheet,
        "asked": asked,
        "pdf": f"?{words.urlencode()}",
        "may_export": request.member.may(EXPORT),
        "currency": request.organization.currency,
    }
    return screen(request, template, {**shown, **context}, status=status)


def name_of(sheet: Sheet, end: str) -> str:
    """What the file of a sheet is called."""
    day = clock.local_date(clock.now(), reader().zone).isoformat()
    return f"{slugify(sheet.title) or 'report'}-{day}.{end}"


def pdf_of(request: Any, sheet: Sheet) -> HttpResponse:
    """The sheet on paper."""
    organization = request.organization
    words = reader()
    drawn = [
        {
            "label": line.label,
            "code": line.code,
            "style": line.style,
            "depth": line.depth,
            "figures": [figure_of(cell, organization.currency) for cell in line.cells],
        }
        for line in sheet.lines
    ]
    paper = (
        "letter" if organization.settings.get("receipt", {}).get("paperSize") == "letter" else "A4"
    )
    context = {
        "sheet": sheet,
        "lines": drawn,
        "issuer": issuer_of(organization),
        "currency": organization.currency,
        "paper": paper,
        "made": words.moment(words.now),
    }
    made = documents.render("pdf/books.html", context, language=words.language)
    return attached(made.bytes, name_of(sheet, "pdf"), "application/pdf", inline=True)


def figure_of(cell: Cell, currency: str) -> str:
    """A figure as paper shows it."""
    if cell.amount is None:
        return ""
    return reader().figure(cell.amount, currency) if cell.amount else "–"


def file_of(request: Any, sheet: Sheet, form: str) -> HttpResponse:
    """The sheet as a file, after history knows who took it."""
    if not request.member.may(EXPORT):
        raise Forbidden
    if form not in FORMATS:
        raise Invalid
    content_type, write = FORMATS[form]
    rows = sheet.rows()
    words = {"rows": len(rows) - 1, "list": sheet.title, "format": form, "query": sheet.when}
    record(
        events.LIST_EXPORTED, request.organization, by=request.member, at=clock.now(), words=words
    )
    return attached(write(rows, ZoneInfo(reader().zone)), name_of(sheet, form), content_type)


def attached(content: bytes, name: str, content_type: str, *, inline: bool = False) -> HttpResponse:
    """Bytes under a name."""
    disposition = content_disposition_header(not inline, disposition_name(name))
    return HttpResponse(
        content,
        content_type=content_type,
        headers={
            "Content-Disposition": disposition or "",
            "Cache-Control": "private, no-store",
        },
    )

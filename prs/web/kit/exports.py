"""Exports: the rows of a list as CSV or XLSX, at most 100,000 of them, and a line in history.

A spreadsheet runs text that begins like a formula, so such text gets an apostrophe in front;
numbers and days stay numbers and days.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from django.http import HttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from prs.kernel import clock
from prs.kernel.activity.services import record
from prs.kernel.errors import Invalid
from prs.web import events
from prs.web.kit.columns import needed, paths

MOST = 100_000
FORMULA = re.compile(r"^[=+\-@\t\r\n|%]")
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f￾￿]")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class TooManyRows(Invalid):
    """The list is longer than a file should be."""

    sentence = _("This list has more than 100,000 rows. Filter it and export the parts.")


def guarded(value: Any) -> Any:
    """A value that no spreadsheet takes for a formula."""
    if not isinstance(value, str):
        return value
    text = UNWRITABLE.sub("", value)
    return f"'{text}" if FORMULA.match(text) else text


def table(shown: Any) -> Iterator[list[Any]]:
    """The head and the rows of a list, as values."""
    columns = shown.columns
    at = {path: place for place, path in enumerate(needed(columns))}
    places = {name: [at[path] for path in paths(name, c)] for name, c in columns.items()}
    yield [str(column.verbose_name or name) for name, column in columns.items()]
    rows = shown.rows.order_by(*shown.order, "pk").values_list(*needed(columns))
    found = list(rows[: MOST + 1])
    if len(found) > MOST:
        raise TooManyRows
    for row in found:
        yield [
            column.plain(*[row[place] for place in places[name]])
            for name, column in columns.items()
        ]


def csv_text(rows: Sequence[Sequence[Any]], zone: ZoneInfo) -> bytes:
    """Rows as CSV that spreadsheets open right: UTF-8 with a mark, days as ISO."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for row in rows:
        # Text is guarded, not what is written of a number: -450.00 is no formula.
        writer.writerow([flat(guarded(value), zone) for value in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def flat(value: Any, zone: ZoneInfo) -> Any:
    """A value as CSV holds it."""
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, Decimal):
        value += 0  # Nothing has no sign.
        return (
            f"{value:f}" if value != value.to_integral() else f"{value.quantize(Decimal('0.01')):f}"
        )
    return "" if value is None else value if isinstance(value, int) else str(value)


def xlsx_bytes(rows: Sequence[Sequence[Any]], zone: ZoneInfo) -> bytes:
    """Rows as one sheet with a frozen head; numbers are numbers and days are days."""
    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "constant_memory": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(buffer, options)
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    formats = {
        datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        date: book.add_format({"num_format": "yyyy-mm-dd"}),
        Decimal: book.add_format({"num_format": "#,##0.00##"}),
    }
    for at, row in enumerate(rows):
        for place, value in enumerate(row):
            write_cell(sheet, at, place, value, zone=zone, style=formats.get(type(value)))
    sheet.set_row(0, None, bold)
    sheet.freeze_panes(1, 1)
    if rows:
        sheet.autofilter(0, 0, max(len(rows) - 1, 1), len(rows[0]) - 1)
        sheet.autofit()
    book.close()
    return buffer.getvalue()


def write_cell(sheet: Any, at: int, place: int, value: Any, *, zone: ZoneInfo, style: Any) -> None:
    """One value into one cell, by its own type and never as a formula."""
    if isinstance(value, datetime):
        sheet.write_datetime(at, place, value.astimezone(zone).replace(tzinfo=None), style)
    elif isinstance(value, date):
        sheet.write_datetime(at, place, value, style)
    elif isinstance(value, bool):
        sheet.write_boolean(at, place, value)
    elif isinstance(value, int | Decimal):
        sheet.write_number(at, place, value, style)
    elif value not in (None, ""):
        sheet.write_string(at, place, guarded(str(value))[:32_000])


FORMATS: dict[str, tuple[str, Callable[[Sequence[Sequence[Any]], ZoneInfo], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", csv_text),
    "xlsx": (XLSX, xlsx_bytes),
}


def exported(shown: Any, form: str) -> HttpResponse:
    """The file, after history knows who took how many rows of what."""
    if form not in FORMATS:
        raise Invalid
    content_type, write = FORMATS[form]
    rows = list(table(shown))
    at = clock.now()
    record(
        events.LIST_EXPORTED,
        shown.request.organization,
        by=shown.request.member,
        at=at,
        words={"rows": len(rows) - 1, "list": shown.title, "format": form, "query": shown.query},
    )
    day = clock.local_date(at, shown.reader.zone).isoformat()
    name = f"{slugify(shown.title) or shown.declared.name}-{day}.{form}"
    content = write(rows, ZoneInfo(shown.reader.zone))
    return HttpResponse(
        content,
        content_type=content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )

"""Read the rows of a table that somebody brought. Runs confined: the bytes come from strangers."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, time
from typing import Any, Final

from python_calamine import CalamineError, CalamineWorkbook

from prs.kernel.confined import Unfit

_WIDEST: Final = 100
_LONGEST: Final = 5_000
_SIGNS: Final = ",;\t|"


def rows_of_csv(content: bytes, most: int) -> list[list[str]]:
    """The rows of a CSV in UTF-8, at most so many; whichever sign divides its columns."""
    text = content.decode()
    first = text.split("\n", 1)[0]
    sign = max(_SIGNS, key=first.count)
    try:
        found = []
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=sign):
            found.append([_plain(value) for value in row[:_WIDEST]])
            if len(found) >= most:
                break
    except csv.Error as error:
        raise Unfit("table") from error
    return found


def rows_of_xlsx(content: bytes, most: int) -> list[list[str]]:
    """The rows of a workbook's first sheet, at most so many, as text."""
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet = book.get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False, nrows=most)
    except (CalamineError, IndexError, ValueError) as error:
        raise Unfit("table") from error
    return [[_plain(value) for value in row[:_WIDEST]] for row in rows]


def _plain(value: Any) -> str:
    """A cell as a person reads it: whole numbers without a point, days as ISO."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    if isinstance(value, date | time):
        return value.isoformat()
    return " ".join(str(value).split())[:_LONGEST]

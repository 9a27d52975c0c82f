"""Published charts of accounts: read from a table or from JSON, flat or as a tree."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prs.kernel.errors import Invalid
from prs.kernel.files import CheckedFile, table_rows
from prs.ledgers.bookkeeping.rules import CHART, HEADINGS, ChartRow, Fault, kind_of

MOST = 3_000
RESULT = frozenset({"revenue", "expense"})
DEFAULTS = {code: (name, kind) for code, name, kind in CHART}
COLUMNS = {
    "code": ("code", "number", "account", "account number", "account code", "account_number"),
    "name": ("name", "title", "account name", "description"),
    "kind": ("kind", "type", "class", "account type", "root type", "root_type", "category"),
    "parent": ("parent", "parent code", "part of", "group", "parent account"),
    "cash_flow": ("cash flow", "cash_flow"),
    "tax": ("tax",),
}


class Unreadable(Invalid):
    """No chart in the file."""

    sentence = gettext_lazy("No chart of accounts was found in this file.")


Read = tuple[list[ChartRow], list[Fault]]


def read_table(file: CheckedFile) -> Read:
    """A chart from a table whose head names code, name, kind and parent."""
    rows = table_rows(file.bytes, file.kind, most=MOST + 1)
    if len(rows) < 2:
        raise Unreadable
    head = [cell.strip().lower() for cell in rows[0]]
    at = {
        name: next((head.index(word) for word in words if word in head), None)
        for name, words in COLUMNS.items()
    }
    if at["code"] is None or at["name"] is None:
        raise Unreadable
    found = [
        {
            name: row[place].strip()
            for name, place in at.items()
            if place is not None and place < len(row)
        }
        for row in rows[1:]
        if any(cell.strip() for cell in row)
    ]
    return looked_over(found)


def read_json(content: bytes) -> Read:
    """A chart from JSON: a list of accounts, or a tree whose accounts hold others."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Unreadable from error
    tree = data.get("tree", data.get("accounts", data)) if isinstance(data, dict) else data
    found = list(flat(tree, parent="", kind=""))
    if not found:
        raise Unreadable
    return looked_over(found)


def flat(tree: Any, *, parent: str, kind: str, depth: int = 0) -> Iterator[dict[str, str]]:
    """The accounts of a tree, what is above before what is part of it."""
    if depth > 20:
        return
    named = (
        [{"name": key, **value} for key, value in tree.items() if isinstance(value, Mapping)]
        if isinstance(tree, Mapping)
        else [row for row in tree if isinstance(row, Mapping)]
        if isinstance(tree, Sequence) and not isinstance(tree, str)
        else []
    )
    for place, row in enumerate(named, start=1):
        words = {name: first(row, keys) for name, keys in COLUMNS.items()}
        words["kind"] = words["kind"] or kind
        words["parent"] = words["parent"] or parent
        words["code"] = words["code"] or (f"{parent}.{place}" if parent else f"G{place}")
        yield words
        below = row.get("children", {k: v for k, v in row.items() if isinstance(v, Mapping)})
        yield from flat(below, parent=words["code"], kind=words["kind"], depth=depth + 1)


def first(row: Mapping[str, Any], keys: Sequence[str]) -> str:
    """What a row says under the first of these names."""
    return next((str(row[key]).strip() for key in keys if isinstance(row.get(key), str | int)), "")


def looked_over(found: Sequence[Mapping[str, str]]) -> Read:
    """Rows as accounts, with what is wrong in them."""
    rows: list[ChartRow] = []
    faults: list[Fault] = []
    by_code: dict[str, ChartRow] = {}
    for number, words in enumerate(found[:MOST], start=2):
        code, name = words.get("code", "")[:13], words.get("name", "")
        above = by_code.get(words.get("parent", ""))
        kind = kind_of(words.get("kind", "")) or (above.kind if above else "")
        row = ChartRow(
            code,
            name,
            kind,
            words.get("parent", ""),
            words.get("cash_flow", "").lower(),
            words.get("tax", "").lower(),
        )
        faults += [Fault(number, code or name, why) for why in wrong(row, by_code)]
        by_code.setdefault(code, row)
        rows.append(row)
    faults += [
        Fault(number, row.parent, _("No account in the file has the code of its parent."))
        for number, row in enumerate(rows, start=2)
        if row.parent and row.parent not in by_code
    ]
    return rows, faults


def wrong(row: ChartRow, known: Mapping[str, ChartRow]) -> Iterator[str]:
    """What is wrong with one row."""
    if (
        not row.code
        or len(row.code) > 12
        or not row.code.replace(".", "").replace("-", "").isalnum()
    ):
        yield _("A code has letters, digits, points and dashes, at most 12 of them.")
    if not row.name:
        yield _("An account has a name.")
    if not row.kind:
        yield _("Say whether it is asset, liability, equity, revenue or expense.")
    if row.code in known:
        yield _("Another row has this code.")
    above = known.get(row.parent)
    if above is not None and row.kind and above.kind != row.kind:
        yield _("An account is of the same kind as the account it is part of.")
    if row.cash_flow not in {"", "cash", "operating", "investing", "financing"}:
        yield _("In the cash flow: cash, operating, investing or financing.")
    if row.tax not in {"", "input", "output"}:
        yield _("In the tax report: input or output.")


def leaves(rows: Sequence[ChartRow]) -> list[ChartRow]:
    """Accounts that take lines."""
    above = {row.parent for row in rows}
    return [row for row in rows if row.code not in above]


def fits(heading: str, row: ChartRow) -> bool:
    """Whether a heading may post to an account of a file."""
    return (DEFAULTS[heading][1] in RESULT) == (row.kind in RESULT)


def guesses(rows: Sequence[ChartRow]) -> dict[str, str]:
    """Where each heading seems to belong: by its code, or by the words of its name."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for heading in HEADINGS:
        name, kind = DEFAULTS[heading]
        best = max(
            (row for row in leaves(rows) if fits(heading, row) and row.code not in taken),
            key=lambda row: likeness(heading, name, kind, row),
            default=None,
        )
        if best is not None and likeness(heading, name, kind, best) >= 2:
            found[heading] = best.code
            taken.add(best.code)
    return found


def likeness(heading: str, name: str, kind: str, row: ChartRow) -> int:
    """How much an account looks like what a heading wants."""
    words = {word.strip(",.").lower() for word in name.split() if len(word) > 3}
    theirs = {word.strip(",.").lower() for word in row.name.split()}
    same = 3 if heading == row.code and kind == row.kind else 0
    return same + 2 * len(words & theirs) + (1 if kind == row.kind else 0)


def packed(row: ChartRow) -> list[str]:
    """A row as the page carries it to the next step."""
    return [row.code, row.name, row.kind, row.parent, row.cash_flow, row.tax]


def unpack(text: str) -> Read:
    """The rows that a page carried, looked over again: who posts may have changed them."""
    try:
        data = json.loads(text)
        found = [
            dict(
                zip(
                    ("code", "name", "kind", "parent", "cash_flow", "tax"),
                    map(str, row),
                    strict=True,
                )
            )
            for row in data
        ]
    except (ValueError, TypeError, RecursionError) as error:
        raise Unreadable from error
    if not found:
        raise Unreadable
    return looked_over(found)

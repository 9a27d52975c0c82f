"""Columns of lists. tables2 declares them; their cells are written by plain functions.

A table's rows are written by one pass over tuples of values: no template, no model instance, no
query. What a column returns as plain text is escaped where the row is put together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from html import escape as plainly_escaped
from typing import Any, ClassVar
from uuid import UUID

import django_tables2 as tables
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prs.web.kit.reader import Reader

Writer = Callable[..., str]
NOTHING = "—"
NIL = UUID(int=0)
SIGNS = {
    "done": "circle-check",
    "waiting": "clock",
    "attention": "alert-triangle",
    "stopped": "circle-x",
}


@cache
def icon(name: str) -> SafeString:
    """An icon as decoration: the word beside it says the same."""
    return format_html(
        '<svg class="icon" width="20" height="20" aria-hidden="true" focusable="false">'
        '<use href="{}#{}"></use></svg>',
        static("icons.svg"),
        name,
    )


def escaped(value: str) -> str:
    """Text as it may stand in a page; what was put together by `format_html` stays as it is.

    `html.escape` itself: Django's own wraps it for lazy texts, which a thousand cells a page pay for.
    """
    return value if type(value) is SafeString else plainly_escaped(value)


def status(meaning: str, word: Any, sign: str = "") -> SafeString:
    """A state as icon and word. `meaning`: done, waiting, attention, stopped or plain."""
    drawn = icon(sign or SIGNS.get(meaning, "circle-dashed"))
    return format_html('<span class="status status-{}">{}{}</span>', meaning, drawn, word)


def money(amount: Decimal, currency: str, reader: Reader) -> SafeString:
    """An amount with its currency smaller and lighter."""
    return format_html(
        '<span class="money" dir="ltr"><span class="money-currency">{}</span>{}</span>',
        currency,
        reader.figure(amount, currency),
    )


@cache
def address_parts(url_name: str) -> tuple[str, str]:
    """An address with one identifier, cut where the identifier stands."""
    before, _nil, after = reverse(url_name, args=[NIL]).partition(str(NIL))
    return before, after


class Column(tables.Column):
    """Text. `needs` are the database paths whose values the column reads (its own name by default)."""

    css: ClassVar[str] = ""

    def __init__(
        self,
        verbose_name: Any = None,
        *,
        needs: str | Sequence[str] = (),
        css: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(verbose_name, **options)
        self.needs: tuple[str, ...] = (needs,) if isinstance(needs, str) else tuple(needs)
        self.classes = self.css if css is None else css

    def writer(self, reader: Reader) -> Writer:
        """A function from the needed values to the cell; plain text is escaped later."""
        return lambda value: str(value) if value or value == 0 else NOTHING

    def plain(self, *values: Any) -> Any:
        """The cell's value in an export: a number, a day or text."""
        return values[0]


class Text(Column):
    """Text that may be cut when the window is narrow."""

    css = "second clip"


class Choice(Column):
    """The label of a stored code. `choices` is a TextChoices class or a mapping."""

    def __init__(self, verbose_name: Any = None, *, choices: Any, **options: Any) -> None:
        super().__init__(verbose_name, **options)
        self.labels = choices if isinstance(choices, Mapping) else dict(choices.choices)

    def writer(self, reader: Reader) -> Writer:
        labels = {code: str(label) for code, label in self.labels.items()}
        return lambda value: labels.get(value, NOTHING)

    def plain(self, *values: Any) -> Any:
        return str(self.labels.get(values[0], ""))


class Lead(Column):
    """The first cell: names the row and links to it. `to` is a URL name that takes the row's id.

    `under` is a path whose value stands below in small; `empty` stands where there is no name yet;
    `key` is the path of the id that the link takes, where it isn't the row's own.
    """

    css = "lead"

    def __init__(
        self,
        verbose_name: Any = None,
        *,
        to: str,
        under: str = "",
        empty: Any = NOTHING,
        key: str = "pk",
        **options: Any,
    ) -> None:
        super().__init__(verbose_name, **options)
        self.to, self.under, self.empty, self.key = to, under, empty, key

    def writer(self, reader: Reader) -> Writer:
        before, after = map(plainly_escaped, address_parts(self.to))
        empty = plainly_escaped(str(self.empty))

        def written(name: Any, pk: Any, under: Any = "") -> str:
            text = plainly_escaped(str(name)) if name else empty
            below = (
                f'<span class="cell-second">{plainly_escaped(str(under))}</span>' if under else ""
            )
            # The id is a UUID or a number: nothing in it needs escaping.
            return SafeString(f'<a class="row-link" href="{before}{pk}{after}">{text}</a>{below}')

        return written


class Amount(Column):
    """Money. `currency` is the path of the currency's code."""

    css = "amount"

    def __init__(self, verbose_name: Any = None, *, currency: str, **options: Any) -> None:
        super().__init__(verbose_name, **options)
        self.currency = currency

    def writer(self, reader: Reader) -> Writer:
        figure = reader.figure
        heads: dict[str, str] = {}

        def written(amount: Decimal | None, currency: str) -> str:
            if amount is None:
                return NOTHING
            if currency not in heads:
                heads[currency] = (
                    '<span class="money" dir="ltr"><span class="money-currency">'
                    f"{plainly_escaped(currency)}</span>"
                )
            return SafeString(
                f"{heads[currency]}{plainly_escaped(figure(amount, currency))}</span>"
            )

        return written


class Number(Column):
    """A count or a quantity."""

    css = "num"

    def writer(self, reader: Reader) -> Writer:
        return lambda value: NOTHING if value is None else reader.number(value)


class Day(Column):
    """A calendar day."""

    def writer(self, reader: Reader) -> Writer:
        def written(value: date | None) -> str:
            if value is None:
                return NOTHING
            day = plainly_escaped(reader.day(value))
            return SafeString(f'<time datetime="{value.isoformat()}">{day}</time>')

        return written


class Age(Column):
    """How long ago a moment was; the moment itself in the title. `late` is in hours, 0 for never."""

    css = "num"

    def __init__(self, verbose_name: Any = None, *, late: int = 0, **options: Any) -> None:
        super().__init__(verbose_name, **options)
        self.late = late

    def writer(self, reader: Reader) -> Writer:
        def written(value: datetime | None) -> str:
            return NOTHING if value is None else age(value, reader, late=self.late)

        return written


def age(since: datetime, reader: Reader, *, late: int = 0) -> SafeString:
    """How long ago, with the moment in the title. Past `late` hours it is marked, also in words."""
    waits = bool(late) and (reader.now - since).total_seconds() > late * 3600
    word = f'<span class="visually-hidden"> {plainly_escaped(_("late"))}</span>' if waits else ""
    return SafeString(
        f'<time class="age{" age-late" if waits else ""}" datetime="{since.isoformat()}" '
        f'title="{plainly_escaped(reader.moment(since))}">'
        f"{plainly_escaped(reader.age(since))}{word}</time>"
    )


class Status(Column):
    """A state with icon and word. `shows` turns the needed values into (meaning, word)."""

    css = "state"

    def __init__(
        self, verbose_name: Any = None, *, shows: Callable[..., tuple[str, Any]], **options: Any
    ) -> None:
        super().__init__(verbose_name, **options)
        self.shows = shows

    def writer(self, reader: Reader) -> Writer:
        drawn: dict[tuple[str, str], SafeString] = {}

        def written(*values: Any) -> str:
            meaning, word = self.shows(*values)
            key = (meaning, str(word))
            if key not in drawn:
                drawn[key] = status(*key)
            return drawn[key]

        return written

    def plain(self, *values: Any) -> Any:
        return str(self.shows(*values)[1])


class Table(tables.Table):
    """Base of every table: declarations only. `Meta.order_by` is the order a list opens in."""

    @classmethod
    def declared(cls) -> dict[str, Column]:
        """The columns by name, in order."""
        return dict(cls.base_columns)


def paths(name: str, column: Column) -> tuple[str, ...]:
    """The database paths whose values a column's writer takes, in its order."""
    own = column.needs or (str(column.accessor) if column.accessor else name,)
    if isinstance(column, Lead):
        return (*own[:1], column.key, *((column.under,) if column.under else ()), *own[1:])
    if isinstance(column, Amount):
        return (*own[:1], column.currency)
    return own


def ordering(name: str, column: Column) -> tuple[str, ...]:
    """The paths that an orderable column sorts by; nothing when it does not sort."""
    if column.orderable is False:
        return ()
    return tuple(column.order_by) if column.order_by else paths(name, column)[:1]


def needed(columns: Mapping[str, Column]) -> tuple[str, ...]:
    """Every path that these columns read, the row's id first, each once."""
    every = ("pk", *(path for name, column in columns.items() for path in paths(name, column)))
    return tuple(dict.fromkeys(every))


def picked(write: Writer, places: Sequence[int]) -> Callable[[Sequence[Any]], str]:
    """A writer that finds its own values in a record."""
    if len(places) == 1:
        (at,) = places
        return lambda record: write(record[at])
    if len(places) == 2:
        one, two = places
        return lambda record: write(record[one], record[two])
    return lambda record: write(*[record[at] for at in places])


def tags(column: Column) -> tuple[str, str]:
    """What stands around a column's cells."""
    name = "th" if isinstance(column, Lead) else "td"
    scope = ' scope="row"' if name == "th" else ""
    return f'<{name}{scope} class="{plainly_escaped(column.classes)}">', f"</{name}>"


def written_rows(
    columns: Mapping[str, Column], records: Iterable[Sequence[Any]], reader: Reader, *, pick: bool
) -> SafeString:
    """The rows of a table body. Every cell goes through `escaped`; ids are UUIDs or numbers."""
    at = {path: place for place, path in enumerate(needed(columns))}
    cells = [
        (*tags(column), picked(column.writer(reader), [at[path] for path in paths(name, column)]))
        for name, column in columns.items()
    ]
    label = plainly_escaped(_("Pick this row"))
    rows = []
    for record in records:
        pk = record[0]
        box = BOX.format(pk=pk, label=label) if pick else ""
        written = "".join([f"{start}{escaped(write(record))}{end}" for start, end, write in cells])
        rows.append(f'<tr data-id="{pk}">{box}{written}</tr>')
    return SafeString("".join(rows))


BOX = (
    '<td class="pick"><label><input type="checkbox" name="pick" value="{pk}" '
    'aria-label="{label}" form="list-picked"></label></td>'
)

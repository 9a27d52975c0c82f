"""One way to list: a declaration, and `show()`.

A list lives at one address. GET answers the page, or the parts of it that HTMX asks for; POST
carries what is saved or recorded: the choice of columns, saved views, exports.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from prs.kernel.errors import Forbidden, Invalid
from prs.kernel.identity.permissions import EXPORT
from prs.kernel.identity.rules import Permission
from prs.web.kit import exports, saved
from prs.web.kit.columns import Column, Table, needed, ordering, written_rows
from prs.web.kit.filters import Chip, Sentence, drawn_form, sentence_of
from prs.web.kit.keeping import kept
from prs.web.kit.paging import Page, page_of
from prs.web.kit.reader import Reader, reader
from prs.web.kit.screens import screen
from prs.web.kit.searching import matching

PARTS = {
    "list": "kit/_list.html",
    "list-rows": "kit/_list_rows.html",
    "list-filters-form": "kit/_list_filters_form.html",
}
# Where one is, and what is open: no part of what a list shows.
NOT_STATE = frozenset({"after", "before", "open"})


@dataclass(frozen=True)
class Empty:
    """What an empty list says: what belongs here, and the first step towards it."""

    icon: str
    title: Any
    text: Any = ""
    action: str = ""
    action_label: Any = ""
    permission: Permission | None = None


@dataclass(frozen=True)
class Figure:
    """A summary figure. `query` is the filter that shows what it counts: "status=overdue"."""

    label: Any
    value: str
    query: str | None = None
    currency: str = ""
    note: Any = ""
    meaning: str = ""


@dataclass(frozen=True)
class Action:
    """Something to do: with the whole list (`url` is opened) or with picked rows (`url` gets a POST)."""

    label: Any
    url: str
    icon: str
    permission: Permission | None = None


@dataclass(frozen=True)
class Heading:
    """One cell of the table's head."""

    label: str
    classes: str
    url: str
    sort: str


@dataclass(frozen=True)
class Lean:
    """A field for the search box, as the filter bar reads it."""

    label: str
    value: str
    html_name: str = "q"
    id_for_label: str = "id_q"


Summary = Callable[[Any, QuerySet[Any]], Sequence[Figure]]


@dataclass(frozen=True)
class List:
    """A list. `name` is its key for saved views; `search` names the paths that free text looks in,
    and `also` what else a text may be: a code of the row, say.

    `table` declares columns, `filters` a FilterSet, `summary` a function of (request, queryset) that
    returns figures, `main` the one main action, `bulk` actions for picked rows, `live` the topic
    after whose events the rows refresh.
    """

    name: str
    title: Any
    table: type[Table]
    empty: Empty
    filters: Any = None
    summary: Summary | None = None
    search: tuple[str, ...] = ()
    search_label: Any = ""
    also: Callable[[str], Q] | None = None
    main: Action | None = None
    bulk: tuple[Action, ...] = ()
    live: str = ""
    export: bool = True
    page_size: int = 25
    count_to: int = 10_000
    template: str = "kit/list.html"
    crumbs: Callable[[Any], Sequence[tuple[Any, str]]] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def show(self, request: Any, queryset: QuerySet[Any], **context: Any) -> HttpResponse:
        """The answer to a request for this list. `queryset` holds the rows that the reader may see."""
        shown = Shown(self, request, queryset)
        if request.method == "POST":
            return self.post(shown)
        if request.GET.get("columns") is None and not request.htmx and shown.default_view:
            return redirect(f"{request.path}?{shown.default_view}")
        words = {"list": shown, "crumbs": self.crumbs(request) if self.crumbs else ()}
        answer = screen(request, self.template, {**words, **self.extra, **context}, parts=PARTS)
        if request.htmx.target == "list" and not request.htmx.history_restore_request:
            # A form sends its empty fields too; the address needs only what says something.
            answer["HX-Push-Url"] = shown.here
        return answer

    def post(self, shown: Shown) -> HttpResponse:
        """Save a choice, or hand over an export."""
        request = shown.request
        act = request.POST.get("act", "")
        if act == "export":
            if not (self.export and request.member.may(EXPORT)):
                raise Forbidden
            return exports.exported(shown, request.POST.get("format", "csv"))
        back = saved.changed(
            member=request.member,
            list_name=self.name,
            act=act,
            data=request.POST,
            known=tuple(shown.all_columns),
        )
        return redirect(f"{request.path}?{back}" if back else request.path)


class Shown:
    """A list as one reader sees it at one address. Templates read its properties."""

    def __init__(self, declared: List, request: Any, queryset: QuerySet[Any]) -> None:
        self.declared, self.request, self.given = declared, request, queryset
        self.params: QueryDict = request.GET
        self.reader: Reader = reader()

    # --- what is in the address -----------------------------------------------------------------

    @cached_property
    def pairs(self) -> dict[str, list[str]]:
        """The parameters of the address that say something, without the place in the list."""
        kept = {name: [text for text in texts if text] for name, texts in self.params.lists()}
        return {name: texts for name, texts in kept.items() if texts and name not in NOT_STATE}

    def address(self, **changes: Any) -> str:
        """This list's address with some parameters changed (None drops one), from the first page."""
        state: dict[str, Any] = {**self.pairs, **changes}
        query = urlencode([(name, value) for name, value in state.items() if value], doseq=True)
        return f"{self.request.path}?{query}" if query else self.request.path

    @property
    def here(self) -> str:
        """The address as it is, without what says nothing, to come back to."""
        place = {name: self.params.get(name) for name in ("after", "before")}
        return self.address(**place)

    @cached_property
    def query(self) -> str:
        """The state of the list without its place, as a saved view keeps it."""
        return self.address().partition("?")[2]

    # --- columns and order ----------------------------------------------------------------------

    @cached_property
    def all_columns(self) -> dict[str, Column]:
        return self.declared.table.declared()

    @cached_property
    def views(self) -> list[Any]:
        """The reader's saved views of this list, and the row that keeps the choice of columns."""
        return saved.views_of(self.request.member, self.declared.name)

    @cached_property
    def named_views(self) -> list[Any]:
        return [view for view in self.views if view.name]

    @cached_property
    def default_view(self) -> str:
        """The query of the view that opens by itself; nothing when the address says something."""
        if self.params:
            return ""
        return next((view.query for view in self.named_views if view.is_default), "")

    @cached_property
    def columns(self) -> dict[str, Column]:
        """The columns shown: those in the address, else the saved choice, else the declared ones."""
        asked = self.params.get("columns", "").split(",")
        chosen = [name for name in asked if name in self.all_columns]
        if not chosen:
            kept: list[str] = next((view.columns for view in self.views if not view.name), [])
            chosen = [name for name in kept if name in self.all_columns]
        if not chosen:
            return {name: each for name, each in self.all_columns.items() if each.visible}
        first = next(iter(self.all_columns))
        return {n: each for n, each in self.all_columns.items() if n in chosen or n == first}

    @property
    def column_choices(self) -> list[tuple[str, str, bool]]:
        """Name, label and whether it is shown, for the menu of columns. The first always is."""
        rest = list(self.all_columns.items())[1:]
        return [(name, str(each.verbose_name or name), name in self.columns) for name, each in rest]

    @cached_property
    def sort(self) -> str:
        """The column sorted by, with a minus when descending; empty for the list's own order."""
        text: str = self.params.get("sort", "")
        column = self.all_columns.get(text.lstrip("-"))
        known = column is not None and ordering(text.lstrip("-"), column)
        return text if known and text.count("-") <= 1 else ""

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The database paths that the rows are sorted by."""
        if not self.sort:
            return tuple(self.declared.table._meta.order_by or ("-pk",))
        name = self.sort.lstrip("-")
        turned = self.sort.startswith("-")
        return tuple(
            turned_over(path) if turned else path for path in ordering(name, self.all_columns[name])
        )

    @cached_property
    def head(self) -> list[Heading]:
        """The table's head: labels, and links that sort."""
        headings = []
        for name, column in self.columns.items():
            current = self.sorted_way(name, column)
            first = f"-{name}" if column.initial_sort_descending else name
            other = name if current == "descending" else f"-{name}"
            url = self.address(sort=other if current else first) if ordering(name, column) else ""
            label = str(column.verbose_name if column.verbose_name is not None else name)
            headings.append(Heading(label, column.classes, url, current))
        return headings

    def sorted_way(self, name: str, column: Column) -> str:
        """Which way the rows are sorted by a column, as `aria-sort` says it; empty when they aren't."""
        if self.sort:
            return {name: "ascending", f"-{name}": "descending"}.get(self.sort, "")
        leading = self.order[0]
        if ordering(name, column)[:1] != (leading.lstrip("-"),):
            return ""
        return "descending" if leading.startswith("-") else "ascending"

    # --- rows -----------------------------------------------------------------------------------

    @cached_property
    def filters(self) -> Any:
        """The filter set, bound to the address."""
        declared = self.declared.filters
        if declared is None:
            return None
        return declared(self.params, queryset=self.given, request=self.request)

    @property
    def filter_form(self) -> Any:
        """The fields to filter by; drawn only when somebody opens them."""
        return drawn_form(self.filters.form)

    @property
    def filters_open(self) -> bool:
        return self.filters is not None and self.params.get("open") == "filters"

    @property
    def filters_url(self) -> str:
        """This address with the fields to filter by."""
        return self.address(open="filters")

    def kept_except(self, *names: str) -> list[tuple[str, str]]:
        """The state of the address without some parameters, for the hidden fields of a form."""
        return [(n, text) for n, texts in self.pairs.items() if n not in names for text in texts]

    @property
    def beside_search(self) -> list[tuple[str, str]]:
        return self.kept_except("q")

    @property
    def beside_filters(self) -> list[tuple[str, str]]:
        return self.kept_except(*self.filters.filters)

    @cached_property
    def sentence(self) -> Sentence:
        """What the address filters by: the rows that are left, and a chip for each condition."""
        return sentence_of(self.filters, self.params, self.given, self.reader)

    @cached_property
    def q(self) -> str:
        """The free text searched for."""
        text: str = self.params.get("q", "")
        return text.replace("\x00", "").strip()[:100] if self.declared.search else ""

    @cached_property
    def rows(self) -> QuerySet[Any]:
        """Every row that the address asks for, unsorted."""
        if not self.q:
            return self.sentence.rows
        found = matching(self.given.model, self.declared.search, self.q)
        if self.declared.also is not None:
            found |= self.declared.also(self.q)
        return self.sentence.rows.filter(found)

    @cached_property
    def page(self) -> Page:
        return page_of(
            self.rows,
            order=self.order,
            wanted=needed(self.columns),
            size=self.declared.page_size,
            count_to=self.declared.count_to,
            after=self.params.get("after", ""),
            before=self.params.get("before", ""),
        )

    @cached_property
    def body(self) -> SafeString:
        """The rows of the table, written."""
        return written_rows(self.columns, self.page.records, self.reader, pick=bool(self.bulk))

    # --- around the rows ------------------------------------------------------------------------

    @property
    def title(self) -> str:
        return str(self.declared.title)

    @property
    def searched(self) -> Lean | None:
        """The search box."""
        if not self.declared.search:
            return None
        return Lean(str(self.declared.search_label or _("Search")), self.q)

    @cached_property
    def chips(self) -> list[dict[str, str]]:
        """The conditions in the address, each with the address without it."""
        chips = self.sentence.chips
        if self.q:
            chips = [Chip(("q",), _("text begins with"), f"“{self.q}”"), *chips]
        return [
            {
                "label": chip.label,
                "value": chip.value,
                "remove_url": self.address(**dict.fromkeys(chip.names)),
            }
            for chip in chips
        ]

    @property
    def is_filtered(self) -> bool:
        return bool(self.chips)

    @property
    def clear_url(self) -> str:
        names = [name for chip in self.sentence.chips for name in chip.names]
        return self.address(q=None, **dict.fromkeys(names))

    @cached_property
    def figures(self) -> list[dict[str, Any]]:
        """The summary: each figure filters when pressed, and again takes the filter away."""
        if self.declared.summary is None:
            return []
        return [self.figure(each) for each in self.declared.summary(self.request, self.given)]

    def figure(self, figure: Figure) -> dict[str, Any]:
        shown = {
            "label": figure.label,
            "value": figure.value,
            "currency": figure.currency,
            "note": figure.note,
            "meaning": figure.meaning,
        }
        if figure.query is None:
            return shown
        wanted = QueryDict(figure.query)
        active = bool(wanted) and all(
            self.params.getlist(name) == values for name, values in wanted.lists()
        )
        changes: dict[str, Any] = dict(wanted.lists())
        url = self.address(**(dict.fromkeys(changes) if active else changes))
        return {**shown, "active": active, "url": url if changes else self.clear_url}

    @property
    def count_text(self) -> str:
        """Where the page stands: “26–50 of 10,000+”."""
        page, number = self.page, self.reader.number
        if not page.records:
            return _("Nothing to show")
        last = page.first + len(page.records) - 1
        if page.total is not None and 0 <= page.total <= self.declared.page_size:
            rows = ngettext("%(count)s row", "%(count)s rows", page.total)
            return rows % {"count": number(page.total)}
        total = (
            f"{number(self.declared.count_to)}+" if page.total == -1 else number(page.total or 0)
        )
        words = {"first": number(page.first), "last": number(last), "total": total}
        return _("%(first)s–%(last)s of %(total)s") % words

    @property
    def previous_url(self) -> str:
        return self.address(before=self.page.before) if self.page.before else ""

    @property
    def next_url(self) -> str:
        return self.address(after=self.page.after) if self.page.after else ""

    @property
    def tools(self) -> SafeString:
        """Saved views, columns and exports."""
        return kept(
            self.request,
            "kit/_list_tools.html",
            path=self.request.path,
            query=self.query,
            views=tuple((str(v.pk), v.name, v.query, v.is_default) for v in self.named_views),
            choices=tuple(self.column_choices),
            may_export=self.may_export,
        )

    @property
    def may_export(self) -> bool:
        return self.declared.export and self.request.member.may(EXPORT)

    @cached_property
    def bulk(self) -> list[dict[str, Any]]:
        """The actions for picked rows that the reader may do."""
        return [
            {"label": a.label, "icon": a.icon, "name": "bulk", "value": "1", "url": a.url}
            for a in self.declared.bulk
            if a.permission is None or self.request.member.may(a.permission)
        ]

    @property
    def main(self) -> Action | None:
        """The main action, if the reader may do it."""
        action = self.declared.main
        allowed = action and (
            action.permission is None or self.request.member.may(action.permission)
        )
        return action if allowed else None

    @property
    def empty(self) -> Empty:
        return self.declared.empty

    @property
    def first_step(self) -> str:
        """The address of the empty list's first step, if this reader may take it."""
        permission = self.empty.permission
        allowed = permission is None or self.request.member.may(permission)
        return self.empty.action if allowed else ""


def turned_over(path: str) -> str:
    """The same path in the other direction."""
    return path[1:] if path.startswith("-") else f"-{path}"


def picked(request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
    """The rows that a bulk action is for, among those the reader may see."""
    try:
        chosen = [UUID(text) for text in request.POST.getlist("pick")]
    except ValueError as error:
        raise Invalid from error
    return queryset.filter(Q(pk__in=chosen))

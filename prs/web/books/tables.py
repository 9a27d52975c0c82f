"""The lists of the books: entries, and drafts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import CharField, QuerySet, Value
from django.utils.translation import gettext_lazy as _

from prs.ledgers.bookkeeping import permissions, selectors
from prs.ledgers.bookkeeping.selectors import DRAFT_KINDS, STATES
from prs.web.books.naming import KINDS
from prs.web.kit import choices
from prs.web.kit.columns import Age, Amount, Choice, Day, Lead, Status, Table, Text
from prs.web.kit.filters import DayFilter
from prs.web.kit.lists import Action, Empty, Figure, List
from prs.web.kit.reader import reader

LABELS = {kind: label for kind, (label, _place) in KINDS.items()}
DRAFT_STATES = {
    "draft": ("plain", _("Draft")),
    "submitted": ("waiting", _("To approve")),
    "posted": ("done", _("Posted")),
    "discarded": ("stopped", _("Discarded")),
}


def journal_rows(request: Any) -> QuerySet[Any]:
    """Entries with the currency they are added up in."""
    home = Value(request.organization.currency, output_field=CharField())
    return selectors.entries().annotate(currency=home)


class EntryTable(Table):
    number = Lead(_("Entry"), to="books:entry")
    entry_date = Day(_("Date"))
    description = Text(_("Description"))
    source_kind = Choice(_("Posted by"), choices=LABELS, orderable=False)
    total = Amount(_("Total"), currency="currency")
    posted_by_label = Text(_("Who"), visible=False)
    posted_at = Age(_("Posted"))

    class Meta:
        order_by = ("-entry_date", "-pk")


class EntryFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(
        label=_("Posted by"), field_name="source_kind", choices=list(LABELS.items())
    )
    since = DayFilter(label=_("From"), field_name="entry_date", lookup_expr="gte")
    until = DayFilter(label=_("To"), field_name="entry_date", lookup_expr="lte")
    undone = django_filters.BooleanFilter(
        label=_("Reversals"), field_name="reverses", lookup_expr="isnull", exclude=True
    )


def waiting_figures(request: Any, _rows: QuerySet[Any]) -> Sequence[Figure]:
    """What waits for approval."""
    words = reader()
    rows = selectors.drafts()
    return (
        Figure(
            _("To approve"),
            words.number(rows.filter(state="submitted").count()),
            "state=submitted",
        ),
        Figure(_("Drafts"), words.number(rows.filter(state="draft").count()), "state=draft"),
    )


ENTRIES = List(
    name="entries",
    title=_("Journal"),
    table=EntryTable,
    filters=EntryFilter,
    search=("number", "description"),
    search_label=_("Number or words"),
    empty=Empty(
        "notebook",
        _("Nothing is posted yet"),
        _("Invoices, verified payments and what people write by hand stand here."),
        "/books/drafts/add/",
        _("Write an entry"),
        permissions.EDIT,
    ),
    main=Action(_("Write an entry"), "/books/drafts/add/", "plus", permissions.EDIT),
    template="books/entries.html",
)


def shown_state(state: str) -> tuple[str, Any]:
    """Meaning and word of a draft's state."""
    return DRAFT_STATES[state]


class DraftTable(Table):
    description = Lead(_("What for"), to="books:draft")
    state = Status(_("Status"), shows=shown_state)
    entry_date = Day(_("Date"))
    kind = Choice(_("Kind"), choices=dict(DRAFT_KINDS))
    total = Amount(_("Total"), currency="currency")
    written_by = Text(_("Written by"), accessor="written_by__name")
    written_at = Age(_("Written"))

    class Meta:
        order_by = ("-written_at", "-pk")


class DraftFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(label=_("Status"), choices=STATES)
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=DRAFT_KINDS)
    written_by = django_filters.ModelChoiceFilter(label=_("Written by"), queryset=choices.members)
    since = DayFilter(label=_("From"), field_name="entry_date", lookup_expr="gte")
    until = DayFilter(label=_("To"), field_name="entry_date", lookup_expr="lte")


DRAFTS = List(
    name="drafts",
    title=_("Entries by hand"),
    table=DraftTable,
    filters=DraftFilter,
    summary=waiting_figures,
    search=("description",),
    search_label=_("Words"),
    empty=Empty(
        "pencil",
        _("Nothing was written by hand"),
        _("Rent, depreciation, corrections: what no document posts. Somebody else approves it."),
        "/books/drafts/add/",
        _("Write an entry"),
        permissions.EDIT,
    ),
    main=Action(_("Write an entry"), "/books/drafts/add/", "plus", permissions.EDIT),
    live="books",
    template="books/drafts.html",
)

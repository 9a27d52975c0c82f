"""Filters read as a sentence: each condition of the address becomes a chip that can be removed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import django_filters
from django import forms
from django.db.models import QuerySet
from django.forms import Select
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prs.kernel.identity.selectors import members_of_team
from prs.web.kit import choices
from prs.web.kit.fields import DayField
from prs.web.kit.reader import Reader
from prs.web.kit.searching import matching


@dataclass(frozen=True)
class Chip:
    """A condition in words, and the parameters that make it."""

    names: tuple[str, ...]
    label: str
    value: str


@dataclass(frozen=True)
class Sentence:
    """The rows that are left, and why."""

    rows: QuerySet[Any]
    chips: list[Chip]


def sentence_of(filters: Any, params: QueryDict, rows: QuerySet[Any], reader: Reader) -> Sentence:
    """Apply the filters that the address names. Without any, the filter set is not even asked."""
    if filters is None:
        return Sentence(rows, [])
    if not any(text for name in filters.filters for text in params.getlist(name)):
        return Sentence(rows, [])
    form = filters.form
    form.is_valid()
    # A condition that can't be read is left out; its field says so in the filter menu.
    rows = filters.filter_queryset(rows)
    chips = [
        Chip(
            (name,),
            str(form.fields[name].label or name),
            in_words(form.fields[name], value, reader),
        )
        for name, value in form.cleaned_data.items()
        if value not in (None, "", [], ()) and (not hasattr(value, "exists") or value)
    ]
    return Sentence(rows, chips)


def in_words(field: Any, value: Any, reader: Reader) -> str:
    """A condition's value as a person reads it."""
    if isinstance(field, NamedField):
        return field.in_words(value)
    if value is True or value is False:
        return _("yes") if value else _("no")
    if isinstance(value, date):
        return reader.day(value)
    if isinstance(value, str) and isinstance(field.widget, Select):
        return label_of(field.choices, value)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(in_words(field, each, reader) for each in value)
    return str(value)


def label_of(choices: Any, value: str) -> str:
    """The label of a choice, also inside groups."""
    for code, label in choices:
        if isinstance(label, list | tuple):
            found = label_of(label, value)
            if found != value:
                return found
        elif str(code) == value:
            return str(label)
    return value


def drawn_form(form: Any) -> Any:
    """A filter form for the eye: none of its fields is needed, so none is called optional."""
    if form.is_bound:
        form.is_valid()
    form.use_required_attribute = False
    for field in form.fields.values():
        field.required = True
        if isinstance(field, forms.NullBooleanField):
            field.widget.choices = [("", _("Any")), ("true", _("Yes")), ("false", _("No"))]
    return form


class NamedField(forms.CharField):
    """A row by its id, as links name it, or by the beginning of its words, as people do."""

    def __init__(self, *, queryset: Any = None, **options: Any) -> None:
        super().__init__(max_length=100, **options)
        self.queryset = queryset

    def row(self, value: Any) -> Any:
        """The row that an id names; None for words, and for an id that is not there."""
        try:
            pk = UUID(str(value))
        except ValueError:
            return None
        return self.queryset.filter(pk=pk).first() if self.queryset is not None else None

    def prepare_value(self, value: Any) -> Any:
        return str(self.row(value) or value or "")

    def in_words(self, value: Any) -> str:
        """The condition as a chip reads it."""
        return str(self.row(value) or f"“{value}”")


class Named(django_filters.CharFilter):
    """Rows of one customer (or what else a path leads to): no menu of a hundred thousand names.

    `queryset` is a function of the request, as for a ModelChoiceFilter; `by` names the path whose
    words are looked up when the value is no id.
    """

    field_class = NamedField

    def __init__(self, field_name: str, *, queryset: Any, by: str, **options: Any) -> None:
        super().__init__(field_name, **options)
        self.rows, self.by = queryset, by

    @property
    def field(self) -> Any:
        found = super().field
        request = getattr(self.parent, "request", None)
        found.queryset = self.rows(request) if request is not None else None
        return found

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if not value:
            return qs
        try:
            return qs.filter(**{f"{self.field_name}_id": UUID(str(value))})
        except ValueError:
            return qs.filter(matching(qs.model, (self.by,), value))


class OfTeam(django_filters.ModelChoiceFilter):
    """Rows of the people of a team; the path leads to a member."""

    def __init__(self, field_name: str, **options: Any) -> None:
        super().__init__(field_name, label=gettext_lazy("Team"), queryset=choices.teams, **options)

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return (
            qs if value is None else qs.filter(**{f"{self.field_name}__in": members_of_team(value)})
        )


class DayFilter(django_filters.DateFilter):
    """A calendar day, typed freely: “fri”, “1 dec”, “-30”."""

    field_class = DayField

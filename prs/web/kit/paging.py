"""Pages by key: the rows after (or before) a known row, so that any depth costs what the first does.

A cursor holds the sort values of a row and its id, where it stands in the list, and how long the
list is; it travels in the address. A cursor that can't be read opens the first page.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q, QuerySet, Value

LONGEST = 1500


@dataclass(frozen=True)
class Key:
    """One path of an order, which way it runs and whether it can be empty."""

    path: str
    descending: bool
    nullable: bool
    field: models.Field[Any, Any]

    @property
    def text(self) -> str:
        return f"-{self.path}" if self.descending else self.path


@dataclass(frozen=True)
class Cursor:
    """A row's place in an order. `total` is None when nobody counted, -1 when it was too many."""

    values: tuple[Any, ...]
    place: int
    total: int | None


@dataclass(frozen=True)
class Page:
    """A page of records with the cursors of its neighbours; `first` counts from one."""

    records: list[tuple[Any, ...]]
    first: int
    before: str
    after: str
    total: int | None


class RowCompared(Func):
    """`(a, b) < (x, y)`: one comparison that an index answers."""

    output_field = models.BooleanField()
    conditional = True

    def __init__(self, keys: Sequence[Key], values: Sequence[Any], *, greater: bool) -> None:
        self.sign, self.width = (">" if greater else "<"), len(keys)
        columns = [F(key.path) for key in keys]
        given = [Value(v, output_field=k.field) for k, v in zip(keys, values, strict=True)]
        super().__init__(*columns, *given)

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> Any:  # type: ignore[override]
        parts, params = [], []
        for expression in self.get_source_expressions():
            sql, its = compiler.compile(expression)
            parts.append(sql)
            params += its
        left, right = ", ".join(parts[: self.width]), ", ".join(parts[self.width :])
        return f"({left}) {self.sign} ({right})", params

    def __repr__(self) -> str:
        return f"RowCompared({self.sign})"

    def copy(self) -> RowCompared:
        clone: RowCompared = super().copy()
        clone.sign, clone.width = self.sign, self.width
        return clone


def field_of(queryset: QuerySet[Any], path: str) -> tuple[models.Field[Any, Any], bool]:
    """The field at the end of a path, and whether a null can stand there."""
    if path in queryset.query.annotations:
        return queryset.query.annotations[path].output_field, True
    model, nullable = queryset.model, False
    parts = path.split("__")
    for at, part in enumerate(parts):
        field = model._meta.pk if part == "pk" else model._meta.get_field(part)
        nullable = nullable or bool(getattr(field, "null", False))
        if at < len(parts) - 1:
            model = field.related_model
    return field, nullable


def keys_of(queryset: QuerySet[Any], order: Sequence[str]) -> list[Key]:
    """The keys of an order, ended by the row's id so that no two rows are equal."""
    last = order[-1].startswith("-") if order else False
    paths = [text for text in order if text.lstrip("-") != "pk"]
    keys = []
    for text in (*paths, "-pk" if last else "pk"):
        field, nullable = field_of(queryset, text.lstrip("-"))
        keys.append(Key(text.lstrip("-"), text.startswith("-"), nullable, field))
    return keys


def encoded(cursor: Cursor) -> str:
    """A cursor as it stands in an address."""
    values = [None if value is None else str(value) for value in cursor.values]
    text = json.dumps([values, cursor.place, cursor.total], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decoded(text: str, keys: Sequence[Key]) -> Cursor | None:
    """The cursor of an address, or None when it can't be read for this order."""
    if not text or len(text) > LONGEST:
        return None
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        values, place, total = json.loads(raw)
        if not (isinstance(place, int) and place >= 1 and isinstance(total, int | None)):
            return None
        typed = [
            None if value is None and key.nullable else key.field.to_python(str(value))
            for key, value in zip(keys, values, strict=True)
        ]
    except (binascii.Error, ValueError, TypeError, ValidationError, ArithmeticError):
        return None
    return Cursor(tuple(typed), place, total)


def beyond(keys: Sequence[Key], values: Sequence[Any], *, forward: bool) -> Any:
    """The condition for rows after (or before) the row with these values."""
    same_way = len({key.descending for key in keys}) == 1
    if same_way and not any(key.nullable for key in keys):
        return RowCompared(keys, values, greater=forward != keys[0].descending)
    condition = Q(pk__in=())
    equal = Q()
    for key, value in zip(keys, values, strict=True):
        condition |= equal & past(key, value, forward=forward)
        equal &= Q(**{f"{key.path}__isnull": True}) if value is None else Q(**{key.path: value})
    return condition


def past(key: Key, value: Any, *, forward: bool) -> Q:
    """One key past a value. PostgreSQL sorts empty values last, and first when descending."""
    rising = forward != key.descending
    if value is None:
        return Q(pk__in=()) if rising else Q(**{f"{key.path}__isnull": False})
    condition = Q(**{f"{key.path}__{'gt' if rising else 'lt'}": value})
    if rising and key.nullable:
        condition |= Q(**{f"{key.path}__isnull": True})
    return condition


def counted(queryset: QuerySet[Any], *, up_to: int) -> int:
    """How many rows there are, or -1 when there are more than `up_to`."""
    found = queryset.order_by().values("pk")[: up_to + 1].count()
    return -1 if found > up_to else found


def page_of(
    queryset: QuerySet[Any],
    *,
    order: Sequence[str],
    wanted: Sequence[str],
    size: int,
    count_to: int,
    after: str = "",
    before: str = "",
) -> Page:
    """The page that the cursors of an address name: `wanted` values of at most `size` rows."""
    keys = keys_of(queryset, order)
    forward = not before
    cursor = decoded(after or before, keys)
    rows = queryset
    if cursor is not None:
        rows = rows.filter(beyond(keys, cursor.values, forward=forward))
    direction = (
        keys if forward else [Key(k.path, not k.descending, k.nullable, k.field) for k in keys]
    )
    paths = tuple(dict.fromkeys((*wanted, *(key.path for key in keys))))
    found = list(rows.order_by(*(key.text for key in direction)).values_list(*paths)[: size + 1])
    more, found = len(found) > size, found[:size]
    if not forward:
        found.reverse()
    if cursor is None or (not forward and not more):
        first = 1
    elif forward:
        first = cursor.place + 1
    else:
        first = max(cursor.place - len(found), 1)
    if cursor is not None and cursor.total is not None:
        total: int | None = cursor.total
    elif cursor is None and forward and not more:
        total = len(found)
    else:
        total = counted(queryset, up_to=count_to)
    at = [paths.index(key.path) for key in keys]

    def neighbour(row: tuple[Any, ...], place: int) -> str:
        return encoded(Cursor(tuple(row[i] for i in at), place, total))

    earlier = cursor is not None if forward else more
    later = more if forward else True
    return Page(
        records=found,
        first=first,
        before=neighbour(found[0], first) if found and earlier else "",
        after=neighbour(found[-1], first + len(found) - 1) if found and later else "",
        total=total,
    )

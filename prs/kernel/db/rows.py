"""Whole rows of models by a statement whose text is made once a process.

Every request asks for its session, its user and its member: there the ORM's putting together of the
same text again and again costs several times what the database does. What is read is not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import connection, models

Convert = Callable[[Any], Any]


@dataclass(frozen=True)
class Part:
    """The share of one model in a row: where it begins, its fields, and how values become Python's."""

    model: Any
    start: int
    names: tuple[str, ...]
    converters: tuple[tuple[int, Convert], ...]

    @property
    def end(self) -> int:
        return self.start + len(self.names)

    def read(self, row: list[Any]) -> Any:
        """This model's instance."""
        for at, convert in self.converters:
            row[at] = convert(row[at])
        return self.model.from_db("default", self.names, row[self.start : self.end])


class Rows:
    """A statement over some models, named by their aliases in it.

    `SELECT` with every column of every model is put before `rest`; `extra` are further expressions.
    """

    def __init__(self, rest: str, extra: Sequence[str] = (), **aliases: type[models.Model]) -> None:
        self.rest, self.extra, self.aliases = rest, extra, aliases

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        made: list[Part] = []
        for model in self.aliases.values():
            start = made[-1].end if made else 0
            fields = model._meta.concrete_fields
            names = tuple(field.attname for field in fields)
            found = enumerate(map(converter, fields), start)
            changed = tuple((at, convert) for at, convert in found if convert is not None)
            made.append(Part(model, start, names, changed))
        return tuple(made)

    @cached_property
    def sql(self) -> str:
        quote = connection.ops.quote_name
        columns = [
            f"{alias}.{quote(field.column)}"
            for alias, model in self.aliases.items()
            for field in model._meta.concrete_fields
            if field.column
        ]
        return f"SELECT {', '.join([*columns, *self.extra])} {self.rest}"

    def first(self, params: Sequence[Any]) -> tuple[Any, ...] | None:
        """The first row: an instance for each model, then the extra values."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            found = cursor.fetchone()
        return None if found is None else self.read(found)

    def all(self, params: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Every row, read the same way."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            return [self.read(found) for found in cursor.fetchall()]

    def read(self, found: Sequence[Any]) -> tuple[Any, ...]:
        """A row as instances of its models, and the extra values."""
        row = list(found)
        return (*(part.read(row) for part in self.parts), *row[self.parts[-1].end :])


def as_document(row: models.Model) -> dict[str, Any]:
    """A row as a document that PostgreSQL reads back into a row: its columns with their values."""
    return {
        field.column: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.column
    }


def converter(field: Any) -> Convert | None:
    """What the ORM would do to this field's values, or None where they come as they are."""
    column = field.get_col(field.model._meta.db_table)
    every = [
        *connection.ops.get_db_converters(column),
        *column.get_db_converters(connection),
    ]
    if not every:
        return None

    def convert(value: Any) -> Any:
        for each in every:
            value = each(value, column, connection)
        return value

    return convert

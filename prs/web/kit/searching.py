"""Free search: every word that is typed begins a word of the row, or of what the row belongs to."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import Lookup, Model, Q
from django.db.models.fields import CharField

from prs.web.models import SEARCHED, SearchWord

WORD = re.compile(r"[^\W_]+")
MOST_WORDS = 6


@CharField.register_lookup
class Begins(Lookup):
    """`^@`: the prefix search that PostgreSQL may run ahead of row security, because it leaks nothing."""

    lookup_name = "begins"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} ^@ {right}", [*left_params, *right_params]


def words_of(text: str) -> list[str]:
    """The words of a text as they are kept: letters and digits, in small letters."""
    return [word[:60] for word in WORD.findall(text.lower())][:MOST_WORDS]


def matching(model: type[Model], paths: tuple[str, ...], text: str) -> Q:
    """The rows that hold every word of the text, in any of the paths.

    Tables whose words are kept (`SEARCHED`) are looked up there, whatever column the path names;
    small tables are read through.
    """
    condition = Q()
    for word in words_of(text):
        found = Q()
        for path in paths:
            found |= beginning(model, path, word)
        condition &= found
    return condition if words_of(text) else Q(pk__in=())


def beginning(model: type[Model], path: str, word: str) -> Q:
    """The rows in which a word of a path's row begins so."""
    relation = path.rpartition("__")[0]
    kind = target(model, relation)._meta.label_lower
    if kind not in SEARCHED:
        return Q(**{f"{path}__icontains": word})
    hits = SearchWord.objects.filter(kind=kind, word__begins=word).values("object_id")
    return Q(**{f"{relation or 'pk'}__in": hits})


def target(model: Any, relation: str) -> type[Model]:
    """The model at the end of a relation."""
    for part in filter(None, relation.split("__")):
        model = model._meta.get_field(part).related_model
    found: type[Model] = model
    return found

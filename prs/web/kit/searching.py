"""Free search: every word that is typed begins a word of the row, or of what the row belongs to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, Lookup, Model, OuterRef, Q
from django.db.models.fields import CharField

from prs.kernel.tenancy.context import required_organization
from prs.web.models import SEARCHED, SearchWord

WORD = re.compile(r"[^\W_]+")
MOST_WORDS = 6
# How many hits of one word are fetched; beyond, rows are asked in the order that is wanted.
MOST_HITS = 500
HITS = """
    SELECT object_id FROM web_searchword
    WHERE organization_id = %s AND kind = %s AND word ^@ %s LIMIT %s
"""
Hits = list[UUID] | None


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


class Probed(Exists):
    """`EXISTS` that is asked row by row: the planner doesn't turn it into a join of every hit.

    With an order and a limit, it stops at the first rows that have the word.
    """

    template = "EXISTS(%(subquery)s OFFSET 0)"


def matching(model: type[Model], paths: tuple[str, ...], text: str) -> Q:
    """The rows that hold every word of the text, in any of the paths.

    Tables whose words are kept (`SEARCHED`) are looked up there, whatever column the path names;
    small tables are read through. A word that very many rows hold is looked for in each row in turn,
    in the order that is wanted, instead of fetching all its rows to sort them.
    """
    words = words_of(text)
    relations = {path.rpartition("__")[0]: path for path in paths}
    kinds = {relation: target(model, relation)._meta.label_lower for relation in relations}
    hits = hits_of({kind for kind in kinds.values() if kind in SEARCHED}, words)
    condition = Q()
    for word in words:
        found = Q()
        for path in paths:
            kind = kinds[path.rpartition("__")[0]]
            # A table's words are kept together: one of its paths asks for all.
            if kind not in SEARCHED:
                found |= Q(**{f"{path}__icontains": word})
            elif path == relations[path.rpartition("__")[0]]:
                found |= beginning(path.rpartition("__")[0], kind, word, hits)
        condition &= found
    return condition if words else Q(pk__in=())


def beginning(relation: str, kind: str, word: str, hits: Mapping[tuple[str, str], Hits]) -> Q:
    """The rows in which a word of a kind begins so."""
    few = hits[kind, word]
    if few is not None:
        return Q(**{f"{relation or 'pk'}__in": few})
    having = SearchWord.objects.filter(kind=kind, word__begins=word)
    return Q(Probed(having.filter(object_id=OuterRef(f"{relation}_id" if relation else "pk"))))


def hits_of(kinds: set[str], words: list[str]) -> dict[tuple[str, str], Hits]:
    """For each kind and word the rows that have it; None where they are too many to fetch."""
    found: dict[tuple[str, str], Hits] = {}
    organization = required_organization()
    with connection.cursor() as cursor:
        for kind, word in ((kind, word) for kind in sorted(kinds) for word in dict.fromkeys(words)):
            cursor.execute(HITS, (organization, kind, word, MOST_HITS + 1))
            ids = [row[0] for row in cursor.fetchall()]
            found[kind, word] = None if len(ids) > MOST_HITS else ids
    return found


def target(model: Any, relation: str) -> type[Model]:
    """The model at the end of a relation."""
    for part in filter(None, relation.split("__")):
        model = model._meta.get_field(part).related_model
    found: type[Model] = model
    return found

"""Every address that the product answers, read from the resolver."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern


@dataclass(frozen=True)
class Address:
    """One routed view: its full pattern, its name with its namespaces, and the names of its ids."""

    route: str
    name: str
    view: Callable[..., Any]
    ids: tuple[str, ...]

    @property
    def ours(self) -> bool:
        """Whether the view is the project's own."""
        return origin_of(self.view).startswith("prs.")


def origin_of(view: Any) -> str:
    """The module that a view comes from."""
    shown = getattr(view, "view_class", view)
    return str(getattr(shown, "__module__", ""))


def addresses() -> list[Address]:
    """Every address, in the order of the resolver."""
    return list(walked(get_resolver(), "", ""))


def walked(resolver: URLResolver, before: str, spaces: str) -> Iterator[Address]:
    """The addresses below a resolver."""
    for entry in resolver.url_patterns:
        assert not isinstance(entry.pattern, LocalePrefixPattern)
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{spaces}{entry.namespace}:" if entry.namespace else spaces
            yield from walked(entry, route, inner)
        elif isinstance(entry, URLPattern):
            ids = tuple([*entry.pattern.converters] or [*entry.pattern.regex.groupindex])
            yield Address(route, f"{spaces}{entry.name}" if entry.name else "", entry.callback, ids)

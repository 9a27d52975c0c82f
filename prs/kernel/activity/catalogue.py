"""Every event that any app declares in its `events.py`, by code."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TypeVar

from django.apps import apps

from prs.kernel.activity.rules import Event

T = TypeVar("T")


def declared(kind: type[T], module: str) -> list[T]:
    """The module-level values of a type in every app's module of that name, in order."""
    found: list[T] = []
    for app in apps.get_app_configs():
        name = f"{app.name}.{module}"
        if app.name.startswith("prs.") and find_spec(name):
            found += [v for v in vars(import_module(name)).values() if isinstance(v, kind)]
    return found


@cache
def events() -> dict[str, Event]:
    """Every declared event by its code."""
    return {event.code: event for event in declared(Event, "events")}

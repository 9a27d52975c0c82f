"""The two forms that every row of the catalogue has: one that adds it, one that changes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from prs.kernel import clock
from prs.kernel.activity.selectors import timeline
from prs.web.kit.forms import edit_screen

FORM = "stock/form.html"


def posted(request: Any) -> tuple[Any, Any]:
    """What a form is bound to, when something was sent."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def adding(
    request: Any,
    form: Any,
    verb: Callable[..., Any],
    *,
    back: Callable[[Any], str],
    words: Mapping[str, Any],
) -> HttpResponse:
    """The form that adds a row, or where one goes once it is added. `words`: title, save, cancel."""
    if request.method == "POST" and form.is_valid():
        row = form.add(verb, by=request.member, at=clock.now())
        if row is not None:
            messages.success(request, _("%(name)s is added.") % {"name": row})
            return redirect(back(row))
    return edit_screen(request, FORM, form, words)


def changing(
    request: Any,
    form: Any,
    verb: Callable[..., Any],
    *,
    back: str,
    words: Mapping[str, Any],
) -> HttpResponse:
    """The form that changes a row, or where one goes once it is changed; its story beside it."""
    if (
        request.method == "POST"
        and form.is_valid()
        and form.apply(verb, by=request.member, at=clock.now())
    ):
        return redirect(back)
    return edit_screen(request, FORM, form, {**words, "events": timeline(form.instance)})

"""The one page that most of the office's forms are shown on."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from prs.web.kit.forms import edit_screen


def posted(request: Any) -> Any:
    """What a form is bound to: what was posted, even when that is nothing."""
    return request.POST if request.method == "POST" else None


def form_page(
    request: Any,
    form: Any,
    *,
    title: Any,
    save: Any,
    back: str,
    why: Any = "",
    events: Any = None,
) -> HttpResponse:
    """A form with its heading, what it is for, a button that says what it does, and a way back."""
    context = {"title": title, "save": save, "back": back, "why": why, "events": events}
    return edit_screen(request, "office/form.html", form, context)

"""Parts that are the same for the same words are drawn once a process, and kept as text.

What a part is drawn from is its key, so nobody is ever shown another's part; what differs with each
request (the token against forged posts, the address to come back to) is put in afterwards.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

TOKEN = "0token0to0be0put0in0"  # noqa: S105  (a place in a page, not a secret)
HERE = "0address0to0be0put0in0"


@dataclass(frozen=True)
class Elsewhere:
    """Stands for the request in a kept part: it knows only that there is an address."""

    path: str = HERE

    def get_full_path(self) -> str:
        return HERE


def draw(template: str, _language: str | None, words: tuple[tuple[str, Any], ...]) -> str:
    """The part, drawn from its words alone."""
    return render_to_string(template, {**dict(words), "csrf_token": TOKEN, "request": Elsewhere()})


drawn = lru_cache(maxsize=1024)(draw)


def kept(request: Any, template: str, **words: Hashable) -> SafeString:
    """A part drawn from these words, each of which must be hashable and is the whole of its context."""
    make = draw if settings.DEBUG else drawn
    text = make(template, get_language(), tuple(words.items()))
    if TOKEN in text:
        text = text.replace(TOKEN, get_token(request))
    if HERE in text:
        text = text.replace(HERE, escape(request.get_full_path()))
    return SafeString(text)

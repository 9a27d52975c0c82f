"""Fill a template and have it laid out: the one door through which documents are made."""

from __future__ import annotations

import builtins
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from prs.kernel import confined
from prs.kernel.errors import Refusal

_DRAWING: Final = "prs.kernel.documents.drawing"
_LONGEST_HTML: Final = 1_000_000
_SECONDS: Final = 25
_MEGABYTES: Final = 700


class DocumentRefused(Refusal):
    """The document isn't made."""

    sentence = _("This document can't be made.")


class DocumentTooLong(DocumentRefused):
    """More text or lines than can be laid out in time."""

    sentence = _("The document is too long to be made at once. Split it into shorter ones.")


class ReachesOutside(DocumentRefused):
    """Something on the page refers to a file or an address."""

    sentence = _("The document refers to something outside it, so it was not made.")


@dataclass(frozen=True, slots=True)
class RenderedDocument:
    """A PDF, ready to be stored: the same input always gives the same bytes."""

    bytes: builtins.bytes
    sha256: str
    pages: int


def render(template: str, context: Mapping[str, object], *, language: str) -> RenderedDocument:
    """Lay out a template of `templates/pdf/` with the words and the direction of a language.

    The layout runs in a confined process (25 s of processor time, 700 MB): the engine is a large
    parser, and what people type ends up in it. It may load pictures inside the page (`data:`)
    and our own fonts and style; anything else raises `ReachesOutside`. Too much text raises
    `DocumentTooLong`. Takes about 0.15 s a page: call it from a task where several are made.
    """
    if not template.startswith("pdf/"):
        raise ValueError("Templates of documents are in templates/pdf/.")
    with translation.override(language):
        direction = "rtl" if translation.get_language_bidi() else "ltr"
        html = render_to_string(template, {**context, "language": language, "direction": direction})
    if len(html) > _LONGEST_HTML:
        raise DocumentTooLong
    try:
        # By name: the layout engine is loaded where it runs, never in this process.
        content, pages = confined.run_by_name(
            _DRAWING, "drawn", html, seconds=_SECONDS, megabytes=_MEGABYTES
        )
    except confined.OutOfBounds as error:
        raise DocumentTooLong from error
    except confined.Unfit as unfit:
        raise (ReachesOutside if unfit.reason == "address" else DocumentTooLong) from unfit
    return RenderedDocument(bytes=content, sha256=hashlib.sha256(content).hexdigest(), pages=pages)

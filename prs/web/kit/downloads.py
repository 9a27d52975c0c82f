"""Serving what is stored, to those who may see it: the view decides who, this decides how."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpResponseBase
from django.utils.http import content_disposition_header

from prs.kernel.files import disposition_name, open_stored
from prs.kernel.tenancy.models import Document, StoredFile

# A stored file is never a page of ours: no script runs in it and nothing is loaded by it.
SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
SHOWN_INLINE = frozenset({"image/jpeg", "image/png", "image/webp", "application/pdf"})


def file_response(stored: StoredFile, *, inline: bool = False) -> HttpResponseBase:
    """A stored file as a download, or shown in the page when its checked kind allows that."""
    shown = inline and stored.content_type in SHOWN_INLINE
    return served(stored.name, stored.content_type, stored.display_name, inline=shown)


def document_response(document: Document, *, inline: bool = True) -> HttpResponseBase:
    """A document of ours, the same bytes each time."""
    return served(document.name, "application/pdf", f"{document.number}.pdf", inline=inline)


def served(name: str, content_type: str, title: str, *, inline: bool) -> HttpResponseBase:
    """Stored bytes with headers that leave the browser nothing to guess."""
    try:
        content = open_stored(name)
    except FileNotFoundError as error:
        raise Http404 from error
    response: Any = FileResponse(content, content_type=content_type)
    safe = disposition_name(title)
    response["Content-Disposition"] = content_disposition_header(not inline, safe)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    # The proof of a payment stands in a frame of our own page; nothing else may be framed.
    response["X-Frame-Options"] = "SAMEORIGIN"
    # Chromium's own PDF viewer does not open in a sandboxed frame; PDFs were checked for scripts.
    if content_type != "application/pdf":
        response["Content-Security-Policy"] = SANDBOX
    return response

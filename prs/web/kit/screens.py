"""Answering: a whole page, or the parts of it that were asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils.cache import patch_vary_headers


def screen(
    request: Any,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    parts: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, or the part whose element HTMX wants to replace.

    `parts` maps an element's id to the template of that part; the client can't name a template.
    """
    asked = (
        request.htmx.target if request.htmx and not request.htmx.history_restore_request else None
    )
    chosen = (parts or {}).get(asked or "", template)
    response = TemplateResponse(request, chosen, dict(context or {}), status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response

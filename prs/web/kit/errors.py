"""Errors in the product's look: as a page, or as a part that HTMX swaps in."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from prs.kernel.errors import Refusal, TooMany


def sentences(status: int) -> tuple[str, str]:
    """Title and explanation of an error page."""
    table = {
        400: (_("This request can't be read"), _("Go back, reload the page and try again.")),
        403: (
            _("You don't have the right to open this"),
            _("Ask an administrator of your organization if you need it."),
        ),
        404: (_("There is nothing here"), _("It may have been moved, or it isn't yours to see.")),
        409: (_("This can't be done now"), _("Reload the page to see how things stand.")),
        429: (_("Too many requests"), _("Wait a moment and try again.")),
        500: (
            _("Something went wrong on our side"),
            _("Nothing was half done. Try again; if it stays so, tell us the number below."),
        ),
    }
    return table.get(status, (HTTPStatus(status).phrase, ""))


def error_page(request: HttpRequest, status: int, sentence: str = "") -> HttpResponse:
    """The error as a page of its own, or as a part for HTMX."""
    title, text = sentences(status)
    part = bool(getattr(request, "htmx", None))
    context = {
        "status": status,
        "title": title,
        "text": sentence or text,
        "request_id": getattr(request, "id", ""),
    }
    template = "errors/_error.html" if part else "errors/error.html"
    return render(request, template, context, status=status)


def refused(request: Any, refusal: Refusal) -> HttpResponse:
    """Answer a refusal: its sentence as a part, or as a message on the page the person came from."""
    if getattr(request, "htmx", None):
        response = render(
            request, "components/_refusal.html", {"sentence": str(refusal)}, status=refusal.status
        )
        response["HX-Retarget"], response["HX-Reswap"] = "#refusal", "outerHTML"
    elif came_from(request) and refusal.status == 409 and hasattr(request, "_messages"):
        messages.error(request, str(refusal))
        response = redirect(came_from(request))
    else:
        response = error_page(request, refusal.status, str(refusal))
    if isinstance(refusal, TooMany):
        response["Retry-After"] = str(refusal.retry_after)
    return response


def came_from(request: HttpRequest) -> str:
    """The page of ours from which a form was posted, or an empty string."""
    address = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure())
    return address if ours and request.method == "POST" else ""


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the shell: whatever broke may be needed to draw it."""
    title, text = sentences(500)
    context = {
        "status": 500,
        "title": title,
        "text": text,
        "request_id": getattr(request, "id", ""),
        "bare": True,
    }
    return render(request, "errors/error.html", context, status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return error_page(
        request,
        403,
        _("This page was open too long, or came from elsewhere. Reload and try again."),
    )

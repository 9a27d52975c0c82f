"""Home, keyboard help, preferences, and the way from a notice to its screen."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from prs.kernel import clock
from prs.kernel.errors import Invalid
from prs.kernel.identity.services import accounts
from prs.web.kit.access import Request, members_only, signed_in
from prs.web.kit.screens import screen
from prs.web.shell.home import desk, goal_is_due, sells
from prs.web.shell.places import place_of

THEMES = ("light", "dark", "auto")
DENSITIES = ("comfortable", "compact")
PREFERENCES = {
    "theme": THEMES,
    "density": DENSITIES,
    "language": tuple(code for code, _name in settings.LANGUAGES),
}


@signed_in
@require_GET
def home(request: Any) -> HttpResponse:
    """Where a day starts: what waits for this person, and how to go on."""
    if request.member is None:
        return screen(request, "shell/outside.html")
    if request.member.role.key == "cashier" and not request.htmx and "desk" not in request.GET:
        return redirect("till:counter")
    if not request.htmx and goal_is_due(request.member, at=clock.now()):
        return redirect("sales:own_goal")
    return screen(
        request,
        "shell/home.html",
        {"desk": desk(request.member, at=clock.now()), "sells": sells(request.member)},
        parts={"desk": "shell/_desk.html"},
    )


@signed_in
@require_GET
def keys(request: Any) -> HttpResponse:
    """Every key of the product."""
    return screen(request, "shell/keys.html")


def way_back(request: Any) -> str:
    """The page of ours that a form wants to return to; home when it names none."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if ours else reverse("shell:home")


@signed_in
@require_POST
def preferences(request: Any) -> HttpResponse:
    """Keep a person's theme, density or language."""
    chosen = {name: request.POST[name] for name in PREFERENCES if name in request.POST}
    if not chosen or any(value not in PREFERENCES[name] for name, value in chosen.items()):
        raise Invalid
    accounts.change_profile(request.user, request.member, at=clock.now(), **chosen)
    if request.htmx:
        return HttpResponse(status=204)
    response = redirect(way_back(request))
    if "language" in chosen:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, chosen["language"], samesite="Lax", secure=settings.HTTPS
        )
    return response


@members_only
@require_GET
def open_subject(request: Request, kind: str, pk: UUID) -> HttpResponse:
    """From a notice or a mail to the screen that shows its subject."""
    address = place_of(kind, pk)
    if not address:
        raise Http404
    return redirect(address)

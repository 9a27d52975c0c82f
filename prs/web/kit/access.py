"""Who may enter: a mark above every view, checked on each request."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from prs.kernel.errors import Forbidden
from prs.kernel.identity.models import Member
from prs.kernel.identity.rules import Permission
from prs.kernel.tenancy.models import Organization

View = Callable[..., Any]


class Request(HttpRequest):
    """A request after the middleware: whose it is, and inside which organization."""

    member: Member
    organization: Organization
    htmx: Any


def marked(view: View, mark: str) -> View:
    """Put an access mark on a view; the architecture tests walk the addresses and look for it."""
    view.access = mark  # type: ignore[attr-defined]
    return view


def public(view: View) -> View:
    """Anybody may enter, signed in or not."""
    return marked(view, "public")


def signed_in(view: View) -> View:
    """Any user who is signed in may enter."""

    @wraps(view)
    def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return marked(entered, "signed_in")


def members_only(view: View) -> View:
    """Any member of an organization may enter."""

    @wraps(view)
    def entered(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if request.member is None:
            return redirect("shell:home")
        return view(request, *args, **kwargs)

    return marked(entered, "member")


def requires(*permissions: Permission) -> Callable[[View], View]:
    """Members whose role holds any of these permissions may enter."""

    def decorate(view: View) -> View:
        @wraps(view)
        def entered(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if request.member is None or not any(map(request.member.may, permissions)):
                raise Forbidden
            return view(request, *args, **kwargs)

        return marked(entered, " ".join(map(str, permissions)))

    return decorate


def platform(*roles: str) -> Callable[[View], View]:
    """Platform staff with one of these roles may enter."""

    def decorate(view: View) -> View:
        @wraps(view)
        def entered(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if request.user.platform_role not in roles:
                raise Forbidden
            return view(request, *args, **kwargs)

        return marked(entered, "platform:" + ",".join(roles))

    return decorate


def found(queryset: Any, **lookup: Any) -> Any:
    """The row, or 404: what isn't yours does not exist."""
    return get_object_or_404(queryset, **lookup)

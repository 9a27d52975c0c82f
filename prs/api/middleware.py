"""The API knows keys and no sessions."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

DOORS = ("/api/v1/", "/api/sales/")


class CookielessMiddleware:
    """Drops the cookies of API requests.

    What a key may do must not depend on who happens to be signed in in the same browser, and without
    cookies there is nothing that a forged request could ride on.
    """

    sync_capable, async_capable = True, False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(DOORS):
            request.META.pop("HTTP_COOKIE", None)
        return self.get_response(request)

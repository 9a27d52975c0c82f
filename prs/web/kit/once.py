"""Posts that count once: a second click, a reload or a lost answer gets the first answer again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect

from prs.kernel import clock
from prs.kernel.errors import Invalid
from prs.kernel.tenancy.services import Answer, claim_key, keep_answer

View = Callable[..., HttpResponseBase]
NOT_CONTENT = frozenset({"csrfmiddlewaretoken", "once"})


class Keyless(Invalid):
    """The post came without a key: the page is older than the form, or was written by hand."""


def content_of(request: Any) -> bytes:
    """What a post says, in one order, whatever the browser's own. Files count by their bytes."""
    fields = [(name, request.POST.getlist(name)) for name in sorted(request.POST)]
    said = [(name, values) for name, values in fields if name not in NOT_CONTENT]
    for name in sorted(request.FILES):
        for file in request.FILES.getlist(name):
            digest = hashlib.sha256()
            for chunk in file.chunks():
                digest.update(chunk)
            file.seek(0)
            said.append((name, [file.name, digest.hexdigest()]))
    return json.dumps([request.path, said]).encode()


def key_of(request: Any) -> str:
    """The key of the form that was sent."""
    try:
        return str(UUID(request.POST.get("once", "")))
    except ValueError as error:
        raise Keyless from error


def once(view: View) -> View:
    """Let a post with the same key count once; `{% once %}` puts the key into the form.

    The key and the answer are kept in the transaction of what the view does, so that both happen or
    neither. Refusals, faulty forms and errors keep nothing: the same form may be sent again.
    """

    @wraps(view)
    def counted(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        route = f"{request.resolver_match.view_name}:{request.member.pk}"
        key = key_of(request)
        with transaction.atomic():
            earlier = claim_key(route=route, key=key, content=content_of(request), at=clock.now())
            if earlier is not None:
                return replayed(earlier)
            response = view(request, *args, **kwargs)
            if response.status_code >= 400:
                transaction.set_rollback(True)
            else:
                keep_answer(route=route, key=key, answer=answer_of(response))
        return response

    return counted


def answer_of(response: Any) -> Answer:
    """What is kept of an answer: where it leads, or its text."""
    if hasattr(response, "render") and not response.is_rendered:
        response.render()
    return Answer(
        status=response.status_code,
        location=response.get("Location", "") or response.get("HX-Redirect", ""),
        content_type=response.get("Content-Type", ""),
        body="" if response.get("Location") else response.content.decode(),
    )


def replayed(answer: Answer) -> HttpResponse:
    """The earlier answer again."""
    if answer.location and 300 <= answer.status < 400:
        return HttpResponseRedirect(answer.location)
    response = HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)
    if answer.location:
        response["HX-Redirect"] = answer.location
    return response

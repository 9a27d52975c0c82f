"""The door of the API: a key, its organization, one transaction, and a line in the log of requests."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from prs.api import limits, problems, reading, services
from prs.api.limits import Allowance, UsedUp
from prs.kernel import clock
from prs.kernel.activity.context import current_origin
from prs.kernel.errors import Refusal
from prs.kernel.identity.models import ApiKey
from prs.kernel.identity.rules import KeyScope
from prs.kernel.identity.services import keys
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.models import Organization
from prs.kernel.tenancy.services import Answer, OtherContent, claim_key, keep_answer

log = structlog.get_logger(__name__)

READS: Final = frozenset({"GET", "HEAD"})
IDEMPOTENCY_KEY: Final = re.compile(r"^[\x21-\x7e]{1,100}$")
MOST_PATH: Final = 200


@dataclass
class Call:
    """A request of another system, past the door. The view may say what it was about."""

    request: HttpRequest
    scope: str
    at: datetime
    began: float = field(default_factory=time.perf_counter)
    organization_id: UUID | None = None
    key: ApiKey | None = None
    allowance: Allowance | None = None
    body: bytes = b""
    subject: str = ""

    @property
    def by(self) -> ApiKey:
        """The key, as an actor."""
        if self.key is None:
            raise RuntimeError("The key is proven at the door.")
        return self.key

    @property
    def organization(self) -> Organization:
        """The organization that the key belongs to."""
        return self.by.organization


View = Callable[..., HttpResponse]


def opened_by(scope: KeyScope, *methods: str) -> Callable[[View], View]:
    """Let in who brings a key with this scope, by these methods.

    The view takes a `Call`, runs inside the key's organization in one transaction, and either returns
    an answer of the 200s or raises a refusal, which undoes everything it wrote.
    """

    def decorate(view: View) -> View:
        # A forged request needs cookies to ride on, and these addresses know none.
        @csrf_exempt
        @wraps(view)
        def entered(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            call = Call(request, scope.code, clock.now())
            if request.method not in methods:
                allowed = ", ".join(methods)
                response = problems.problem(problems.WrongMethod(allowed=allowed))
                response["Allow"] = allowed
                return response
            response = answered(call, view, kwargs)
            for name, value in call.allowance.headers().items() if call.allowance else ():
                response[name] = value
            return response

        entered.access = "api_key"  # type: ignore[attr-defined]
        entered.scope = scope.code  # type: ignore[attr-defined]
        return entered

    return decorate


def answered(call: Call, view: View, kwargs: dict[str, Any]) -> HttpResponse:
    """Run a view, and turn whatever goes wrong into problem details."""
    try:
        return carried_out(call, view, kwargs)
    except UsedUp as refusal:
        call.allowance = refusal.allowance
        response = problems.problem(refusal)
    except Refusal as refusal:
        response = refused(call, refusal)
    except OperationalError:
        log.exception("api.busy")
        response = problems.problem(problems.Busy())
    except Exception:
        log.exception("api.broken")
        response = problems.problem(problems.Broken(code=current_origin().request_id))
    note_refused(call, response)
    return response


def carried_out(call: Call, view: View, kwargs: dict[str, Any]) -> HttpResponse:
    """Prove the key and run the view, in one transaction that ends with the line in the log."""
    text = presented(call.request)
    call.organization_id = keys.organization_of(text)
    with tenant_context(call.organization_id):
        prove(call, text)
        if call.request.method in READS:
            response = view(call, **kwargs)
        else:
            call.body = reading.body_of(call.request)
            response = once(call, view, kwargs)
        note(call, response)
    return response


def presented(request: HttpRequest) -> str:
    """The key that a request brings.

    :raises KeyMissing: it brings none.
    """
    given = request.headers.get("X-API-KEY", "").strip()
    if not given:
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        given = token.strip() if scheme.lower() == "bearer" else ""
    if not given:
        raise problems.KeyMissing
    return given


def prove(call: Call, text: str) -> None:
    """Find the key, count the request, and check that the key may do this."""
    try:
        key = keys.authenticate(text, address=current_origin().address, at=call.at)
    except keys.UnknownKey:
        raise
    except Refusal:
        # The secret was right, so the refusal goes into the log of that key.
        call.key = keys.named_by(text)
        raise
    call.key = key
    structlog.contextvars.bind_contextvars(
        organization=str(call.organization_id), caller=str(key.pk)
    )
    call.allowance = limits.take(f"key:{key.pk}", limit=settings.API_RATE_LIMIT)
    if call.scope not in key.scopes:
        raise problems.ScopeMissing(scope=call.scope)


def once(call: Call, view: View, kwargs: dict[str, Any]) -> HttpResponse:
    """Run a view that writes; with an Idempotency-Key a repetition gets the first answer again."""
    key = call.request.headers.get("Idempotency-Key")
    if key is None:
        return view(call, **kwargs)
    if not IDEMPOTENCY_KEY.match(key):
        raise problems.KeyUnusable
    route = f"api:{call.scope}:{call.by.prefix}"
    try:
        kept = claim_key(route=route, key=key, content=call.body, at=call.at)
    except OtherContent:
        raise problems.KeyReused from None
    if kept is not None:
        response = HttpResponse(kept.body, content_type=kept.content_type, status=kept.status)
        response["Cache-Control"], response["Idempotent-Replayed"] = "no-store", "true"
        return response
    response = view(call, **kwargs)
    answer = Answer(
        response.status_code,
        content_type=response["Content-Type"],
        body=response.content.decode(),
    )
    keep_answer(route=route, key=key, answer=answer)
    return response


def refused(call: Call, refusal: Refusal) -> HttpResponse:
    """The answer to a refusal. Who brings bad keys again and again is told to wait instead."""
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        try:
            subject = f"bad:{current_origin().address}"
            limits.take(subject, limit=settings.API_BAD_KEY_LIMIT)
        except UsedUp as used_up:
            call.allowance = used_up.allowance
            return problems.problem(used_up)
    return problems.problem(refusal)


def note(call: Call, response: HttpResponse) -> None:
    """Write a request into its key's log, without content."""
    services.note(
        key=call.by,
        method=str(call.request.method),
        path=call.request.path[:MOST_PATH],
        status=response.status_code,
        subject=call.subject,
        size=len(call.body),
        milliseconds=math.ceil((time.perf_counter() - call.began) * 1000),
        at=call.at,
    )


def note_refused(call: Call, response: HttpResponse) -> None:
    """The same for a request that was undone, in a transaction of its own."""
    if call.key is None or call.organization_id is None:
        return
    try:
        with tenant_context(call.organization_id):
            note(call, response)
    except DatabaseError:
        log.exception("api.unlogged")

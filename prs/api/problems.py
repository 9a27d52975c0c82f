"""What goes wrong, as problem details (RFC 9457), with the older `success` and `message` beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from prs.kernel.errors import Refusal, TooMany

MEDIA_TYPE = "application/problem+json"
# Where each kind is explained.
EXPLAINED = "/api/docs#status-{status}"
TITLES: dict[int, Any] = {
    400: _("The request can't be read"),
    401: _("The key isn't accepted"),
    403: _("The key may not do this"),
    404: _("There is nothing here"),
    405: _("This address does something else"),
    409: _("This contradicts what is there"),
    413: _("The request is too large"),
    415: _("The request isn't JSON"),
    422: _("Some of what was sent can't be used"),
    429: _("Too many requests"),
    500: _("Something went wrong on our side"),
    503: _("Too busy"),
}


class Problem(Refusal):
    """A refusal that tells more than its sentence: `extra` is added to the answer."""

    def __init__(self, *, extra: Mapping[str, Any] | None = None, **details: object) -> None:
        self.extra = dict(extra or {})
        super().__init__(**details)


class Unreadable(Problem):
    """The body is not JSON that can be taken."""

    sentence = _("The body can't be read as JSON: {reason}")
    status = 400


class KeyMissing(Problem):
    """No key came along."""

    sentence = _("Send your API key in the header X-API-KEY, or as Authorization: Bearer.")
    status = 401


class ScopeMissing(Problem):
    """The key is good for other things."""

    sentence = _("This API key lacks the right “{scope}”.")
    status = 403


class NothingHere(Problem):
    """No such address."""

    sentence = _("No address of the API is called that. The document at /api/docs lists them.")
    status = 404


class NoSuchInvoice(Problem):
    """No imported invoice of this organization has the number."""

    sentence = _("No imported invoice has the number {number}.")
    status = 404


class WrongMethod(Problem):
    """The address exists for other methods."""

    sentence = _("This address answers {allowed} only.")
    status = 405


class TooLarge(Problem):
    """More bytes than are read."""

    sentence = _("A request may hold at most {limit} bytes.")
    status = 413


class NotJson(Problem):
    """The header says that it is something else."""

    sentence = _("Send JSON with the header Content-Type: application/json.")
    status = 415


class Faulty(Problem):
    """Fields that can't be used; `errors` names each with its path."""

    sentence = _("{count} of the values sent can't be used. Nothing was written.")
    status = 422
    MOST: ClassVar[int] = 500

    def __init__(self, errors: Sequence[Mapping[str, str]]) -> None:
        super().__init__(extra={"errors": list(errors[: self.MOST])}, count=len(errors))


class Differs(Problem):
    """The number was taken with other content; `differences` names where."""

    sentence = _("An invoice with this invoice_no already exists with other content: {numbers}.")


class PaidByCustomer(Problem):
    """Payments of one customer can't come to pay another's invoice."""

    sentence = _("Payments of {customer} are allocated to this invoice; its customer stays.")


class KeyReused(Problem):
    """The same idempotency key came with another body."""

    sentence = _("This Idempotency-Key was used for another request. Use a new one.")
    status = 422


class KeyUnusable(Problem):
    """The idempotency key can't be kept."""

    sentence = _("An Idempotency-Key has 1 to 100 printable ASCII characters.")
    status = 400


class Busy(Problem):
    """The database could not do it in time; nothing was written."""

    sentence = _("This could not be done in time. Nothing was written; send it again in a moment.")
    status = 503


class Broken(Problem):
    """A fault of ours; nothing was written."""

    sentence = _("Nothing was written. If it stays so, give support this code: {code}")
    status = 500


def as_json(content: Mapping[str, Any], status: int = 200, media: str = "") -> HttpResponse:
    """A JSON answer. Pure ASCII on the wire, so that echoed text can't break the encoding."""
    text = json.dumps(content, default=str)
    response = HttpResponse(text, content_type=media or "application/json", status=status)
    response["Cache-Control"] = "no-store"
    return response


def problem(refusal: Refusal) -> HttpResponse:
    """The answer to a refusal."""
    status, detail = refusal.status, str(refusal)
    content = {
        "type": EXPLAINED.format(status=status),
        "title": str(TITLES.get(status, HTTPStatus(status).phrase)),
        "status": status,
        "detail": detail,
        "success": False,
        "message": detail,
        **getattr(refusal, "extra", {}),
    }
    response = as_json(content, status, MEDIA_TYPE)
    if isinstance(refusal, TooMany):
        response["Retry-After"] = str(refusal.retry_after)
    elif status == HTTPStatus.SERVICE_UNAVAILABLE:
        response["Retry-After"] = "1"
    elif status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="PRS"'
    return response


def no_such_address(_request: HttpRequest, **_rest: str) -> HttpResponse:
    """What an address that the API does not have is answered."""
    return problem(NothingHere())


no_such_address.access = "public"  # type: ignore[attr-defined]

"""From the bytes of a request to plain Python, without losing a digit and without trusting anything."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NoReturn

from django.conf import settings
from django.http import HttpRequest

from prs.api.problems import NotJson, TooLarge, Unreadable

JSON_TYPE = re.compile(
    r"^application/(json|[\w.-]+\+json)\s*(;\s*charset=\"?utf-8\"?\s*)?$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Number:
    """A JSON number as it was written: `1.10` stays apart from `1.1`, and nothing becomes a float."""

    text: str


class Twice(ValueError):
    """An object names a field twice: whichever was meant, half of the readers take the other."""


def body_of(request: HttpRequest) -> bytes:
    """The bytes of a JSON request.

    :raises NotJson: its header says that it is something else.
    :raises TooLarge: it holds more than is read.
    """
    limit = settings.API_MAX_BODY
    declared = request.META.get("CONTENT_LENGTH") or ""
    if declared.isdigit() and int(declared[:20]) > limit:
        raise TooLarge(limit=limit)
    if not JSON_TYPE.match(request.META.get("CONTENT_TYPE", "")):
        raise NotJson
    body = request.read(limit + 1)
    if len(body) > limit:
        raise TooLarge(limit=limit)
    return body


def fields(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """An object. A field that is null counts as one that was not sent."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise Twice(name)
        found[name] = value
    if None in found.values():
        return {name: value for name, value in found.items() if value is not None}
    return found


def not_a_number(token: str) -> NoReturn:
    raise ValueError(token)


DECODER = json.JSONDecoder(
    object_pairs_hook=fields, parse_float=Number, parse_int=Number, parse_constant=not_a_number
)


def parsed(body: bytes) -> Any:
    """What the body says.

    :raises Unreadable: it is not JSON, or JSON that can be read in two ways.
    """
    try:
        return DECODER.decode(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Unreadable(reason="it is not UTF-8") from None
    except json.JSONDecodeError as error:
        reason = f"{error.msg} (line {error.lineno}, column {error.colno})"
        raise Unreadable(reason=reason) from None
    except Twice as error:
        raise Unreadable(reason=f"the field {str(error)[:60]!a} stands twice") from None
    except ValueError as error:
        raise Unreadable(reason=f"{str(error)[:20]} is no number") from None
    except RecursionError:
        raise Unreadable(reason="it is nested too deeply") from None

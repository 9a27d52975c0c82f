"""Structured logs: JSON in production, readable in a terminal, and never personal data or secrets.

Every line carries what was bound with `structlog.contextvars.bind_contextvars`: `request_id`,
`member` and `organization` (ids, no names), and for background work `job` and `path`.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

HIDDEN = "[hidden]"
SECRET_NAME = re.compile(
    r"pass(word|wd|phrase)?$|secret|token|cookie|authorization|credential|api_?key|private_?key"
    r"|session(_?key|_?id)?$|csrf|otp|signature|payload|e_?mail|phone|address|iban|recipient",
    re.IGNORECASE,
)
OURS = {"event", "level", "timestamp", "logger", "request_id", "member", "organization", "job"}
PATTERNS = (
    # PostgreSQL repeats the row's values after this word.
    (re.compile(r"(DETAIL:|CONTEXT:).*"), rf"\1 {HIDDEN}"),
    (re.compile(r"(?i)\b((?:set-)?cookie)(['\"]?\s*[=:]\s*).*"), rf"\1\2{HIDDEN}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), rf"\1 {HIDDEN}"),
    (
        re.compile(
            r"(?i)([\w-]*(?:password|secret|token|api[_-]?key|sessionid|csrf|authorization"
            r"|signature)[\w-]*['\"]?\s*[=:]\s*)(?:\"[^\"]*\"|'[^']*'|[^\s&;,)}]+)"
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"://[^/\s:@]+:[^/\s@]+@"), f"://{HIDDEN}@"),
    (re.compile(r"(/(?:key|invitation|token)/)[^/\s?]+"), rf"\1{HIDDEN}"),
    (re.compile(r"[\w.%+'-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}"), "[e-mail]"),
)
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
RANDOM = re.compile(rf"{UUID}|(?<![\w/.-])(?=[\w-]*[0-9])(?=[\w-]*[A-Za-z])[\w-]{{32,}}")
CARD = re.compile(r"(?<![\w-])(?:\d[ -]?){12,18}\d(?![\w-])")


def passes_luhn(text: str) -> bool:
    """Whether the digits of a text form a payment card's number."""
    digits = [int(character) for character in text if character.isdigit()]
    doubled = [sum(divmod(digit * 2, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _without_random(match: re.Match[str]) -> str:
    return match[0] if re.fullmatch(UUID, match[0]) else HIDDEN


def _without_card(match: re.Match[str]) -> str:
    return HIDDEN if passes_luhn(match[0]) else match[0]


def scrubbed_text(text: str) -> str:
    """The text without addresses, secrets, long random strings and card numbers."""
    for pattern, replacement in PATTERNS:
        text = pattern.sub(replacement, text)
    return CARD.sub(_without_card, RANDOM.sub(_without_random, text))


def scrubbed(value: Any, name: str = "") -> Any:
    """The value without personal data and secrets, however deep it is."""
    if name and name not in OURS and SECRET_NAME.search(name):
        return HIDDEN
    if isinstance(value, Mapping):
        return {str(key): scrubbed(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [scrubbed(inner) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return scrubbed_text(str(value))


def scrub(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Structlog processor: hide personal data and secrets in everything that is logged."""
    keep = {"request_id", "timestamp", "level", "logger"}
    return {
        name: value if name in keep or name.startswith("_") else scrubbed(value, name)
        for name, value in event.items()
    }


def no_probe(record: logging.LogRecord) -> bool:
    """Whether a line is about anything but a health check, whose "not ready" is an answer, no error."""
    return getattr(getattr(record, "request", None), "path", "") not in {"/healthz", "/readyz"}


def configured(*, form: str, level: str) -> dict[str, Any]:
    """Configure structlog and return Django's LOGGING; `form` is `json` or `text`."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"no_probe": {"()": "django.utils.log.CallbackFilter", "callback": no_probe}},
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    scrub,
                    renderer,
                ],
            }
        },
        "handlers": {
            "lines": {
                "class": "logging.StreamHandler",
                "formatter": "lines",
                # Servers log to stdout; a command's stdout is its answer.
                "stream": "ext://sys.stdout"
                if {"serve", "worker"} & set(sys.argv)
                else "ext://sys.stderr",
            }
        },
        "root": {"handlers": ["lines"], "level": level},
        "loggers": {
            "django": {"handlers": [], "propagate": True, "level": level},
            "django.server": {"handlers": [], "propagate": True},
            # Django repeats at this level what the web process logs for every request.
            "django.request": {"handlers": [], "level": "ERROR", "filters": ["no_probe"]},
            # The queue tells of every message it moves; failed jobs are logged by their own door.
            "django-q": {"handlers": [], "propagate": True, "level": "WARNING"},
            "daphne": {"handlers": [], "propagate": True, "level": "WARNING"},
            "fontTools": {"level": "WARNING"},
            "weasyprint": {"level": "ERROR"},
        },
    }

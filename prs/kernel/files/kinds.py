"""The kinds of file that are taken, and what each looks like from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Kind(StrEnum):
    """What a file is to us."""

    IMAGE = "image"
    PDF = "pdf"
    CSV = "csv"
    XLSX = "xlsx"

    @property
    def label(self) -> Promise:
        """Say what to send, for a sentence."""
        return _LABELS[self]


_LABELS: Final[Mapping[Kind, Promise]] = MappingProxyType(
    {
        Kind.IMAGE: _("a picture (JPEG, PNG or WebP)"),
        Kind.PDF: _("a PDF"),
        Kind.CSV: _("a CSV file"),
        Kind.XLSX: _("an Excel sheet (XLSX)"),
    }
)


@dataclass(frozen=True, slots=True)
class Format:
    """One format of a kind: our extension, and the content types that senders declare for it."""

    kind: Kind
    extension: str
    content_type: str
    declared: frozenset[str]


def _format(kind: Kind, extension: str, content_type: str, *others: str) -> Format:
    return Format(kind, extension, content_type, frozenset({content_type, *others}))


_JPEG: Final = _format(Kind.IMAGE, "jpg", "image/jpeg", "image/jpg", "image/pjpeg")
_PNG: Final = _format(Kind.IMAGE, "png", "image/png", "image/x-png")
_WEBP: Final = _format(Kind.IMAGE, "webp", "image/webp")
_PDF: Final = _format(Kind.PDF, "pdf", "application/pdf", "application/x-pdf")
# Browsers ask the operating system, which often knows neither of these two.
_CSV: Final = _format(
    Kind.CSV,
    "csv",
    "text/csv",
    "application/csv",
    "application/octet-stream",
    "application/vnd.ms-excel",
    "text/comma-separated-values",
    "text/plain",
)
_XLSX: Final = _format(
    Kind.XLSX,
    "xlsx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/octet-stream",
)

FORMATS: Final[Mapping[str, Format]] = MappingProxyType(
    {
        "jpg": _JPEG,
        "jpeg": _JPEG,
        "png": _PNG,
        "webp": _WEBP,
        "pdf": _PDF,
        "csv": _CSV,
        "xlsx": _XLSX,
    }
)

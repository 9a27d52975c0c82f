"""Names: ours for the storage, a safe copy of the sender's for the reader."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

_LONGEST: Final = 100
_OURS: Final = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/\d{4}/\d{2}/"
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.(jpg|png|webp|pdf|csv|xlsx)"
)
_UNSAFE: Final = re.compile(r'[\\/:*?"<>|;%]+')
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def new_name(*, organization_id: UUID, extension: str, at: datetime) -> str:
    """Make a storage name that says nothing: <organization>/<yyyy>/<mm>/<uuid7>.<extension>."""
    return require_ours(f"{organization_id}/{at:%Y/%m}/{uuid7()}.{extension}")


def require_ours(name: str) -> str:
    """Return the name if `new_name` could have made it; a path from elsewhere is a ValueError."""
    if not _OURS.fullmatch(name):
        raise ValueError("Not a storage name of ours.")
    return name


def disposition_name(text: str) -> str:
    """Return the sender's file name, safe to offer in a Content-Disposition header.

    No path, no control or direction characters, nothing a shell or a file system treats apart, at
    most 100 characters with the extension kept. Quote it with Django's
    `content_disposition_header`.
    """
    normal = unicodedata.normalize("NFC", text).replace("\\", "/").rpartition("/")[2]
    visible = "".join(each for each in normal if unicodedata.category(each)[0] != "C")
    name = re.sub(r"\s+", " ", _UNSAFE.sub("_", visible)).strip(" .")
    if not name.strip("_"):
        return "file"
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 8:
        return name[:_LONGEST].rstrip(" .")
    return f"{stem[: _LONGEST - len(extension) - 1].rstrip(' .')}.{extension}"

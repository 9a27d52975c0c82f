"""Read comma-separated text: what encoding it has, and that it is text at all."""

from __future__ import annotations

import re
from typing import Final

from prs.kernel.confined import Unfit

_LONGEST_LINE: Final = 64 * 1024
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_OTHER_LANGUAGE: Final = re.compile(r"\s*(?:<[!?/a-z]|#!|%PDF|\{\\rtf|MZ|PK\x03)", re.IGNORECASE)


def in_utf8(content: bytes) -> bytes:
    """Return the text in UTF-8 without a byte-order mark. Raises `Unfit` for anything else."""
    text = _decoded(content)
    if _CONTROL.search(text) or _OTHER_LANGUAGE.match(text):
        raise Unfit("table")
    if any(len(line) > _LONGEST_LINE for line in text.splitlines()):
        raise Unfit("table")
    return text.encode()


def _decoded(content: bytes) -> str:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    # Older Windows programs export in the code page of western Europe.
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unfit("table")

"""Look into an Excel sheet before anyone opens it. Runs confined: the bytes come from strangers."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import Final

from openpyxl import load_workbook

from prs.kernel.confined import Unfit

_MOST_MEMBERS: Final = 200
_LARGEST_SUM: Final = 50 * 1024 * 1024
_LARGEST_RATIO: Final = 100
_NEEDED: Final = frozenset({"[Content_Types].xml", "xl/workbook.xml"})
_ACTIVE_MEMBER: Final = re.compile(
    r"vbaProject|macrosheets|externalLinks/|embeddings/|activeX/|ctrlProps/|customUI|"
    r"xl/connections\.xml|xl/queryTables/|\.(bin|exe|dll|js|vbs|ps1|bat|html?|svg|zip)$",
    re.IGNORECASE,
)
_PRINTER: Final = re.compile(r"xl/printerSettings/[\w.-]+\.bin", re.IGNORECASE)
_PLAIN_NAME: Final = re.compile(r"(?!/)(?!.*\.\./)[\w.\-\[\]/ ]{1,200}")
_FORBIDDEN_TEXT: Final = (b"<!DOCTYPE", b"<!ENTITY", b"macroEnabled", b'TargetMode="External"')
_HARMLESS_LINK: Final = re.compile(rb'Type="[^"]*/hyperlink"')


def require_harmless(content: bytes) -> None:
    """Refuse archives in disguise, bombs, macros, objects and links to files. Raises `Unfit`."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _require_plain_members(archive)
            _require_end(content)
            _require_bounds(archive)
            for member in archive.infolist():
                _require_plain_text(member.filename, archive.read(member))
        _require_opening(content)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, LookupError) as error:
        raise Unfit("damaged") from error
    except (NotImplementedError, RuntimeError, TypeError, SyntaxError, AttributeError) as error:
        raise Unfit("damaged") from error


def _require_plain_members(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    names = [member.filename for member in members]
    starts = [member.header_offset for member in members]
    whole = starts and min(starts) == 0 and not archive.comment
    if not whole or len(set(names)) != len(names) or not set(names) >= _NEEDED:
        raise Unfit("damaged")
    if not all(_PLAIN_NAME.fullmatch(name) for name in names):
        raise Unfit("damaged")
    if any(_ACTIVE_MEMBER.search(name) and not _PRINTER.fullmatch(name) for name in names):
        raise Unfit("sheet-active")
    if any(member.flag_bits & 1 for member in members):
        raise Unfit("damaged")


def _require_end(content: bytes) -> None:
    """The archive's own last record ends the file: nothing hides behind it."""
    if content[-22:-18] != b"PK\x05\x06":
        raise Unfit("damaged")


def _require_bounds(archive: zipfile.ZipFile) -> None:
    """The declared sizes hold: the reader stops at them and then finds the checksum wrong."""
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    too_many = len(members) > _MOST_MEMBERS or unpacked > _LARGEST_SUM
    if too_many or unpacked > _LARGEST_RATIO * max(packed, 1):
        raise Unfit("sheet-size")


def _require_plain_text(name: str, text: bytes) -> None:
    if not name.lower().endswith((".xml", ".rels", ".vml")):
        return
    # Without its zero bytes, UTF-16 reads like ASCII here.
    ascii_text = text.replace(b"\0", b"")
    if any(word in ascii_text for word in _FORBIDDEN_TEXT[:2]):
        raise Unfit("damaged")
    if _FORBIDDEN_TEXT[2] in ascii_text:
        raise Unfit("sheet-active")
    for relation in re.findall(rb"<Relationship\b[^>]*>", ascii_text):
        if _FORBIDDEN_TEXT[3] in relation and not _HARMLESS_LINK.search(relation):
            raise Unfit("sheet-active")


def _require_opening(content: bytes) -> None:
    workbook = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    if not workbook.worksheets:
        raise Unfit("damaged")
    workbook.close()

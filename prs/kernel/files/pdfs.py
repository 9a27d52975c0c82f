"""Look through a PDF for anything that acts. Runs confined: the bytes come from strangers.

The file is kept as it was sent (it is evidence), so everything in it is looked at: each object in
the table of objects, also inside object streams, and the bytes themselves for what the table
doesn't list and a lenient viewer might still find.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject, TextStringObject

from prs.kernel.confined import Unfit

_LARGEST_OBJECT_STREAM: Final = 32 * 1024 * 1024
_HEAD: Final = re.compile(rb"%PDF-[12]\.\d")
_TAIL: Final = re.compile(rb"%%EOF[\s\0]*\Z")
_ESCAPED: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
# Long enough not to turn up by chance in ten megabytes of compressed pictures.
_TELLTALE: Final = re.compile(
    rb"/(?:JavaScript|EmbeddedFiles?|Launch|RichMedia\w*)(?![\w.-])|<script", re.IGNORECASE
)
_OBJECT_STREAM: Final = re.compile(rb"/ObjStm[^\0]{0,400}?\bstream\r?\n")
_ACTIVE_KEYS: Final = frozenset(
    {"/JS", "/JavaScript", "/EmbeddedFile", "/EmbeddedFiles", "/EF", "/RichMediaContent", "/XFA"}
)
_ACTIVE_ACTIONS: Final = frozenset(
    {
        "/GoToE",
        "/GoToR",
        "/ImportData",
        "/JavaScript",
        "/Launch",
        "/Movie",
        "/Rendition",
        "/RichMediaExecute",
        "/Sound",
        "/SubmitForm",
    }
)
_ACTIVE_ANNOTATIONS: Final = frozenset(
    {"/3D", "/FileAttachment", "/Movie", "/RichMedia", "/Screen", "/Sound"}
)


def pages_of_harmless(content: bytes, most_pages: int) -> int:
    """Return how many pages the PDF has, if it is whole, open and inactive. Raises `Unfit`."""
    if not _HEAD.match(content) or not _TAIL.search(content[-1024:]) or _is_also_archive(content):
        raise Unfit("damaged")
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted:
            raise Unfit("pdf-locked")
        if _mentions_action(content) or any(_is_active(each) for each in _objects(reader)):
            raise Unfit("pdf-active")
        pages = len(reader.pages)
    except (PyPdfError, ValueError, TypeError, AttributeError, AssertionError) as error:
        raise Unfit("damaged") from error
    except (
        ArithmeticError,
        LookupError,
        NotImplementedError,
        RecursionError,
        zlib.error,
        OSError,
    ) as error:
        raise Unfit("damaged") from error
    if not pages:
        raise Unfit("damaged")
    if pages > most_pages:
        raise Unfit("pdf-pages", pages=pages, limit=most_pages)
    return pages


def _is_also_archive(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return bool(archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False


def _mentions_action(content: bytes) -> bool:
    return any(_TELLTALE.search(_unescaped(part)) for part in (content, *_object_streams(content)))


def _unescaped(part: bytes) -> bytes:
    """Undo the escapes in names: /J#61vaScript is /JavaScript."""
    return _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), part)


def _object_streams(content: bytes) -> Iterator[bytes]:
    """Unpack whatever looks like an object stream, listed in the table of objects or not."""
    for found in _OBJECT_STREAM.finditer(content):
        unpacker = zlib.decompressobj()
        try:
            yield unpacker.decompress(content[found.end() :], _LARGEST_OBJECT_STREAM)
        except zlib.error:
            continue
        if unpacker.unconsumed_tail and not unpacker.eof:
            raise Unfit("damaged")


def _objects(reader: PdfReader) -> Iterator[PdfObject | None]:
    yield reader.trailer
    for generation, table in list(reader.xref.items()):
        for number in list(table):
            yield IndirectObject(number, generation, reader).get_object()
    for number in list(reader.xref_objStm):
        yield IndirectObject(number, 0, reader).get_object()


def _is_active(thing: PdfObject | None) -> bool:
    """Look through one object; the objects that it refers to have their own turn."""
    waiting: list[object] = [thing]
    while waiting:
        part = waiting.pop()
        if isinstance(part, DictionaryObject):
            if _acts(part):
                return True
            waiting.extend(part.values())
        elif isinstance(part, ArrayObject):
            waiting.extend(part)
        elif isinstance(part, TextStringObject) and "<script" in part.lower():
            return True
    return False


def _acts(entry: DictionaryObject) -> bool:
    return (
        not _ACTIVE_KEYS.isdisjoint(entry)
        or _named(entry, "/S") in _ACTIVE_ACTIONS
        or _named(entry, "/Subtype") in _ACTIVE_ANNOTATIONS
    )


def _named(entry: DictionaryObject, key: str) -> str:
    return str(entry.get(key, ""))

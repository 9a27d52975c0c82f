"""Check an uploaded file: one call, one answer, and nothing kept of what was refused."""

from __future__ import annotations

import builtins
import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import puremagic
import structlog
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from prs.kernel import confined
from prs.kernel.files import images, pdfs, rows, tables, workbooks
from prs.kernel.files.kinds import FORMATS, Format, Kind
from prs.kernel.files.names import disposition_name
from prs.kernel.files.refusals import (
    BY_REASON,
    EmptyFile,
    FileRefused,
    FileTooLarge,
    KindNotTaken,
    NotWhatItSays,
    TooMuchWork,
    Unreadable,
)

Answer = TypeVar("Answer")

MOST_PAGES: Final = 100
_SECONDS: Final = 5
_MEGABYTES: Final = 400

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """A file that may be stored: `bytes` is what to store, which needn't be what was sent.

    Pictures are written anew (so width and height are those of `bytes`), CSV is in UTF-8; a PDF
    and a sheet are as sent. `name` is the sender's, made safe to show and to offer for download.
    """

    kind: Kind
    name: str
    extension: str
    content_type: str
    bytes: builtins.bytes
    sha256: str
    width: int | None = None
    height: int | None = None
    pages: int | None = None
    near_hash: int | None = None


@dataclass(frozen=True, slots=True)
class _Sent:
    """What came in: the bytes, the sender's name made safe, and the format that it claims."""

    content: builtins.bytes
    name: str
    form: Format
    most_pages: int

    def kept(
        self, content: builtins.bytes | None = None, *, pages: int | None = None
    ) -> CheckedFile:
        """Keep it as it was sent, or these bytes in its stead."""
        kept = self.content if content is None else content
        return CheckedFile(
            kind=self.form.kind,
            name=_with_extension(self.name, self.form.extension),
            extension=self.form.extension,
            content_type=self.form.content_type,
            bytes=kept,
            sha256=hashlib.sha256(kept).hexdigest(),
            pages=pages,
        )


def checked(
    upload: UploadedFile[Any],
    *,
    kinds: Collection[Kind],
    limit_bytes: int,
    most_pages: int = MOST_PAGES,
) -> CheckedFile:
    """Return what of the upload may be kept, or raise `FileRefused` with a sentence for the sender.

    Extension, declared content type and content have to agree, and the content is read to the end
    by its parser, in a confined process (5 s of processor time, 400 MB).
    """
    content = _content_of(upload, limit_bytes)
    name = disposition_name(upload.name or "")
    try:
        form = _claimed_format(name, kinds)
        if upload.content_type not in form.declared or not _looks_like(content, form):
            raise NotWhatItSays(name=name)
        return _READERS[form.kind](_Sent(content, name, form, most_pages))
    except FileRefused as refusal:
        log.warning(
            "file refused",
            reason=type(refusal).__name__,
            declared=upload.content_type,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )
        raise


def smaller(picture: CheckedFile, *, most: int) -> CheckedFile:
    """A picture no side of which is longer than so many pixels; itself when it is so already."""
    if max(picture.width or 0, picture.height or 0) <= most:
        return picture
    content, width, height, near_hash = _read(images.shrunk, picture.bytes, picture.extension, most)
    return CheckedFile(
        kind=Kind.IMAGE,
        name=_with_extension(picture.name, "webp"),
        extension="webp",
        content_type=FORMATS["webp"].content_type,
        bytes=content,
        sha256=hashlib.sha256(content).hexdigest(),
        width=width,
        height=height,
        near_hash=near_hash,
    )


def table_rows(content: bytes, kind: str, *, most: int) -> list[list[str]]:
    """The rows of a checked CSV or Excel sheet as text, at most so many. Raises `FileRefused`."""
    reader = rows.rows_of_xlsx if kind == Kind.XLSX else rows.rows_of_csv
    return _read(reader, content, most)


def _content_of(upload: UploadedFile[Any], limit_bytes: int) -> bytes:
    upload.seek(0)
    # One byte more than may be, whatever size the sender declared.
    content = upload.read(limit_bytes + 1)
    if len(content) > limit_bytes:
        raise FileTooLarge(limit=filesizeformat(limit_bytes))
    if not content:
        raise EmptyFile
    return bytes(content)


def _claimed_format(name: str, kinds: Collection[Kind]) -> Format:
    _stem, dot, extension = name.rpartition(".")
    form = FORMATS.get(extension.lower())
    if not dot or form is None or form.kind not in kinds:
        labels = [str(kind.label) for kind in Kind if kind in kinds]
        raise KindNotTaken(name=name, kinds=get_text_list(labels, _("or")))
    return form


def _looks_like(content: bytes, form: Format) -> bool:
    """Compare the first bytes with what the extension promises. Plain text has no first bytes."""
    if form.kind is Kind.CSV:
        return True
    try:
        matches = puremagic.magic_string(content)
    except puremagic.PureError:
        return False
    return any(FORMATS.get(match.extension.removeprefix(".")) is form for match in matches)


def _read(function: Callable[..., Answer], *arguments: object) -> Answer:
    try:
        return confined.run(function, *arguments, seconds=_SECONDS, megabytes=_MEGABYTES)
    except confined.Unfit as unfit:
        raise BY_REASON[unfit.reason](**unfit.details) from unfit
    except confined.OutOfBounds as error:
        raise TooMuchWork from error
    except confined.Broken as error:
        # A parser that fails in a way we don't know: refuse the file, and tell the developer.
        log.exception("file reader failed")
        raise Unreadable from error


def _image(sent: _Sent) -> CheckedFile:
    written, extension, width, height, near_hash = _read(
        images.rewritten, sent.content, sent.form.extension
    )
    return CheckedFile(
        kind=Kind.IMAGE,
        name=_with_extension(sent.name, extension),
        extension=extension,
        content_type=FORMATS[extension].content_type,
        bytes=written,
        sha256=hashlib.sha256(written).hexdigest(),
        width=width,
        height=height,
        near_hash=near_hash,
    )


def _pdf(sent: _Sent) -> CheckedFile:
    return sent.kept(pages=_read(pdfs.pages_of_harmless, sent.content, sent.most_pages))


def _csv(sent: _Sent) -> CheckedFile:
    return sent.kept(_read(tables.in_utf8, sent.content))


def _xlsx(sent: _Sent) -> CheckedFile:
    _read(workbooks.require_harmless, sent.content)
    return sent.kept()


def _with_extension(name: str, extension: str) -> str:
    """Keep the sender's name, with the extension of what is stored."""
    return f"{name.rpartition('.')[0]}.{extension}"


_READERS: Final[dict[Kind, Callable[[_Sent], CheckedFile]]] = {
    Kind.IMAGE: _image,
    Kind.PDF: _pdf,
    Kind.CSV: _csv,
    Kind.XLSX: _xlsx,
}

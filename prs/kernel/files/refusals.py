"""Why a file isn't taken: one refusal for each reason, each saying what to send instead."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from prs.kernel.errors import Invalid


class FileRefused(Invalid):
    """The file isn't taken."""

    sentence = _("This file can't be taken.")


class EmptyFile(FileRefused):
    """Nothing is in it."""

    sentence = _("The file is empty.")


class FileTooLarge(FileRefused):
    """More bytes than the caller allows."""

    sentence = _("The file is too large: at most {limit} are taken here.")


class KindNotTaken(FileRefused):
    """The name's extension isn't one of the kinds that the caller takes."""

    sentence = _("Files like “{name}” aren't taken here. Send {kinds}.")


class NotWhatItSays(FileRefused):
    """Extension, declared type and content disagree."""

    sentence = _(
        "The content of “{name}” isn't what its name says. Save or export it again and send that."
    )


class Unreadable(FileRefused):
    """The parser gave up."""

    sentence = _("The file is damaged or incomplete. Open it, save it again and send the new file.")


class TooMuchWork(FileRefused):
    """Reading it took too much time or memory."""

    sentence = _("The file is too complicated to read. Save it in a simpler form and send that.")


class PictureTooLarge(FileRefused):
    """More pixels than we decode."""

    sentence = _(
        "The picture has {megapixels} million pixels; at most {limit} million are taken. "
        "Make it smaller and send it again."
    )


class PictureUnusual(FileRefused):
    """Colours for print or science, or more than one frame."""

    sentence = _("The picture moves or uses unusual colours. Save it as a plain JPEG or PNG.")


class PdfLocked(FileRefused):
    """Encrypted."""

    sentence = _("The PDF is protected. Save it without a password or restrictions.")


class PdfActive(FileRefused):
    """A script, an attachment or an action is inside."""

    sentence = _(
        "The PDF holds a script, an attached file or an action. Print it to a new PDF and send that."
    )


class PdfTooLong(FileRefused):
    """Too many pages."""

    sentence = _("The PDF has {pages} pages; at most {limit} are taken. Send the pages that count.")


class SheetTooLarge(FileRefused):
    """The archive inside unpacks to too much."""

    sentence = _("The sheet is too large once unpacked. Split it and send the parts.")


class SheetActive(FileRefused):
    """Macros, embedded objects or links to elsewhere."""

    sentence = _(
        "The sheet holds macros, objects or links to other files. Save it as a plain XLSX file."
    )


class NotATable(FileRefused):
    """The text isn't comma-separated text."""

    sentence = _("The file isn't plain text in columns. Export it as CSV (UTF-8) and send that.")


# What the confined readers answer, by the reason they give.
BY_REASON: Final[dict[str, type[FileRefused]]] = {
    "picture-size": PictureTooLarge,
    "picture-mode": PictureUnusual,
    "pdf-locked": PdfLocked,
    "pdf-active": PdfActive,
    "pdf-pages": PdfTooLong,
    "sheet-size": SheetTooLarge,
    "sheet-active": SheetActive,
    "table": NotATable,
    "damaged": Unreadable,
}

"""Uploaded files: checked before anything else touches them, and kept under names of ours.

Refuses whatever isn't plainly a picture, a PDF, a CSV or an Excel sheet, and whatever could do
something when it is opened. Called by the services that take proofs, logos and imports; who may
see a file, and the response that serves it, are not decided here.
"""

from prs.kernel.files.checking import CheckedFile, checked, smaller, table_rows
from prs.kernel.files.kinds import Kind
from prs.kernel.files.likeness import distance, near_hash
from prs.kernel.files.names import disposition_name, new_name
from prs.kernel.files.refusals import FileRefused
from prs.kernel.files.storing import delete_stored, open_stored, save, stored_before

__all__ = [
    "CheckedFile",
    "FileRefused",
    "Kind",
    "checked",
    "delete_stored",
    "disposition_name",
    "distance",
    "near_hash",
    "new_name",
    "open_stored",
    "save",
    "smaller",
    "stored_before",
    "table_rows",
]

"""Keep files: wherever the `default` storage is, under names of ours only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from prs.kernel.files.names import require_ours


def save(content: bytes, name: str) -> str:
    """Store the bytes under a name that `new_name` made, and return it.

    Store before the row that refers to it commits: a file without a row is swept, a row without a
    file is a loss.
    """
    stored = storages["default"].save(require_ours(name), ContentFile(content))
    if stored != name:
        raise FileExistsError(f"{name} is taken.")
    return name


def open_stored(name: str) -> File[bytes]:
    """Open a stored file for reading. Raises FileNotFoundError."""
    return storages["default"].open(require_ours(name), "rb")


def delete_stored(name: str) -> None:
    """Remove a stored file; it may be gone already."""
    storages["default"].delete(require_ours(name))


def stored_before(organization_id: UUID, month: date, moment: datetime) -> Iterator[str]:
    """The names of an organization's files of a month that were stored before a moment."""
    storage, folder = storages["default"], f"{organization_id}/{month:%Y/%m}"
    try:
        _folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    for file in sorted(files):
        name = f"{folder}/{file}"
        if storage.get_modified_time(name) < moment:
            yield name

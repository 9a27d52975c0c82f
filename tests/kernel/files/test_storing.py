"""Files are kept under names of ours only, and never overwritten."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.test import override_settings

from prs.kernel import files

ORGANIZATION = UUID("0199f000-0000-7000-8000-000000000001")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path):
    backend = "django.core.files.storage.FileSystemStorage"
    with override_settings(
        STORAGES={"default": {"BACKEND": backend, "OPTIONS": {"location": str(tmp_path)}}}
    ):
        yield tmp_path


@pytest.fixture
def name():
    return files.new_name(organization_id=ORGANIZATION, extension="pdf", at=NOON)


def test_what_was_stored_is_read_back(folder, name):
    assert files.save(b"%PDF-", name) == name

    with files.open_stored(name) as stored:
        assert stored.read() == b"%PDF-"
    assert (folder / name).read_bytes() == b"%PDF-"


def test_a_stored_file_is_never_overwritten(folder, name):
    files.save(b"first", name)

    with pytest.raises(FileExistsError):
        files.save(b"second", name)

    assert (folder / name).read_bytes() == b"first"


def test_a_deleted_file_is_gone(folder, name):
    files.save(b"x", name)

    files.delete_stored(name)
    files.delete_stored(name)

    with pytest.raises(FileNotFoundError):
        files.open_stored(name)


@pytest.mark.parametrize("verb", [files.open_stored, files.delete_stored])
def test_no_other_path_is_touched(folder, verb):
    (folder / "secret").write_text("x")

    with pytest.raises(ValueError, match="storage name"):
        verb("secret")
    with pytest.raises(ValueError, match="storage name"):
        files.save(b"x", "../secret")
    assert (folder / "secret").read_text() == "x"

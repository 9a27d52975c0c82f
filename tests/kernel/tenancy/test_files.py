"""What was stored and never referred to is swept; everything else stays."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from django.test import override_settings

from prs.kernel import clock
from prs.kernel.activity.tasks import sweep_files
from prs.kernel.files import new_name, save
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.services import keep_file
from tests.factories.walk import make_proof

LONG_AGO = timedelta(days=3).total_seconds()


@pytest.fixture
def folder(tmp_path):
    backend = "django.core.files.storage.FileSystemStorage"
    with override_settings(
        STORAGES={"default": {"BACKEND": backend, "OPTIONS": {"location": str(tmp_path)}}}
    ):
        yield tmp_path


def stored(organization, folder, *, old=True):
    """A file that no row refers to."""
    name = new_name(organization_id=organization.pk, extension="pdf", at=clock.now())
    save(b"%PDF-", name)
    return aged(folder / name) if old else folder / name


def aged(path):
    """A file as if it had been stored days ago."""
    then = path.stat().st_mtime - LONG_AGO
    os.utime(path, (then, then))
    return path


def test_a_file_that_nothing_refers_to_is_swept_after_two_days(cast, folder):
    old, young = stored(cast.acme, folder), stored(cast.acme, folder, old=False)

    sweep_files()

    assert (old.exists(), young.exists()) == (False, True)


def test_a_file_with_a_row_stays_however_old(cast, folder):
    row = keep_file(make_proof(), at=clock.now())
    path = aged(folder / row.name)

    sweep_files()

    assert path.exists()


def test_every_organization_is_swept_by_its_own_rows(cast, folder):
    with tenant_context(cast.zenith.pk):
        row = keep_file(make_proof(), at=clock.now())
    theirs, left = aged(folder / row.name), stored(cast.zenith, folder)

    sweep_files()

    assert (theirs.exists(), left.exists()) == (True, False)

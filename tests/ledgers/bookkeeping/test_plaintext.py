"""The whole books as plain text, checked by the programs that read it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from prs.ledgers.bookkeeping import selectors as books
from prs.ledgers.bookkeeping.selectors import plaintext


def program(name):
    """The program of a development requirement, or of the machine."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name)


@pytest.mark.parametrize(
    ("form", "name", "arguments"),
    [("beancount", "bean-check", ()), ("hledger", "hledger", ("check", "-f"))],
)
def test_another_program_finds_no_fault_in_the_books(worlds, tmp_path, form, name, arguments):
    found = program(name)
    if found is None:
        pytest.skip(f"{name} is not installed: nothing can check the file")
    file = tmp_path / f"books.{form}"
    file.write_text(plaintext.written(form))

    done = subprocess.run(
        [found, *arguments, str(file)], capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("form", ["beancount", "hledger"])
def test_every_entry_is_in_the_file(worlds, form):
    text = plaintext.written(form)

    numbers = list(books.entries().values_list("number", flat=True))
    assert numbers
    assert all(number in text for number in numbers)
    assert "Assets:1000-Cash" in text

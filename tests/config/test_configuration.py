"""What can be set is written down where people look for it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r"env\.\w+\(\"(\w+)\"")
ELSEWHERE = {"HOST", "PORT"}


def read_by_the_settings() -> set[str]:
    return set(READ.findall((ROOT / "prs/config/settings.py").read_text())) | ELSEWHERE


def test_the_example_names_every_variable_and_no_other():
    named = re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)

    assert sorted(named) == sorted(read_by_the_settings())


def test_the_handbook_explains_every_variable():
    handbook = (ROOT / "README.md").read_text() + (ROOT / "docs/operations.md").read_text()

    assert {name for name in read_by_the_settings() if f"`{name}`" not in handbook} == set()


def test_the_procfile_starts_what_exists():
    processes = dict(
        line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines() if line
    )

    assert processes == {
        name: f"python manage.py {command}"
        for name, command in {"release": "release", "web": "serve", "worker": "worker"}.items()
    }

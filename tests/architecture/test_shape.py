"""An app looks like every other app: known files, imports at the top, doors where they belong."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.source import FLOORS, PRS, ROOT, functions, modules, named, tree_of

# What may lie in an app. A kernel app may hold more, each file with one clear subject.
APP_FILES = frozenset(
    {
        "__init__",
        "apps",
        "events",
        "management",
        "migrations",
        "models",
        "permissions",
        "rules",
        "selectors",
        "services",
        "tasks",
        "templatetags",
    }
)
# Subjects that an app holds besides, each in a file of its own.
MORE_FILES = {
    "prs/operations/incentives": {"statements": "what the statement of a commission says"},
    "prs/operations/invoicing": {
        "credit": "the credit a customer has, and what of it is used",
        "standings": "what customers owe, and how they stand",
    },
    "prs/operations/payments": {
        "figures": "what verifiers achieved, each figure with the rows that it counts",
        "notes": "what the note of money that went back says",
        "receipts": "what a receipt says, and its QR code's token",
        "statements": "a customer's account as the books have it, and its document",
    },
    "prs/operations/receivables": {"texts": "what reminders say, and in whose words"},
    "prs/operations/till": {"receipts": "what the receipt of a sale says"},
}
VAGUE = frozenset({"utils", "helpers", "common", "base", "misc", "tools"})
# Places where an import must wait, each with its reason.
LATE_IMPORTS = {
    "prs/config/asgi.py": "Django is set up before anything that needs it is imported",
    "manage.py": "as Django writes it",
}


def apps_of(floor: str) -> list[Path]:
    return sorted(path.parent for path in (PRS / floor).glob("*/apps.py"))


def strange_files(folder: Path, allowed: frozenset[str]) -> list[str]:
    """Names in a folder that are not on the list."""
    names = {path.stem for path in folder.iterdir() if path.name != "__pycache__"}
    return sorted(names - allowed)


@pytest.mark.parametrize("floor", [floor for floor in FLOORS if floor != "kernel"])
def test_an_app_holds_only_known_files(floor):
    strange = {
        named(app): strange_files(app, APP_FILES | set(MORE_FILES.get(named(app), ())))
        for app in apps_of(floor)
    }
    assert {app: names for app, names in strange.items() if names} == {}


def test_a_strange_file_in_an_app_is_noticed(tmp_path):
    (tmp_path / "models.py").touch()
    (tmp_path / "signals.py").touch()
    assert strange_files(tmp_path, APP_FILES) == ["signals"]


def test_no_module_has_a_vague_name():
    # Django looks for a database engine in a module of this name.
    there = set(modules()) - {ROOT / "prs/kernel/db/engine/base.py"}
    vague = [named(path) for path in there if path.stem in VAGUE]
    assert vague == []


def late_imports(tree: ast.Module) -> list[int]:
    """The lines of imports inside functions."""
    return sorted(
        {
            node.lineno
            for function in functions(tree)
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        }
    )


def test_nothing_is_imported_inside_a_function():
    found = {named(path): late_imports(tree_of(path)) for path in modules()}
    assert {
        path: lines for path, lines in found.items() if lines and path not in LATE_IMPORTS
    } == {}


def test_an_import_inside_a_function_is_noticed():
    assert late_imports(ast.parse("def f():\n    import os\n")) == [2]


def calls_of(tree: ast.Module, name: str) -> list[int]:
    """The lines that name a thing."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Name) and node.id == name)
        or (isinstance(node, ast.Attribute) and node.attr == name)
        or (isinstance(node, ast.alias) and node.name == name)
    ]


def test_only_the_live_stream_streams():
    """An open stream holds a database connection unless it is made with care: in one place."""
    streaming = {
        named(path) for path in modules() if calls_of(tree_of(path), "StreamingHttpResponse")
    }
    assert streaming <= {"prs/web/shell/live.py"}


def test_no_behaviour_is_wired_by_signals():
    """Receivers stand in one file, for the library that offers nothing else."""
    receivers = {
        named(path)
        for path in modules()
        if calls_of(tree_of(path), "receiver") or calls_of(tree_of(path), "post_save")
    }
    assert receivers <= {"prs/web/account/receivers.py"}


def test_every_app_says_what_it_owns():
    silent = [
        named(app)
        for floor in FLOORS
        for app in apps_of(floor)
        if not ast.get_docstring(tree_of(app / "__init__.py"))
    ]
    assert silent == []

"""The project's own files, read once and parsed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRS = ROOT / "prs"
TEMPLATES = ROOT / "templates"
FLOORS = ("kernel", "masterdata", "ledgers", "operations", "insight")


@cache
def text_of(path: Path) -> str:
    """A file's text."""
    return path.read_text(encoding="utf-8")


@cache
def tree_of(path: Path) -> ast.Module:
    """A Python file, parsed."""
    return ast.parse(text_of(path), filename=str(path))


def named(path: Path) -> str:
    """A path as the project names it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name


def modules(folder: Path = PRS) -> list[Path]:
    """Python files below a folder, migrations apart."""
    return sorted(
        path
        for path in folder.rglob("*.py")
        if "migrations" not in path.parts and "__pycache__" not in path.parts
    )


def templates() -> list[Path]:
    """Every template of our own."""
    return sorted(path for path in TEMPLATES.rglob("*") if path.is_file())


def pages() -> list[Path]:
    """Every HTML template of our own."""
    return [path for path in templates() if path.suffix == ".html"]


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a module, inner ones too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node

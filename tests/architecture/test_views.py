"""Every address says who may enter, views write through verbs only, and what writes is posted."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from prs.kernel.identity.seeds import permissions
from tests.architecture.addresses import Address, addresses, origin_of
from tests.architecture.source import PRS, functions, modules, named, tree_of

# Views of libraries that guard themselves, each with the reason why that is enough.
FOREIGN = {
    "allauth.": "login, second factor and sessions: allauth asks for a login where one is needed",
    "django.views.i18n": "choosing a language and the words of scripts need no login",
    "django.views.generic": "allauth's addresses of pages that we show elsewhere: they redirect",
    "django.views.static": "files that everybody may read",
}
MARKS = {"public", "signed_in", "member", "api_key"}
WRITING = frozenset(
    {"save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create"}
)
# Calls that look like writes of rows and are none, by the name they are made on.
NOT_ROWS = frozenset({"context", "response", "headers", "fields", "attrs", "digest", "params"})
# Rows of the login's library, which has no verbs for them.
LIBRARY_ROWS = ("EmailAddress.",)


def ours() -> list[Address]:
    return [address for address in addresses() if address.ours]


@pytest.mark.parametrize("address", ours(), ids=lambda address: address.route or "/")
def test_an_address_says_who_may_enter(address):
    mark = getattr(address.view, "access", "")
    known = mark in MARKS or mark.startswith("platform:")
    assert known or set(mark.split()) <= set(permissions())
    assert mark


def test_an_unmarked_view_is_noticed():
    def view(request):
        """Nothing says who may see this."""

    assert not getattr(view, "access", "")


def test_views_of_libraries_are_on_a_written_list():
    origins = {origin_of(address.view) for address in addresses() if not address.ours}
    assert [origin for origin in origins if not origin.startswith(tuple(FOREIGN))] == []


@pytest.mark.parametrize("address", ours(), ids=lambda address: address.route or "/")
def test_an_address_has_a_name_of_its_own(address):
    assert address.name
    assert [other.name for other in ours()].count(address.name) == 1


def workspaces() -> list[Path]:
    """The modules of workspaces; the kit alone stores how a member likes a list."""
    apart = {"kit", "management"}
    return [path for path in modules(PRS / "web") if not apart & set(path.parts)]


def row_writes(tree: ast.Module) -> list[str]:
    """The writes of rows in a module, as `line: name`."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            on = ast.unparse(node.func.value)
            known = on.split(".")[-1] in NOT_ROWS or on.startswith(LIBRARY_ROWS)
            if node.func.attr in WRITING and not known:
                found.append(f"{node.lineno}: {on}.{node.func.attr}")
    return found


# Modules that stand between a library and our verbs, where the library itself does the writing.
ADAPTERS = {
    "prs/web/account/adapters.py",
    "prs/web/account/forms.py",
    "prs/web/account/receivers.py",
    "prs/web/account/sessions.py",
    "prs/web/models.py",
}


def test_views_write_through_verbs_only():
    found = {named(path): row_writes(tree_of(path)) for path in workspaces()}
    assert {path: lines for path, lines in found.items() if lines and path not in ADAPTERS} == {}


def test_a_write_in_a_view_is_noticed():
    tree = ast.parse("def view(request, pk):\n    Invoice.objects.filter(pk=pk).update(paid=1)\n")
    assert row_writes(tree) == ["2: Invoice.objects.filter(pk=pk).update"]


def verbs_of(tree: ast.Module) -> set[str]:
    """The names under which a module knows modules of verbs."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {
                alias.asname or alias.name
                for alias in node.names
                if alias.name == "services" or node.module.endswith(".services")
            }
    return names


def speaks(function: ast.AST, names: set[str]) -> bool:
    """Whether a function calls a verb with an actor."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in names
        and any(word.arg == "by" for word in node.keywords)
        for node in ast.walk(function)
    )


def posted(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function acts on posts only."""
    marks = {ast.unparse(mark) for mark in function.decorator_list}
    # A form of `request.POST or None` is valid for posts only.
    asks = re.search(r"request\.method|request\.POST or None", ast.unparse(function))
    return bool(asks) or any(
        mark.startswith(("require_POST", "require_http_methods")) for mark in marks
    )


def acts_on_reads(tree: ast.Module) -> list[str]:
    """Views that call a verb without asking for a post."""
    names = verbs_of(tree)
    return [
        function.name
        for function in functions(tree)
        if function.args.args
        and function.args.args[0].arg == "request"
        and function.decorator_list
        and speaks(function, names)
        and not posted(function)
    ]


def test_what_writes_is_posted():
    found = {named(path): acts_on_reads(tree_of(path)) for path in workspaces()}
    assert {path: names for path, names in found.items() if names} == {}


def test_a_view_that_acts_on_a_read_is_noticed():
    source = (
        "from prs.operations.payments import services\n"
        "@requires(X)\n"
        "def verify(request, pk):\n"
        "    services.verify(pk, by=request.member)\n"
    )
    assert acts_on_reads(ast.parse(source)) == ["verify"]

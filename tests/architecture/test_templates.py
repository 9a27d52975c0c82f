"""Templates: parts named for their element, everything used, nothing inline, short."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template import TemplateDoesNotExist
from django.template.loader import get_template

from tests.architecture.source import PRS, TEMPLATES, modules, named, pages, templates, text_of

MOST_LINES = 150
# Folders whose files other libraries, or components, name: no part of a page is swapped from them.
NOT_PARTS = ("components", "allauth", "django", "pdf", "email", "account", "mfa", "errors")
# Parts that are included several times in a page, so that an id of theirs would not be unique, and
# parts that are rows or fragments of another part's element.
REPEATED = {
    "books/_draft_line.html": "one row of a form set, repeated",
    "books/_example.html": "one example of an entry, repeated",
    "books/_line_words.html": "a fragment of a cell",
    "books/_month.html": "one row, repeated",
    "api/_operation.html": "one operation, repeated, under its own id",
    "billing/_invoice_rows.html": "rows of a form set or table body",
    "billing/_payment_rows.html": "rows of a table body",
    "billing/_line_row.html": "one row, repeated",
    "stock/_came_row.html": "one row, repeated",
    "stock/_line_row.html": "one row, repeated",
    "kit/_list_rows.html": "rows of the list's table",
    "kit/_list_tools.html": "inside the list",
    "operator/_state.html": "a badge in several rows",
    "shell/_notice.html": "one notice, repeated",
}
# Templates that libraries load by a name of their own.
LOADED_BY_LIBRARIES = (
    "email/account/",  # named after the kind of message
    "allauth/",
    "django/",
    "account/",
    "mfa/",
    "usersessions/",
    "kit/list.html",
)
INLINE = {
    "a script in the page": re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", re.IGNORECASE
    ),
    "a style in the page": re.compile(r"<style\b", re.IGNORECASE),
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a handler attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "htmx's own handlers": re.compile(r"hx-on[:=]", re.IGNORECASE),
    "a script address": re.compile(r"javascript:", re.IGNORECASE),
    "unescaped text": re.compile(r"\|\s*safe\b|\bautoescape\s+off"),
}
VOID = frozenset(
    {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "use", "path"}
)
COMMENTS = re.compile(r"\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}", re.DOTALL)
# Printed pages take their style from one file through WeasyPrint's own door, mails from nothing.
PRINTED = ("pdf/",)


def shown(path: Path) -> str:
    return str(path.relative_to(TEMPLATES))


def faults(text: str) -> list[str]:
    """What a page must not contain."""
    bare = COMMENTS.sub("", text)
    return [fault for fault, pattern in INLINE.items() if pattern.search(bare)]


@pytest.mark.parametrize("path", pages(), ids=shown)
def test_a_template_holds_nothing_inline(path):
    found = faults(text_of(path))
    if shown(path).startswith(PRINTED):
        found = [fault for fault in found if "style" not in fault]
    assert found == []


@pytest.mark.parametrize(
    "planted",
    [
        "<script>go()</script>",
        '<p style="color: red">',
        '<a onclick="go()">',
        '<a hx-on:click="go()">',
        "{{ name|safe }}",
        "<style>p {}</style>",
        '<a href="javascript:go()">',
    ],
)
def test_something_inline_is_noticed(planted):
    assert faults(planted)


@pytest.mark.parametrize("path", pages(), ids=shown)
def test_a_template_is_short(path):
    assert len(text_of(path).splitlines()) <= MOST_LINES


class Roots(HTMLParser):
    """The elements that stand outermost, by their ids."""

    def __init__(self) -> None:
        super().__init__()
        self.depth, self.ids = 0, []

    def handle_starttag(self, tag, attrs):
        if self.depth == 0:
            self.ids.append(dict(attrs).get("id"))
        if tag not in VOID:
            self.depth += 1

    def handle_startendtag(self, tag, attrs):
        if tag and self.depth == 0:
            self.ids.append(dict(attrs).get("id"))

    def handle_endtag(self, tag):
        if tag not in VOID:
            self.depth -= 1


def roots_of(text: str) -> list[str | None]:
    """The ids of a template's outermost elements. Branches of the template count one after another."""
    bare = re.sub(r"\{%.*?%\}", "", COMMENTS.sub("", text), flags=re.DOTALL)
    parser = Roots()
    parser.feed(bare)
    return parser.ids


def parts() -> list[Path]:
    return [
        path
        for path in pages()
        if path.name.startswith("_")
        and shown(path).split("/")[0] not in NOT_PARTS
        and shown(path) not in REPEATED
    ]


@pytest.mark.parametrize("path", parts(), ids=shown)
def test_a_part_is_one_element_named_like_its_file(path):
    roots = roots_of(text_of(path))
    expected = path.stem.removeprefix("_").replace("_", "-")
    assert len(roots) == 1
    assert roots[0] == expected or "{{" in str(roots[0])


def test_a_part_with_two_roots_or_another_name_is_noticed():
    assert roots_of('<p id="a"><br></p><p></p>') == ["a", None]


def test_the_lists_of_exceptions_name_files_that_exist():
    assert [name for name in REPEATED if not (TEMPLATES / name).exists()] == []


def mentioned() -> set[str]:
    """The names of templates that code, templates and settings say, ends cut where code adds them."""
    files = [*modules(PRS), *templates()]
    return {name for path in files for name in re.findall(r"[\w/.-]+\.(?:html|txt)", text_of(path))}


def test_every_template_is_used():
    said = mentioned()
    unused = [
        shown(path)
        for path in templates()
        if shown(path) not in said and not shown(path).startswith(LOADED_BY_LIBRARIES)
    ]
    assert "\n".join(unused) == ""


def test_no_template_is_named_that_does_not_exist():
    for path in pages():
        for name in re.findall(r"\{%\s*(?:include|extends)\s+\"([^\"]+)\"", text_of(path)):
            assert found(name), f"{named(path)} names {name}"


def found(name: str) -> bool:
    """Whether a template of this name is ours or a library's."""
    try:
        get_template(name)
    except TemplateDoesNotExist:
        return False
    return True

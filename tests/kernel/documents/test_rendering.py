"""No text on a page reaches a file or an address, and every layout ends."""

from __future__ import annotations

import base64
import subprocess
import sys
import time
from dataclasses import fields, replace
from pathlib import Path

import pytest
from django.template import engines
from django.test import override_settings

from prs.kernel import documents
from prs.kernel.documents import Fact, Party, SheetLine, rendering
from tests.kernel.documents import sheets
from tests.kernel.documents.sheets import text_of

HOSTILE = (
    "</p><script>alert(1)</script><link rel=attachment href=file:///etc/passwd>"
    "<img src=http://127.0.0.1/><style>body{display:none}</style>&lt;"
)


@pytest.fixture
def pages(tmp_path):
    """Templates of the test's own, below pdf/."""
    (tmp_path / "pdf").mkdir()
    engine = {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [str(tmp_path)],
    }
    with override_settings(TEMPLATES=[engine]):
        yield tmp_path / "pdf"


def page(folder: Path, html: str) -> str:
    (folder / "page.html").write_text(f'<html lang="en"><body>{html}</body></html>')
    return "pdf/page.html"


def in_page(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


@pytest.mark.parametrize(
    "html",
    [
        '<img src="file:///etc/passwd">',
        '<img src="http://127.0.0.1:9/x.png">',
        '<img src="https://example.com/x.png">',
        '<img src="ftp://example.com/x.png">',
        '<img src="/etc/passwd">',
        '<img src="../../../etc/passwd">',
        '<img src="prs:other">',
        '<link rel="stylesheet" href="file:///etc/passwd">',
        '<link rel="attachment" href="file:///etc/passwd">',
        '<a rel="attachment" href="file:///etc/passwd">x</a>',
        '<object data="file:///etc/passwd"></object>',
        '<embed src="file:///etc/passwd">',
        '<style>@import "http://127.0.0.1:9/x.css";</style>',
        "<style>body { background: url(file:///etc/passwd) }</style>",
        "<style>@font-face { font-family: x; src: url(file:///etc/passwd) } p{font-family:x}</style><p>x",
    ],
)
def test_nothing_outside_the_page_is_fetched(pages, html):
    with pytest.raises(rendering.ReachesOutside):
        documents.render(page(pages, html), {}, language="en")


def test_a_picture_in_a_picture_is_not_fetched(pages, tmp_path):
    (tmp_path / "secret.png").write_bytes(sheets.logo())
    svg = (
        "<svg xmlns='http://www.w3.org/2000/svg' width='99' height='99'>"
        f"<image href='file://{tmp_path}/secret.png' width='99' height='99'/></svg>"
    )

    made = documents.render(page(pages, f'<img src="{in_page(svg)}">'), {}, language="en")

    assert not sheets.read(made).pages[0].images


def test_a_picture_inside_the_page_is_drawn(pages):
    made = documents.render(
        page(pages, '<img src="{{ uri }}">'),
        {"uri": Party(name="x", logo=sheets.logo()).logo_uri},
        language="en",
    )

    assert len(sheets.read(made).pages[0].images) == 1


def _hostile_party() -> Party:
    return Party(
        name=HOSTILE, address=(HOSTILE,) * 3, facts=(Fact(label=HOSTILE, text=HOSTILE),) * 2
    )


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("name", ["invoice", "receipt"])
def test_hostile_text_in_any_field_is_only_text(name, language):
    sheet = getattr(sheets, name)()
    texts = {
        field.name: HOSTILE
        for field in fields(sheet)
        if isinstance(getattr(sheet, field.name), str) and field.name not in {"paper", "link"}
    }
    line = {"lines": (SheetLine(description=HOSTILE, amount=HOSTILE, detail=HOSTILE, tax=HOSTILE),)}
    sheet = replace(
        sheet,
        **texts,
        **(line if name == "invoice" else {}),
        issuer=_hostile_party(),
        customer=_hostile_party(),
        link="https://example.com/" + HOSTILE[:60],
    )

    made = getattr(documents, name)(sheet, language=language)

    reader = sheets.read(made)
    text = text_of(made).replace(" ", "")
    assert text.count("<script>alert(1)</script>") > 10
    assert "/EmbeddedFiles" not in reader.root_object.get("/Names", {})
    assert not reader.attachments
    assert b"root:x:0" not in made.bytes


def test_words_are_in_the_readers_language_and_direction(pages):
    template = page(pages, "{{ language }} {{ direction }}")

    assert text_of(documents.render(template, {}, language="en")) == "en ltr"
    assert text_of(documents.render(template, {}, language="ar")) == "ar rtl"


def test_templates_of_pages_are_no_documents():
    with pytest.raises(ValueError, match="templates/pdf"):
        documents.render("base.html", {}, language="en")


def test_templates_of_documents_escape_what_they_are_given():
    assert engines["django"].engine.autoescape


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": sheets.invoice(1).lines * 10_000},
        {"notes": "word " * 200_000},
        {"customer": Party(name="x" * 1_000_000)},
        {"lines": (SheetLine(description="x y " * 100_000, amount="1"),)},
    ],
)
def test_a_bomb_of_text_is_refused_at_once(changes):
    sheet = sheets.invoice(1, **changes)
    started = time.monotonic()

    with pytest.raises(documents.DocumentRefused, match="too long"):
        documents.invoice(sheet, language="en")

    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "html", ["<div>" * 100_000, "<p>a</p>" * 120_000, "<table><tr><td>" * 300, "<b>" * 300_000]
)
def test_a_layout_that_would_not_end_is_ended(pages, html, monkeypatch):
    monkeypatch.setattr(rendering, "_SECONDS", 1)
    started = time.monotonic()

    with pytest.raises(documents.DocumentRefused):
        documents.render(page(pages, html), {}, language="en")

    assert time.monotonic() - started < 30


def test_the_layout_engine_stays_out_of_this_process():
    check = "import sys; import prs.kernel.documents; assert 'weasyprint' not in sys.modules"

    subprocess.run([sys.executable, "-c", check], check=True, cwd=Path(__file__).parents[3])

"""Lay out HTML as PDF with WeasyPrint. Runs confined: names and notes come from strangers.

Importing this module reads the style and the fonts once. The process that confines us does so
before it forks, so that a document costs its own layout and nothing else.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from prs.kernel.confined import Unfit

_STATIC: Final = Path(__file__).resolve().parents[3] / "static"
_LONGEST_DATA: Final = 4_000_000

# One file for each weight: cutting a weight out of a variable font costs 0.1 s in every document.
_INTER: Final = _STATIC / "vendor/inter"
_ARABIC: Final = _STATIC / "vendor/noto-sans-arabic"
_ETHIOPIC: Final = _STATIC / "vendor/noto-sans-ethiopic"
_CHINESE: Final = _STATIC / "vendor/noto-sans-sc"

# Everything a document may ask for by name. Other files and addresses are refused.
_OURS: Final[Mapping[str, Path]] = {
    "prs:latin-400": _INTER / "inter-latin-400-normal.woff2",
    "prs:latin-600": _INTER / "inter-latin-600-normal.woff2",
    "prs:latin-ext-400": _INTER / "inter-latin-ext-400-normal.woff2",
    "prs:latin-ext-600": _INTER / "inter-latin-ext-600-normal.woff2",
    "prs:arabic-400": _ARABIC / "noto-sans-arabic-arabic-400-normal.woff2",
    "prs:arabic-600": _ARABIC / "noto-sans-arabic-arabic-600-normal.woff2",
    "prs:ethiopic-400": _ETHIOPIC / "noto-sans-ethiopic-ethiopic-400-normal.woff2",
    "prs:chinese-400": _CHINESE / "noto-sans-sc-chinese-simplified-400-normal.woff2",
    "prs:letter.css": _STATIC / "pdf/letter.css",
    "prs:labels.css": _STATIC / "pdf/labels.css",
}


class _OnlyOurs(URLFetcher):
    """Fetch pictures that are part of the page, and our own fonts and style."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=["data"], allow_redirects=False)

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if url in _OURS:
            kind = {"Content-Type": "text/css"} if url.endswith(".css") else {}
            return URLFetcherResponse(url, io.BytesIO(_OURS[url].read_bytes()), kind)
        if url[:5].lower() != "data:" or len(url) > _LONGEST_DATA:
            raise FatalURLFetchingError(url[:100])
        return super().fetch(url, headers)


_FETCHER: Final = _OnlyOurs()
_FONTS: Final = FontConfiguration()
_STYLE: Final = CSS(url="prs:letter.css", url_fetcher=_FETCHER, font_config=_FONTS)


def drawn(html: str) -> tuple[bytes, int]:
    """Return the PDF of a page of HTML, and its number of pages. Raises `Unfit`."""
    try:
        document = HTML(string=html, base_url="prs:/", url_fetcher=_FETCHER).render(
            font_config=_FONTS, stylesheets=[_STYLE], pdf_tags=True
        )
        return document.write_pdf(pdf_tags=True), len(document.pages)
    except FatalURLFetchingError as error:
        raise Unfit("address", url=str(error)) from error
    except RecursionError as error:
        raise Unfit("nesting") from error


# The first layout reads the fonts: do it once, here, for every document after it.
_SIGNS: Final = "1 Ł \N{ARABIC LETTER SEEN} \N{ETHIOPIC SYLLABLE HA} \N{CJK UNIFIED IDEOGRAPH-4E2D}"
drawn(f'<html lang="en"><p>{_SIGNS} <b>{_SIGNS}</b></p></html>')

from __future__ import annotations

import pytest

from prs.kernel import documents
from prs.kernel.documents import RenderedDocument


@pytest.fixture(autouse=True)
def _quick_statements(request, monkeypatch):
    """Statements of a few bytes, except where a test is about them."""
    if "real_documents" not in request.fixturenames:
        small = RenderedDocument(bytes=b"%PDF-1.7 small", sha256="a" * 64, pages=1)
        monkeypatch.setattr(documents, "render", lambda *_words, **_more: small)
        monkeypatch.setattr(documents, "receipt", lambda *_sheet, **_more: small)
        monkeypatch.setattr(documents, "reversal", lambda *_sheet, **_more: small)


@pytest.fixture
def real_documents():
    """Lay documents out as in production."""

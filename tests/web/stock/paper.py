"""A printed page as a scanner sees it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from PIL import Image

needs_poppler = pytest.mark.skipif(not shutil.which("pdftoppm"), reason="needs poppler-utils")


def pages_of(content: bytes, *, dpi: int = 200) -> list[Image.Image]:
    """The pages of a PDF as pictures, in the resolution of an office printer."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "made.pdf"
        made.write_bytes(content)
        subprocess.run(
            ["pdftoppm", "-r", str(dpi), "-gray", "-png", str(made), str(made.with_suffix(""))],
            check=True,
        )
        return [Image.open(each).copy() for each in sorted(Path(folder).glob("*.png"))]

"""QR codes for printed documents."""

from __future__ import annotations

from typing import Final

import segno

_LONG: Final = 80


def qr_data_uri(text: str) -> str:
    """Return a QR code as a picture that is part of the page; a crease or a stain may cross it.

    A long text gets fewer spare modules, so that they stay large enough for a telephone.
    """
    spare = "q" if len(text) <= _LONG else "m"
    code = segno.make(text, error=spare, micro=False, boost_error=False)
    return str(code.svg_data_uri(border=0, omitsize=True, dark="#16191b"))

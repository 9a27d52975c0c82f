"""Find pictures that look alike: the same proof sent again, smaller, paler or trimmed.

A hint for a person, never a reason to refuse: forms with the same layout look alike too, and a slip
that was photographed a second time from another angle does not.
"""

from __future__ import annotations

from typing import Final

from prs.kernel import confined
from prs.kernel.files.images import near_hash_of
from prs.kernel.files.refusals import Unreadable

_ALL_BITS: Final = (1 << 64) - 1


def near_hash(content: bytes) -> int:
    """Return a 64-bit difference hash as a signed number, as a bigint column holds it.

    Pictures that look alike have hashes at a small `distance`: up to about 6 of 64. Use the hash
    in `CheckedFile` where there is one; this decodes the picture again. Raises `FileRefused`.
    """
    try:
        return confined.run(near_hash_of, content, seconds=5, megabytes=400)
    except (confined.Unfit, confined.OutOfBounds, confined.Broken) as error:
        raise Unreadable from error


def distance(one: int, other: int) -> int:
    """Return in how many of the 64 bits two near hashes differ: 0 looks the same."""
    return ((one ^ other) & _ALL_BITS).bit_count()

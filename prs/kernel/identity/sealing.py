"""Secrets at rest: sealed with a key that comes from the secret key, old secret keys still open them."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings

PURPOSE = b"prs.second-factors"


def box() -> MultiFernet:
    """Seals with the present secret key; opens with it and with every fallback."""
    return MultiFernet(
        [Fernet(derived(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def derived(secret_key: str) -> bytes:
    """A key of its own for this purpose, in the form that Fernet takes."""
    digest = hashlib.blake2b(secret_key.encode(), digest_size=32, person=PURPOSE[:16]).digest()
    return base64.urlsafe_b64encode(digest)


def seal(text: str) -> str:
    """The text as the database may keep it."""
    return box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text of something sealed.

    :raises cryptography.fernet.InvalidToken: it was sealed with a key that is gone, or changed.
    """
    return box().decrypt(sealed.encode()).decode()

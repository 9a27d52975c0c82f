"""What the environment says, read once and refused at start when it is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from environs import Env

BASE_DIR = Path(__file__).resolve().parents[2]

env = Env()
env.read_env(str(BASE_DIR / ".env"), recurse=False)


def mail_server(url: str) -> dict[str, Any]:
    """Django's mail settings for `smtp://user:password@host:port` (STARTTLS), `smtps://` (TLS) or
    `smtp+plain://` (neither, for a relay on the same machine). Without one, mail goes to files.

    :raises ImproperlyConfigured: the address can't be read.
    """
    backends = "django.core.mail.backends"
    if not url:
        return {"EMAIL_BACKEND": f"{backends}.filebased.EmailBackend"}
    server = urlsplit(url)
    if server.scheme not in {"smtp", "smtps", "smtp+plain"} or not server.hostname:
        raise ImproperlyConfigured("EMAIL_URL must read smtp://user:password@host:port.")
    return {
        "EMAIL_BACKEND": f"{backends}.smtp.EmailBackend",
        "EMAIL_HOST": server.hostname,
        "EMAIL_PORT": server.port or (465 if server.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(server.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(server.password or ""),
        "EMAIL_USE_SSL": server.scheme == "smtps",
        "EMAIL_USE_TLS": server.scheme == "smtp",
        "EMAIL_TIMEOUT": 20,
    }

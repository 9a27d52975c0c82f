"""Which connection a table lives on."""

from __future__ import annotations

from typing import Any


class CacheRouter:
    """The database cache works on a connection of its own, outside business transactions."""

    def db_for_read(self, model: Any, **_hints: Any) -> str | None:
        return "cache" if model._meta.app_label == "django_cache" else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, _app_label: str, **_hints: Any) -> bool:
        return db == "default"

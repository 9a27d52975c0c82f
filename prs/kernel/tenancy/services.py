"""Writes every organization needs: its files, its documents and its idempotency keys."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.ids import new_id
from prs.kernel.errors import Refusal
from prs.kernel.files import CheckedFile, delete_stored, new_name, save, stored_before
from prs.kernel.tenancy.context import required_organization
from prs.kernel.tenancy.models import Document, IdempotencyKey, StoredFile

CLAIM = """
    INSERT INTO tenancy_idempotencykey
      (id, organization_id, route, key, fingerprint, location, content_type, body, created_at)
    VALUES (%s, %s, %s, %s, %s, '', '', '', %s)
    ON CONFLICT (organization_id, route, key) DO NOTHING
"""
KEPT_FOR = timedelta(days=7)
ABANDONED_AFTER = timedelta(days=2)


class OtherContent(Refusal):
    """The key was used for something else."""

    sentence = _(
        "This was sent before with other content. Open the page again and repeat what you changed."
    )
    status = 422


@dataclass(frozen=True)
class Answer:
    """What a request was answered, as a repetition gets it."""

    status: int
    location: str = ""
    content_type: str = ""
    body: str = ""


def claim_key(*, route: str, key: str, content: bytes, at: datetime) -> Answer | None:
    """Take a key for a request about to run, or return the answer that it already got.

    A repetition that arrives while the first still runs waits for its commit.
    :raises OtherContent: the key was used with other content.
    """
    fingerprint = hashlib.sha256(content).hexdigest()
    organization = required_organization()
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, (new_id(), organization, route, key, fingerprint, at))
        if cursor.rowcount:
            return None
    row = IdempotencyKey.objects.get(route=route, key=key)
    if row.fingerprint != fingerprint:
        raise OtherContent
    return Answer(row.status or 200, row.location, row.content_type, row.body)


def keep_answer(*, route: str, key: str, answer: Answer) -> None:
    """Keep what a claimed request was answered, in the transaction that did it."""
    IdempotencyKey.objects.filter(route=route, key=key).update(
        status=answer.status,
        location=answer.location,
        content_type=answer.content_type,
        body=answer.body,
    )


def forget_old_keys(*, at: datetime) -> int:
    """Delete keys that no honest repetition will use any more. Returns how many."""
    deleted, _by_kind = IdempotencyKey.objects.filter(created_at__lt=at - KEPT_FOR).delete()
    return deleted


def keep_file(checked: CheckedFile, *, at: datetime) -> StoredFile:
    """Store a checked file for the current organization, bytes first, then its row."""
    organization = required_organization()
    name = new_name(organization_id=organization, extension=checked.extension, at=at)
    return StoredFile.objects.create(
        name=save(checked.bytes, name),
        display_name=checked.name,
        kind=checked.kind,
        content_type=checked.content_type,
        size=len(checked.bytes),
        sha256=checked.sha256,
        near_hash=checked.near_hash,
    )


def sweep_files(month: date, *, at: datetime) -> int:
    """Delete the current organization's files of a month that no row refers to. Returns how many.

    A file is stored before its row, and a form that is answered again keeps its file for a day; what
    nobody took up since is left over.
    """
    organization_id = required_organization()
    stored = list(stored_before(organization_id, month, at - ABANDONED_AFTER))
    known = {
        name
        for rows in (StoredFile.objects, Document.objects)
        for name in rows.filter(name__in=stored).values_list("name", flat=True)
    }
    left_over = [name for name in stored if name not in known]
    for name in left_over:
        delete_stored(name)
    return len(left_over)


class Rendered(Protocol):
    """A document's bytes with what is known of them."""

    @property
    def bytes(self) -> bytes: ...

    @property
    def sha256(self) -> str: ...

    @property
    def pages(self) -> int: ...


@transaction.atomic
def keep_document(
    rendered: Rendered, *, kind: str, number: str, source_id: UUID, at: datetime
) -> Document:
    """Store a final document once; a second rendering of the same source gets the first's row."""
    existing = Document.objects.filter(kind=kind, source_id=source_id).first()
    if existing is not None:
        return existing
    name = new_name(organization_id=required_organization(), extension="pdf", at=at)
    return Document.objects.create(
        kind=kind,
        number=number,
        source_id=source_id,
        name=save(rendered.bytes, name),
        size=len(rendered.bytes),
        pages=rendered.pages,
        sha256=rendered.sha256,
    )

"""A file that came with a form is not lost when the form is shown again.

No browser sends a file twice by itself. So the checked file is stored and the page carries a signed note
of it, good for the same member for a day. The next try takes the file from there; it is written in no
table before the form is accepted, and what nobody sends again is swept like any file without a row.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from django import forms
from django.core import signing
from django.db import transaction

from prs.kernel import clock
from prs.kernel.files import CheckedFile, Kind, delete_stored, new_name, open_stored, save
from prs.kernel.identity.models import Member

SALT = "prs.kept-proof"
GOOD_FOR = timedelta(days=1)
FIELD, CARRIER = "proof", "proof_kept"


@dataclass(frozen=True)
class KeptFile:
    """A file that waits for its form: what it is called, and the note by which it is found."""

    name: str
    token: str


def kept_for(member: Member, file: CheckedFile) -> KeptFile:
    """Store a checked file until its form is sent again."""
    name = new_name(
        organization_id=member.organization_id, extension=file.extension, at=clock.now()
    )
    said = {key: value for key, value in asdict(file).items() if key != "bytes"}
    note = [str(member.pk), save(file.bytes, name), said]
    return KeptFile(file.name, signing.dumps(note, salt=SALT, compress=True))


def taken_up(member: Member, token: str) -> CheckedFile | None:
    """The file of a note; None when the note is old, made up, or somebody else's."""
    try:
        owner, name, said = signing.loads(token, salt=SALT, max_age=GOOD_FOR)
    except signing.BadSignature:
        return None
    if owner != str(member.pk) or not name.startswith(f"{member.organization_id}/"):
        return None
    try:
        with open_stored(name) as stored:
            content = stored.read()
    except FileNotFoundError:
        return None
    if hashlib.sha256(content).hexdigest() != said["sha256"]:
        return None
    # The service that takes the file stores it under a name of its own. A form that is answered
    # again rolls its transaction back, and this with it.
    transaction.on_commit(lambda: delete_stored(name))
    return CheckedFile(**{**said, "kind": Kind(said["kind"])}, bytes=content)


class KeepsProof(forms.Form):
    """A form with a proof that survives being shown again.

    Templates draw `components/_kept_proof.html` below the file's field.
    """

    def __init__(self, *args: Any, member: Member, **options: Any) -> None:
        super().__init__(*args, **options)
        self.member = member
        self.brought: CheckedFile | None = None
        self.token = ""

    @property
    def carrier(self) -> str:
        """The name of the hidden field."""
        return self.add_prefix(CARRIER)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        token = self.data.get(self.carrier, "")
        if token and not data.get(FIELD) and FIELD not in self.errors:
            data[FIELD] = taken_up(self.member, token)
            self.token = token
        self.brought = data.get(FIELD)
        return data

    @cached_property
    def kept(self) -> KeptFile | None:
        """What came with a form that is shown again, kept for its next try."""
        if self.brought is None:
            return None
        if self.token:
            return KeptFile(self.brought.name, self.token)
        return kept_for(self.member, self.brought)

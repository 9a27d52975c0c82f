"""What happens in the browser that history keeps."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Event

LIST_EXPORTED = Event(
    "list.exported", _("List exported"), _("{actor} exported {rows} rows of {list}.")
)

"""API keys: made, shown once, replaced, taken back."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from prs.kernel import clock
from prs.kernel.activity.selectors import timeline
from prs.kernel.identity.models import ApiKey
from prs.kernel.identity.permissions import EDIT_KEYS
from prs.kernel.identity.seeds import key_scopes
from prs.kernel.identity.services import keys
from prs.web.kit.access import found, requires
from prs.web.kit.screens import screen
from prs.web.office.forms import KeyForm, RotateForm, carried_out
from prs.web.office.pages import form_page, posted
from prs.web.office.tables import KEYS, life


@requires(EDIT_KEYS)
def listed(request: Any) -> HttpResponse:
    """The keys of other systems."""
    return KEYS.show(request, ApiKey.objects.all())


@requires(EDIT_KEYS)
def add_key(request: Any) -> HttpResponse:
    """Make a key, and show it this once."""
    form = KeyForm(posted(request))
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        made = carried_out(
            form,
            lambda: keys.make(
                name=cleaned["name"],
                scopes=cleaned["scopes"],
                addresses=cleaned["addresses"],
                expires_at=end_of(cleaned["expires_on"]),
                by=request.member,
                at=clock.now(),
            ),
            {
                keys.UnknownScope: "scopes",
                keys.UnreadableAddress: "addresses",
                keys.PastExpiry: "expires_on",
            },
        )
        if made is not None:
            return shown_once(request, made)
    return form_page(
        request,
        form,
        title=_("Make an API key"),
        save=_("Make key"),
        why=_("The key is shown once, on the next page. Only its digest is kept."),
        back=reverse("office:keys"),
    )


def end_of(day: Any) -> datetime | None:
    """The moment in which a day ends for the reader."""
    if day is None:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def shown_once(request: Any, made: keys.NewKey) -> HttpResponse:
    """The only page that ever shows a key. No redirect: nothing keeps it until the next request."""
    response = screen(request, "office/key_made.html", {"key": made.row, "secret": made.secret})
    response["Cache-Control"] = "no-store"
    return response


@requires(EDIT_KEYS)
def key(request: Any, pk: UUID) -> HttpResponse:
    """One key: what it may do, when it was last used, and how to end it."""
    row = found(ApiKey.objects.select_related("created_by"), pk=pk)
    works = keys.usable(clock.now()).filter(pk=row.pk).exists()
    context = {
        "key": row,
        "state": life(row.revoked_at, row.expires_at),
        "scopes": [key_scopes()[code].label for code in row.scopes if code in key_scopes()],
        "works": works,
        "rotate_form": RotateForm(),
        "events": timeline(row, limit=20),
    }
    return screen(request, "office/key.html", context)


@requires(EDIT_KEYS)
@require_POST
def rotate(request: Any, pk: UUID) -> HttpResponse:
    """Replace a key; the old one may work on for a while."""
    row = found(ApiKey.objects.all(), pk=pk)
    form = RotateForm(request.POST)
    if not form.is_valid():
        return redirect("office:key", row.pk)
    overlap = timedelta(hours=form.cleaned_data["overlap"])
    made = keys.rotate(row, overlap=overlap, by=request.member, at=clock.now())
    return shown_once(request, made)


@requires(EDIT_KEYS)
@require_POST
def revoke(request: Any, pk: UUID) -> HttpResponse:
    """Take a key back, at once."""
    row = found(ApiKey.objects.all(), pk=pk)
    keys.revoke(row, by=request.member, at=clock.now())
    messages.success(request, _("The key %(name)s no longer works.") % {"name": row.name})
    return redirect("office:key", row.pk)

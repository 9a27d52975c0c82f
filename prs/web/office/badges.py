"""Badges: one's own on the screen, printed cards, and a page that reads one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from prs.kernel import clock
from prs.kernel.errors import Refusal
from prs.kernel.identity import badges
from prs.kernel.identity.models import Member
from prs.kernel.identity.permissions import EDIT_MEMBERS, VIEW_MEMBERS
from prs.kernel.identity.services import badges as reissuing
from prs.masterdata.places.selectors import branch_of
from prs.web.kit.access import found, members_only, requires
from prs.web.kit.screens import screen
from prs.web.office.forms import BadgeForm
from prs.web.office.pages import posted

PARTS = {"badge": "office/_badge.html"}


@members_only
@require_GET
def own(request: Any) -> HttpResponse:
    """One's own badge for the screen; it draws itself anew before it runs out."""
    context = {
        "person": request.member,
        "drawn": int(badges.window_of(clock.now()).timestamp()),
        "seconds": int(badges.WINDOW.total_seconds()),
    }
    return screen(request, "office/badge.html", context, parts=PARTS)


@members_only
@require_GET
def own_image(request: Any) -> HttpResponse:
    """The QR code of one's own screen badge."""
    return drawn(badges.screen(request.member, at=clock.now()), request.member.name)


@requires(EDIT_MEMBERS)
@require_GET
def card(request: Any, pk: UUID) -> HttpResponse:
    """A member's card, to print and cut out."""
    row = found(Member.objects.select_related("role", "job_title").filter(active=True), pk=pk)
    context = {
        "person": row,
        "branch": branch_of(row),
        "until": badges.card_until(clock.now()).date(),
        "logo": request.organization.logo,
    }
    return screen(request, "office/card.html", context)


@requires(EDIT_MEMBERS)
@require_GET
def card_image(_request: Any, pk: UUID) -> HttpResponse:
    """The QR code of a member's card, drawn for this printing."""
    row = found(Member.objects.filter(active=True), pk=pk)
    return drawn(badges.card(row, at=clock.now()), row.name)


def drawn(text: str, name: str) -> HttpResponse:
    """A QR code as a picture that no one keeps."""
    return HttpResponse(
        badges.picture(text, title=_("Badge of %(name)s") % {"name": name}),
        content_type="image/svg+xml",
        headers={
            "Cache-Control": "no-store",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


@requires(EDIT_MEMBERS)
@require_POST
def reissue(request: Any, pk: UUID) -> HttpResponse:
    """Make a member's earlier badges worthless."""
    row = found(Member.objects.select_related("role").filter(active=True), pk=pk)
    reissuing.reissue(row, by=request.member, at=clock.now())
    words = {"name": row.name}
    messages.success(request, _("Earlier badges of %(name)s no longer work.") % words)
    return redirect("office:card", row.pk)


@members_only
@require_POST
def reissue_own(request: Any) -> HttpResponse:
    """Make one's own earlier badges worthless, for a lost card."""
    reissuing.reissue(request.member, by=request.member, at=clock.now())
    messages.success(request, _("Your earlier badges no longer work."))
    return redirect("office:badge")


@requires(VIEW_MEMBERS)
def check(request: Any) -> HttpResponse:
    """Whose badge a code is. It is posted, so that no address or log keeps it."""
    form = BadgeForm(posted(request))
    person, sentence, status = None, "", 200
    if request.method == "POST" and form.is_valid():
        try:
            person = badges.read(form.cleaned_data["badge"], at=clock.now())
        except Refusal as refusal:
            sentence, status = str(refusal), refusal.status
    context = {
        "form": BadgeForm(),
        "person": person,
        "sentence": sentence,
        "branch": branch_of(person) if person else None,
    }
    parts = {"badge-check": "office/_badge_check.html"}
    return screen(request, "office/badge_check.html", context, parts=parts, status=status)

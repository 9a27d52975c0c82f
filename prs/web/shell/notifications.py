"""The notification centre: what a member was told, and in whose words."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from prs.kernel import clock
from prs.kernel.activity import telling
from prs.kernel.activity.catalogue import events
from prs.kernel.activity.models import Notification, NotificationText
from prs.kernel.activity.rules import Event, worded
from prs.kernel.activity.selectors import notifications_of
from prs.kernel.errors import Invalid
from prs.kernel.identity.permissions import EDIT_ORGANIZATION
from prs.web.kit.access import Request, found, members_only, requires
from prs.web.kit.paging import page_of
from prs.web.kit.screens import screen
from prs.web.shell.places import place_of
from prs.web.shell.views import way_back

PARTS = {"bell": "components/_bell.html", "notifications": "shell/_notifications.html"}
PAGE = 25


@members_only
@require_GET
def centre(request: Request) -> HttpResponse:
    """What a member was told, newest first; or the bell with its count."""
    if request.htmx.target == "bell":
        return screen(request, "components/_bell.html")
    rows = notifications_of(request.member.pk)
    shown = "unread" if request.GET.get("show") == "unread" else "all"
    if shown == "unread":
        rows = rows.filter(read_at__isnull=True)
    wanted = (
        "pk",
        "title",
        "text",
        "priority",
        "created_at",
        "read_at",
        "subject_kind",
        "subject_id",
    )
    page = page_of(
        rows,
        order=("-created_at", "-pk"),
        wanted=wanted,
        size=PAGE,
        count_to=1000,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    names = ("pk", *wanted[1:])
    notices = [dict(zip(names, record, strict=False)) for record in page.records]
    context = {"notices": notices, "page": page, "shown": shown}
    return screen(request, "shell/notifications.html", context, parts=PARTS)


@members_only
@require_POST
def read(request: Request, pk: UUID) -> HttpResponse:
    """Mark a notification as read and go where it leads."""
    notice: Notification = found(notifications_of(request.member.pk), pk=pk)
    telling.mark_read(request.member.pk, notice, at=clock.now())
    address = place_of(notice.subject_kind, notice.subject_id)
    return redirect(address if address and "open" in request.POST else way_back(request))


@members_only
@require_POST
def read_all(request: Request) -> HttpResponse:
    """Mark everything as read."""
    telling.mark_all_read(request.member.pk, at=clock.now())
    return redirect("shell:notifications")


@requires(EDIT_ORGANIZATION)
@require_GET
def texts(request: Request) -> HttpResponse:
    """The kinds of notifications, and which of them speak the organization's own words."""
    own = set(NotificationText.objects.filter(active=True).values_list("code", flat=True))
    kinds = [
        {"code": code, "title": event.title, "sentence": event.sentence, "own": code in own}
        for code, event in telling.told_events().items()
    ]
    return screen(request, "shell/notification_texts.html", {"kinds": kinds})


def sample(event: Event) -> dict[str, str]:
    """Words that a preview fills the places with."""
    filled = {
        "actor": _("Sam Reed"),
        "subject": "TXN-0042",
        "customer": _("Harbour Supplies Ltd"),
        "amount": "USD 1,250.00",
        "reason": _("The slip shows another amount."),
        "receipt": "RCT-2026-0042",
    }
    return {name: filled.get(name, f"[{name}]") for name in telling.places(event)}


@requires(EDIT_ORGANIZATION)
@require_http_methods(["GET", "POST"])
def text(request: Request, code: str) -> HttpResponse:
    """The words of one kind of notification: written, looked at, kept, or given back."""
    event = telling.told_events().get(code)
    if event is None:
        raise Http404
    own = NotificationText.objects.filter(code=code, active=True).first()
    title = request.POST.get("title", own.title if own else str(event.title))
    body = request.POST.get("text", own.text if own else str(event.sentence))
    context: dict[str, Any] = {"event": events()[code], "own": own, "places": telling.places(event)}
    status = 200
    if request.method == "POST":
        try:
            if acted(request, event, title, body):
                return redirect("shell:notification_texts")
        except Invalid as refusal:
            context["refusal"], status = str(refusal), refusal.status
    words = sample(event)
    context |= {
        "title": title,
        "text": body,
        "preview_title": worded(title, words),
        "preview_text": worded(body, words),
    }
    return screen(
        request,
        "shell/notification_text.html",
        context,
        parts={"text-preview": "shell/_text_preview.html"},
        status=status,
    )


def acted(request: Request, event: Event, title: str, body: str) -> bool:
    """Keep or give back the words; False when they were only to be looked at."""
    act, at = request.POST.get("act", ""), clock.now()
    if act == "reset":
        telling.reset_text(event, by=request.member, at=at)
        messages.success(request, _("Our words are used again."))
        return True
    telling.checked(event, title[:200], body[:1000])
    if act != "save":
        return False
    telling.set_text(event, title[:200], body[:1000], by=request.member, at=at)
    messages.success(request, _("Your words are used from now on."))
    return True

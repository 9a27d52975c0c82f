"""The platform area: which organizations there are, and who works for the platform."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from prs.kernel import clock
from prs.kernel.activity.rules import worded
from prs.kernel.identity import oversight as knowledge
from prs.kernel.identity.models import User
from prs.kernel.identity.services import accounts, oversight
from prs.kernel.tenancy.context import platform_context
from prs.kernel.tenancy.models import Organization
from prs.web.kit.access import found, platform
from prs.web.kit.screens import screen
from prs.web.operator.forms import OpenForm, ReasonForm, RoleForm, StaffForm

ANYONE = ("owner", "admin", "staff")
MANAGERS = ("owner", "admin")
PAGE = 25


@platform(*ANYONE)
def organizations(request: Any) -> HttpResponse:
    """Every organization on the server, with its people counted."""
    asked, status = request.GET.get("q", "").strip(), request.GET.get("status", "")
    with platform_context():
        rows = Organization.objects.order_by("-created_at", "-pk")
        counts = rows.order_by().aggregate(
            all=Count("pk"),
            active=Count("pk", filter=Q(status="active")),
            suspended=Count("pk", filter=Q(status="suspended")),
        )
        if asked:
            rows = rows.filter(Q(name__icontains=asked) | Q(email__icontains=asked))
        if status in Organization.Status.values:
            rows = rows.filter(status=status)
        page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
        listed = list(page.object_list)
        heads = knowledge.headcounts(row.pk for row in listed)
    context = {
        "page": page,
        "rows": [(row, heads.get(row.pk, knowledge.Headcount())) for row in listed],
        "counts": counts,
        "q": asked,
        "status": status,
        "may_open": request.user.platform_role in MANAGERS,
    }
    parts = {"organization-list": "operator/_organization_list.html"}
    return screen(request, "operator/organizations.html", context, parts=parts)


def one(pk: UUID) -> Any:
    """One organization's own row, or 404."""
    with platform_context():
        return found(Organization.objects.all(), pk=pk)


@platform(*ANYONE)
def organization(request: Any, pk: UUID) -> HttpResponse:
    """One organization: its row, its people counted, and what the platform did to it."""
    row = one(pk)
    with platform_context():
        head = knowledge.headcounts([pk]).get(pk, knowledge.Headcount())
    context = {
        "row": row,
        "head": head,
        "history": [
            {"at": event.at, "sentence": sentence(event), "reason": event.words.get("reason", "")}
            for event in knowledge.history(pk)
        ],
        "may_change": request.user.platform_role in MANAGERS,
    }
    return screen(request, "operator/organization.html", context)


def sentence(event: Any) -> str:
    """What happened, in words."""
    template = next(one.sentence for one in knowledge.OURS if one.code == event.code)
    return worded(str(template), event.words)


@platform(*MANAGERS)
def open_organization(request: Any) -> HttpResponse:
    """Open an organization for somebody, who gets a link by mail."""
    form = OpenForm(request.POST or None)
    if form.is_valid():
        row = oversight.open_for(**form.cleaned_data, by=request.user, at=clock.now())
        messages.success(
            request,
            _("%(organization)s is open. Its owner has a link by mail.")
            % {"organization": row.name},
        )
        return redirect("operator:organization", pk=row.pk)
    return screen(request, "operator/open.html", {"form": form}, status=422 if form.errors else 200)


@platform(*MANAGERS)
def suspend(request: Any, pk: UUID) -> HttpResponse:
    """Lock an organization's people out, for a reason."""
    return with_reason(request, pk, verb=oversight.suspend, template="operator/suspend.html")


@platform(*MANAGERS)
def reactivate(request: Any, pk: UUID) -> HttpResponse:
    """Let an organization's people in again, for a reason."""
    return with_reason(request, pk, verb=oversight.reactivate, template="operator/reactivate.html")


def with_reason(
    request: Any, pk: UUID, *, verb: Callable[..., None], template: str
) -> HttpResponse:
    """Ask for the reason, then do it."""
    row, form = one(pk), ReasonForm(request.POST or None)
    if form.is_valid():
        verb(row, reason=form.cleaned_data["reason"], by=request.user, at=clock.now())
        return redirect("operator:organization", pk=pk)
    context = {"row": row, "form": form}
    return screen(request, template, context, status=422 if form.errors else 200)


@platform(*MANAGERS)
@require_POST
def resend_welcome(request: Any, pk: UUID) -> HttpResponse:
    """Send the first owner's link again."""
    if oversight.resend_welcome(one(pk), by=request.user, at=clock.now()):
        messages.success(request, _("A new link is on its way."))
    else:
        messages.warning(request, _("The owner has chosen a password already. Nothing was sent."))
    return redirect("operator:organization", pk=pk)


# People of the platform


@platform(*ANYONE)
def people(request: Any) -> HttpResponse:
    """Who works for the platform."""
    context = {
        "people": staff(),
        "roles": [choice for choice in User.PlatformRole.choices if choice[0]],
        "may_change": request.user.platform_role == User.PlatformRole.OWNER,
    }
    return screen(request, "operator/people.html", context)


def staff() -> Any:
    """Platform people by name."""
    return User.objects.exclude(platform_role="").order_by("name", "email")


@platform("owner")
def add_person(request: Any) -> HttpResponse:
    """Let somebody work for the platform."""
    form = StaffForm(request.POST or None)
    if form.is_valid():
        accounts.add_staff(**form.cleaned_data, by=request.user, at=clock.now())
        messages.success(
            request,
            _("%(name)s works for the platform now.") % {"name": form.cleaned_data["name"]},
        )
        return redirect("operator:people")
    context = {"form": form}
    return screen(request, "operator/add_person.html", context, status=422 if form.errors else 200)


@platform("owner")
@require_POST
def change_role(request: Any, pk: UUID) -> HttpResponse:
    """Give somebody of the platform another role, or none."""
    person, form = found(staff(), pk=pk), RoleForm(request.POST)
    if form.is_valid():
        accounts.set_staff_role(person, form.cleaned_data["role"], by=request.user, at=clock.now())
        messages.success(request, _("The role is changed."))
    else:
        messages.error(request, _("That is no role."))
    return redirect("operator:people")

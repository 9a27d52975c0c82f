"""People: who is here, who is invited, what each may do, and who takes over from whom."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from prs.kernel import clock
from prs.kernel.activity.selectors import timeline
from prs.kernel.identity.models import Invitation, Member, Team, TeamMember
from prs.kernel.identity.permissions import EDIT_MEMBERS, EDIT_MENUS, EDIT_ROLES, VIEW_MEMBERS
from prs.kernel.identity.seeds import permissions
from prs.kernel.identity.selectors import sidebar
from prs.kernel.identity.services import invitations, members
from prs.masterdata.parties.models import Customer
from prs.masterdata.places.selectors import branch_of, colleagues
from prs.operations.invoicing.models import Invoice
from prs.operations.invoicing.selectors import OPEN
from prs.web.kit.access import found, requires
from prs.web.kit.forms import edit_screen
from prs.web.kit.screens import screen
from prs.web.office.forms import (
    SCOPES,
    DeactivateForm,
    GiveRoleForm,
    InviteForm,
    MemberForm,
    carried_out,
)
from prs.web.office.pages import form_page, posted
from prs.web.office.tables import INVITATIONS, MEMBERS


def visible_members(member: Member) -> QuerySet[Member]:
    """The people that a member's row scope reaches; who edits members sees everybody."""
    rows: QuerySet[Member] = Member.objects.select_related(
        "role", "user", "department", "job_title"
    )
    reach = None if member.may(EDIT_MEMBERS) else colleagues(member)
    return rows if reach is None else rows.filter(pk__in=reach)


@requires(VIEW_MEMBERS)
def people(request: Any) -> HttpResponse:
    """Who works here."""
    may_edit = request.member.may(EDIT_MEMBERS)
    rows = visible_members(request.member)
    return MEMBERS.show(request, rows, section="members", may_edit=may_edit)


@requires(VIEW_MEMBERS)
def member(request: Any, pk: UUID) -> HttpResponse:
    """One member: what they may do and see, and their story."""
    row = found(visible_members(request.member), pk=pk)
    editor = request.member.may(EDIT_MEMBERS)
    context = {
        "person": row,
        "scope": SCOPES[row.role.scope],
        "rights": rights_of(row.role.permissions),
        "menus": sidebar(row),
        "branch": branch_of(row),
        "teams": Team.objects.filter(
            pk__in=TeamMember.objects.filter(member=row).values("team")
        ).order_by("name", "pk"),
        "leads": Team.objects.filter(lead=row).order_by("name", "pk"),
        "events": timeline(row, limit=30),
        "may_edit": editor,
        "may_change_access": editor
        and row.pk != request.member.pk
        and members.may_give(request.member, row.role),
        "may_menus": request.member.may(EDIT_MENUS),
        "may_roles": request.member.may(EDIT_ROLES),
    }
    return screen(request, "office/member.html", context)


def rights_of(codes: list[str]) -> list[tuple[str, list[str]]]:
    """Rights by group, in words."""
    groups: dict[str, list[str]] = {}
    held = set(codes)
    for code, permission in permissions().items():
        if code in held:
            groups.setdefault(str(permission.group), []).append(str(permission.label))
    return list(groups.items())


@requires(EDIT_MEMBERS)
def edit_member(request: Any, pk: UUID) -> HttpResponse:
    """Change a member's details."""
    row = found(visible_members(request.member), pk=pk)
    form = MemberForm(posted(request), instance=row)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.apply(members.change, by=request.member, at=clock.now())
    ):
        return redirect("office:member", row.pk)
    return form_page(
        request,
        form,
        title=row.name,
        save=_("Save details"),
        back=reverse("office:member", args=[row.pk]),
    )


@requires(EDIT_MEMBERS)
def give_role(request: Any, pk: UUID) -> HttpResponse:
    """Give a member another role."""
    row = found(visible_members(request.member), pk=pk)
    form = GiveRoleForm(posted(request), instance=row, giver=request.member)

    def give(person: Member, fields: dict[str, Any], **who: Any) -> Member:
        return members.give_role(person, fields["role"], **who)

    if (
        request.method == "POST"
        and form.is_valid()
        and form.apply(give, by=request.member, at=clock.now())
    ):
        return redirect("office:member", row.pk)
    return form_page(
        request,
        form,
        title=_("A role for %(name)s") % {"name": row.name},
        save=_("Give this role"),
        why=_("It holds from their next click on."),
        back=reverse("office:member", args=[row.pk]),
    )


def open_of(seller: Member) -> QuerySet[Invoice]:
    """The invoices that somebody else must look after when this member leaves."""
    return Invoice.objects.filter(OPEN | Q(status=Invoice.Status.DRAFT), salesperson=seller)


@requires(EDIT_MEMBERS)
def deactivate(request: Any, pk: UUID) -> HttpResponse:
    """Close a member's access, after asking who takes over what is theirs."""
    row = found(visible_members(request.member).filter(active=True), pk=pk)
    customers = Customer.objects.filter(salesperson=row).count()
    teams = Team.objects.filter(lead=row).count()
    invoices = open_of(row).count()
    form = DeactivateForm(posted(request), leaver=row, needed=bool(customers or invoices))
    if request.method == "POST" and form.is_valid():
        successor = form.cleaned_data["successor"]
        members.deactivate(row, successor=successor, by=request.member, at=clock.now())
        messages.success(request, _("%(name)s can no longer sign in.") % {"name": row.name})
        return redirect("office:member", row.pk)
    context = {"person": row, "customers": customers, "invoices": invoices, "teams": teams}
    return edit_screen(request, "office/deactivate.html", form, context)


@requires(EDIT_MEMBERS)
@require_POST
def reactivate(request: Any, pk: UUID) -> HttpResponse:
    """Let a member in again."""
    row = found(visible_members(request.member), pk=pk)
    members.reactivate(row, by=request.member, at=clock.now())
    messages.success(request, _("%(name)s can sign in again.") % {"name": row.name})
    return redirect("office:member", row.pk)


# --- invitations ---------------------------------------------------------------------------------------


@requires(EDIT_MEMBERS)
def invited(request: Any) -> HttpResponse:
    """Who is invited, and how it stands."""
    return INVITATIONS.show(request, Invitation.objects.all(), section="invitations", may_edit=True)


@requires(EDIT_MEMBERS)
def invite(request: Any) -> HttpResponse:
    """Invite somebody by mail."""
    form = InviteForm(posted(request), giver=request.member)
    if request.method == "POST" and form.is_valid():
        made = carried_out(
            form,
            lambda: invitations.invite(**form.cleaned_data, by=request.member, at=clock.now()),
            {invitations.AlreadyInvited: "email", invitations.AlreadyMember: "email"},
        )
        if made is not None:
            words = {"email": made.email}
            messages.success(request, _("An invitation is on its way to %(email)s.") % words)
            return redirect("office:invitations")
    return form_page(
        request,
        form,
        title=_("Invite a colleague"),
        save=_("Send invitation"),
        why=_(
            "They get a mail with a link that is good for seven days, and choose their password."
        ),
        back=reverse("office:members"),
    )


@requires(EDIT_MEMBERS)
def invitation(request: Any, pk: UUID) -> HttpResponse:
    """One invitation: send it again, or take it back."""
    row = found(
        Invitation.objects.select_related("role", "department", "invited_by", "organization"), pk=pk
    )
    context = {
        "invitation": row,
        "open": row.state == Invitation.State.PENDING,
        "late": row.expires_at <= clock.now(),
        "events": timeline(row, limit=20),
    }
    return screen(request, "office/invitation.html", context)


@requires(EDIT_MEMBERS)
@require_POST
def resend_invitation(request: Any, pk: UUID) -> HttpResponse:
    """Send the link again; the earlier one stops working."""
    row = found(Invitation.objects.all(), pk=pk)
    invitations.resend(row, by=request.member, at=clock.now())
    messages.success(request, _("A new link is on its way to %(email)s.") % {"email": row.email})
    return redirect("office:invitation", row.pk)


@requires(EDIT_MEMBERS)
@require_POST
def revoke_invitation(request: Any, pk: UUID) -> HttpResponse:
    """Take an invitation back."""
    row = found(Invitation.objects.all(), pk=pk)
    invitations.revoke(row, by=request.member, at=clock.now())
    messages.success(
        request, _("The invitation of %(email)s is taken back.") % {"email": row.email}
    )
    return redirect("office:invitations")

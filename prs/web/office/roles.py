"""Roles, and the matrix of their rights: what will change is shown before it is saved."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from prs.kernel import clock
from prs.kernel.activity.selectors import timeline
from prs.kernel.db.versions import Stale
from prs.kernel.identity.models import Member, Role
from prs.kernel.identity.permissions import EDIT_ROLES
from prs.kernel.identity.rules import Permission, clashes
from prs.kernel.identity.seeds import permissions
from prs.kernel.identity.services import members, roles
from prs.web.kit.access import found, requires
from prs.web.kit.screens import screen
from prs.web.office.forms import SCOPES, CopyRoleForm, RoleForm, carried_out
from prs.web.office.pages import form_page, posted
from prs.web.office.people import rights_of
from prs.web.office.structure import counted
from prs.web.office.tables import ROLES


@requires(EDIT_ROLES)
def listed(request: Any) -> HttpResponse:
    """The roles."""
    rows = counted(Role.objects.all(), Member.objects.filter(active=True), "role")
    return ROLES.show(request, rows)


def warnings(codes: list[str]) -> list[str]:
    """Pairs of rights that separation of duties would give to two people."""
    known = permissions()
    return [
        _("“%(one)s” and “%(other)s” in one role: its people could check their own work.")
        % {"one": known[one].label, "other": known[other].label}
        for one, other in clashes(codes)
    ]


def may_change(request: Any, role: Role) -> bool:
    """Whether the reader may touch a role."""
    return role.key != roles.OWNER and members.may_give(request.member, role)


@requires(EDIT_ROLES)
def role(request: Any, pk: UUID) -> HttpResponse:
    """One role: what it holds, whose rows it reaches, who has it."""
    row = found(Role.objects.all(), pk=pk)
    people = Member.objects.filter(role=row, active=True).order_by("name", "pk")
    context = {
        "role": row,
        "scope": SCOPES[row.scope],
        "rights": rights_of(row.permissions),
        "warnings": warnings(row.permissions),
        "people": people[:50],
        "count": people.count(),
        "events": timeline(row, limit=30),
        "may_change": may_change(request, row),
        "may_copy": members.may_give(request.member, row),
    }
    return screen(request, "office/role.html", context)


@requires(EDIT_ROLES)
def add_role(request: Any) -> HttpResponse:
    """Add a role; its rights are ticked in the matrix afterwards."""
    form = RoleForm(posted(request), initial={"scope": "own"})
    if request.method == "POST" and form.is_valid():
        made = form.add(
            lambda fields, **who: roles.add(**fields, **who), by=request.member, at=clock.now()
        )
        if made is not None:
            return redirect_to_matrix(made)
    return form_page(
        request,
        form,
        title=_("Add a role"),
        save=_("Add role, then choose its rights"),
        back=reverse("office:roles"),
    )


def redirect_to_matrix(row: Role) -> HttpResponse:
    """To the rights of one role."""
    response = redirect("office:matrix")
    response["Location"] += f"?role={row.pk}"
    return response


@requires(EDIT_ROLES)
def edit_role(request: Any, pk: UUID) -> HttpResponse:
    """Change a role's name, reach or need of a second factor."""
    row = found(Role.objects.all(), pk=pk)
    form = RoleForm(posted(request), instance=row)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.apply(roles.change, by=request.member, at=clock.now())
    ):
        return redirect("office:role", row.pk)
    return form_page(
        request,
        form,
        title=row.name,
        save=_("Save role"),
        back=reverse("office:role", args=[row.pk]),
    )


@requires(EDIT_ROLES)
def copy_role(request: Any, pk: UUID) -> HttpResponse:
    """Copy a role under another name."""
    row = found(Role.objects.all(), pk=pk)
    name = _("Copy of %(name)s") % {"name": row.name}
    form = CopyRoleForm(posted(request), initial={"name": name})
    if request.method == "POST" and form.is_valid():
        made = carried_out(
            form,
            lambda: roles.copy(
                row, name=form.cleaned_data["name"], by=request.member, at=clock.now()
            ),
            {roles.RoleNameTaken: "name"},
        )
        if made is not None:
            return redirect("office:role", made.pk)
    return form_page(
        request,
        form,
        title=_("Copy %(name)s") % {"name": row.name},
        save=_("Copy role"),
        why=_("The copy holds the same rights, reaches the same rows and shows the same menu."),
        back=reverse("office:role", args=[row.pk]),
    )


@requires(EDIT_ROLES)
@require_POST
def remove_role(request: Any, pk: UUID) -> HttpResponse:
    """Delete a role that nobody has."""
    row = found(Role.objects.all(), pk=pk)
    roles.remove(row, by=request.member, at=clock.now())
    messages.success(request, _("The role %(name)s is deleted.") % {"name": row.name})
    return redirect("office:roles")


# --- the matrix -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """One right of one role: whether it is ticked, whether that is new, whether it can be changed."""

    value: str
    label: str
    ticked: bool
    changed: bool
    fixed: bool


@dataclass(frozen=True)
class Line:
    """One right across the roles."""

    permission: Permission
    cells: list[Cell]


@dataclass(frozen=True)
class Change:
    """What saving would do to one role."""

    role: Role
    added: list[str]
    removed: list[str]
    warnings: list[str]
    people: int
    own: bool


@requires(EDIT_ROLES)
def matrix(request: Any) -> HttpResponse:
    """Every right of every role, or of the roles in the address."""
    asked = (request.POST if request.method == "POST" else request.GET).getlist("role")
    rows = chosen_roles(asked)
    if request.method != "POST":
        return matrix_screen(request, rows, {row.pk: set(row.permissions) for row in rows})
    grants = submitted(request, rows)
    step = request.POST.get("step", "preview")
    if step == "edit":
        return matrix_screen(request, rows, {each.role.pk: each.permissions for each in grants})
    return save(request, grants) if step == "save" else preview(request, grants)


def chosen_roles(asked: list[str]) -> list[Role]:
    """The roles asked for by id, or all; what is no id of a role is left out."""
    rows = list(Role.objects.order_by("name", "pk"))
    return [row for row in rows if str(row.pk) in asked] or rows


def submitted(request: Any, rows: list[Role]) -> list[roles.Grant]:
    """What the form says each role shall hold, against the version that its page had read.

    Roles that the reader may not touch keep what they hold.
    """
    ticked: dict[str, set[str]] = {}
    for value in request.POST.getlist("grant"):
        pk, _colon, code = value.partition(":")
        ticked.setdefault(pk, set()).add(code)
    grants = []
    for row in rows:
        if may_change(request, row):
            row.version = int_of(request.POST.get(f"version-{row.pk}", ""))
            grants.append(roles.Grant(row, frozenset(ticked.get(str(row.pk), ()))))
    return grants


def int_of(text: str) -> int:
    """A version as a number; 0, which no row has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def matrix_screen(request: Any, rows: list[Role], ticked: dict[UUID, Any]) -> HttpResponse:
    """The form, with what is ticked by role."""
    free = {row.pk: may_change(request, row) for row in rows}
    held = set(request.member.role.permissions)

    def cell(row: Role, permission: Permission) -> Cell:
        wanted = ticked.get(row.pk, set(row.permissions))
        now = permission.code in row.permissions
        return Cell(
            value=f"{row.pk}:{permission.code}",
            label=f"{row.name}: {permission.label}",
            ticked=permission.code in wanted,
            changed=now != (permission.code in wanted),
            fixed=not free[row.pk] or permission.code not in held,
        )

    groups = [
        (group, [Line(each, [cell(row, each) for row in rows]) for each in listed_permissions])
        for group, listed_permissions in grouped()
    ]
    context = {
        "roles": rows,
        "groups": groups,
        "width": len(rows) + 1,
        "one": rows[0] if len(rows) == 1 else None,
        "some_fixed": not all(free.values()),
    }
    return screen(request, "office/matrix.html", context)


def grouped() -> list[tuple[str, list[Permission]]]:
    """Every right there is, under the heading of its group."""
    order: dict[str, int] = {}
    for permission in permissions().values():
        order.setdefault(str(permission.group), len(order))
    ranked = sorted(permissions().values(), key=lambda each: order[str(each.group)])
    return [(name, list(each)) for name, each in groupby(ranked, key=lambda p: str(p.group))]


def changes(request: Any, grants: list[roles.Grant]) -> list[Change]:
    """What saving would do, role by role, in words."""
    known = permissions()
    sizes = dict(
        Member.objects.filter(active=True)
        .order_by()
        .values_list("role")
        .annotate(number=Count("pk"))
    )
    return [
        Change(
            role=grant.role,
            added=[str(known[code].label) for code in grant.added if code in known],
            removed=[str(known[code].label) if code in known else code for code in grant.removed],
            warnings=warnings(sorted(grant.permissions)) if grant.added else [],
            people=sizes.get(grant.role.pk, 0),
            own=grant.role.pk == request.member.role_id and EDIT_ROLES.code in grant.removed,
        )
        for grant in grants
        if grant.added or grant.removed
    ]


def preview(request: Any, grants: list[roles.Grant], *, stale: bool = False) -> HttpResponse:
    """What would change, to be confirmed. `stale`: somebody saved roles since the page was read."""
    context = {
        "changes": changes(request, grants),
        "grants": grants,
        "asked": request.POST.getlist("role"),
        "stale": stale,
    }
    return screen(request, "office/matrix_preview.html", context, status=409 if stale else 200)


def save(request: Any, grants: list[roles.Grant]) -> HttpResponse:
    """Save the rights that were confirmed; compare anew when somebody else saved meanwhile."""
    try:
        changed = roles.regrant(grants, by=request.member, at=clock.now())
    except Stale:
        # What is compared is what there is now, and the next save counts against that.
        fresh = {row.pk: row for row in Role.objects.all()}
        again = [
            roles.Grant(fresh[grant.role.pk], grant.permissions)
            for grant in grants
            if grant.role.pk in fresh
        ]
        return preview(request, again, stale=True)
    names = ", ".join(row.name for row in changed)
    if names:
        messages.success(request, _("Saved: %(names)s.") % {"names": names})
    return redirect("office:roles")

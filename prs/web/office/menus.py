"""Menus: what the sidebar shows to roles and to people. A menu grants nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from prs.kernel import clock
from prs.kernel.identity import selectors
from prs.kernel.identity.models import Member, MemberMenu, MenuItem, Role
from prs.kernel.identity.permissions import EDIT_MENUS
from prs.kernel.identity.seeds import menu_seeds
from prs.kernel.identity.services import menus
from prs.web.kit.access import found, requires
from prs.web.kit.screens import screen
from prs.web.office.structure import counted

MOST_PICKED = 500


@dataclass(frozen=True)
class Row:
    """One place of the sidebar in a form."""

    code: str
    label: str
    icon: str
    permitted: bool
    always: bool
    by_role: bool = False
    choice: str = ""


def tree(
    held: set[str], *, by_role: set[str], choices: dict[str, bool] | None = None
) -> list[tuple[str, list[Row]]]:
    """The places under their headings, for somebody who holds these rights."""
    items = list(MenuItem.objects.filter(active=True).order_by("order", "code"))
    words, always = selectors.labels(items), {seed.code for seed in menu_seeds() if seed.always}
    parents = {item.parent_code for item in items}

    def row(item: MenuItem) -> Row:
        own = (choices or {}).get(item.code)
        return Row(
            item.code,
            words[item.code],
            item.icon,
            not item.permission or item.permission in held,
            item.code in always,
            item.code in by_role,
            {True: "show", False: "hide", None: ""}[own],
        )

    return [
        (
            words.get(parent.code, ""),
            [row(item) for item in items if item.parent_code == parent.code],
        )
        for parent in items
        if parent.code in parents
    ]


@requires(EDIT_MENUS)
def overview(request: Any) -> HttpResponse:
    """Roles with what they show, and the people who differ from their role."""
    roles = counted(Role.objects.all(), Member.objects.filter(active=True), "role")
    differing = Member.objects.filter(
        pk__in=MemberMenu.objects.values("member"), active=True
    ).select_related("role")
    context = {
        "roles": [(role, sorted(shown_by(role))) for role in roles.order_by("name", "pk")],
        "differing": differing.order_by("name", "pk")[:100],
    }
    return screen(request, "office/menus.html", context)


def shown_by(role: Role) -> list[str]:
    """What a role shows, in words."""
    words = selectors.labels()
    return [words[code] for code in menus.role_codes(role) if code in words]


@requires(EDIT_MENUS)
def role_menu(request: Any, pk: UUID) -> HttpResponse:
    """What a role shows: tick, see who gains and loses what, save."""
    role = found(Role.objects.all(), pk=pk)
    if request.method == "POST":
        return role_menu_posted(request, role)
    codes = menus.role_codes(role)
    return role_screen(request, role, ticked=codes, seen=codes)


def role_screen(request: Any, role: Role, *, ticked: set[str], seen: set[str]) -> HttpResponse:
    """The form for a role's menu."""
    context = {
        "role": role,
        "groups": tree(set(role.permissions), by_role=ticked),
        "seen": ",".join(sorted(seen)),
    }
    return screen(request, "office/role_menu.html", context)


def role_menu_posted(request: Any, role: Role) -> HttpResponse:
    """Show what would change, or change it."""
    codes = set(request.POST.getlist("menu"))
    seen = {code for code in request.POST.get("seen", "").split(",") if code}
    step = request.POST.get("step", "preview")
    if step == "edit":
        return role_screen(request, role, ticked=codes, seen=seen)
    if step == "save":
        menus.assign_role(role, codes, by=request.member, at=clock.now(), seen=seen)
        messages.success(request, _("The menu of %(name)s is saved.") % {"name": role.name})
        return redirect("office:menus")
    people = Member.objects.filter(role=role, active=True)
    own = MemberMenu.objects.filter(member__in=people).values("member").distinct().count()
    context = {
        "role": role,
        "difference": menus.preview_role(role, codes),
        "codes": sorted(codes),
        "seen": ",".join(sorted(seen)),
        "people": people.count(),
        "own": own,
    }
    return screen(request, "office/role_menu_preview.html", context)


@requires(EDIT_MENUS)
def member_menu(request: Any, pk: UUID) -> HttpResponse:
    """What one member sees: as the role, or a choice of their own for each place."""
    member = found(Member.objects.select_related("role"), pk=pk)
    if request.method == "POST":
        seen = pairs(request.POST.get("seen", "").split(","))
        wanted = pairs(request.POST.getlist("choice"))
        menus.assign_member(member, wanted, by=request.member, at=clock.now(), seen=seen)
        messages.success(request, _("The menu of %(name)s is saved.") % {"name": member.name})
        return redirect("office:member", member.pk)
    choices = menus.member_choices(member)
    context = {
        "person": member,
        "groups": tree(
            set(member.role.permissions), by_role=menus.role_codes(member.role), choices=choices
        ),
        "seen": ",".join(f"{code}:{'show' if own else 'hide'}" for code, own in choices.items()),
    }
    return screen(request, "office/member_menu.html", context)


def pairs(texts: list[str]) -> dict[str, bool]:
    """Choices out of texts such as "invoices:show"; one without a choice leaves it to the role."""
    split = [text.partition(":") for text in texts]
    return {code: choice == "show" for code, _colon, choice in split if choice in ("show", "hide")}


@requires(EDIT_MENUS)
@require_POST
def bulk(request: Any) -> HttpResponse:
    """Change what several people see: choose, see who gains and loses what, save."""
    picked = [pk for pk in request.POST.getlist("pick") if is_id(pk)][:MOST_PICKED]
    members = list(
        Member.objects.filter(pk__in=picked, active=True)
        .select_related("role")
        .order_by("name", "pk")
    )
    if not members:
        messages.error(request, _("Pick some active people first."))
        return redirect("office:members")
    step = request.POST.get("step", "")
    wanted = request.POST.getlist("choice")
    plan = plan_of(wanted)
    if step == "save":
        menus.assign_members(members, plan, by=request.member, at=clock.now())
        messages.success(
            request, _("The menus of %(count)d people are saved.") % {"count": len(members)}
        )
        return redirect("office:members")
    context = {"members": members, "wanted": wanted}
    if step == "preview":
        context |= {"differences": menus.preview_members(members, plan)}
        return screen(request, "office/bulk_menu_preview.html", context)
    chosen = dict(text.split(":", 1) for text in wanted if ":" in text)
    context |= {"groups": tree(set(), by_role=set()), "chosen": chosen}
    return screen(request, "office/bulk_menu.html", context)


def plan_of(texts: list[str]) -> menus.Plan:
    """A bulk plan out of texts such as "invoices:show", "invoices:hide" or "invoices:role"."""
    split = [text.partition(":") for text in texts]

    def codes(wanted: str) -> frozenset[str]:
        return frozenset(code for code, _colon, choice in split if choice == wanted)

    return menus.Plan(show=codes("show"), hide=codes("hide"), as_role=codes("role"))


def is_id(text: str) -> bool:
    """Whether a text is an id at all."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True

"""What happens to people and rights."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import Event
from prs.kernel.identity.permissions import (
    EDIT_KEYS,
    EDIT_MEMBERS,
    EDIT_MENUS,
    EDIT_ORGANIZATION,
    EDIT_ROLES,
    VIEW_MEMBERS,
)


def _event(code: str, title: Any, sentence: Any, *, sees: object, **more: Any) -> Event:
    return Event(code, title, sentence, sees=str(sees), category="office", **more)


ORGANIZATION_CREATED = Event(
    "organization.created",
    _("Organization created"),
    _("{actor} opened the organization {subject}."),
)
ORGANIZATION_CHANGED = _event(
    "organization.changed",
    _("Organization changed"),
    _("{actor} changed the profile of {subject}."),
    sees=EDIT_ORGANIZATION,
)
SETTINGS_CHANGED = _event(
    "organization.settings_changed",
    _("Settings changed"),
    _("{actor} changed the settings of {subject}."),
    sees=EDIT_ORGANIZATION,
)
SECURITY_CHANGED = _event(
    "organization.security_changed",
    _("Security policy changed"),
    _("{actor} changed the security policy of {subject}."),
    sees=EDIT_ORGANIZATION,
)
LOGO_CHANGED = _event(
    "organization.logo_changed",
    _("Logo changed"),
    _("{actor} changed the logo of {subject}."),
    sees=EDIT_ORGANIZATION,
)

MEMBER_CHANGED = _event(
    "member.changed",
    _("Member changed"),
    _("{actor} changed the details of {subject}."),
    sees=VIEW_MEMBERS,
)
ROLE_GIVEN = _event(
    "member.role_given",
    _("Role given"),
    _("{actor} gave {subject} the role {role}."),
    sees=VIEW_MEMBERS,
)
MEMBER_DEACTIVATED = _event(
    "member.deactivated",
    _("Member deactivated"),
    _("{actor} deactivated {subject}; what was theirs goes to {successor}."),
    sees=VIEW_MEMBERS,
)
MEMBER_REACTIVATED = _event(
    "member.reactivated",
    _("Member reactivated"),
    _("{actor} let {subject} in again."),
    sees=VIEW_MEMBERS,
)
BADGE_REISSUED = _event(
    "member.badge_reissued",
    _("Badge reissued"),
    _("{actor} reissued the badge of {subject}; earlier badges no longer work."),
    sees=VIEW_MEMBERS,
)

ROLE_ADDED = _event(
    "role.added",
    _("Role added"),
    _("{actor} added the role {subject}."),
    sees=EDIT_ROLES,
    told=(EDIT_ROLES.code,),
)
ROLE_CHANGED = _event(
    "role.changed", _("Role changed"), _("{actor} changed the role {subject}."), sees=EDIT_ROLES
)
ROLE_REMOVED = _event(
    "role.removed", _("Role deleted"), _("{actor} deleted the role {subject}."), sees=EDIT_ROLES
)

ROLE_MENU_ASSIGNED = _event(
    "menu.assigned_to_role",
    _("Menu of a role changed"),
    _("{actor} changed what the sidebar shows to {subject}."),
    sees=EDIT_MENUS,
)
MEMBER_MENU_ASSIGNED = _event(
    "menu.assigned_to_member",
    _("Menu of a member changed"),
    _("{actor} changed what the sidebar shows to {subject}."),
    sees=EDIT_MENUS,
)

DEPARTMENT_ADDED = _event(
    "department.added",
    _("Department added"),
    _("{actor} added the department {subject}."),
    sees=VIEW_MEMBERS,
)
DEPARTMENT_CHANGED = _event(
    "department.changed",
    _("Department changed"),
    _("{actor} changed the department {subject}."),
    sees=VIEW_MEMBERS,
)
JOB_TITLE_ADDED = _event(
    "job_title.added",
    _("Job title added"),
    _("{actor} added the job title {subject}."),
    sees=VIEW_MEMBERS,
)
JOB_TITLE_CHANGED = _event(
    "job_title.changed",
    _("Job title changed"),
    _("{actor} changed the job title {subject}."),
    sees=VIEW_MEMBERS,
)
TEAM_ADDED = _event(
    "team.added",
    _("Team added"),
    _("{actor} added the team {subject}."),
    sees=VIEW_MEMBERS,
    told=(VIEW_MEMBERS.code,),
    told_as=("lead_id",),
    held_as=("lead_id",),
)
TEAM_CHANGED = _event(
    "team.changed", _("Team changed"), _("{actor} changed the team {subject}."), sees=VIEW_MEMBERS
)

KEY_CREATED = _event(
    "api_key.created",
    _("API key created"),
    _("{actor} created the API key {subject}."),
    sees=EDIT_KEYS,
)
KEY_ROTATED = _event(
    "api_key.rotated",
    _("API key rotated"),
    _("{actor} replaced the API key {subject}; the old one works until {until}."),
    sees=EDIT_KEYS,
)
KEY_REVOKED = _event(
    "api_key.revoked",
    _("API key revoked"),
    _("{actor} revoked the API key {subject}."),
    sees=EDIT_KEYS,
)

MEMBER_INVITED = Event(
    "member.invited",
    _("Member invited"),
    _("{actor} invited {subject} as {role}."),
    sees=EDIT_MEMBERS.code,
)
INVITATION_RESENT = Event(
    "member.invitation_resent",
    _("Invitation sent again"),
    _("{actor} sent {subject} the invitation again."),
    sees=EDIT_MEMBERS.code,
)
INVITATION_REVOKED = Event(
    "member.invitation_revoked",
    _("Invitation taken back"),
    _("{actor} took the invitation of {subject} back."),
    sees=EDIT_MEMBERS.code,
)
MEMBER_JOINED = Event(
    "member.joined",
    _("Member joined"),
    _("{subject} joined as {role}."),
    told=(EDIT_MEMBERS.code,),
    sees=VIEW_MEMBERS.code,
)
PROFILE_CHANGED = Event(
    "member.profile_changed",
    _("Profile changed"),
    _("{actor} changed their own profile."),
    sees=VIEW_MEMBERS.code,
)
PASSWORDS_DEMANDED = Event(
    "organization.passwords_demanded",
    _("New passwords demanded"),
    _("{actor} asked {count} people of {subject} to choose a new password."),
    sees=EDIT_MEMBERS.code,
)
ORGANIZATION_OPENED = Event(
    "organization.opened",
    _("Organization opened by the platform"),
    _("{actor} opened the organization {subject} for {owner}."),
)
ORGANIZATION_SUSPENDED = Event(
    "organization.suspended",
    _("Organization suspended"),
    _("{actor} suspended {subject}: {reason}"),
    # Open streams ask anew whether they may go on.
    topics=("access",),
)
ORGANIZATION_REACTIVATED = Event(
    "organization.reactivated",
    _("Organization reactivated"),
    _("{actor} let {subject} in again: {reason}"),
)
WELCOME_RESENT = Event(
    "organization.welcome_resent",
    _("First link sent again"),
    _("{actor} sent the owner of {subject} a new link to choose a password."),
)

"""The office's lists."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from prs.kernel import clock
from prs.kernel.activity.catalogue import events
from prs.kernel.activity.models import AuditEvent
from prs.kernel.activity.rules import worded
from prs.kernel.identity.models import (
    ApiKey,
    Department,
    Invitation,
    JobTitle,
    Member,
    Role,
    Team,
)
from prs.kernel.identity.permissions import EDIT_KEYS, EDIT_MEMBERS, EDIT_MENUS, EDIT_ROLES
from prs.kernel.identity.seeds import key_scopes
from prs.masterdata.places.models import Branch
from prs.masterdata.places.permissions import EDIT as EDIT_BRANCHES
from prs.web.kit import choices
from prs.web.kit.columns import (
    NOTHING,
    Age,
    Choice,
    Column,
    Lead,
    Number,
    Status,
    Table,
    Text,
    Writer,
)
from prs.web.kit.lists import Action, Empty, Figure, List
from prs.web.kit.reader import Reader


def in_use(active: bool) -> tuple[str, Any]:  # noqa: FBT001  (a column's value)
    """Whether something can still be chosen."""
    return ("done", _("In use")) if active else ("plain", _("Out of use"))


def access(active: bool) -> tuple[str, Any]:  # noqa: FBT001  (a column's value)
    """Whether a member can come in."""
    return ("done", _("Active")) if active else ("stopped", _("Deactivated"))


# --- people ------------------------------------------------------------------------------------------


class MemberTable(Table):
    name = Lead(_("Name"), to="office:member", under="user__email")
    role = Text(_("Role"), accessor="role__name")
    department = Text(_("Department"), accessor="department__name")
    job_title = Text(_("Job title"), accessor="job_title__title")
    phone = Text(_("Phone"), visible=False)
    active = Status(_("Access"), shows=access)
    created_at = Age(_("Joined"))

    class Meta:
        model = Member
        fields = ()
        order_by = ("name", "pk")


class MemberFilter(django_filters.FilterSet):
    role = django_filters.ModelChoiceFilter(
        label=_("Role"), queryset=lambda _request: Role.objects.order_by("name", "pk")
    )
    department = django_filters.ModelChoiceFilter(
        label=_("Department"), queryset=lambda _request: Department.objects.order_by("name", "pk")
    )
    active = django_filters.BooleanFilter(label=_("Active"))


def member_figures(_request: Any, members: QuerySet[Any]) -> list[Figure]:
    """How many there are, who left, and who is still to come."""
    counts = members.aggregate(
        here=Count("pk", filter=Q(active=True)), left=Count("pk", filter=Q(active=False))
    )
    invited = Invitation.objects.filter(state=Invitation.State.PENDING).count()
    return [
        Figure(_("Active"), str(counts["here"]), "active=true"),
        Figure(_("Deactivated"), str(counts["left"]), "active=false"),
        Figure(_("Invited"), str(invited), note=_("not yet here")),
    ]


MEMBERS = List(
    name="members",
    title=_("People"),
    table=MemberTable,
    filters=MemberFilter,
    summary=member_figures,
    search=("name",),
    search_label=_("Name"),
    empty=Empty(
        "users",
        _("Who works with you?"),
        _("Invite colleagues by mail. Their role says what they may do."),
        "/office/people/invite/",
        _("Invite a colleague"),
        EDIT_MEMBERS,
    ),
    main=Action(_("Invite a colleague"), "/office/people/invite/", "user-plus", EDIT_MEMBERS),
    bulk=(Action(_("Assign menus"), "/office/menus/bulk/", "list-details", EDIT_MENUS),),
    live="member",
    template="office/members.html",
)


def answer(state: str, expires_at: datetime) -> tuple[str, Any]:
    """How an invitation stands."""
    if state == Invitation.State.PENDING and expires_at <= clock.now():
        return ("attention", _("Too old"))
    return {
        Invitation.State.PENDING: ("waiting", _("Waiting for an answer")),
        Invitation.State.ACCEPTED: ("done", _("Accepted")),
        Invitation.State.REVOKED: ("plain", _("Taken back")),
    }[Invitation.State(state)]


class InvitationTable(Table):
    email = Lead(_("E-mail"), to="office:invitation", under="name")
    role = Text(_("Role"), accessor="role__name")
    invited_by = Text(_("Invited by"), accessor="invited_by__name")
    state = Status(_("Status"), needs=("state", "expires_at"), shows=answer)
    created_at = Age(_("Sent"))

    class Meta:
        model = Invitation
        fields = ()
        order_by = ("-created_at", "-pk")


INVITATIONS = List(
    name="invitations",
    title=_("Invitations"),
    table=InvitationTable,
    filters=None,
    search=("email",),
    search_label=_("E-mail"),
    empty=Empty(
        "mail",
        _("Nobody is invited"),
        _("An invitation is a mail with a link that is good for seven days."),
        "/office/people/invite/",
        _("Invite a colleague"),
        EDIT_MEMBERS,
    ),
    main=Action(_("Invite a colleague"), "/office/people/invite/", "user-plus", EDIT_MEMBERS),
    live="member",
    template="office/members.html",
)


# --- structure -----------------------------------------------------------------------------------------


class DepartmentTable(Table):
    name = Lead(_("Department"), to="office:department", under="description")
    people = Number(_("People"), accessor="people")
    active = Status(_("Status"), shows=in_use)

    class Meta:
        model = Department
        fields = ()
        order_by = ("name", "pk")


class JobTitleTable(Table):
    title = Lead(_("Title"), to="office:job_title")
    department = Text(_("Department"), accessor="department__name")
    people = Number(_("People"), accessor="people")
    active = Status(_("Status"), shows=in_use)

    class Meta:
        model = JobTitle
        fields = ()
        order_by = ("title", "pk")


class TeamTable(Table):
    name = Lead(_("Team"), to="office:team", under="description")
    lead = Text(_("Lead"), accessor="lead__name")
    people = Number(_("People"), accessor="people")
    active = Status(_("Status"), shows=in_use)

    class Meta:
        model = Team
        fields = ()
        order_by = ("name", "pk")


class BranchTable(Table):
    name = Lead(_("Branch"), to="office:branch", under="code")
    phone = Text(_("Phone"))
    people = Number(_("People"), accessor="people")
    active = Status(_("Status"), shows=in_use)

    class Meta:
        model = Branch
        fields = ()
        order_by = ("name", "pk")


class InUseFilter(django_filters.FilterSet):
    active = django_filters.BooleanFilter(label=_("In use"))


STRUCTURE = "office/structure.html"
DEPARTMENTS = List(
    name="departments",
    title=_("Departments"),
    table=DepartmentTable,
    filters=InUseFilter,
    search=("name",),
    empty=Empty(
        "sitemap",
        _("No departments yet"),
        _("Departments group people. A role can reach the rows of a whole department."),
        "/office/departments/add/",
        _("Add a department"),
    ),
    main=Action(_("Add a department"), "/office/departments/add/", "plus", EDIT_MEMBERS),
    live="department",
    template=STRUCTURE,
)
JOB_TITLES = List(
    name="job_titles",
    title=_("Job titles"),
    table=JobTitleTable,
    filters=InUseFilter,
    search=("title",),
    empty=Empty(
        "briefcase",
        _("No job titles yet"),
        _("A title says what somebody does. It grants nothing: roles do."),
        "/office/titles/add/",
        _("Add a job title"),
    ),
    main=Action(_("Add a job title"), "/office/titles/add/", "plus", EDIT_MEMBERS),
    live="job_title",
    template=STRUCTURE,
)
TEAMS = List(
    name="teams",
    title=_("Teams"),
    table=TeamTable,
    filters=InUseFilter,
    search=("name",),
    empty=Empty(
        "users-group",
        _("No teams yet"),
        _("A team works under a lead. A role can reach the rows of a whole team."),
        "/office/teams/add/",
        _("Add a team"),
        EDIT_MEMBERS,
    ),
    main=Action(_("Add a team"), "/office/teams/add/", "plus", EDIT_MEMBERS),
    live="team",
    template=STRUCTURE,
)
BRANCHES = List(
    name="branches",
    title=_("Branches"),
    table=BranchTable,
    filters=InUseFilter,
    search=("name", "code"),
    empty=Empty(
        "building-store",
        _("Where do you work?"),
        _(
            "A branch is a place where your people are. A role can reach the rows of a whole branch."
        ),
        "/office/branches/add/",
        _("Add a branch"),
        EDIT_BRANCHES,
    ),
    main=Action(_("Add a branch"), "/office/branches/add/", "plus", EDIT_BRANCHES),
    live="branch",
)


# --- roles ----------------------------------------------------------------------------------------------


class Rights(Number):
    """How many rights a role holds."""

    def writer(self, reader: Reader) -> Writer:
        return lambda codes: reader.number(len(codes))

    def plain(self, *values: Any) -> Any:
        return len(values[0])


class RoleTable(Table):
    name = Lead(_("Role"), to="office:role")
    scope = Choice(_("Reaches"), choices=Role.Scopes)
    permissions = Rights(_("Rights"), orderable=False)
    people = Number(_("People"), accessor="people")
    needs_mfa = Status(
        _("Second factor"),
        shows=lambda needs: ("done", _("Needed")) if needs else ("plain", _("Offered")),
    )

    class Meta:
        model = Role
        fields = ()
        order_by = ("name", "pk")


ROLES = List(
    name="roles",
    title=_("Roles"),
    table=RoleTable,
    filters=None,
    search=("name",),
    empty=Empty("key", _("No roles"), _("A role says what its people may do.")),
    main=Action(_("Add a role"), "/office/roles/add/", "plus", EDIT_ROLES),
    live="role",
    template="office/roles.html",
)


# --- keys ------------------------------------------------------------------------------------------------


class Scopes(Text):
    """What a key may do, in words."""

    def writer(self, reader: Reader) -> Writer:
        return lambda codes: ", ".join(str(key_scopes()[code].label) for code in codes)

    def plain(self, *values: Any) -> Any:
        return self.writer(None)(values[0])  # type: ignore[arg-type]


def life(revoked_at: datetime | None, expires_at: datetime | None) -> tuple[str, Any]:
    """Whether a key works."""
    if revoked_at is not None:
        return ("stopped", _("Revoked"))
    if expires_at is not None and expires_at <= clock.now():
        return ("stopped", _("Expired"))
    return ("waiting", _("Works, ends soon")) if expires_at else ("done", _("Works"))


class KeyTable(Table):
    name = Lead(_("Name"), to="office:key", under="prefix")
    scopes = Scopes(_("May"), orderable=False)
    created_by = Text(_("Made by"), accessor="created_by__name")
    state = Status(
        _("Status"), needs=("revoked_at", "expires_at"), shows=life, accessor="revoked_at"
    )
    last_used_at = Age(_("Last used"))
    created_at = Age(_("Made"))

    class Meta:
        model = ApiKey
        fields = ()
        order_by = ("-created_at", "-pk")


KEYS = List(
    name="api_keys",
    title=_("API keys"),
    table=KeyTable,
    filters=None,
    search=("name",),
    empty=Empty(
        "plug",
        _("Does another system send you invoices?"),
        _("It signs its calls with a key of its own, which you can take back at any time."),
        "/office/keys/add/",
        _("Make a key"),
        EDIT_KEYS,
    ),
    main=Action(_("Make a key"), "/office/keys/add/", "plus", EDIT_KEYS),
    live="api_key",
)


# --- audit ------------------------------------------------------------------------------------------------


class Moment(Column):
    """The moment, on the reader's clock, linked to what happened."""

    css = "lead"

    def writer(self, reader: Reader) -> Writer:
        def written(at: datetime) -> str:
            return format_html('<time datetime="{}">{}</time>', at.isoformat(), reader.moment(at))

        return written

    def plain(self, *values: Any) -> Any:
        return values[0].isoformat()


class Happened(Lead):
    """What happened, as a sentence that leads to its details."""

    def writer(self, reader: Reader) -> Writer:
        linked = super().writer(reader)
        return lambda code, pk, words: linked(sentence(code, words), pk)

    def plain(self, *values: Any) -> Any:
        return sentence(values[0], values[2])


def sentence(code: str, words: dict[str, Any]) -> str:
    """An audit row's sentence; of an event that is no longer declared, its code."""
    event = events().get(code)
    return worded(str(event.sentence), words) if event else code


def kind(code: str) -> str:
    """What kind of event a code is, in words."""
    event = events().get(code)
    return str(event.title) if event else code


class Kind(Text):
    """The kind of an event in words."""

    def writer(self, reader: Reader) -> Writer:
        return lambda code: kind(code) or NOTHING

    def plain(self, *values: Any) -> Any:
        return kind(values[0])


class AuditTable(Table):
    code = Happened(_("What happened"), to="office:audit_event", under="words", orderable=False)
    actor_label = Text(_("Who"), orderable=False, css="second")
    kind = Kind(_("Kind"), accessor="code", visible=False, orderable=False)
    subject_label = Text(_("What"), visible=False, orderable=False)
    address = Text(_("Address"), visible=False, orderable=False)
    at = Moment(_("When"), css="num")

    class Meta:
        model = AuditEvent
        fields = ()
        order_by = ("-at", "-pk")


def kinds_of_events() -> list[tuple[str, Any]]:
    """Every kind of event by its code."""
    return sorted(
        ((code, event.title) for code, event in events().items()), key=lambda k: str(k[1])
    )


def midnight(day: date) -> datetime:
    """The moment in which a day begins for the reader; an index finds moments, not days."""
    return timezone.make_aware(datetime.combine(day, time.min))


class AuditFilter(django_filters.FilterSet):
    who = django_filters.ModelChoiceFilter(
        label=_("Who"), queryset=choices.members, method="by_member"
    )
    code = django_filters.ChoiceFilter(label=_("Kind"), choices=kinds_of_events)
    since = django_filters.DateFilter(label=_("From"), method="from_day")
    until = django_filters.DateFilter(label=_("To"), method="to_day")
    subject = django_filters.UUIDFilter(label=_("About"), field_name="subject_id")

    def by_member(self, rows: QuerySet[Any], _name: str, member: Member) -> QuerySet[Any]:
        """What a member did."""
        return rows.filter(actor_id=member.pk)

    def from_day(self, rows: QuerySet[Any], _name: str, day: date) -> QuerySet[Any]:
        """What happened on a day or later."""
        return rows.filter(at__gte=midnight(day))

    def to_day(self, rows: QuerySet[Any], _name: str, day: date) -> QuerySet[Any]:
        """What happened on a day or earlier."""
        return rows.filter(at__lt=midnight(day + timedelta(days=1)))


AUDIT = List(
    name="audit",
    title=_("Audit log"),
    table=AuditTable,
    filters=AuditFilter,
    search=("subject_label", "actor_label"),
    search_label=_("Who or what"),
    empty=Empty(
        "history",
        _("Nothing has happened yet"),
        _("Whatever anybody changes is written down here."),
    ),
    live="any",
    template="office/audit.html",
)

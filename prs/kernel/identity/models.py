"""Tables of people and their rights."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, DeviceManager

from prs.kernel.activity.models import Delivery
from prs.kernel.db.constraints import AppendOnly, Trigger, refuse
from prs.kernel.db.ids import new_id
from prs.kernel.identity.rules import SECURITY_EVENTS_KEPT, Scope
from prs.kernel.tenancy.models import TenantForeignKey, TenantModel


class UserManager(BaseUserManager["User"]):
    """Finds and makes users by their e-mail address, which is kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        fields |= {"is_staff": True, "is_superuser": True, "platform_role": "owner"}
        return self.create_user(email, password, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractUser):
    """A login. It knows no business data; what it may do comes from its membership."""

    class PlatformRole(models.TextChoices):
        NONE = "", _("None")
        OWNER = "owner", _("Platform owner")
        ADMIN = "admin", _("Platform admin")
        STAFF = "staff", _("Platform staff")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    platform_role = models.CharField(
        max_length=8, choices=PlatformRole, default=PlatformRole.NONE, blank=True
    )
    language = models.CharField(_("language"), max_length=8, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    theme = models.CharField(max_length=8, default="auto")
    density = models.CharField(max_length=12, default="comfortable")
    must_change_password = models.BooleanField(default=False)
    password_changed_at = models.DateTimeField(null=True)
    login_count = models.PositiveIntegerField(default=0)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = []
    objects = UserManager()  # type: ignore[assignment,misc]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")),
                name="user_email_lower_case",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)

    @property
    def label(self) -> str:
        """How history names this user."""
        return str(self)


class PasswordRecord(models.Model):
    """A password that a user had, hashed, so that it is not chosen again soon."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    password = models.CharField(max_length=200)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("earlier password")
        verbose_name_plural = _("earlier passwords")

    def __str__(self) -> str:
        return f"{self.user_id} {self.created_at}"


class KnownDevice(models.Model):
    """A browser that a user has signed in from."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    fingerprint = models.CharField(max_length=64)
    description = models.CharField(max_length=200)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("known device")
        verbose_name_plural = _("known devices")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "fingerprint"], name="known_device_unique"),
        ]

    def __str__(self) -> str:
        return self.description


class SecurityEvent(models.Model):
    """Something that concerns the safety of a login. It hangs on the user, not on an organization."""

    class Severity(models.TextChoices):
        LOW = "low", _("Low")
        MEDIUM = "medium", _("Medium")
        HIGH = "high", _("High")
        CRITICAL = "critical", _("Critical")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=40)
    severity = models.CharField(max_length=8, choices=Severity)
    address = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=300, blank=True)
    details = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("security event")
        verbose_name_plural = _("security events")
        indexes: ClassVar = [
            models.Index(fields=["user", "-at"], name="security_event_user"),
            models.Index(fields=["at"], name="security_event_at"),
        ]
        constraints: ClassVar = [
            AppendOnly(name="security_event_append_only", kept_days=SECURITY_EVENTS_KEPT.days)
        ]

    def __str__(self) -> str:
        return self.kind


class AccountMail(Delivery):
    """A mail about a login: codes, resets, invitations. The body is emptied once it is sent."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        verbose_name = _("account mail")
        verbose_name_plural = _("account mails")

    def __str__(self) -> str:
        return f"{self.recipient}: {self.subject}"


class SecondFactors(DeviceManager["SecondFactor"]):
    """Reads the second factors that the account pages keep."""

    def devices_for_user(self, user: Any, confirmed: bool | None = None) -> Any:  # noqa: FBT001
        return self.filter(user=user).exclude(type="recovery_codes")


class SecondFactor(Device):
    """The same rows that the account pages manage, as the question "is this session verified?"."""

    name = None
    confirmed = True
    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.DO_NOTHING, related_name="+")
    type = models.CharField(max_length=20)
    objects = SecondFactors()

    class Meta:
        managed = False
        db_table = "mfa_authenticator"

    def __str__(self) -> str:
        return self.type


class Department(TenantModel):
    """A part of the organization; the key of a department-wide row scope."""

    name = models.CharField(_("name"), max_length=120)
    description = models.CharField(_("description"), max_length=300, blank=True)
    active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "name"], name="department_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class JobTitle(TenantModel):
    """A title people carry, inside one department or in all."""

    title = models.CharField(_("title"), max_length=120)
    department = TenantForeignKey(Department, null=True, blank=True, verbose_name=_("department"))
    active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("job title")
        verbose_name_plural = _("job titles")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "department", "title"],
                nulls_distinct=False,
                name="job_title_unique",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Role(TenantModel):
    """A named set of permissions, and whose rows they reach."""

    class Scopes(models.TextChoices):
        OWN = Scope.OWN, _("Own rows")
        TEAM = Scope.TEAM, _("Rows of their teams")
        DEPARTMENT = Scope.DEPARTMENT, _("Rows of their department")
        BRANCH = Scope.BRANCH, _("Rows of their branch")
        ALL = Scope.ALL, _("All rows")

    key = models.CharField(max_length=40, blank=True, editable=False)
    name = models.CharField(_("name"), max_length=80)
    scope = models.CharField(_("row scope"), max_length=12, choices=Scopes, default=Scopes.OWN)
    permissions = ArrayField(models.CharField(max_length=60), default=list)
    needs_mfa = models.BooleanField(_("second factor needed"), default=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "name"], name="role_name_unique"),
            models.UniqueConstraint(
                fields=["organization", "key"],
                condition=~models.Q(key=""),
                name="role_key_unique",
            ),
        ]

    def __str__(self) -> str:
        return self.name


# Two owners who step down at once both find the other one still there, unless one waits for the other:
# the owner's role is the thing to wait at.
KEEPS_AN_OWNER = f"""
DECLARE owner uuid;
BEGIN
  IF NOT OLD.active OR (NEW.active AND NEW.role_id = OLD.role_id) THEN RETURN NULL; END IF;
  SELECT id INTO owner FROM identity_role
   WHERE organization_id = OLD.organization_id AND key = 'owner' FOR NO KEY UPDATE;
  IF OLD.role_id = owner AND NOT EXISTS (
    SELECT FROM identity_member
     WHERE organization_id = OLD.organization_id AND role_id = owner AND active)
  THEN {refuse("member_organization_keeps_an_owner", "an organization needs an active owner")}
  END IF;
  RETURN NULL;
END
"""


class Member(TenantModel):
    """A user inside an organization: the actor of every write."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=150)
    role = TenantForeignKey(Role, verbose_name=_("role"))
    department = TenantForeignKey(Department, null=True, blank=True, verbose_name=_("department"))
    job_title = TenantForeignKey(JobTitle, null=True, blank=True, verbose_name=_("job title"))
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    active = models.BooleanField(_("active"), default=True)
    badge_version = models.PositiveIntegerField(default=1, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("joined"), auto_now_add=True)
    deactivated_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user"], name="member_one_organization_per_user"),
            models.CheckConstraint(
                condition=models.Q(active=True, deactivated_at__isnull=True)
                | models.Q(active=False, deactivated_at__isnull=False),
                name="member_deactivated_has_a_date",
            ),
            Trigger(
                name="member_organization_keeps_an_owner",
                when="AFTER UPDATE OF active, role_id ON {table}",
                body=KEEPS_AN_OWNER,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """How history names this member."""
        return self.name

    def may(self, permission: object) -> bool:
        """Whether the member's role holds a permission."""
        return self.active and str(permission) in self.role.permissions


class Team(TenantModel):
    """People who work together, with a lead; the key of a team-wide row scope."""

    name = models.CharField(_("name"), max_length=120)
    description = models.CharField(_("description"), max_length=300, blank=True)
    lead = TenantForeignKey(Member, null=True, blank=True, verbose_name=_("lead"))
    active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "name"], name="team_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class TeamMember(TenantModel):
    """A member's place in a team."""

    team = TenantForeignKey(Team, on_delete=models.CASCADE)
    member = TenantForeignKey(Member, on_delete=models.CASCADE)

    class Meta:
        verbose_name = _("team member")
        verbose_name_plural = _("team members")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "team", "member"], name="team_member_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team_id} {self.member_id}"


class MenuItem(TenantModel):
    """A place in an organization's sidebar. It shows; it grants nothing."""

    code = models.CharField(max_length=60)
    parent_code = models.CharField(max_length=60, blank=True)
    label = models.CharField(_("label"), max_length=80, blank=True)
    icon = models.CharField(max_length=40, blank=True)
    url_name = models.CharField(max_length=80, blank=True)
    permission = models.CharField(max_length=60, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("menu item")
        verbose_name_plural = _("menu items")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "code"], name="menu_item_code_unique"),
        ]

    def __str__(self) -> str:
        return self.code


class RoleMenu(TenantModel):
    """A menu item that a role shows unless its member has a choice of their own."""

    role = TenantForeignKey(Role, on_delete=models.CASCADE)
    item = TenantForeignKey(MenuItem, on_delete=models.CASCADE)

    class Meta:
        verbose_name = _("menu of a role")
        verbose_name_plural = _("menus of roles")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "role", "item"], name="role_menu_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role_id} {self.item_id}"


class MemberMenu(TenantModel):
    """A member's own difference from the role: an item added, or one hidden."""

    member = TenantForeignKey(Member, on_delete=models.CASCADE)
    item = TenantForeignKey(MenuItem, on_delete=models.CASCADE)
    shown = models.BooleanField()

    class Meta:
        verbose_name = _("menu of a member")
        verbose_name_plural = _("menus of members")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "member", "item"], name="member_menu_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.item_id}"


class Invitation(TenantModel):
    """An offer to join, sent by mail. The link's secret is kept only as a digest."""

    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        ACCEPTED = "accepted", _("Accepted")
        REVOKED = "revoked", _("Revoked")

    email = models.EmailField(_("e-mail"))
    name = models.CharField(_("name"), max_length=150, blank=True)
    role = TenantForeignKey(Role, verbose_name=_("role"))
    department = TenantForeignKey(Department, null=True, blank=True, verbose_name=_("department"))
    invited_by = TenantForeignKey(Member, editable=False)
    state = models.CharField(max_length=8, choices=State, default=State.PENDING, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    expires_at = models.DateTimeField(_("expires"), editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "email"],
                condition=models.Q(state="pending"),
                name="invitation_one_pending_per_address",
            ),
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")),
                name="invitation_email_lower_case",
            ),
        ]

    def __str__(self) -> str:
        return self.email


class ApiKey(TenantModel):
    """A key by which another system posts for an organization. Only its digest is kept."""

    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(_("key"), max_length=12, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    scopes = ArrayField(models.CharField(max_length=60), default=list)
    addresses = ArrayField(
        models.CharField(max_length=50),
        default=list,
        blank=True,
        verbose_name=_("allowed addresses"),
    )
    created_by = TenantForeignKey(Member, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "prefix"], name="api_key_prefix_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """How history names what this key did."""
        return self.name

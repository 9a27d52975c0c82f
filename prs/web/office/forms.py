"""The office's forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from prs.kernel.errors import Refusal
from prs.kernel.identity.models import Department, JobTitle, Member, Role, Team, TeamMember
from prs.kernel.identity.rules import Scope
from prs.kernel.identity.seeds import key_scopes
from prs.kernel.identity.services.members import may_give
from prs.kernel.identity.services.roles import CantGive, RoleNameTaken, TooWide
from prs.kernel.identity.services.structure import NameTaken
from prs.kernel.money import currencies, currency_name
from prs.kernel.tenancy.countries import COUNTRIES
from prs.kernel.tenancy.models import Organization
from prs.kernel.tenancy.rules import CHOICES, DEFAULTS
from prs.masterdata.places.models import Branch, BranchMember
from prs.masterdata.places.services import BranchCodeTaken, BranchNameTaken
from prs.web.kit.fields import DayField
from prs.web.kit.forms import EditForm

Result = TypeVar("Result")
MONTHS = (
    (1, _("January")),
    (2, _("February")),
    (3, _("March")),
    (4, _("April")),
    (5, _("May")),
    (6, _("June")),
    (7, _("July")),
    (8, _("August")),
    (9, _("September")),
    (10, _("October")),
    (11, _("November")),
    (12, _("December")),
)
SCOPES = {
    Scope.OWN: _("What they sell or record themselves."),
    Scope.TEAM: _("What anybody in their teams sells or records."),
    Scope.DEPARTMENT: _("What anybody in their department sells or records."),
    Scope.BRANCH: _("What anybody at their branch sells or records."),
    Scope.ALL: _("Everything in the organization."),
}


def currency_choices() -> list[tuple[str, str]]:
    """Every currency by its code, with its name."""
    language = get_language() or "en"
    return [(code, f"{code} · {currency_name(code, language)}") for code in currencies()]


def active_members() -> Any:
    """Everyone who can be chosen for something new."""
    return Member.objects.filter(active=True).order_by("name", "pk")


def roles_given_by(giver: Member) -> Any:
    """The roles that a member may hand out: those that hold no more than their own."""
    roles = Role.objects.exclude(key="customer").order_by("name", "pk")
    return roles.filter(pk__in=[role.pk for role in roles if may_give(giver, role)])


def carried_out(
    form: forms.BaseForm, act: Callable[[], Result], taken: Mapping[type[Refusal], str]
) -> Result | None:
    """What a verb returns; None when it refuses, with the reason at the field that it is about."""
    try:
        with transaction.atomic():
            return act()
    except tuple(taken) as refusal:
        form.add_error(taken[type(refusal)], str(refusal))
        return None


# --- the organization ------------------------------------------------------------------------------


class ProfileForm(EditForm):
    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lambda: [(zone, zone) for zone in sorted(available_timezones())],
    )
    currency = forms.ChoiceField(
        label=_("Currency"),
        choices=currency_choices,
        help_text=_("The home currency of the books. It stays once the first invoice is written."),
    )
    country = forms.ChoiceField(
        label=_("Country"),
        required=False,
        choices=lambda: [("", "—"), *((each.code, each.name) for each in COUNTRIES)],
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    fiscal_year_start_month = forms.TypedChoiceField(
        label=_("Fiscal year starts in"), choices=MONTHS, coerce=int
    )

    class Meta:
        model = Organization
        fields = (
            "name",
            "legal_name",
            "address",
            "email",
            "phone",
            "website",
            "tax_id",
            "registration_number",
            "payment_instructions",
            "country",
            "currency",
            "time_zone",
            "language",
            "fiscal_year_start_month",
        )
        widgets = {
            "address": forms.Textarea(attrs={"rows": 3}),
            "payment_instructions": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "legal_name": _("As it is registered; it stands on invoices when it differs."),
            "payment_instructions": _(
                "How to pay you: bank, account number. It stands on invoices."
            ),
        }

    def __init__(self, *args: Any, keeps_currency: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        country = self.instance.country
        if country and country not in {each.code for each in COUNTRIES}:
            self.fields["country"].choices = [*self.fields["country"].choices, (country, country)]  # type: ignore[attr-defined]
        if keeps_currency:
            self.fields["currency"].disabled = True


class SecurityForm(EditForm):
    password_expiry_days = forms.IntegerField(
        label=_("Passwords expire after"),
        required=False,
        min_value=30,
        max_value=365,
        help_text=_("Days, from 30 to 365. Leave it empty and passwords don't expire."),
    )

    class Meta:
        model = Organization
        fields = ("mfa_required", "password_expiry_days")
        labels = {"mfa_required": _("Require a second factor of the roles marked with it")}
        help_texts = {
            "mfa_required": _("Owners, administrators, verifiers and accountants, unless changed.")
        }


class LogoForm(forms.Form):
    logo = forms.FileField(
        label=_("Logo"),
        help_text=_("A picture (JPEG, PNG or WebP) of at most 2 MB. It stands on your documents."),
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )


LABELS = {
    "dateFormat": _("Days are written"),
    "timeFormat": _("Clock"),
    "firstDayOfWeek": _("The week starts on"),
    "numberFormat": _("Numbers are written as in"),
    "colorScheme": _("Colours"),
    "themePreset": _("Accent"),
    "fontSize": _("Text size"),
    "compactMode": _("Compact rows"),
    "animationsEnabled": _("Motion"),
    "highContrast": _("High contrast"),
    "emailNotifications": _("Mail"),
    "pushNotifications": _("Push messages"),
    "smsNotifications": _("Text messages"),
    "lowStockAlerts": _("Low stock"),
    "salesUpdates": _("Sales"),
    "systemUpdates": _("News of the system"),
    "marketingEmails": _("Offers by mail"),
    "customerFeedback": _("Ask customers after a payment how content they are"),
    "verificationHours": _("Hours within which a payment should be verified"),
    "showLogo": _("Show the logo"),
    "headerText": _("Text at the top"),
    "footerText": _("Text at the bottom"),
    "showTaxBreakdown": _("Show taxes one by one"),
    "showBarcode": _("Show a barcode"),
    "paperSize": _("Paper"),
}
WORDS: dict[str, Any] = {
    "12h": _("12 hours, 3:30 PM"),
    "24h": _("24 hours, 15:30"),
    "light": _("Light"),
    "dark": _("Dark"),
    "auto": _("As each device is set"),
    "small": _("Small"),
    "medium": _("Medium"),
    "large": _("Large"),
    "thermal-80mm": _("Receipt roll, 80 mm"),
    "thermal-58mm": _("Receipt roll, 58 mm"),
    "a4": "A4",
    "letter": "Letter",
    "default-blue": _("Blue"),
    "emerald-green": _("Emerald"),
    "purple-galaxy": _("Purple"),
    "sunset-orange": _("Orange"),
    "ocean-teal": _("Teal"),
    "rose-pink": _("Rose"),
    "slate-minimal": _("Slate"),
}
DAYS = (
    _("Sunday"),
    _("Monday"),
    _("Tuesday"),
    _("Wednesday"),
    _("Thursday"),
    _("Friday"),
    _("Saturday"),
)
NUMBERS = {each.number_format: each.name for each in COUNTRIES}


def setting_field(group: str, key: str) -> forms.Field:
    """A form field that takes what a setting can hold."""
    default, label = DEFAULTS[group][key], LABELS[key]
    if key == "firstDayOfWeek":
        return forms.TypedChoiceField(label=label, choices=list(enumerate(DAYS)), coerce=int)
    if key == "numberFormat":
        return forms.ChoiceField(label=label, choices=sorted(NUMBERS.items()))
    if (group, key) in CHOICES:
        allowed = CHOICES[group, key]
        return forms.ChoiceField(
            label=label, choices=[(each, WORDS.get(each, each)) for each in allowed]
        )
    if isinstance(default, bool):
        return forms.BooleanField(label=label, required=False)
    return forms.CharField(label=label, required=False, max_length=500)


class SettingsForm(forms.Form):
    """One group of an organization's settings. `version` is the organization's, as it was read."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, group: str, **options: Any) -> None:
        super().__init__(*args, **options)
        for key in DEFAULTS[group]:
            self.fields[key] = setting_field(group, key)

    @property
    def values(self) -> dict[str, Any]:
        return {key: value for key, value in self.cleaned_data.items() if key != "version"}


# --- people ------------------------------------------------------------------------------------------


class InviteForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    name = forms.CharField(label=_("Name"), required=False, max_length=150)
    role = forms.ModelChoiceField(
        Role.unscoped.none(),
        label=_("Role"),
        help_text=_("What they may do. Roles that hold more than yours are not listed."),
    )
    department = forms.ModelChoiceField(
        Department.unscoped.none(), label=_("Department"), required=False
    )

    def __init__(self, *args: Any, giver: Member, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["role"].queryset = roles_given_by(giver)  # type: ignore[attr-defined]
        departments = Department.objects.filter(active=True).order_by("name", "pk")
        self.fields["department"].queryset = departments  # type: ignore[attr-defined]


class MemberForm(EditForm):
    class Meta:
        model = Member
        fields = ("name", "phone", "department", "job_title")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        departments = Department.objects.filter(active=True).order_by("name", "pk")
        titles = JobTitle.objects.filter(active=True).select_related("department")
        self.fields["department"].queryset = departments  # type: ignore[attr-defined]
        self.fields["job_title"].queryset = titles.order_by("title", "pk")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        title, department = cleaned.get("job_title"), cleaned.get("department")
        if title and title.department_id and title.department != department:
            sentence = _("This title belongs to the department %(department)s.")
            self.add_error("job_title", sentence % {"department": title.department})
        return cleaned


class GiveRoleForm(EditForm):
    class Meta:
        model = Member
        fields = ("role",)

    def __init__(self, *args: Any, giver: Member, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["role"].queryset = roles_given_by(giver)  # type: ignore[attr-defined]
        self.fields["role"].help_text = _("Roles that hold more than yours are not listed.")


class DeactivateForm(forms.Form):
    successor = forms.ModelChoiceField(
        Member.unscoped.none(),
        label=_("Who takes over"),
        required=False,
        empty_label=_("Nobody"),
        help_text=_("Their customers, open invoices and the teams they lead go to this colleague."),
    )

    def __init__(self, *args: Any, leaver: Member, needed: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["successor"]
        field.queryset = active_members().exclude(pk=leaver.pk)  # type: ignore[attr-defined]
        field.required = needed


# --- structure ----------------------------------------------------------------------------------------


class DepartmentForm(EditForm):
    taken = {NameTaken: "name"}

    class Meta:
        model = Department
        fields = ("name", "description", "active")


class JobTitleForm(EditForm):
    taken = {NameTaken: "title"}

    class Meta:
        model = JobTitle
        fields = ("title", "department", "active")
        help_texts = {"department": _("Leave it empty for a title of every department.")}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        departments = Department.objects.filter(active=True).order_by("name", "pk")
        self.fields["department"].queryset = departments  # type: ignore[attr-defined]


class WithMembers(EditForm):
    """A form over something that people belong to; `seats` says who does, as a queryset of ids."""

    members = forms.ModelMultipleChoiceField(
        Member.unscoped.none(),
        label=_("People"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        present = list(self.seats())
        # Whoever left stays seated until somebody takes them out.
        choices = Member.objects.filter(Q(active=True) | Q(pk__in=present)).order_by("name", "pk")
        self.fields["members"].queryset = choices  # type: ignore[attr-defined]
        self.initial["members"] = present

    def seats(self) -> Any:
        raise NotImplementedError


class TeamForm(WithMembers):
    taken = {NameTaken: "name"}

    class Meta:
        model = Team
        fields = ("name", "description", "lead", "members", "active")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["lead"].queryset = active_members()  # type: ignore[attr-defined]

    def seats(self) -> Any:
        return TeamMember.objects.filter(team=self.instance.pk).values_list("member", flat=True)


class BranchForm(WithMembers):
    taken = {BranchNameTaken: "name", BranchCodeTaken: "code"}

    class Meta:
        model = Branch
        fields = ("name", "code", "address", "phone", "active")
        widgets = {"address": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"code": _("Short, such as HB; it stands in lists and numbers.")}

    def seats(self) -> Any:
        return BranchMember.objects.filter(branch=self.instance.pk).values_list("member", flat=True)


# --- roles ---------------------------------------------------------------------------------------------


class RoleForm(EditForm):
    taken = {RoleNameTaken: "name", TooWide: "scope", CantGive: "name"}
    scope = forms.ChoiceField(
        label=_("Whose rows it reaches"),
        choices=[(scope.value, sentence) for scope, sentence in SCOPES.items()],
        widget=forms.RadioSelect,
    )

    class Meta:
        model = Role
        fields = ("name", "scope", "needs_mfa")
        labels = {"needs_mfa": _("Needs a second factor to sign in")}


class CopyRoleForm(forms.Form):
    name = forms.CharField(label=_("Name of the copy"), max_length=80)


# --- keys ----------------------------------------------------------------------------------------------


class KeyForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("Which system will use it, so that you know later."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=lambda: [(scope.code, scope.label) for scope in key_scopes().values()],
        widget=forms.CheckboxSelectMultiple,
    )
    addresses = forms.CharField(
        label=_("Allowed addresses"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line: 192.0.2.7 or 192.0.2.0/24. Leave it empty to allow any."),
    )
    expires_on = DayField(
        label=_("Works until"),
        required=False,
        help_text=_("A day, such as 31 Dec or +90. Leave it empty for a key without an end."),
    )

    def clean_addresses(self) -> list[str]:
        text: str = self.cleaned_data["addresses"]
        return [line.strip() for line in text.replace(",", "\n").splitlines() if line.strip()]


class RotateForm(forms.Form):
    overlap = forms.TypedChoiceField(
        label=_("The old key works on for"),
        coerce=int,
        initial=24,
        choices=(
            (0, _("no time: it stops now")),
            (1, _("an hour")),
            (24, _("a day")),
            (168, _("a week")),
            (720, _("30 days")),
        ),
    )


class BadgeForm(forms.Form):
    badge = forms.CharField(
        label=_("Badge"),
        max_length=300,
        strip=True,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
        help_text=_("Scan the code into this field, or paste its text."),
    )

"""Forms of projects."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from prs.kernel.identity.models import Team
from prs.operations.deals import services as deals
from prs.operations.deals.models import Project, ProjectTeam
from prs.web.kit.fields import DayField
from prs.web.kit.forms import EditForm


class ProjectForm(EditForm):
    """A project and the teams that work on it."""

    taken: ClassVar = {deals.NameTaken: "name"}
    starts_on = DayField(label=_("Starts"), required=False)
    ends_on = DayField(label=_("Ends"), required=False)
    teams = forms.ModelMultipleChoiceField(
        Team.unscoped.none(),
        label=_("Teams"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Their members see the project."),
    )

    class Meta:
        model = Project
        fields = ("name", "description", "status", "starts_on", "ends_on", "teams")
        widgets: ClassVar = {"description": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        rows = ProjectTeam.objects.filter(project=self.instance.pk)
        present = list(rows.values_list("team", flat=True))
        field = cast("forms.ModelMultipleChoiceField[Team]", self.fields["teams"])
        # A team that was put out of use stays until somebody takes it out.
        choices = Team.objects.filter(Q(active=True) | Q(pk__in=present))
        field.queryset = choices.order_by("name", "pk")
        self.initial["teams"] = present

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = data.get("starts_on"), data.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("A project can't end before it starts."))
        return data

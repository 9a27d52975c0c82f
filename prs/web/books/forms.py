"""Forms of the books."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from prs.web.kit.fields import DayField


class SpanForm(forms.Form):
    """A stretch of time."""

    first = DayField(label=_("From"))
    last = DayField(label=_("To"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day can't come before the first."))
        return data


class PeriodForm(SpanForm):
    """A period to close."""

    name = forms.CharField(label=_("Name"), max_length=60)
    field_order = ("name", "first", "last")

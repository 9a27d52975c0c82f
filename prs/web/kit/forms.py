"""Editing: forms that notice when somebody else saved in between, and answers to faulty ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, cast

from django import forms
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prs.kernel.activity.selectors import last_change
from prs.kernel.db.versions import Stale
from prs.kernel.errors import Refusal
from prs.web.kit.reader import reader
from prs.web.kit.screens import screen


class ReasonForm(forms.Form):
    """A step that needs nothing but its reason."""

    reason = forms.CharField(
        label=gettext_lazy("Why?"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


@dataclass(frozen=True)
class Difference:
    """A field on which two people disagree."""

    name: str
    label: str
    theirs: str
    yours: str


class EditForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form over a row that carries `version`: saving over somebody else's save is a conflict.

    The form reads and checks; verbs of the domain write. `taken` says on which field a refusal of
    theirs belongs; other refusals go the way of all refusals.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    taken: ClassVar[Mapping[type[Refusal], str]] = {}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.conflict: list[Difference] = []
        for field in self.fields.values():
            # Declared without rows, because a form's class belongs to no organization.
            rows: Any = getattr(field, "queryset", None)
            if isinstance(field, forms.ModelChoiceField) and rows.query.is_empty():
                field.queryset = rows.model.objects.order_by("pk")
        if not self.instance._state.adding:
            self.initial["version"] = self.instance.version
            for name in set(self.fields) - {"version"}:
                # The page says what it showed, so that only what a person touched counts as changed.
                self.fields[name].show_hidden_initial = True

    @property
    def values(self) -> dict[str, Any]:
        """What was entered, by field, without the version."""
        return {name: v for name, v in self.cleaned_data.items() if name != "version"}

    @property
    def changed(self) -> dict[str, Any]:
        """What was entered anew."""
        return {name: v for name, v in self.values.items() if name in self.changed_data}

    def add(self, verb: Callable[..., Any], *, by: Any, at: datetime) -> Any:
        """Add a row: `verb(fields, by=, at=)`. None, with the error on its field, when refused."""
        return self._carried_out(lambda: verb(self.values, by=by, at=at))

    def apply(self, verb: Callable[..., Any], *, by: Any, at: datetime) -> bool:
        """Change the row: `verb(row, fields, by=, at=)`, which raises `Stale` for an old version.

        Only what was touched is written. When somebody else saved other fields meanwhile, both saves
        stand. False when the form must be shown again: with the conflict, or an error on a field.
        """
        if not self.changed:
            return True
        row = self.instance
        row.version = self.cleaned_data.get("version") or 0
        try:
            return bool(self._carried_out(lambda: [verb(row, self.changed, by=by, at=at)]))
        except Stale:
            current = type(row).objects.get(pk=row.pk)
        if self._differs_from(current):
            return False
        return bool(self._carried_out(lambda: [verb(current, self.changed, by=by, at=at)]))

    def _carried_out(self, act: Callable[[], Any]) -> Any:
        try:
            with transaction.atomic():
                return act()
        except Refusal as refusal:
            if type(refusal) not in self.taken:
                raise
            self.add_error(self.taken[type(refusal)], str(refusal))
            return None

    def _post_clean(self) -> None:
        # Checked on the row, then put back: whoever writes still needs the values as they were.
        before = {f.attname: getattr(self.instance, f.attname) for f in self._own_fields()}
        super()._post_clean()  # type: ignore[misc]
        for name, value in before.items():
            setattr(self.instance, name, value)

    def _own_fields(self) -> list[Any]:
        return list(self.instance._meta.concrete_fields)

    def _differs_from(self, current: Any) -> bool:
        """Compare with a newer row. Fields that were not touched take its values."""
        theirs = type(self)(instance=current)
        touched, data = set(self.changed_data), cast("QueryDict", self.data).copy()
        for name in (name for name in self.fields if name != "version"):
            field, value = self.fields[name], theirs.initial.get(name)
            if name not in touched:
                self._take(data, theirs, name)
            elif field.has_changed(value, self[name].data) and self._changed_since(name, value):
                yours = in_words(field, self.cleaned_data.get(name))
                label = str(self[name].label)
                self.conflict.append(Difference(name, label, in_words(field, value), yours))
        data[self.add_prefix("version")] = str(current.version)
        self.data = data
        return bool(self.conflict)

    def _changed_since(self, name: str, value: Any) -> bool:
        """Whether a field's present value is another one than the page had shown."""
        shown = self.data.get(self.add_initial_prefix(name))
        return shown is None or self.fields[name].has_changed(value, shown)

    def _take(self, data: Any, theirs: forms.BaseForm, name: str) -> None:
        """Put another form's value for a field into what will be shown."""
        value = theirs[name].value()
        key = self.add_prefix(name)
        if value in (None, False):
            data.pop(key, None)
        elif isinstance(value, list | tuple):
            data.setlist(key, [str(each) for each in value])
        else:
            data[key] = "on" if value is True else str(value)


def in_words(field: Any, value: Any) -> str:
    """A field's value as a person reads it."""
    rows: Any = getattr(field, "queryset", None)
    choices: Any = getattr(field, "choices", ())
    if value in (None, ""):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(field, forms.ModelMultipleChoiceField):
        chosen_pks = [getattr(each, "pk", each) for each in value]
        return ", ".join(str(each) for each in rows.filter(pk__in=chosen_pks))
    if isinstance(field, forms.ModelChoiceField):
        chosen = value if hasattr(value, "pk") else rows.filter(pk=value).first()
        return str(chosen or "")
    if isinstance(field, forms.ChoiceField):
        labels = {str(code): str(label) for code, label in choices if not isinstance(label, list)}
        return labels.get(str(value), str(value))
    return str(field.prepare_value(value))


def edit_screen(
    request: Any,
    template: str,
    form: Any,
    context: Mapping[str, Any] | None = None,
    *,
    parts: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The form, or the form with its errors (422), or the form with the conflict (409)."""
    words = {"form": form, **(context or {})}
    status = 200
    if getattr(form, "conflict", None):
        # Fields that both wrote are compared; the rest of theirs is in the row already.
        who, when = last_saved(form.instance)
        words |= {"who": who, "when": when, "rows": form.conflict, "reload_url": request.path}
        status = 409
    elif form.is_bound and form.errors:
        status = 422
    return screen(request, template, words, parts=parts, status=status)


def last_saved(row: Any) -> tuple[str, str]:
    """Who changed a row last, and how long ago."""
    who, at = last_change(row)
    if not isinstance(at, datetime):
        return who or _("Somebody"), _("a moment ago")
    return who, _("%(age)s ago") % {"age": reader().age(at)}

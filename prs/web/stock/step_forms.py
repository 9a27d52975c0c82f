"""Forms of single steps: quantities line by line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from prs.web.stock.picking import QuantityField


class PerLineForm(forms.Form):
    """How much of each line; what was asked before is filled in."""

    def __init__(
        self,
        *args: Any,
        lines: Sequence[Any],
        first: Callable[[Any], Decimal | None],
        remarks: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.lines, self.remarks = list(lines), remarks
        for line in self.lines:
            self.fields[f"quantity-{line.pk}"] = QuantityField(
                above_zero=False, initial=first(line) or Decimal(0), label=line.product.name
            )
            if remarks:
                self.fields[f"remark-{line.pk}"] = forms.CharField(
                    label=_("Remark"), max_length=200, required=False
                )

    @property
    def rows(self) -> list[tuple[Any, Any, Any]]:
        """Each line with its fields."""
        return [
            (
                line,
                self[f"quantity-{line.pk}"],
                self[f"remark-{line.pk}"] if self.remarks else None,
            )
            for line in self.lines
        ]

    @property
    def quantities(self) -> dict[UUID, Decimal]:
        """How much of each line."""
        return {line.pk: self.cleaned_data[f"quantity-{line.pk}"] for line in self.lines}

    @property
    def said(self) -> dict[UUID, str]:
        """What was remarked of each line."""
        return {line.pk: self.cleaned_data[f"remark-{line.pk}"] for line in self.lines}

"""Adjustments: one asks with a reason, another decides; the picked are approved together."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from prs.kernel import clock
from prs.kernel.activity.selectors import timeline
from prs.kernel.errors import Refusal
from prs.ledgers.stock import rules, services
from prs.ledgers.stock import selectors as stock
from prs.ledgers.stock.permissions import ADJUST, APPROVE_ADJUSTMENTS, COSTS, VIEW
from prs.masterdata.catalog.models import Product
from prs.masterdata.places import selectors as where
from prs.web.kit.access import found, requires
from prs.web.kit.downloads import file_response
from prs.web.kit.fields import ProofField
from prs.web.kit.forms import ReasonForm, edit_screen
from prs.web.kit.lists import picked
from prs.web.kit.once import once
from prs.web.kit.proofs import KeepsProof
from prs.web.kit.screens import screen
from prs.web.stock.document_tables import ADJUSTMENTS, adjustment_state
from prs.web.stock.level_tables import shown_expiry
from prs.web.stock.notes import returns_goods
from prs.web.stock.picking import BETWEEN, ProductField, QuantityField
from prs.web.stock.transfers import with_reason

Kind = stock.AdjustmentKind
KINDS = (
    (
        gettext_lazy("Goods that are gone"),
        [(kind.value, kind.label) for kind in Kind if kind in rules.LOSSES],
    ),
    (
        gettext_lazy("Goods that turned up"),
        [(kind.value, kind.label) for kind in Kind if kind in rules.FINDS],
    ),
    (
        gettext_lazy("Either way, by the sign"),
        [
            (kind.value, kind.label)
            for kind in Kind
            if kind not in rules.FINDS and kind not in rules.LOSSES
        ],
    ),
)


class WhichForm(forms.Form):
    """Which product is adjusted."""

    product_text = ProductField(label=gettext_lazy("Product"))


class AdjustmentForm(KeepsProof):
    """What is wrong with a batch at a place."""

    where = forms.ChoiceField(label=gettext_lazy("Batch and place"), choices=())
    kind = forms.ChoiceField(label=gettext_lazy("What happened"), choices=KINDS)
    quantity = QuantityField(
        min_value=None,
        help_text=gettext_lazy(
            "How many pieces it is about. Only corrections take a minus: then there are fewer."
        ),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    reference = forms.CharField(label=gettext_lazy("Reference"), max_length=60, required=False)
    proof = ProofField(
        label=gettext_lazy("Photo or document"),
        required=False,
        help_text=gettext_lazy("A picture or a PDF of at most 5 MB."),
    )

    def __init__(self, *args: Any, choices: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["where"].choices = choices  # type: ignore[attr-defined]

    def clean_quantity(self) -> Decimal:
        """Something, not nothing."""
        quantity: Decimal = self.cleaned_data["quantity"]
        if not quantity:
            raise forms.ValidationError(_("The quantity can't be zero."))
        return quantity


@requires(VIEW)
def adjustments(request: Any) -> HttpResponse:
    """Corrections of stock."""
    return ADJUSTMENTS.show(request, stock.adjustments())


def spots(product: Product) -> list[tuple[str, str]]:
    """Where batches of a product lie, and where the newest may have turned up."""
    lying = list(stock.at_places(product, at=clock.now()))
    found_spots = [
        (
            f"{row.batch_id}:{row.place_id}",
            BETWEEN.join(
                [
                    row.batch.number,
                    row.place.name,
                    f"{row.on_hand.normalize():f} {product.unit.symbol}",
                    str(shown_expiry(row.batch.expires_on)[1]),
                ]
            ),
        )
        for row in lying
    ]
    newest = stock.batches_of(product).first()
    known = {(row.batch_id, row.place_id) for row in lying}
    if newest is not None:
        found_spots += [
            (f"{newest.pk}:{place.pk}", f"{newest.number} · {place.name} · {_('none lies there')}")
            for place in where.places().filter(active=True)
            if (newest.pk, place.pk) not in known
        ]
    return found_spots


def meant(request: Any) -> tuple[Product | None, str]:
    """The product that the address speaks of, and the batch, if it names one."""
    try:
        if "batch" in request.GET:
            batch = stock.batches().filter(pk=UUID(request.GET["batch"])).first()
            return (batch.product, str(batch.pk)) if batch else (None, "")
        if "product" in request.GET:
            rows = Product.objects.filter(pk=UUID(request.GET["product"])).select_related("unit")
            return rows.first(), ""
    except ValueError:
        pass
    return None, ""


@requires(ADJUST)
@once
def add_adjustment(request: Any) -> HttpResponse:
    """Ask for a correction; somebody else approves it."""
    product, batch = meant(request)
    which = WhichForm(request.GET if "product_text" in request.GET else None)
    if which.is_bound and which.is_valid():
        return redirect(f"{request.path}?product={which.cleaned_data['product_text'].pk}")
    if product is None:
        return edit_screen(request, "stock/adjustment_which.html", which)
    choices = spots(product)
    first = next((value for value, _label in choices if value.startswith(batch)), None)
    form = AdjustmentForm(
        request.POST or None,
        request.FILES or None,
        choices=choices,
        member=request.member,
        initial={"where": first},
    )
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        batch_id, place_id = fields.pop("where").split(":")
        row = services.ask_adjustment(
            found(stock.batches(), pk=batch_id),
            found(where.places(), pk=place_id),
            fields,
            by=request.member,
            at=clock.now(),
        )
        messages.success(
            request, _("%(number)s waits for somebody else's approval.") % {"number": row.number}
        )
        return redirect("stock:adjustment", row.pk)
    return edit_screen(request, "stock/adjustment_form.html", form, {"product": product})


@requires(VIEW)
def adjustment(request: Any, pk: UUID) -> HttpResponse:
    """One correction: what happened, why, and the decision."""
    row = found(stock.adjustments(), pk=pk)
    waits = row.state == stock.AdjustmentState.PENDING
    may_decide = waits and request.member.may(APPROVE_ADJUSTMENTS)
    context = {
        "row": row,
        "state": adjustment_state(row.state),
        "expiry": shown_expiry(row.batch.expires_on),
        "estimate": row.batch.unit_cost * row.quantity,
        "events": timeline(row),
        "may_decide": may_decide and row.created_by_id != request.member.pk,
        "has_note": returns_goods(row),
        "own": may_decide and row.created_by_id == request.member.pk,
        "sees_costs": request.member.may(COSTS),
        "currency": request.organization.currency,
        "form": ReasonForm(),
    }
    return screen(request, "stock/adjustment.html", context)


@requires(VIEW)
@xframe_options_sameorigin
def adjustment_proof(request: Any, pk: UUID) -> HttpResponseBase:
    """The photo or document of a correction."""
    row = found(stock.adjustments().filter(proof__isnull=False), pk=pk)
    return file_response(row.proof, inline=True)


@requires(APPROVE_ADJUSTMENTS)
@require_POST
@once
def approve_adjustment(request: Any, pk: UUID) -> HttpResponse:
    """Approve a correction, which carries it out."""
    row = found(stock.adjustments(), pk=pk)
    services.approve_adjustment(row, by=request.member, at=clock.now())
    messages.success(request, _("%(number)s is carried out.") % {"number": row.number})
    return redirect("stock:adjustment", row.pk)


@requires(APPROVE_ADJUSTMENTS)
@once
def reject_adjustment(request: Any, pk: UUID) -> HttpResponse:
    """Say no to a correction, and why."""
    row = found(stock.adjustments(), pk=pk)
    words = {
        "title": _("Reject %(number)s") % {"number": row.number},
        "why": _("Nothing moves. Whoever asked for it is told why."),
        "press": _("Reject the adjustment"),
        "back": f"/stock/adjustments/{row.pk}/",
    }
    return with_reason(request, row, services.reject_adjustment, words)


@requires(APPROVE_ADJUSTMENTS)
@require_POST
def approve_adjustments(request: Any) -> HttpResponse:
    """Approve the picked; what can't be carried out is named, and none stops another."""
    done, refused = 0, []
    for row in picked(request, stock.adjustments()).order_by("created_at", "pk"):
        try:
            services.approve_adjustment(row, by=request.member, at=clock.now())
        except Refusal as refusal:
            refused.append(f"{row.number}: {refusal}")
        else:
            done += 1
    text = ngettext(
        "%(count)s adjustment is carried out.", "%(count)s adjustments are carried out.", done
    )
    messages.success(request, text % {"count": done})
    for sentence in refused[:20]:
        messages.warning(request, sentence)
    return redirect("stock:adjustments")

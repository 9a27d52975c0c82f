"""Who stands at which till: the seller on the screen, the drawer that is open, and the basket."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, wraps
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from prs.kernel import clock
from prs.kernel.db.rows import Rows
from prs.kernel.identity import badges
from prs.kernel.identity.models import Member
from prs.masterdata.catalog.models import Product
from prs.masterdata.places.models import Place
from prs.operations.till import permissions, services
from prs.operations.till.models import Sale, SaleLine, Shift, Till
from prs.operations.till.selectors import sales, shelves
from prs.web.kit.access import View, requires

TILL, SELLER = "till", "till_as"


WAITING = (
    "(SELECT count(*) FROM till_sale w WHERE w.organization_id = d.organization_id"
    " AND w.place_id = p.id AND w.state = 'open' AND w.held_at IS NOT NULL)"
)
# The drawer of this device: the one of its till, else the member's own; and how many baskets wait there.
OPEN = Rows(
    "FROM till_shift d JOIN till_till t ON t.id = d.till_id JOIN places_place p ON p.id = t.place_id"
    " WHERE d.organization_id = %s AND d.state = 'open' AND (d.till_id = %s OR d.member_id = %s)"
    " ORDER BY d.till_id IS NOT DISTINCT FROM %s DESC LIMIT 1",
    extra=(WAITING,),
    d=Shift,
    t=Till,
    p=Place,
)


@dataclass(frozen=True)
class Counter:
    """A till with its drawer, who sells at it now, and how many baskets wait at its storefront.

    `filled` is the basket that this request put something into, so that it is not read again.
    """

    till: Till
    shift: Shift
    by: Member
    waiting: int | None = None
    filled: services.Filled | None = None

    @property
    def place(self) -> Place:
        """The storefront."""
        return self.till.place

    @cached_property
    def basket(self) -> Sale | None:
        """What is on the screen."""
        if self.filled is not None:
            return self.filled.sale
        return sales.basket_on(self.till)

    @property
    def level(self) -> str:
        """The prices that are shown."""
        return self.basket.level if self.basket else Sale.Level.RETAIL

    @cached_property
    def lines(self) -> list[SaleLine]:
        """The lines of the basket."""
        if self.filled is not None:
            return self.filled.lines
        return sales.lines_of(self.basket) if self.basket else []


def seller(request: Any) -> Member:
    """Who sells: the member who said so by PIN or badge, else the one who is signed in."""
    chosen = request.session.get(SELLER)
    if not chosen or chosen == str(request.member.pk):
        return request.member
    rows = Member.objects.select_related("role", "organization")
    found = rows.filter(pk=chosen, active=True).first()
    if found is None or not found.may(permissions.SELL):
        return request.member
    return found


def counter_of(request: Any) -> Counter | None:
    """The till of this device, if its drawer is open: where somebody sold last, or their own."""
    by, at_till = seller(request), request.session.get(TILL)
    found = OPEN.first((request.organization.pk, at_till, by.pk, at_till))
    if found is None:
        return None
    shift, till, place, waiting = found
    shift.till, till.place, place.organization = till, place, request.organization
    return Counter(till, shift, by, waiting)


def sell_as(request: Any, member: Member) -> None:
    """Let another sell on this screen. The till stays, though they may have a drawer open elsewhere."""
    request.session[SELLER] = str(member.pk)
    request.session[TILL] = str(request.counter.till.pk)


def selling(view: View) -> View:
    """Enter with a drawer that is open; without one, it has to be opened first."""

    @requires(permissions.SELL)
    @wraps(view)
    def entered(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        counter = counter_of(request)
        if counter is None:
            if "pk" in kwargs and not known(kwargs["pk"]):
                raise Http404
            return away(request, "till:counter")
        request.counter = counter
        return view(request, *args, **kwargs)

    return entered


def known(pk: UUID) -> bool:
    """Whether an id is of something at the tills: what isn't does not exist, drawer or not."""
    return any(
        rows.filter(pk=pk).exists() for rows in (Sale.objects, SaleLine.objects, Product.objects)
    )


def away(request: Any, name: str, *args: Any) -> HttpResponse:
    """Lead to another page, from a whole page and from a part."""
    if request.htmx:
        response = HttpResponse(status=204)
        response["HX-Redirect"] = reverse(name, args=args)
        return response
    return redirect(name, *args)


def tell(response: HttpResponse, *events: str) -> HttpResponse:
    """Let the page's script know what happened: `till:added`, `till:close`."""
    response["HX-Trigger-After-Swap"] = ", ".join(f"till:{event}" for event in events)
    return response


def basket_words(counter: Counter, *, fresh: UUID | None = None) -> dict[str, Any]:
    """What the basket's part shows."""
    waiting = counter.waiting
    return {
        "counter": counter,
        "basket": counter.basket,
        "lines": counter.lines,
        "fresh": fresh,
        "waiting": sales.held_at(counter.place).count() if waiting is None else waiting,
    }


def filled_answer(request: Any, counter: Counter, filled: services.Filled) -> HttpResponse:
    """The basket as a product was just put into it: nothing of it is read again."""
    if not request.htmx:
        return redirect("till:counter")
    words = basket_words(replace(counter, filled=filled), fresh=filled.line.pk)
    return tell(TemplateResponse(request, "till/_till_basket.html", words), "added")


def basket_answer(
    request: Any, counter: Counter, *events: str, fresh: UUID | None = None
) -> HttpResponse:
    """The basket anew; the whole till where there is no script."""
    if not request.htmx:
        return redirect("till:counter")
    anew = Counter(counter.till, counter.shift, counter.by)
    words = basket_words(anew, fresh=fresh)
    return tell(TemplateResponse(request, "till/_till_basket.html", words), *events)


def shelf_words(request: Any, counter: Counter) -> dict[str, Any]:
    """What the shelf shows: what was searched for, a category, or what is sold most."""
    text = " ".join(request.GET.get("q", "").split())[:80]
    tabs = list(shelves.categories())
    chosen = next((tab for tab in tabs if str(tab.pk) == request.GET.get("category")), None)
    at = clock.now()
    products = shelves.shelf(counter.place, text=text, category=chosen, at=at)
    tiles = shelves.tiles(
        products, counter.place, level=counter.level, currency=counter.shift.currency, at=at
    )
    return {
        "tiles": tiles,
        "tabs": tabs,
        "chosen": chosen,
        "text": text,
        "currency": counter.shift.currency,
    }


def refusal_part(request: Any, sentence: str, status: int = 422) -> HttpResponse:
    """A sentence that says no, without undoing what the request wrote: tries are counted."""
    response = TemplateResponse(
        request, "components/_refusal.html", {"sentence": sentence}, status=status
    )
    if request.htmx:
        response["HX-Retarget"], response["HX-Reswap"] = "#refusal", "outerHTML"
    return response


def approving(view: View) -> View:
    """Read who approves, by badge or PIN, into `request.approver`; a wrong PIN is counted.

    It stands above `once`, because a try is kept even when nothing else is.
    """

    @wraps(view)
    def asked(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        request.approver = None
        if request.method == "POST" and request.POST.get("approver_badge"):
            request.approver = badges.read(request.POST["approver_badge"], at=clock.now())
        elif request.method == "POST" and request.POST.get("pin"):
            member = identified(request)
            if member is None:
                return refusal_part(request, _("The PIN is wrong, or was tried too often."))
            request.approver = member
        return view(request, *args, **kwargs)

    if hasattr(view, "access"):
        asked.access = view.access  # type: ignore[attr-defined]
    return asked


def identified(request: Any) -> Member | None:
    """The member whose PIN was entered; None when it is wrong, or was tried too often."""
    try:
        pk = UUID(request.POST.get("approver", ""))
    except ValueError:
        return None
    rows = Member.objects.select_related("role", "organization")
    member = rows.filter(pk=pk, active=True).first()
    if member is None or not services.pin_is_right(member, request.POST["pin"], at=clock.now()):
        return None
    return member

"""Menus by role, by person and in bulk."""

from __future__ import annotations

from django.urls import reverse

from prs.kernel.identity.models import MemberMenu, Role
from prs.kernel.identity.services import menus
from tests.cast import NOON

BULK = reverse("office:bulk_menus")


def role(key):
    return Role.objects.get(key=key)


def test_a_role_menu_is_previewed_and_then_saved(olga, cast):
    row = role("salesperson")
    before = menus.role_codes(row)
    seen = ",".join(sorted(before))
    kept = sorted(before - {"customers", "payments"})
    sent = {"menu": [*kept, "verify"], "seen": seen, "step": "preview"}
    address = reverse("office:role_menu", args=[row.pk])

    preview = olga.post(address, sent)
    assert set(preview.context["difference"].lost) == {"Customers", "Payments"}
    assert preview.context["difference"].idle == ("Verify payments",)
    assert menus.role_codes(row) == before

    assert olga.post(address, {**sent, "step": "save"}).status_code == 302
    assert menus.role_codes(row) == {*kept, "verify"}


def test_back_to_the_ticks_keeps_them(olga, cast):
    row = role("salesperson")
    sent = {"menu": ["books"], "seen": "", "step": "edit"}

    response = olga.post(reverse("office:role_menu", args=[row.pk]), sent)

    ticked = [each.code for _h, rows in response.context["groups"] for each in rows if each.by_role]
    assert ticked == ["books"]


def test_a_menu_saved_over_somebody_elses_is_refused(olga, cast):
    row = role("salesperson")
    seen = ",".join(sorted(menus.role_codes(row)))
    menus.assign_role(row, ["home"], by=cast.adam, at=NOON)

    sent = {"menu": ["invoices"], "seen": seen, "step": "save"}
    response = olga.post(reverse("office:role_menu", args=[row.pk]), sent)

    assert response.status_code == 409
    assert menus.role_codes(row) == {"home"}


def test_a_persons_menu_is_a_choice_for_each_place(olga, cast):
    address = reverse("office:member_menu", args=[cast.sam.pk])
    sent = {"seen": "", "choice": ["", "invoices:hide", "books:show"]}

    assert olga.post(address, sent).status_code == 302

    assert menus.member_choices(cast.sam) == {"invoices": False, "books": True}
    page = olga.get(address)
    assert page.context["seen"] in ("invoices:hide,books:show", "books:show,invoices:hide")
    assert "Sam" in olga.get(reverse("office:menus")).content.decode()


def test_a_persons_menu_saved_over_somebody_elses_is_refused(olga, cast):
    menus.assign_member(cast.sam, {"home": False}, by=cast.adam, at=NOON)

    sent = {"seen": "", "choice": ["invoices:hide"]}
    response = olga.post(reverse("office:member_menu", args=[cast.sam.pk]), sent)

    assert response.status_code == 409
    assert menus.member_choices(cast.sam) == {"home": False}


def test_a_bulk_assignment_is_chosen_previewed_and_saved(olga, cast):
    picked = {"pick": [str(cast.sam.pk), str(cast.bill.pk)]}
    wanted = {"choice": ["invoices:hide", "books:show", ""]}

    assert "Assign menus to 2 people" in olga.post(BULK, picked).content.decode()

    preview = olga.post(BULK, {**picked, **wanted, "step": "preview"})
    lost = {each.subject.name: each.lost for each in preview.context["differences"]}
    assert lost == {"Bill": ("Invoices",), "Sam": ("Invoices",)}
    assert not MemberMenu.objects.exists()

    assert olga.post(BULK, {**picked, **wanted, "step": "save"}).status_code == 302
    for member in (cast.sam, cast.bill):
        assert menus.member_choices(member) == {"invoices": False, "books": True}


def test_going_back_from_the_preview_keeps_the_choices(olga, cast):
    sent = {"pick": [str(cast.sam.pk)], "choice": ["invoices:hide"], "step": ""}

    text = olga.post(BULK, sent).content.decode()

    assert '<option value="invoices:hide" selected>' in text


def test_nobody_picked_is_answered_with_a_sentence(olga, cast):
    for picked in ([], ["moon"], [str(cast.zoe.pk)]):
        response = olga.post(BULK, {"pick": picked}, follow=True)

        assert "Pick some active people first." in response.content.decode()


def test_a_place_that_does_not_exist_is_refused(olga, cast):
    sent = {"pick": [str(cast.sam.pk)], "choice": ["moon:show"], "step": "save"}

    assert olga.post(BULK, sent).status_code == 422
    assert not MemberMenu.objects.exists()

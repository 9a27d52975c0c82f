"""Whose rows a member sees, who holds a right, what the sidebar shows."""

from __future__ import annotations

from prs.kernel.identity import selectors
from prs.kernel.identity.models import (
    Department,
    MemberMenu,
    MenuItem,
    Role,
    RoleMenu,
    Team,
    TeamMember,
)
from prs.kernel.identity.rules import Place, Scope, shown


def scoped(member, scope):
    member.role.scope = scope
    return member


def ids(reach):
    return {row["pk"] if isinstance(row, dict) else row for row in reach}


def test_the_widest_scope_reaches_everyone(cast):
    assert selectors.member_ids_in_scope(scoped(cast.sam, Scope.ALL)) is None


def test_an_own_scope_reaches_the_member_only(cast):
    assert ids(selectors.member_ids_in_scope(scoped(cast.sam, Scope.OWN))) == {cast.sam.pk}


def test_a_team_scope_reaches_the_people_and_leads_of_ones_teams(cast):
    north = Team.objects.create(name="North", lead=cast.vera)
    TeamMember.objects.create(team=north, member=cast.sam)
    TeamMember.objects.create(team=north, member=cast.sara)
    south = Team.objects.create(name="South", lead=cast.anna)
    TeamMember.objects.create(team=south, member=cast.bill)

    everyone = {cast.sam.pk, cast.sara.pk, cast.vera.pk}
    assert ids(selectors.member_ids_in_scope(scoped(cast.sam, Scope.TEAM))) == everyone
    assert ids(selectors.member_ids_in_scope(scoped(cast.vera, Scope.TEAM))) == everyone


def test_a_team_that_is_no_longer_in_use_reaches_nobody(cast):
    north = Team.objects.create(name="North", lead=cast.sam, active=False)
    TeamMember.objects.create(team=north, member=cast.sara)

    assert ids(selectors.member_ids_in_scope(scoped(cast.sam, Scope.TEAM))) == {cast.sam.pk}


def test_a_department_scope_reaches_the_department(cast):
    sales = Department.objects.create(name="Sales")
    for member in (cast.sam, cast.sara):
        member.department = sales
        member.save()

    reach = ids(selectors.member_ids_in_scope(scoped(cast.sam, Scope.DEPARTMENT)))
    assert reach == {cast.sam.pk, cast.sara.pk}


def test_a_department_scope_without_a_department_reaches_own_rows_only(cast):
    assert ids(selectors.member_ids_in_scope(scoped(cast.sam, Scope.DEPARTMENT))) == {cast.sam.pk}


def test_holders_of_a_right_are_active_members_whose_role_has_it(cast):
    assert list(selectors.holders_of("payments.verify")) == [cast.olga, cast.vera, cast.viktor]

    cast.vera.active, cast.vera.deactivated_at = False, cast.vera.created_at
    cast.vera.save()
    assert list(selectors.holders_of("payments.verify")) == [cast.olga, cast.viktor]


def codes(member):
    return {item.code for group in selectors.sidebar(member) for item in group.items}


def test_the_sidebar_shows_what_is_permitted_and_assigned(cast):
    assert {"home", "customers", "invoices", "payments"} <= codes(cast.sam)
    assert "verify" not in codes(cast.sam)


def test_a_menu_without_its_permission_shows_nothing(cast):
    RoleMenu.objects.create(role=cast.sam.role, item=MenuItem.objects.get(code="verify"))

    assert "verify" not in codes(cast.sam)


def test_a_permission_without_its_menu_shows_nothing(cast):
    RoleMenu.objects.filter(role=cast.sam.role, item__code="customers").delete()

    assert "customers" not in codes(cast.sam)
    assert cast.sam.may("customers.view")


def test_a_members_own_choice_comes_before_the_role(cast):
    MemberMenu.objects.create(
        member=cast.sam, item=MenuItem.objects.get(code="invoices"), shown=False
    )

    assert "invoices" not in codes(cast.sam)
    assert "invoices" in codes(cast.sara)


def test_administration_is_always_there_for_those_who_hold_its_right(cast):
    RoleMenu.objects.filter(role=cast.adam.role).delete()

    assert {"members", "roles", "organization"} <= codes(cast.adam)


def test_a_group_is_shown_only_while_it_has_an_item(cast):
    empty = Role.objects.get(key="customer")
    cast.sam.role = empty

    assert selectors.sidebar(cast.sam) == ()


def test_the_sidebar_costs_one_query(cast, django_assert_num_queries):
    with django_assert_num_queries(1):
        selectors.sidebar(cast.olga)


def test_an_item_that_is_switched_off_is_nowhere(cast):
    MenuItem.objects.filter(code="invoices").update(active=False)

    assert "invoices" not in codes(cast.sam)


def test_places_stand_in_their_order():
    places = [
        Place("b", "g", "", 2, by_role=True),
        Place("a", "g", "", 1, by_role=True),
        Place("g", "", "", 1),
        Place("loose", "", "", 0, own=True),
    ]

    assert shown(places, frozenset()) == [("", ["loose"]), ("g", ["a", "b"])]

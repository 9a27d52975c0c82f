"""Who is told of what: the rows in reach of a right's holder, and the table of the domain reference."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from prs.config.roles import ROLES
from prs.kernel.activity.catalogue import events
from prs.kernel.activity.models import Notification
from prs.kernel.activity.rules import Event
from prs.kernel.activity.services import record
from prs.kernel.identity.models import (
    AccountMail,
    Department,
    Member,
    Role,
    Team,
    TeamMember,
    User,
)
from prs.kernel.identity.services import organizations, oversight
from prs.masterdata.places.models import Branch, BranchMember
from prs.masterdata.places.selectors import colleagues, onlookers
from prs.operations.deals import services as deals
from tests.cast import NOON, Cast, make_member
from tests.factories.sales import make_deal
from tests.factories.walk import make_customer, make_invoice, make_payment

# An event of the reference (19.1), the rights whose holders are told, and whom the subject names.
REFERENCE = {
    "customer.added": ({"deals.oversee"}, set()),
    "deal.created": ({"deals.oversee"}, set()),
    "deal.changed": ({"deals.oversee"}, {"salesperson_id"}),
    "deal.verified": (set(), {"salesperson_id"}),
    "deal.rejected": (set(), {"salesperson_id"}),
    "deal.reopened": (set(), {"salesperson_id"}),
    "deal.paid": ({"deals.oversee"}, {"salesperson_id"}),
    "payment.recorded": ({"payments.verify", "payments.policy"}, set()),
    "payment.verified": (set(), {"recorded_by_id"}),
    "payment.denied": (set(), {"recorded_by_id"}),
    "member.joined": ({"members.edit"}, set()),
    "role.added": ({"roles.edit"}, set()),
    "team.added": ({"members.view"}, {"lead_id"}),
    "project.added": ({"projects.edit"}, set()),
    "commission.created": ({"commissions.approve"}, {"member_id"}),
}
# Of these the reference says more than who: how grave it is, and that it comes by mail.
GRAVE = {"payment.recorded": "high", "deal.changed": "medium"}
MAILED = {"payment.verified", "payment.denied"}
# What no member holds: it is the whole organization's, so that every holder of the right is told.
NOBODYS = {
    "payment.waits": "a count over all payments",
    "verification.changed": "a rule for everybody",
    "verification.removed": "a rule for everybody",
    "commission.rule_added": "a rule for everybody",
    "commission.rule_ended": "a rule for everybody",
    "customer.import_finished": "told to those who may import for everybody",
    "member.joined": "whoever may edit members sees all of them",
    "role.added": "roles are everybody's",
    "project.added": "said where it is recorded: those who see all rows",
    "stock.transfer_requested": "stock is the whole organization's",
    "stock.adjustment_asked": "stock is the whole organization's",
    "stock.reservation_lost": "stock is the whole organization's",
    "stock.request_made": "stock is the whole organization's",
    "stock.running_out": "stock is the whole organization's",
    "stock.expiring": "stock is the whole organization's",
    "stock.week_moved": "stock is the whole organization's",
    "books.draft_submitted": "the books are the whole organization's",
    "books.reopening_asked": "the books are the whole organization's",
}
# Who may do what the event is about, as the reference names them, by the roles that are seeded.
RECIPIENTS = {
    "customer.added": {"owner", "admin", "manager", "team_lead"},
    "deal.created": {"owner", "admin", "manager", "team_lead"},
    "payment.recorded": {"owner", "admin", "verifier", "senior_verifier"},
    "member.joined": {"owner", "admin"},
    "role.added": {"owner", "admin"},
    "team.added": {"owner", "admin", "manager"},
    "project.added": {"owner", "admin", "manager"},
    "commission.created": {"owner", "admin"},
}
SEEN = Event(
    "test.seen",
    "Seen",
    "{actor} did it.",
    told=("payments.view",),
    held_as=("recorded_by_id",),
)


def seen_by(holder: Member, *, by: Member, **more: Any) -> set[str]:
    """The names of those who are told of a row that a member holds."""
    holder.recorded_by_id = holder.pk  # type: ignore[attr-defined]
    row = record(SEEN, holder, by=by, at=NOON, **more)
    told = Notification.objects.filter(event_id=row.pk).values("member_id")
    return set(Member.objects.filter(pk__in=told).values_list("name", flat=True))


@pytest.fixture
def people(cast: Cast) -> dict[str, Member]:
    """Besides the cast: Tess leads Sam's team, Bruno manages Sara's branch, Dora sees her department."""
    made = {
        "tess": make_member("Tess", "team_lead"),
        "bruno": make_member("Bruno", "branch_manager"),
        "dora": make_member("Dora", "salesperson"),
    }
    team = Team.objects.create(name="North", lead=made["tess"])
    TeamMember.objects.create(team=team, member=cast.sam)
    branch = Branch.objects.create(name="Harbour", code="HB")
    for member in (made["bruno"], cast.sara):
        BranchMember.objects.create(branch=branch, member=member)
    by_department = Role.objects.create(
        name="Department", scope="department", permissions=["payments.view"]
    )
    department = Department.objects.create(name="Fleet")
    Member.objects.filter(pk=made["dora"].pk).update(role=by_department, department=department)
    Member.objects.filter(pk=cast.bill.pk).update(department=department)
    return made


ALL = {"Olga", "Adam", "Vera", "Viktor", "Anna", "Bill"}


def test_who_sees_own_rows_is_told_of_own_and_not_of_a_colleagues(cast: Cast, people: Any) -> None:
    assert "Sam" in seen_by(cast.sam, by=cast.anna)
    assert "Sam" not in seen_by(cast.sara, by=cast.anna)


def test_a_team_lead_is_told_of_the_teams_rows(cast: Cast, people: Any) -> None:
    assert seen_by(cast.sam, by=cast.sam) == {*ALL, "Tess"}
    assert "Tess" not in seen_by(cast.sara, by=cast.sara)


def test_a_team_that_is_not_in_use_reaches_nobody(cast: Cast, people: Any) -> None:
    Team.objects.update(active=False)

    assert "Tess" not in seen_by(cast.sam, by=cast.sam)


def test_a_branch_manager_is_told_of_the_branchs_rows(cast: Cast, people: Any) -> None:
    assert seen_by(cast.sara, by=cast.sara) == {*ALL, "Bruno"}
    assert "Bruno" not in seen_by(cast.sam, by=cast.sam)


def test_a_department_scope_is_told_of_the_departments_rows(cast: Cast, people: Any) -> None:
    assert "Dora" in seen_by(cast.bill, by=cast.anna)
    assert "Dora" not in seen_by(cast.sam, by=cast.anna)


def test_who_sees_all_rows_is_told_of_all_but_never_of_their_own_deed(
    cast: Cast, people: Any
) -> None:
    for holder in (cast.sam, cast.sara, people["dora"]):
        assert seen_by(holder, by=cast.vera) >= ALL - {"Vera"}
        assert "Vera" not in seen_by(holder, by=cast.vera)


def test_a_row_without_a_holder_is_told_to_those_who_see_all_rows(cast: Cast, people: Any) -> None:
    assert seen_by(cast.sam, by=cast.anna, holders=()) == ALL - {"Anna"}


def test_who_the_subject_names_is_told_whatever_the_scope(cast: Cast, people: Any) -> None:
    named = Event("test.named", "Named", "{actor}", told_as=("pk",), held_as=("lead_id",))

    row = record(named, cast.sara, by=cast.anna, at=NOON)

    assert Notification.objects.get(event_id=row.pk).member_id == cast.sara.pk


def test_onlookers_are_those_whose_colleagues_the_holder_is(cast: Cast, people: Any) -> None:
    """The two ways of asking give one answer, for every pair of people."""
    everybody = list(Member.objects.select_related("role").order_by("name"))
    for member, holder in product(everybody, everybody):
        reach = colleagues(member)
        seen = reach is None or holder.pk in {
            each["pk"] if isinstance(each, dict) else each for each in reach
        }
        assert (member.pk in onlookers([member.pk], [holder.pk])) == seen, (member, holder)


def test_however_many_are_told_the_statements_are_as_many(cast: Cast, people: Any) -> None:
    mailed = Event(
        "payment.denied",
        "Seen",
        "{actor} did it.",
        told=("payments.view",),
        held_as=("recorded_by_id",),
        mail=True,
    )
    cast.sam.recorded_by_id = cast.sam.pk  # type: ignore[attr-defined]

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            record(mailed, cast.sam, by=cast.anna, at=NOON)
        told = [q for q in queries if "activity_mail" in q["sql"] and "INSERT" in q["sql"]]
        assert len(told) == 1
        writes = [q for q in queries if "jobs_job" in q["sql"] and "INSERT" in q["sql"]]
        assert len(writes) == 1
        return len([q for q in queries if "identity_member" in q["sql"]])

    few = statements()
    for number in range(5):
        make_member(f"Extra {number}".replace(" ", ""), "team_lead")
    assert statements() == few


# --- as it happens in the business ---------------------------------------------------------------


def told_of(code: str) -> set[str]:
    told = Notification.objects.filter(code=code).values("member_id")
    return set(Member.objects.filter(pk__in=told).values_list("name", flat=True))


def test_a_salesperson_who_could_verify_is_not_told_of_a_colleagues_payment(
    cast: Cast, people: Any
) -> None:
    role = Role.objects.get(key="salesperson")
    role.permissions = [*role.permissions, "payments.verify"]
    role.save(update_fields=["permissions"])

    make_payment(cast.sara, invoice=make_invoice(cast.sara))

    assert told_of("payment.recorded") == {"Olga", "Adam", "Vera", "Viktor"}


def test_a_new_deal_is_told_to_those_who_lead_its_salesperson(cast: Cast, people: Any) -> None:
    make_deal(cast.sam)

    assert told_of("deal.created") == {"Olga", "Adam", "Tess"}


def test_a_new_customer_is_told_to_those_who_lead_its_salesperson(cast: Cast, people: Any) -> None:
    make_customer(cast.sara)

    assert told_of("customer.added") == {"Olga", "Adam", "Bruno"}


def test_a_project_is_told_to_those_who_see_all_of_them(cast: Cast, people: Any) -> None:
    deals.add_project({"name": "Harbour"}, by=cast.olga, at=NOON)

    assert told_of("project.added") == {"Adam"}


def test_a_new_organization_is_told_to_those_who_run_the_platform(cast: Cast) -> None:
    owner = User.objects.create_user("new@x.test", name="Nina")
    organizations.open_organization(name="Nova", owner=owner, at=NOON)

    (sent,) = AccountMail.objects.filter(subject__contains="Nova")
    assert sent.recipient == cast.pat.email


def test_who_opens_an_organization_for_somebody_is_not_told_of_it(cast: Cast) -> None:
    from prs.kernel.identity.models import AccountMail

    oversight.open_for(
        name="Nova", owner_name="Nina", owner_email="n@x.test", currency="USD", by=cast.pat, at=NOON
    )

    assert not AccountMail.objects.filter(recipient=cast.pat.email).exists()


# --- the table of the reference ------------------------------------------------------------------


@pytest.mark.parametrize("code", REFERENCE)
def test_an_event_of_the_reference_is_told_as_the_reference_says(code: str) -> None:
    event = events()[code]

    assert (set(event.told), set(event.told_as)) == REFERENCE[code]
    assert event.priority == GRAVE.get(code, event.priority)
    assert event.mail or code not in MAILED


@pytest.mark.parametrize("code", RECIPIENTS)
def test_those_whom_the_reference_names_hold_the_right(code: str) -> None:
    holders = {role.key for role in ROLES if set(role.permissions) & set(events()[code].told)} | {
        "owner"
    }

    assert RECIPIENTS[code] <= holders
    assert "viewer" not in holders


@pytest.mark.parametrize("code", [code for code, event in events().items() if event.told])
def test_every_event_reaches_somebody_by_a_right_that_a_seeded_role_holds(code: str) -> None:
    held = {right for role in ROLES for right in role.permissions}

    assert set(events()[code].told) <= held


def test_every_event_that_is_told_by_right_says_whose_row_it_is() -> None:
    silent = {code for code, event in events().items() if event.told and not event.held_as}

    assert silent == set(NOBODYS)

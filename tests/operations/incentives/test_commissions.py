"""Commissions from verified money to payout: clawed back, corrected, frozen, disputed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
import time_machine

from prs.kernel.db.versions import Stale
from prs.kernel.identity.models import TeamMember
from prs.kernel.identity.services import structure
from prs.kernel.tenancy.context import tenant_context
from prs.ledgers.bookkeeping import selectors as books
from prs.operations.deals import services as deals
from prs.operations.incentives import selectors, tasks
from prs.operations.incentives import services as incentives
from prs.operations.incentives.models import Commission, CommissionLine, SalesMoney
from prs.operations.incentives.rules.days import Period
from prs.operations.payments import services as payments
from tests.cast import NOON
from tests.factories.incentives import (
    DECEMBER,
    IN_JANUARY,
    NEXT_MONTH,
    NOVEMBER,
    give_back,
    make_commission,
    make_rule,
    sell,
)
from tests.factories.sales import make_deal, pay_deal
from tests.factories.walk import make_invoice, make_payment


def balances():
    found = books.trial_balance(date(2026, 1, 1), date(2027, 12, 31))
    return {
        row.code: row.balance for row in found.rows if row.balance and row.code in {"5200", "2300"}
    }


def test_verified_money_counts_once_and_waiting_money_not_at_all(cast):
    deal = make_deal(cast.sam)
    payment = pay_deal(cast.sam, deal)
    assert not SalesMoney.objects.exists()

    payments.verify(payment, by=cast.vera, at=NOON)
    incentives.count_payment(payment)
    incentives.catch_up()

    row = SalesMoney.objects.get()
    assert (row.member, row.amount, row.kind) == (cast.sam, 1000, "verified")
    assert list(selectors.findings()) == []


def test_a_commission_says_what_earned_it(cast, check_now):
    make_rule(cast.olga)
    deal, payment = sell(cast.sam, cast.vera, paid="400.00")

    row = make_commission(cast.sam, by=cast.olga)
    check_now()

    line = CommissionLine.objects.get()
    assert (row.sales, row.earned, row.receivable) == (1000, 50, 50)
    assert (line.deal, line.payment, line.base, line.amount) == (deal, payment, 1000, 50)


def test_calculating_again_gives_the_same(cast, check_now):
    sell(cast.sam, cast.vera)
    first = make_commission(cast.sam, by=cast.olga)

    second = make_commission(cast.sam, by=cast.olga)
    check_now()

    assert (first.pk, first.receivable) == (second.pk, second.receivable)
    assert CommissionLine.objects.count() == 1


def test_a_manual_invoice_earns_for_its_salesperson(cast):
    invoice = make_invoice(cast.sam)
    payments.verify(make_payment(cast.sam, invoice=invoice), by=cast.vera, at=NOON)

    assert make_commission(cast.sam, by=cast.olga).sales == 100


def test_a_refund_of_an_open_period_lowers_the_draft(cast, check_now):
    _deal, payment = sell(cast.sam, cast.vera)
    make_commission(cast.sam, by=cast.olga)
    give_back(payment, "1000.00", asks=cast.sam, grants=cast.viktor, at=NEXT_MONTH)

    row = make_commission(cast.sam, by=cast.olga)
    check_now()

    assert (row.sales, row.receivable) == (0, 0)


@pytest.mark.parametrize("basis", ["value", "cash", "paid"])
def test_a_refund_after_approval_is_a_line_of_the_next_period(cast, check_now, basis):
    make_rule(cast.olga, basis=basis)
    _deal, payment = sell(cast.sam, cast.vera)
    november = incentives.approve(
        make_commission(cast.sam, by=cast.olga), by=cast.olga, at=NEXT_MONTH
    )
    give_back(payment, "1000.00", asks=cast.sam, grants=cast.viktor, at=NEXT_MONTH)

    december = make_commission(cast.sam, by=cast.olga, period=DECEMBER)
    december = make_commission(cast.sam, by=cast.olga, period=DECEMBER)
    check_now()

    line = CommissionLine.objects.get(commission=december)
    november.refresh_from_db()
    assert (line.kind, line.corrects, line.amount) == ("correction", november, -50)
    assert (november.receivable, december.receivable) == (50, -50)


def test_a_correction_is_carried_once(cast):
    _deal, payment = sell(cast.sam, cast.vera)
    incentives.approve(make_commission(cast.sam, by=cast.olga), by=cast.olga, at=NEXT_MONTH)
    give_back(payment, "1000.00", asks=cast.sam, grants=cast.viktor, at=NEXT_MONTH)
    december = make_commission(cast.sam, by=cast.olga, period=DECEMBER)
    incentives.approve(december, by=cast.olga, at=IN_JANUARY)

    january = incentives.calculate(
        cast.sam,
        Period(date(2027, 1, 1), date(2027, 1, 31)),
        by=cast.olga,
        at=IN_JANUARY,
    )

    assert january.receivable == 0
    assert not CommissionLine.objects.filter(commission=january).exists()


def test_a_handed_over_deal_moves_no_past_sale(cast):
    deal, _payment = sell(cast.sam, cast.vera, paid="400.00")
    deals.hand_over(cast.sam, cast.sara, by=cast.olga, at=NOON)
    deal.refresh_from_db()

    assert make_commission(cast.sam, by=cast.olga).sales == 1000
    assert make_commission(cast.sara, by=cast.olga).sales == 0


def test_a_shared_deal_earns_for_both(cast, check_now):
    deal, _payment = sell(cast.sam, cast.vera)
    incentives.split_deal(
        deal, {cast.sam: Decimal(60), cast.sara: Decimal(40)}, by=cast.olga, at=NOON
    )
    check_now()

    assert make_commission(cast.sam, by=cast.olga).earned == 30
    assert make_commission(cast.sara, by=cast.olga).earned == 20


def test_shares_come_to_a_hundred(cast):
    deal = make_deal(cast.sam)

    with pytest.raises(incentives.SharesWrong):
        incentives.split_deal(deal, {cast.sam: Decimal(60)}, by=cast.olga, at=NOON)


def test_a_lead_shares_in_what_the_team_sells(cast, check_now, team):
    fields = {"team": team, "lead": cast.sara, "percent": Decimal(2), "starts_on": date(2026, 1, 1)}
    incentives.add_override(fields, by=cast.olga, at=NOON)
    sell(cast.sam, cast.vera)

    row = make_commission(cast.sara, by=cast.olga)
    check_now()

    line = CommissionLine.objects.get(commission=row)
    assert (line.kind, line.source, line.amount) == ("team", cast.sam, 20)
    assert (row.sales, row.team_earned, row.receivable) == (0, 20, 20)


def test_a_member_who_leaves_the_team_takes_nothing_from_what_was_approved(cast, team):
    fields = {"team": team, "lead": cast.sara, "percent": Decimal(2), "starts_on": date(2026, 1, 1)}
    incentives.add_override(fields, by=cast.olga, at=NOON)
    sell(cast.sam, cast.vera)
    incentives.approve(make_commission(cast.sara, by=cast.olga), by=cast.olga, at=NEXT_MONTH)
    team_seats(team).delete()

    assert make_commission(cast.sara, by=cast.olga, period=DECEMBER).receivable == 0


def team_seats(team):
    return TeamMember.objects.filter(team=team)


@pytest.fixture
def team(cast):
    fields = {"name": "North", "lead": cast.sara, "members": [cast.sam, cast.sara]}
    return structure.add_team(fields, by=cast.olga, at=NOON)


def test_the_most_particular_rule_holds(cast):
    make_rule(cast.olga)
    make_rule(cast.olga, name="Sales", role=cast.sam.role, rate=Decimal(6))
    make_rule(cast.olga, name="Sam", member=cast.sam, rate=Decimal(8))

    assert selectors.rule_for(cast.sam, NOVEMBER).rate == 8
    assert selectors.rule_for(cast.sara, NOVEMBER).rate == 6
    assert selectors.rule_for(cast.anna, NOVEMBER).rate == 5


def test_a_new_version_ends_the_one_before(cast):
    first = make_rule(cast.olga)
    make_rule(cast.olga, name="Six", rate=Decimal(6), starts_on=date(2026, 12, 1))
    first.refresh_from_db()

    assert first.ends_on == date(2026, 11, 30)
    assert selectors.rule_for(cast.sam, NOVEMBER).rate == 5
    assert selectors.rule_for(cast.sam, DECEMBER).rate == 6
    with pytest.raises(incentives.Overlapping):
        make_rule(cast.olga, starts_on=date(2026, 3, 1), ends_on=date(2026, 4, 1))


def test_bonus_and_penalty_are_in_the_currency_that_is_paid(cast, check_now):
    sell(cast.sam, cast.vera)
    row = make_commission(cast.sam, by=cast.olga)
    fields = {
        "currency": "KES",
        "exchange_rate": Decimal(130),
        "rate": Decimal(10),
        "bonus": Decimal(500),
        "bonus_reason": "Best in town",
        "penalty": Decimal(100),
        "penalty_reason": "Late papers",
    }

    row = incentives.change(row, fields, by=cast.olga, at=NEXT_MONTH)
    check_now()

    assert (row.earned, row.payable, row.total, row.receivable) == (100, 13000, 13500, 13400)
    assert row.converted == 130_000


def test_two_who_change_one_commission_are_told(cast):
    row = make_commission(cast.sam, by=cast.olga)
    incentives.change(row, {"rate": Decimal(6)}, by=cast.adam, at=NEXT_MONTH)

    with pytest.raises(Stale):
        incentives.change(row, {"rate": Decimal(7)}, by=cast.olga, at=NEXT_MONTH)


def test_nobody_changes_approves_or_pays_their_own(cast):
    row = make_commission(cast.olga, by=cast.adam)

    with pytest.raises(incentives.OwnCommission):
        incentives.change(row, {"rate": Decimal(50)}, by=cast.olga, at=NEXT_MONTH)
    with pytest.raises(incentives.OwnApproval):
        incentives.approve(row, by=cast.olga, at=NEXT_MONTH)
    incentives.approve(row, by=cast.adam, at=NEXT_MONTH)
    with pytest.raises(incentives.OwnApproval):
        incentives.pay_out(row, account="1000", on=NEXT_MONTH.date(), by=cast.olga, at=NEXT_MONTH)


def test_a_commission_is_owed_when_approved_and_settled_when_paid(cast, check_now):
    sell(cast.sam, cast.vera)
    row = incentives.approve(make_commission(cast.sam, by=cast.olga), by=cast.olga, at=NEXT_MONTH)
    check_now()
    assert row.number == "COM-2026-0001"
    assert balances() == {"5200": 50, "2300": -50} or balances() == {"5200": 50, "2300": 50}

    payout = incentives.pay_out(
        row, account="1010", on=NEXT_MONTH.date(), by=cast.anna, at=NEXT_MONTH
    )
    check_now()

    assert payout.amount == 50
    assert balances() == {"5200": 50}
    with pytest.raises(incentives.NotPayable):
        incentives.pay_out(row, account="1010", on=NEXT_MONTH.date(), by=cast.anna, at=NEXT_MONTH)


def test_a_commission_in_another_currency_is_in_the_books_at_home(cast, check_now):
    make_rule(cast.olga, currency="KES", exchange_rate=Decimal(130))
    sell(cast.sam, cast.vera)

    row = incentives.approve(make_commission(cast.sam, by=cast.olga), by=cast.olga, at=NEXT_MONTH)
    check_now()

    assert row.receivable == 6500
    assert balances()["5200"] == 50


def test_a_running_period_is_not_approved(cast):
    row = make_commission(cast.sam, by=cast.olga, at=NOON)

    with pytest.raises(incentives.PeriodRunning):
        incentives.approve(row, by=cast.olga, at=NOON)


def test_an_approved_commission_is_not_calculated_again(cast):
    row = incentives.approve(make_commission(cast.sam, by=cast.olga), by=cast.olga, at=NEXT_MONTH)

    with pytest.raises(incentives.NotADraft):
        make_commission(cast.sam, by=cast.olga)
    done = incentives.calculate_all([cast.sam, cast.sara], NOVEMBER, by=cast.olga, at=NEXT_MONTH)
    assert [each.member for each in done] == [cast.sara]
    assert Commission.objects.get(pk=row.pk).state == "approved"


def test_drafts_follow_the_money_without_being_asked(cast):
    make_rule(cast.olga)
    sell(cast.sam, cast.vera)

    begun = incentives.keep_current([cast.sam, cast.sara], NOVEMBER, at=NOON)
    idle = incentives.keep_current([cast.sam, cast.sara], NOVEMBER, at=NOON)
    sell(cast.sam, cast.vera)
    again = incentives.keep_current([cast.sam, cast.sara], NOVEMBER, at=NOON)

    assert [row.member for row in begun] == [cast.sam], "who sold nothing has no draft"
    assert idle == []
    assert again[0].sales == 2 * begun[0].sales


def test_every_organization_with_a_rule_is_kept_up(committed_cast):
    with tenant_context(committed_cast.acme.pk):
        make_rule(committed_cast.olga)
        sell(committed_cast.sam, committed_cast.vera)

    with time_machine.travel(NOON, tick=False):
        tasks.keep_commissions()

    with tenant_context(committed_cast.acme.pk):
        assert [row.member for row in Commission.objects.all()] == [committed_cast.sam]
    with tenant_context(committed_cast.zenith.pk):
        assert not Commission.objects.exists()


def test_nothing_is_not_paid_out(cast):
    row = incentives.approve(make_commission(cast.sam, by=cast.olga), by=cast.olga, at=NEXT_MONTH)

    with pytest.raises(incentives.NothingToPay):
        incentives.pay_out(row, account="1000", on=NEXT_MONTH.date(), by=cast.anna, at=NEXT_MONTH)


def test_a_disputed_commission_waits_and_what_is_upheld_is_paid_next_time(cast, check_now):
    sell(cast.sam, cast.vera)
    row = incentives.approve(make_commission(cast.sam, by=cast.olga), by=cast.olga, at=NEXT_MONTH)
    with pytest.raises(incentives.OwnDispute):
        incentives.dispute(row, reason="Too much", by=cast.sara, at=NEXT_MONTH)
    raised = incentives.dispute(row, reason="A sale is missing", by=cast.sam, at=NEXT_MONTH)
    with pytest.raises(incentives.NotPayable):
        incentives.pay_out(row, account="1000", on=NEXT_MONTH.date(), by=cast.anna, at=NEXT_MONTH)
    with pytest.raises(incentives.OwnDispute):
        incentives.resolve(raised, answer="Yes", amount=Decimal(25), by=cast.sam, at=NEXT_MONTH)

    incentives.resolve(raised, answer="Right", amount=Decimal(25), by=cast.olga, at=NEXT_MONTH)
    december = make_commission(cast.sam, by=cast.olga, period=DECEMBER)
    december = make_commission(cast.sam, by=cast.olga, period=DECEMBER)
    check_now()

    row.refresh_from_db()
    assert (row.state, row.receivable, december.receivable) == ("approved", 50, 25)
    with pytest.raises(incentives.DisputeDecided):
        incentives.resolve(raised, answer="Again", amount=Decimal(0), by=cast.olga, at=NEXT_MONTH)


def test_reconciling_shows_first_and_changes_drafts_only_when_told(cast):
    make_commission(cast.sam, by=cast.olga)
    sell(cast.sam, cast.vera)
    rows = Commission.objects.select_related("member", "rule")

    shown = incentives.reconcile(rows.all(), by=cast.olga, at=NEXT_MONTH, dry_run=True)
    assert [each.off for each in shown] == [50]
    assert Commission.objects.get().earned == 0

    incentives.reconcile(rows.all(), by=cast.olga, at=NEXT_MONTH, dry_run=False)
    assert Commission.objects.get().earned == 50
    assert incentives.reconcile(rows.all(), by=cast.olga, at=NEXT_MONTH, dry_run=True) == []


def test_reconciling_tells_of_frozen_ones_and_leaves_them(cast):
    _deal, payment = sell(cast.sam, cast.vera)
    incentives.approve(make_commission(cast.sam, by=cast.olga), by=cast.olga, at=NEXT_MONTH)
    give_back(payment, "1000.00", asks=cast.sam, grants=cast.viktor, at=NEXT_MONTH)

    (found,) = incentives.reconcile(
        Commission.objects.select_related("member", "rule"),
        by=cast.olga,
        at=NEXT_MONTH,
        dry_run=False,
    )

    assert (found.frozen, found.off) == (True, -50)
    assert Commission.objects.get().earned == 50


def test_a_deposit_that_pays_a_deal_counts(cast):
    deal = make_deal(cast.sam)
    payment = pay_deal(cast.sam, deal, amount="1250.00", remarks="Rounded up")
    payments.verify(payment, by=cast.vera, at=NOON)
    other = make_deal(cast.sam, customer=deal.customer)
    payments.pay_deal_with_credit(other, by=cast.sam, at=NOON)

    assert make_commission(cast.sam, by=cast.olga).sales == 2000
    assert list(selectors.findings()) == []


def test_a_salesperson_sees_only_their_own(cast):
    make_commission(cast.sam, by=cast.olga)
    make_commission(cast.sara, by=cast.olga)

    assert selectors.visible_to(cast.sam).count() == 1
    assert selectors.visible_to(cast.olga).count() == 2
    assert selectors.visible_to(cast.bill).count() == 0


@pytest.mark.usefixtures("real_documents")
def test_the_statement_of_an_approved_commission_is_rendered_once(cast, settings, tmp_path):
    storage = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    place = {**storage, "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "default": place}
    make_rule(cast.olga, currency="KES", exchange_rate=Decimal(130))
    sell(cast.sam, cast.vera)
    row = incentives.approve(make_commission(cast.sam, by=cast.olga), by=cast.olga, at=NEXT_MONTH)

    tasks.render_statement(organization_id=row.organization_id, commission_id=row.pk)

    document = selectors.document_of(row)
    assert (document.number, document.pages) == ("COM-2026-0001", 1)

from datetime import timedelta
from decimal import Decimal

import pytest

from prs.kernel.activity.models import AuditEvent
from prs.kernel.db.versions import Stale
from prs.operations.deals import selectors
from prs.operations.deals import services as deals
from prs.operations.deals.models import Deal
from prs.operations.payments import services as payments
from tests.cast import NOON
from tests.factories.sales import make_deal, pay_deal
from tests.factories.walk import TODAY, make_customer


def fresh(deal):
    return Deal.objects.get(pk=deal.pk)


def test_numbers_run_per_organization_past_ten_thousand(cast):
    from prs.kernel.tenancy.models import Counter

    first = make_deal(cast.sam)
    Counter.objects.filter(kind="deal").update(last=9999)
    later = [make_deal(cast.sam, customer=first.customer).number for _ in range(2)]

    assert [first.number, *later] == ["DLID0001", "DLID10000", "DLID10001"]


def test_a_deal_is_not_due_before_its_date(cast):
    with pytest.raises(deals.DueBeforeDeal):
        make_deal(cast.sam, due_date=TODAY - timedelta(days=1))


@pytest.mark.parametrize("value", ["0", "-5", "1000000000"])
def test_a_deal_has_a_value_in_range(cast, value):
    with pytest.raises(deals.ValueOutOfRange):
        make_deal(cast.sam, value=value)


def test_only_a_persons_change_makes_a_deal_edited(cast, check_now):
    deal = make_deal(cast.sam)
    payments.verify(pay_deal(cast.sam, deal), by=cast.vera, at=NOON)
    check_now()
    assert not fresh(deal).edited

    deals.change(fresh(deal), {"name": "Clinic shelves and counter"}, by=cast.sam, at=NOON)

    assert fresh(deal).edited


def test_a_second_editor_is_told_that_somebody_was_faster(cast):
    deal = make_deal(cast.sam)
    first, second = fresh(deal), fresh(deal)
    deals.change(first, {"name": "One"}, by=cast.sam, at=NOON)

    with pytest.raises(Stale):
        deals.change(second, {"name": "Two"}, by=cast.olga, at=NOON)


def test_the_value_does_not_fall_below_what_payments_claim(cast):
    deal = make_deal(cast.sam)
    pay_deal(cast.sam, deal, amount="600.00")

    with pytest.raises(deals.ValueTooLow):
        deals.change(fresh(deal), {"value": Decimal(599)}, by=cast.sam, at=NOON)

    deals.change(fresh(deal), {"value": Decimal(600)}, by=cast.sam, at=NOON)
    assert fresh(deal).value == 600


def test_the_customer_stays_once_payments_name_them(cast):
    deal = make_deal(cast.sam)
    pay_deal(cast.sam, deal, amount="600.00")
    other = make_customer(cast.sam, name="Other Clinic")

    with pytest.raises(deals.CustomerFixed):
        deals.change(fresh(deal), {"customer": other}, by=cast.sam, at=NOON)


def test_the_currency_stays_once_something_is_recorded_in_it(cast):
    deal = make_deal(cast.sam)
    euros = {"currency": "EUR", "rate": Decimal("1.1")}
    deals.change(deal, euros, by=cast.sam, at=NOON)
    payment = pay_deal(cast.sam, fresh(deal), amount="600.00")
    payments.withdraw(payment, reason="Wrong deal", by=cast.sam, at=NOON)

    for fields in ({"currency": "USD", "rate": Decimal(1)}, {"rate": Decimal("1.2")}):
        with pytest.raises(deals.CurrencyFixed):
            deals.change(fresh(deal), fields, by=cast.sam, at=NOON)

    assert (fresh(deal).currency, fresh(deal).rate) == ("EUR", Decimal("1.1"))


def test_a_deal_with_money_in_it_is_not_called_off(cast):
    deal = make_deal(cast.sam)
    payment = pay_deal(cast.sam, deal, amount="600.00")

    with pytest.raises(deals.HasPayments):
        deals.call_off(deal, reason="They closed.", by=cast.sam, at=NOON)

    payments.withdraw(payment, reason="Wrong deal", by=cast.sam, at=NOON)
    deals.call_off(fresh(deal), reason="They closed.", by=cast.sam, at=NOON)
    with pytest.raises(deals.CalledOff):
        pay_deal(cast.sam, fresh(deal))


def test_a_salesperson_sees_own_deals_only(cast):
    mine, theirs = make_deal(cast.sam), make_deal(cast.sara)

    assert list(selectors.visible_to(cast.sam)) == [mine]
    assert set(selectors.visible_to(cast.olga)) == {mine, theirs}


def test_a_note_stands_in_the_log(cast):
    deal = make_deal(cast.sam)

    deals.note(deal, "  They asked for a second offer. ", by=cast.sam, at=NOON)

    row = AuditEvent.objects.get(code="deal.noted")
    assert row.words["text"] == "They asked for a second offer."
    with pytest.raises(deals.NotesMissing):
        deals.note(deal, " ", by=cast.sam, at=NOON)


def test_a_leavers_open_deals_go_to_the_successor(cast, check_now):
    open_deal = make_deal(cast.sam)
    done = make_deal(cast.sam, customer=open_deal.customer, value="50.00")
    payments.verify(pay_deal(cast.sam, done, amount="50.00"), by=cast.vera, at=NOON)

    assert deals.hand_over(cast.sam, cast.sara, by=cast.olga, at=NOON) == 1

    assert fresh(open_deal).salesperson == cast.sara
    assert fresh(done).salesperson == cast.sam


def test_a_project_adds_up_its_deals_and_their_margin(cast):
    project = deals.add_project({"name": "North clinics"}, by=cast.olga, at=NOON)
    first = make_deal(cast.sam, value="1000.00", cost=Decimal(700), project=project)
    make_deal(cast.sam, value="500.00", customer=first.customer, project=project)

    (totals,) = selectors.project_totals(Deal.objects.filter(project=project))

    assert (totals["total"], totals["costed"], totals["margin"]) == (1500, 1000, 300)


def test_two_projects_don_t_share_a_name(cast):
    deals.add_project({"name": "North clinics"}, by=cast.olga, at=NOON)

    with pytest.raises(deals.NameTaken):
        deals.add_project({"name": "North clinics"}, by=cast.olga, at=NOON)

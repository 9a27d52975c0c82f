from datetime import timedelta
from decimal import Decimal

import pytest

from prs.operations.followups import rules, selectors, services
from prs.operations.followups.models import Alert, FollowUp
from prs.operations.payments import services as payments
from tests.cast import NOON
from tests.factories.sales import make_deal, pay_deal
from tests.factories.walk import TODAY


def logged(customer, by, at=NOON, **fields):
    given = {"channel": "phone", "outcome": "no_response", **fields}
    return services.log(customer, given, by=by, at=at)


def raised(cast, at=NOON):
    return services.raise_alerts(cast.acme, at=at)


def open_alerts():
    rows = Alert.objects.filter(resolved_at__isnull=True)
    return {row.kind: row.severity for row in rows}


@pytest.fixture
def customer(cast):
    return make_deal(cast.sam).customer


@pytest.mark.parametrize(
    ("owed", "days", "expected"),
    [
        ("0", None, "none"),
        ("1", None, "high"),
        ("50000.01", 1, "high"),
        ("1", 61, "high"),
        ("10000.01", 1, "medium"),
        ("1", 31, "medium"),
        ("10000", 30, "low"),
    ],
)
def test_risk_follows_what_is_owed_and_the_last_contact(owed, days, expected):
    assert rules.risk(Decimal(owed), days) == expected


def test_the_tracker_says_the_same_risk_as_the_rule(cast, customer):
    make_deal(cast.sam, value="60000.00")
    make_deal(cast.sam, value="20000.00")
    late = make_deal(cast.sam, value="5.00").customer
    logged(late, cast.sam, at=NOON - timedelta(days=40))
    fresh = make_deal(cast.sam, value="6.00").customer
    logged(fresh, cast.sam)

    rows = selectors.tracked(cast.sam, currency="USD", at=NOON)

    for row in rows:
        days = None if row.last_at is None else (NOON - row.last_at).days
        assert row.risk == rules.risk(row.owed, days)
    assert {row.risk for row in rows} == {"high", "medium", "low"}


def test_each_figure_of_the_tracker_counts_the_rows_that_it_leads_to(cast, customer):
    make_deal(cast.sam, value="60000.00")
    overdue = make_deal(cast.sam, value="5.00").customer
    logged(overdue, cast.sam, at=NOON - timedelta(days=40), next_on=TODAY - timedelta(days=1))
    now = make_deal(cast.sam, value="6.00").customer
    logged(now, cast.sam, at=NOON - timedelta(days=2), next_on=TODAY + timedelta(days=3))
    logged(now, cast.sam, next_on=TODAY)
    rows = selectors.tracked(cast.sam, currency="USD", at=NOON)

    found = selectors.tally(rows, currency="USD", at=NOON, today=TODAY)

    assert found.owed == sum(row.owed for row in rows) > Decimal(60_000)
    assert found.customers == rows.count()
    assert found.high == rows.filter(risk=rules.HIGH).count() == 2
    assert found.today == rows.filter(next_on=TODAY).count() == 1
    assert found.late == rows.filter(next_on__lt=TODAY).count() == 1


def test_who_owes_nothing_is_not_tracked(cast, customer):
    deal = make_deal(cast.sam)
    payments.verify(pay_deal(cast.sam, deal), by=cast.vera, at=NOON)

    tracked = selectors.tracked(cast.sam, currency="USD", at=NOON)

    assert [row.pk for row in tracked] == [customer.pk]


def test_nobody_was_called_so_an_alert_says_so_once(cast, customer):
    assert raised(cast) == 1
    assert raised(cast) == 0
    assert open_alerts() == {"no_followup": "medium"}
    assert Alert.objects.get().assigned_to == cast.sam


def test_a_contact_answers_the_alerts_that_asked_for_one(cast, customer):
    raised(cast)

    logged(customer, cast.sam, next_on=TODAY + timedelta(days=3))

    assert open_alerts() == {}
    raised(cast)
    assert open_alerts() == {"due_soon": "medium"}


def test_a_late_contact_is_overdue_and_ends_when_the_money_comes(cast, customer, check_now):
    logged(customer, cast.sam, next_on=TODAY)
    raised(cast, NOON + timedelta(days=1))
    assert open_alerts()["overdue"] == "high"

    deal = make_deal(cast.sam, customer=customer, value="1.00")
    payments.verify(pay_deal(cast.sam, deal, amount="1.00"), by=cast.vera, at=NOON)
    from prs.operations.deals.models import Deal

    first = Deal.objects.exclude(pk=deal.pk).get()
    payments.verify(pay_deal(cast.sam, first), by=cast.vera, at=NOON)
    check_now()
    raised(cast, NOON + timedelta(days=1))

    assert open_alerts() == {}


def test_an_escalated_account_is_the_colleagues_alone(cast, customer):
    logged(customer, cast.sam, outcome="escalated", escalated_to=cast.olga)
    alert = selectors.escalation_of(customer)

    with pytest.raises(services.Escalated):
        logged(customer, cast.sam)
    with pytest.raises(services.Escalated):
        services.resolve(alert, how="Paid", by=cast.sam, at=NOON)

    services.resolve(alert, how="They paid at the counter.", by=cast.olga, at=NOON)
    assert logged(customer, cast.sam)
    with pytest.raises(services.AlreadyResolved):
        services.resolve(alert, how="Again", by=cast.olga, at=NOON)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"outcome": "promised"}, services.PromiseIncomplete),
        (
            {
                "outcome": "promised",
                "promised_amount": Decimal(5),
                "promised_on": TODAY - timedelta(1),
            },
            services.PromiseIncomplete,
        ),
        ({"outcome": "escalated"}, services.EscalateToWhom),
        ({"channel": "visit"}, services.PlaceMissing),
        ({"next_on": TODAY - timedelta(days=1)}, services.NextInThePast),
    ],
)
def test_a_contact_is_complete(cast, customer, fields, refusal):
    with pytest.raises(refusal):
        logged(customer, cast.sam, **fields)
    assert not FollowUp.objects.exists()


def test_a_promise_is_kept_open_or_broken(cast, customer, check_now):
    promise = {"outcome": "promised", "promised_amount": Decimal(600)}
    logged(customer, cast.sam, **promise, promised_on=TODAY + timedelta(days=2))
    later = TODAY + timedelta(days=3)
    (before,) = selectors.promises_of(customer, today=TODAY)
    (missed,) = selectors.promises_of(customer, today=later)

    from prs.operations.deals.models import Deal

    payment = pay_deal(cast.sam, Deal.objects.get(), amount="600.00")
    payments.verify(payment, by=cast.vera, at=NOON + timedelta(hours=1))
    check_now()
    (kept,) = selectors.promises_of(customer, today=later)

    assert [each.state for each in (before, missed, kept)] == ["open", "broken", "kept"]


def test_a_report_counts_each_members_contacts(cast, customer):
    logged(customer, cast.sam)
    logged(customer, cast.sam, channel="visit", place="Their office")

    (row,) = selectors.report(cast.olga, since=NOON, until=NOON + timedelta(days=1))

    assert (row["by__name"], row["contacts"], row["customers"], row["visits"]) == ("Sam", 2, 1, 1)

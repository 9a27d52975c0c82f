"""Commissions on the screen: one's own, the grid, approval, disputes, payouts, rules."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from prs.kernel import clock, documents
from prs.kernel.db.ids import new_id
from prs.kernel.documents import RenderedDocument
from prs.kernel.identity.services import structure
from prs.operations.incentives import selectors
from prs.operations.incentives import services as incentives
from prs.operations.incentives.models import (
    Commission,
    CommissionRule,
    Dispute,
    Payout,
    Split,
    TeamOverride,
)
from tests.cast import NOON
from tests.factories.incentives import (
    NEXT_MONTH,
    NOVEMBER,
    give_back,
    make_commission,
    make_rule,
    sell,
)
from tests.factories.sales import make_deal

MONTH = "2026-11"
GRID = f"/sales/commissions/grid/?month={MONTH}"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch, settings, tmp_path):
    """A clock after the month, small documents, and a place of their own for files."""
    small = RenderedDocument(bytes=b"%PDF-1.7 small", sha256="a" * 64, pages=1)
    monkeypatch.setattr(documents, "render", lambda *_words, **_more: small)
    monkeypatch.setattr(documents, "receipt", lambda *_sheet, **_more: small)
    monkeypatch.setattr(clock, "now", lambda: NEXT_MONTH)
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        },
    }


@pytest.fixture
def as_(client):
    """The browser of a member."""

    def signed_in(member):
        client.force_login(member.user)
        return client

    return signed_in


def keyed(**fields):
    return {"once": str(new_id()), **fields}


def page(answer):
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_an_earner_sees_how_their_commission_came_about(cast, as_):
    deal, payment = sell(cast.sam, cast.vera)
    row = make_commission(cast.sam, by=cast.olga)

    text = page(as_(cast.sam).get(reverse("sales:commission", args=[row.pk])))

    assert deal.number in text
    assert payment.number in text
    assert "5 % of" in text
    assert "Approve" not in text


def test_an_earner_sees_no_one_elses(cast, as_):
    row = make_commission(cast.sara, by=cast.olga)
    own = make_commission(cast.sam, by=cast.olga)
    browser = as_(cast.sam)

    assert browser.get(reverse("sales:commission", args=[row.pk])).status_code == 404
    text = page(browser.get(reverse("sales:commissions")))
    assert str(own.pk) in text
    assert str(row.pk) not in text


def test_the_grid_shows_everyone_who_sells_even_without_a_record(cast, as_):
    text = page(as_(cast.olga).get(GRID))

    assert "Sam" in text
    assert "Sara" in text
    assert "Not calculated" in text
    assert "Vera" not in text


def test_the_grid_takes_the_same_few_queries_for_many(cast, as_, django_assert_max_num_queries):
    make_commission(cast.sam, by=cast.olga)
    browser = as_(cast.olga)
    browser.get(GRID)

    with django_assert_max_num_queries(30):
        browser.get(GRID)


def test_rows_of_the_grid_are_changed_together(cast, as_):
    sell(cast.sam, cast.vera)
    row = make_commission(cast.sam, by=cast.olga)
    sam, sara = cast.sam.pk, cast.sara.pk
    sent = {
        f"{sam}-version": row.version,
        f"{sam}-currency": "USD",
        f"{sam}-exchange_rate": "1",
        f"{sam}-rate": "10",
        f"{sam}-bonus": "25",
        f"{sam}-bonus_reason": "Best month",
        f"{sara}-currency": "KES",
        f"{sara}-exchange_rate": "130",
    }

    assert as_(cast.olga).post(GRID, sent).status_code == 302

    assert Commission.objects.get(member=cast.sam).receivable == 125
    assert Commission.objects.get(member=cast.sara).currency == "KES"


def test_a_bonus_without_a_reason_saves_nothing(cast, as_):
    row = make_commission(cast.sam, by=cast.olga)
    sam = cast.sam.pk
    sent = {
        f"{sam}-version": row.version,
        f"{sam}-currency": "USD",
        f"{sam}-exchange_rate": "1",
        f"{sam}-bonus": "25",
    }

    answer = as_(cast.olga).post(GRID, sent)

    assert answer.status_code == 422
    assert "Say why." in answer.content.decode()
    assert Commission.objects.get().bonus == 0


def test_a_stale_grid_is_refused(cast, as_):
    row = make_commission(cast.sam, by=cast.olga)
    incentives.change(row, {"rate": Decimal(6)}, by=cast.adam, at=NEXT_MONTH)
    sam = cast.sam.pk
    sent = {
        f"{sam}-version": 1,
        f"{sam}-currency": "USD",
        f"{sam}-exchange_rate": "1",
        f"{sam}-rate": "7",
    }

    as_(cast.olga).post(GRID, sent)

    assert Commission.objects.get().rate == 6


def test_a_month_is_calculated_for_all_or_for_one(cast, as_):
    sell(cast.sam, cast.vera)
    browser = as_(cast.olga)
    address = reverse("sales:commissions_calculate")

    browser.post(address, {"month": MONTH, "member": str(cast.sara.pk)})
    assert Commission.objects.get().member == cast.sara
    browser.post(address, {"month": MONTH})
    assert Commission.objects.get(member=cast.sam).earned == 50


def test_reconciling_shows_before_it_changes(cast, as_):
    make_commission(cast.sam, by=cast.olga)
    sell(cast.sam, cast.vera)
    browser, address = as_(cast.olga), f"{reverse('sales:commission_reconcile')}?month={MONTH}"

    assert "Worked out again" in page(browser.get(address))
    assert Commission.objects.get().earned == 0
    assert browser.post(address).status_code == 302
    assert Commission.objects.get().earned == 50
    assert "Everything agrees" in page(browser.get(address))


def test_nothing_calculated_is_said(cast, as_):
    text = page(as_(cast.olga).get(f"{reverse('sales:commission_reconcile')}?month={MONTH}"))

    assert "Nothing was calculated" in text


def test_a_commission_is_approved_and_paid_by_others_and_has_its_statement(cast, as_):
    sell(cast.sam, cast.vera)
    row = make_commission(cast.sam, by=cast.olga)
    browser = as_(cast.olga)
    browser.post(reverse("sales:commission_approve", args=[row.pk]), keyed())
    pay = reverse("sales:commission_pay", args=[row.pk])

    accountant = as_(cast.anna)
    assert "Pay COM-2026-0001 out" in page(accountant.get(pay))
    assert accountant.post(pay, keyed(account="1010", on="")).status_code == 422
    accountant.post(pay, keyed(account="1010", on="2026-12-05", reference="TT-1"))

    assert Payout.objects.get().amount == 50
    earner = as_(cast.sam)
    statement = earner.get(reverse("sales:commission_statement", args=[row.pk]))
    assert statement["Content-Type"] == "application/pdf"
    assert b"".join(statement.streaming_content).startswith(b"%PDF")
    assert "Paid out" in page(earner.get(reverse("sales:commission", args=[row.pk])))


def test_a_draft_has_no_statement_yet(cast, as_):
    row = make_commission(cast.sam, by=cast.olga)

    answer = as_(cast.sam).get(reverse("sales:commission_statement", args=[row.pk]))

    assert answer.status_code == 302


def test_picked_commissions_are_approved_together_but_not_ones_own(cast, as_):
    rows = [make_commission(each, by=cast.adam) for each in (cast.sam, cast.sara, cast.olga)]

    as_(cast.olga).post(
        reverse("sales:commissions_approve"), {"pick": [str(row.pk) for row in rows]}
    )

    states = dict(Commission.objects.values_list("member__name", "state"))
    assert states == {"Sam": "approved", "Sara": "approved", "Olga": "draft"}


def test_an_earner_disputes_and_an_approver_decides(cast, as_):
    sell(cast.sam, cast.vera)
    row = make_commission(cast.sam, by=cast.olga)
    incentives.approve(row, by=cast.olga, at=NEXT_MONTH)
    browser = as_(cast.sam)
    address = reverse("sales:commission_dispute", args=[row.pk])

    assert browser.post(address, keyed(reason="")).status_code == 422
    browser.post(address, keyed(reason="A sale is missing"))
    assert "A sale is missing" in page(browser.get(reverse("sales:commission", args=[row.pk])))

    approver, decide = as_(cast.olga), reverse("sales:commission_resolve", args=[row.pk])
    assert "Decide the dispute" in page(approver.get(reverse("sales:commission", args=[row.pk])))
    assert approver.post(decide, keyed(answer="")).status_code == 422
    approver.post(decide, keyed(answer="You are right", amount="25"))
    assert Dispute.objects.get().state == "upheld"
    assert "You are right" in page(approver.get(reverse("sales:commission", args=[row.pk])))


def test_a_clawback_is_shown_with_what_it_corrects(cast, as_):
    _deal, payment = sell(cast.sam, cast.vera)
    incentives.approve(make_commission(cast.sam, by=cast.olga), by=cast.olga, at=NEXT_MONTH)
    give_back(payment, "1000.00", asks=cast.sam, grants=cast.viktor, at=NEXT_MONTH)
    december = type(NOVEMBER)(NOVEMBER.last + timedelta(days=1), NOVEMBER.last + timedelta(days=31))
    row = incentives.calculate(cast.sam, december, by=cast.olga, at=NEXT_MONTH)

    text = page(as_(cast.olga).get(reverse("sales:commission", args=[row.pk])))

    assert "Correction of COM-2026-0001" in text
    assert "below zero" in text


def rule_fields(**fields):
    return {
        "name": "Tiered",
        "starts_on": "2026-12-01",
        "basis": "cash",
        "rate": "5",
        "mode": "marginal",
        "currency": "USD",
        "exchange_rate": "1",
        "above1": "10000",
        "rate1": "7",
        **fields,
    }


def test_a_rule_with_thresholds_is_added_and_ended(cast, as_):
    browser, add = as_(cast.olga), reverse("sales:commission_rule_add")
    page(browser.get(add))

    assert browser.post(add, rule_fields(rate1="")).status_code == 422
    assert browser.post(add, rule_fields(ends_on="2026-11-01")).status_code == 422
    both = rule_fields(role=str(cast.sam.role_id), member=str(cast.sam.pk))
    assert browser.post(add, both).status_code == 422
    assert browser.post(add, rule_fields()).status_code == 302
    assert browser.post(add, rule_fields()).status_code == 422

    rule = CommissionRule.objects.get()
    assert rule.tiers == [{"above": "10000", "rate": "7"}]
    assert "above 10000: 7 %" in page(browser.get(reverse("sales:commission_rules")))
    end = reverse("sales:commission_rule_end", args=[rule.pk])
    assert browser.post(end, {"last": "?"}).status_code == 422
    browser.post(end, {"last": "2026-12-31"})
    assert CommissionRule.objects.get().ends_on.isoformat() == "2026-12-31"


def test_a_lead_is_given_a_share_and_loses_it(cast, as_):
    team = structure.add_team({"name": "North", "lead": cast.sara}, by=cast.olga, at=NOON)
    browser, add = as_(cast.olga), reverse("sales:commission_override_add")
    sent = {"team": team.pk, "lead": cast.sara.pk, "percent": "2", "starts_on": "2026-11-01"}
    page(browser.get(add))

    assert browser.post(add, sent).status_code == 302
    assert browser.post(add, sent).status_code == 422

    row = TeamOverride.objects.get()
    assert "North" in page(browser.get(reverse("sales:commission_rules")))
    browser.post(reverse("sales:commission_override_end", args=[row.pk]), {"last": "2026-12-31"})
    assert TeamOverride.objects.get().ends_on.isoformat() == "2026-12-31"


def test_a_deal_is_shared_out(cast, as_):
    deal = make_deal(cast.sam)
    browser, address = as_(cast.olga), reverse("sales:commission_split", args=[deal.pk])
    page(browser.get(address))
    sent = {"member1": cast.sam.pk, "percent1": "70", "member2": cast.sara.pk, "percent2": "20"}

    assert browser.post(address, sent).status_code == 422
    assert browser.post(address, {**sent, "percent2": "30"}).status_code == 302

    assert Split.objects.count() == 2
    assert "30" in page(browser.get(address))
    assert selectors.splits_of(deal)[0].percent == 70


def test_the_rules_are_explained_while_there_are_none(cast, as_):
    assert "No rule yet" in page(as_(cast.olga).get(reverse("sales:commission_rules")))
    make_rule(cast.olga)
    assert "In force" in page(as_(cast.olga).get(reverse("sales:commission_rules")))


@pytest.mark.parametrize(
    "name", ["commission_grid", "commission_rules", "commission_reconcile", "commission_rule_add"]
)
def test_earners_do_not_administer(cast, as_, name):
    assert as_(cast.sam).get(reverse(f"sales:{name}")).status_code == 403

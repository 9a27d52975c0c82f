"""The sales dashboard: each sees their own reach, and every figure is the sum of the rows behind it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from prs.kernel import clock
from prs.kernel.identity.models import Team, TeamMember
from prs.kernel.tenancy.context import tenant_context
from prs.operations.deals import services as deals
from prs.operations.incentives import services as incentives
from prs.operations.payments import services as payments
from prs.operations.payments.models import Payment
from tests.cast import NOON, make_member
from tests.factories.incentives import NOVEMBER, give_back, make_commission, make_rule, sell
from tests.factories.sales import make_deal, pay_deal
from tests.factories.walk import make_customer, make_invoice, make_payment

DASHBOARD = reverse("sales:dashboard")
MONTH_AGO = NOON - timedelta(days=31)
CENT = Decimal("0.01")


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch, quick_documents):
    monkeypatch.setattr(clock, "now", lambda: NOON)


@pytest.fixture
def coast(cast):
    """A team of sam and lena, who leads it; sara is in another."""
    lena = make_member("Lena", "team_lead")
    team = Team.objects.create(name="Coast", lead=lena)
    TeamMember.objects.create(team=team, member=cast.sam)
    inland = Team.objects.create(name="Inland")
    TeamMember.objects.create(team=inland, member=cast.sara)
    return team


@pytest.fixture
def busy(cast, coast):
    """Two months of sales: verified, denied, waiting, given back, overdue and in another currency."""
    sell(cast.sam, cast.vera, value="1000.00", paid="600.00")
    sell(cast.sam, cast.vera, value="400.00", at=MONTH_AGO, deal_date=date(2026, 10, 20))
    # In the month before, but later in it than today.
    sell(
        cast.sam,
        cast.vera,
        value="70.00",
        at=NOON - timedelta(days=22),
        deal_date=date(2026, 10, 29),
    )
    sell(cast.sara, cast.vera, value="250.00")
    sell(coast.lead, cast.vera, value="90.00", currency="EUR", rate=Decimal("1.1"))
    _deal, back = sell(cast.sam, cast.vera, value="200.00")
    give_back(back, "50.00", asks=cast.sam, grants=cast.olga, at=NOON)
    waiting = make_deal(cast.sam, value="300.00")
    pay_deal(cast.sam, waiting, amount="120.00")
    denied = pay_deal(cast.sam, make_deal(cast.sam, value="80.00"), amount="80.00")
    payments.deny(denied, reason="bank_decline", remarks="No.", by=cast.vera, at=NOON)
    Payment.objects.update(recorded_at=NOON)
    late = make_deal(
        cast.sam, value="55.00", deal_date=date(2026, 11, 2), due_date=date(2026, 11, 25)
    )
    type(late).objects.filter(pk=late.pk).update(due_date=date(2026, 11, 10))
    invoice = make_invoice(cast.sara, amount="33.00")
    make_payment(cast.sara, invoice=invoice, amount="33.00")
    # Called off, so that it counts nowhere; and money of an invoice that no deal led to.
    deals.call_off(make_deal(cast.sam, value="999.00"), reason="Mistake.", by=cast.sam, at=NOON)
    alone = make_payment(cast.sara, invoice=make_invoice(cast.sara, amount="61.00"), amount="61.00")
    payments.verify(alone, by=cast.vera, at=NOON)
    make_rule(cast.olga)
    for member in (cast.sam, cast.sara, coast.lead):
        make_commission(member, by=cast.olga)


def tiles(answer):
    """The tiles of a page by code."""
    assert answer.status_code == 200, answer.status_code
    return {tile.code: tile for tile in answer.context["tiles"]}


def plain(text):
    return Decimal(text.replace(",", ""))


def rows_of(browser, url):
    """The rows of the list that a figure leads to."""
    answer = browser.get(url)
    assert answer.status_code == 200, url
    return list(answer.context["list"].rows)


def home_of(row):
    return row.value * row.rate


# --- reach ----------------------------------------------------------------------------------------


def test_a_salesperson_sees_only_what_is_their_own(cast, browser, busy):
    answer = browser(cast.sam).get(DASHBOARD)

    shown = tiles(answer)
    assert plain(shown["money"].value) == Decimal("750.00")
    assert shown["deals"].value == "5"
    assert plain(shown["waiting"].value) == Decimal("120.00")
    assert answer.context["others"] == []
    assert answer.context["led"] is None
    text = answer.content.decode()
    assert "Sara" not in text.split("Standings")[0]


def test_nobody_looks_further_than_their_reach(cast, coast, browser, busy):
    for who, query, status in (
        (cast.sam, {"member": cast.sara.pk}, 404),
        (cast.sam, {"team": coast.pk}, 404),
        (cast.sam, {"member": "nonsense"}, 404),
        (coast.lead, {"member": cast.sam.pk}, 200),
        (coast.lead, {"member": cast.sara.pk}, 404),
        (coast.lead, {"team": Team.objects.get(name="Inland").pk}, 404),
        (cast.olga, {"member": cast.sara.pk}, 200),
        (cast.olga, {"team": coast.pk}, 200),
    ):
        assert browser(who).get(DASHBOARD, query).status_code == status, (who, query)


def test_a_team_lead_sees_the_team_and_everyone_in_it(cast, coast, browser, busy):
    answer = browser(coast.lead).get(DASHBOARD)

    # 750 of sam, and 90 EUR at 1.1 of lena.
    assert plain(tiles(answer)["money"].value) == Decimal("849.00")
    assert [row.name for row, *_rest in answer.context["led"]["rows"]] == ["Sam", "Lena"]
    names = [name for _group, items in answer.context["others"] for name, *_rest in items]
    assert names == ["Coast", "Lena", "Sam"]
    alone = browser(coast.lead).get(DASHBOARD, {"member": cast.sam.pk})
    assert plain(tiles(alone)["money"].value) == Decimal("750.00")
    # What sam earns is no business of the lead's.
    assert "commission" not in tiles(alone)


def test_an_owner_and_an_administrator_see_everybody(cast, coast, browser, busy):
    for who in (cast.olga, cast.adam):
        answer = browser(who).get(DASHBOARD)
        assert plain(tiles(answer)["money"].value) == Decimal("1160.00")
        assert [row.name for row, *_rest in answer.context["led"]["rows"]] == ["Coast", "Inland"]
    team = browser(cast.olga).get(DASHBOARD, {"team": coast.pk})
    assert plain(tiles(team)["money"].value) == Decimal("849.00")


def test_next_door_nothing_is_seen(cast, coast, client, busy):
    client.force_login(cast.zoe.user)
    with tenant_context(cast.zenith.pk):
        answer = client.get(DASHBOARD)
        assert answer.context["new"]
        assert client.get(DASHBOARD, {"member": cast.sam.pk}).status_code == 404
        assert client.get(DASHBOARD, {"team": coast.pk}).status_code == 404
        assert rows_of(client, reverse("sales:money")) == []


def test_who_has_nothing_to_do_with_deals_is_kept_out(cast, browser):
    picker = make_member("Pia", "picker")

    assert browser(picker).get(DASHBOARD).status_code == 403
    assert browser(picker).get(reverse("sales:money")).status_code == 403


@pytest.mark.parametrize("role", ["verifier", "accountant", "billing", "cashier", "viewer"])
def test_whoever_may_look_is_led_only_to_what_they_may_see(cast, browser, busy, role):
    client = browser(make_member("Nobody", role))
    context = client.get(DASHBOARD).context
    if context["new"]:
        return
    urls = [tile.url for tile in context["tiles"]]
    urls += [note.url for tile in context["tiles"] for note in tile.notes if note.url]
    urls += [part.url for part in (*context["verification"], *context["statuses"])]
    urls += [context["deals_url"], context["payments_url"]]

    assert {url: client.get(url).status_code for url in urls} == dict.fromkeys(urls, 200)


# --- figures and their rows -----------------------------------------------------------------------


PEOPLE = ("sam", "lena", "olga", "olga at the team", "olga at sam")


def looked_at(cast, coast, browser, who):
    """The browser and the address of somebody who looks at somebody."""
    person = {"sam": cast.sam, "lena": coast.lead}.get(who, cast.olga)
    query = {"olga at the team": {"team": coast.pk}, "olga at sam": {"member": cast.sam.pk}}
    return browser(person), query.get(who, {})


@pytest.mark.parametrize("who", PEOPLE)
def test_every_tile_is_the_sum_of_the_rows_behind_it(cast, coast, browser, busy, who):
    client, query = looked_at(cast, coast, browser, who)
    for period in ("week", "month", "quarter", "year"):
        adds_up(client, client.get(DASHBOARD, {"period": period, **query}))


def adds_up(client, answer):
    """The rows behind each tile come to what it says."""
    shown = tiles(answer)
    assert set(shown) == {"money", "goal", "deals", "waiting", "owed", "commission"}
    assert len(shown) <= 6

    def behind(url):
        return rows_of(client, url)

    money = shown["money"]
    assert sum(row.home for row in behind(money.url)).quantize(CENT) == plain(money.value)
    before = sum((row.home for row in behind(money.notes[0].url)), Decimal(0))
    earlier = sum(bar.spot.before or 0 for bar in answer.context["chart"].bars)
    assert before.quantize(CENT) == earlier
    closed = behind(shown["deals"].url)
    assert len(closed) == int(shown["deals"].value)
    worth = sum((home_of(row) for row in closed), Decimal(0)).quantize(CENT)
    assert shown["deals"].notes[0].text == f"worth {worth:,.2f}"
    assert str(len(behind(shown["deals"].notes[1].url))) == shown["deals"].notes[1].text.split()[0]
    waits = sum((row.amount * row.rate for row in behind(shown["waiting"].url)), Decimal(0))
    assert waits == plain(shown["waiting"].value)
    assert sum(row.owed for row in behind(shown["owed"].url)) == plain(shown["owed"].value)
    late = sum((row.late for row in behind(shown["owed"].notes[0].url)), Decimal(0))
    assert shown["owed"].notes[0].text == f"{late:,.2f} overdue"
    earned = sum((row.earned for row in behind(shown["commission"].url)), Decimal(0))
    assert earned == plain(shown["commission"].value)


@pytest.mark.parametrize("who", PEOPLE)
def test_bars_shares_buyers_and_ranks_are_sums_of_their_rows(cast, coast, browser, busy, who):
    client, query = looked_at(cast, coast, browser, who)
    context = client.get(DASHBOARD, query).context

    bars = [bar.spot for bar in context["chart"].bars]
    assert len(bars) == 30
    assert all(not bar.url for bar in bars[20:])
    for bar in (bars[0], bars[19]):
        money = sum((row.home for row in rows_of(client, bar.url)), Decimal(0))
        assert money.quantize(CENT) == bar.amount
    for part in context["verification"]:
        rows = rows_of(client, part.url)
        assert (len(rows), sum(row.amount * row.rate for row in rows)) == (part.count, part.amount)
    for part in context["statuses"]:
        rows = rows_of(client, part.url)
        assert (len(rows), sum(map(home_of, rows))) == (part.count, part.amount)
    for buyer, url in context["buyers"]:
        assert sum(row.home for row in rows_of(client, url)).quantize(CENT) == buyer.amount
    for row, url, _own in context["ranks"]["rows"]:
        if url:
            money = sum((row.home for row in rows_of(client, url)), Decimal(0))
            assert money.quantize(CENT) == row.entrant.amount
    for _row, stand, _board, url in context["led"]["rows"] if context["led"] else ():
        money = sum((row.home for row in rows_of(client, url)), Decimal(0))
        assert money.quantize(CENT) == stand.achieved


def test_deals_that_wait_longest_come_first_when_asked_for(cast, browser, busy):
    client = browser(cast.sam)
    answer = client.get(DASHBOARD, {"open": "longest", "period": "year"})

    rows = [row for row, _state in answer.context["deals"]]
    assert rows
    assert [row.deal_date for row in rows] == sorted(row.deal_date for row in rows)
    assert {(row.status, row.cancelled_at) for row in rows} == {("pending", None)}
    behind = rows_of(client, answer.context["deals_url"])
    assert {row.pk for row in behind} == {row.pk for row in rows}
    assert "period=year" in answer.context["deals_tabs"][0][1]


def test_the_best_customers_of_all_time_count_every_verified_money(cast, browser, busy):
    client = browser(cast.olga)
    month = {buyer.id: buyer.amount for buyer, _url in client.get(DASHBOARD).context["buyers"]}
    ever = client.get(DASHBOARD, {"top": "ever"}).context["buyers"]

    assert sum(buyer.amount for buyer, _url in ever) > sum(month.values())
    for buyer, url in ever:
        assert sum(row.home for row in rows_of(client, url)).quantize(CENT) == buyer.amount


def test_the_same_days_of_the_month_before_are_compared(cast, browser, busy):
    answer = browser(cast.sam).get(DASHBOARD)

    # 400 on the 20th; the 70 of the 29th are of days that have not come yet this month.
    assert answer.context["before"].last == date(2026, 10, 20)
    assert tiles(answer)["money"].notes[0].text == "+87 % on 400.00"
    assert "1 in the time before" in {note.text for note in tiles(answer)["deals"].notes}


def test_the_goal_shows_whether_one_is_on_pace(cast, browser, busy):
    incentives.set_own_goal(Decimal(1000), NOVEMBER, by=cast.sam, at=NOON)
    goal = tiles(browser(cast.sam).get(DASHBOARD))["goal"]

    assert (goal.value, goal.bar) == ("75 %", 75)
    assert [note.text for note in goal.notes][:2] == ["of 1,000.00", "On pace"]
    assert sum(row.home for row in rows_of(browser(cast.sam), goal.url)) == 750


def test_a_salesperson_is_asked_for_a_goal_here_and_comes_back(cast, browser, busy):
    client = browser(cast.sam)
    assert "Not today" in client.get(DASHBOARD).content.decode()

    sent = client.post(reverse("sales:own_goal"), {"target": "5000"})

    assert sent.headers["Location"] == DASHBOARD
    assert "Not today" not in client.get(DASHBOARD).content.decode()


def test_after_two_skips_the_goal_comes_first(cast, browser):
    for day in (2, 1):
        incentives.skip_goal(on=NOON.date() - timedelta(days=day), by=cast.sam, at=NOON)

    answer = browser(cast.sam).get(DASHBOARD)
    assert answer.headers["Location"] == reverse("sales:own_goal")


def test_an_own_rank_below_the_best_is_shown(cast, browser):
    for number in range(6):
        other = make_member(f"Other{number}", "salesperson")
        sell(other, cast.vera, value="500.00")
    sell(cast.sam, cast.vera, value="10.00")

    ranks = browser(cast.sam).get(DASHBOARD).context["ranks"]
    assert ranks["own"][0].rank == 7
    assert len(ranks["rows"]) == 5


# --- around ---------------------------------------------------------------------------------------


def test_a_newcomer_is_told_what_this_is_for_and_where_to_begin(cast, browser):
    answer = browser(cast.sara).get(DASHBOARD)

    text = answer.content.decode()
    assert "Your sales will stand here" in text
    assert reverse("sales:add_deal") in text


def test_a_lead_is_not_invited_to_close_the_first_deal_of_somebody_else(cast, coast, browser):
    answer = browser(coast.lead).get(DASHBOARD, {"member": cast.sam.pk})

    assert answer.context["new"]
    text = answer.content.decode()
    assert "Nothing was sold yet" in text
    assert "Close the first deal" not in text


def test_the_part_refreshes_alone_when_deals_or_payments_change(cast, browser, busy):
    client = browser(cast.sam)
    page = client.get(DASHBOARD).content.decode()
    assert "live:deal from:body" in page
    assert "live:payment from:body" in page

    headers = {"HX-Request": "true", "HX-Target": "dashboard"}
    part = client.get(DASHBOARD, headers=headers).content.decode()
    assert part.strip().startswith('<div id="dashboard"')
    assert "<html" not in part


def test_each_chart_has_its_numbers_in_words(cast, browser, busy):
    text = browser(cast.sam).get(DASHBOARD).content.decode()

    assert "As a table" in text
    assert 'aria-hidden="true"' in text


def test_home_leads_who_sells_to_the_dashboard(cast, browser):
    assert "Sales dashboard" in browser(cast.sam).get("/").content.decode()
    assert "Sales dashboard" not in browser(cast.vera).get("/").content.decode()


def counted(client, **query):
    client.get(DASHBOARD, query)
    with CaptureQueriesContext(connection) as found:
        assert client.get(DASHBOARD, query).status_code == 200
    return len(found)


def test_the_dashboard_costs_as_many_queries_however_many_sell(cast, coast, browser, busy):
    incentives.set_own_goal(Decimal(1000), NOVEMBER, by=cast.sam, at=NOON)
    who = {"sam": cast.sam, "lena": coast.lead, "olga": cast.olga}
    few = {name: counted(browser(member)) for name, member in who.items()}
    assert few["sam"] <= 25

    for number in range(9):
        member = make_member(f"More{number}", "salesperson")
        TeamMember.objects.create(team=coast, member=member)
        sell(member, cast.vera, value="40.00", customer=make_customer(member, name=f"C{number}"))
        sell(
            cast.sam, cast.vera, value="40.00", customer=make_customer(cast.sam, name=f"S{number}")
        )
        Team.objects.create(name=f"Team {number}", lead=member)
    # Sam belongs to one team still, and so does lena.
    assert {name: counted(browser(member)) for name, member in who.items()} == few

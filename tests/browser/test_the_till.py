"""A day at the till: by keys alone, by scanner, by finger and by camera; and nothing is sold twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Route, expect

from prs.kernel import clock
from prs.kernel.identity import badges
from prs.ledgers.stock import selectors as stock
from prs.masterdata.catalog.models import Barcode, Product
from prs.operations.till import services
from prs.operations.till.models import Sale, SaleLine, Shift, Tender, Till
from prs.operations.till.selectors import shelves
from tests.browser.conftest import DESK, PATIENCE, QUIET, cookie, failures_of
from tests.browser.house import House

# Less than the page's own round without the stream: what is seen was told.
SOON = 12_000
TABLETS = {"lying": {"width": 1024, "height": 768}, "standing": {"width": 768, "height": 1024}}
# What the till sounds like, written down instead of played.
HEARD = """
  window.heard = [];
  window.AudioContext = class {
    currentTime = 0;
    createOscillator() {
      const made = { frequency: {}, connect: (next) => next, start: () => window.heard.push(made.frequency.value), stop() {} };
      return made;
    }
    createGain() { return { gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} }, connect: (next) => next }; }
  };
"""
PINS = {"kwame": "2580", "adwoa": "1470", "selasi": "3690"}


# --- the shop -------------------------------------------------------------------------------------


def drawer(house: House, name: str, code: str) -> Shift:
    """An open drawer of a person at a till of Osu's storefront, with nothing on its screen."""
    with house.inside():
        by, now = house.people[name], clock.now()
        first = Till.objects.select_related("place__organization").get(code="OS-1")
        till = Till.objects.filter(code=code).select_related("place__organization").first()
        if till is None:
            fields = {"place": first.place, "code": code, "name": code}
            till = services.add_till(fields, by=house.people["selasi"], at=now)
        shift = Shift.objects.filter(till=till, state="open").first()
        if shift is None:
            shift = services.open_shift(till, opening=Decimal(100), by=by, at=now)
        for basket in Sale.objects.filter(till=till, state="open", held_at__isnull=True):
            services.abandon(basket, by=by, at=now)
        return shift


def offered(house: House, shift: Shift, count: int, *, least: int = 12) -> list[Product]:
    """Goods that lie in the storefront of a drawer, with a price and a barcode; the last are sold least."""
    with house.inside():
        now, place = clock.now(), shift.till.place
        rows = list(
            Product.objects.filter(active=True, kind="goods")
            .filter(pk__in=Barcode.objects.filter(pack__isnull=True).values("product"))
            .select_related("unit")
            .order_by("name")
        )
        free = stock.available(rows, place, at=now)
        tiles = shelves.tiles(rows, place, level="retail", currency=shift.currency, at=now)
        good = [each.product for each in tiles if each.sellable and free[each.product.pk] >= least]
        assert len(good) >= count
        return good[:count]


def ean_of(house: House, product: Product) -> str:
    """The barcode of one piece of a product."""
    with house.inside():
        code = Barcode.objects.filter(product=product, pack__isnull=True).first().code
        # Kept with fourteen digits, printed with thirteen.
        return str(code)[-13:]


def sold(house: House, shift: Shift) -> list[Sale]:
    """What was sold into a drawer, oldest first."""
    with house.inside():
        return list(Sale.objects.filter(shift=shift, state="completed").order_by("completed_at"))


def line_of(page: Page, product: Product) -> Locator:
    """A product's line in the basket."""
    return page.locator(".till-line", has_text=product.name)


def count_in(line: Locator) -> Locator:
    """How many of it."""
    return line.locator(".till-count")


def stands(page: Page) -> None:
    """The till is ready to be typed at."""
    expect(page.locator("#till-search")).to_be_focused()


def scan(page: Page, code: str, *, end: str = "Enter") -> None:
    """What a wedge scanner does: keys faster than fingers, and its end."""
    page.keyboard.type(code, delay=2)
    page.keyboard.press(end)


@contextmanager
def window(house: House, browser: Browser, name: str, **words: Any) -> Iterator[Page]:
    """A browser's window of its own, signed in; complaints of the page fail the test."""
    context = browser.new_context(base_url=house.address, **{"viewport": DESK, **words})
    context.set_default_timeout(PATIENCE)
    context.add_cookies([cookie(house, name, None)])  # type: ignore[arg-type]
    page = context.new_page()
    said = failures_of(page)
    yield page
    context.close()
    assert said == []


@pytest.fixture
def at_osu(house: House) -> Shift:
    """Kwame's drawer in Osu, its screen empty."""
    return drawer(house, "kwame", "OS-1")


# --- keys -----------------------------------------------------------------------------------------


def closed_till(house: House, name: str, code: str) -> None:
    """A person without a drawer, and their till with nothing on its screen."""
    with house.inside():
        by, now = house.people[name], clock.now()
        for shift in Shift.objects.filter(member=by, state="open"):
            services.close_shift(shift, {}, by=by, at=now)
        for basket in Sale.objects.filter(till__code=code, state="open"):
            services.abandon(basket, by=by, at=now)


def fill_by_keys(page: Page, first: Product, second: Product) -> None:
    """Two of the first, less 7 %, and three of the second."""
    page.keyboard.type(first.name)
    expect(page.locator(".till-tile")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(count_in(line_of(page, first))).to_have_value("1")
    page.keyboard.type(f"3*{second.sku}")
    page.keyboard.press("Enter")
    expect(count_in(line_of(page, second))).to_have_value("3")
    page.keyboard.press("+")
    expect(count_in(line_of(page, second))).to_have_value("4")
    page.keyboard.press("-")
    expect(count_in(line_of(page, second))).to_have_value("3")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("+")
    expect(count_in(line_of(page, first))).to_have_value("2")
    page.keyboard.press("F3")
    expect(page.locator("#discount-value")).to_be_focused()
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    expect(line_of(page, first).locator(".till-off")).to_be_visible()
    stands(page)


def pay_by_keys(page: Page) -> None:
    """Five by card, a thousand in cash, a receipt, the next customer."""
    page.keyboard.press("Enter")
    expect(page.locator("#tender-cash")).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator("#tender-card")).to_be_focused()
    page.keyboard.type("5")
    page.keyboard.press("c")
    page.keyboard.type("1000")
    expect(page.locator("[data-till-left-word]")).to_have_text("Change")
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_contain_text("Change")
    expect(page.locator("[data-till-next]")).to_be_focused()
    with page.expect_popup() as opened:
        page.keyboard.press("p")
    expect(opened.value.locator("body")).to_contain_text("1,000.00")
    opened.value.close()
    page.keyboard.press("Enter")
    stands(page)
    expect(page.locator(".till-line")).to_have_count(0)


def test_a_whole_sale_is_made_by_keys_alone(house: House, sits: Callable[..., Page]):
    closed_till(house, "adwoa", "KS-1")
    page = sits("adwoa", "/till/")
    page.keyboard.type("200")
    page.keyboard.press("Enter")
    stands(page)
    with house.inside():
        rows = Shift.objects.select_related("till__place__organization")
        shift = rows.get(member=house.people["adwoa"], state="open")
    assert shift.cash == 200
    page.keyboard.press("?")
    expect(page.locator("#till-keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#till-keys")).to_be_hidden()

    fill_by_keys(page, *offered(house, shift, 2))
    with house.inside():
        basket = Sale.objects.get(till=shift.till, state="open", held_at__isnull=True)
        discounts = SaleLine.objects.filter(sale=basket).values_list("discount_percent", flat=True)
        assert sorted(discounts) == [0, 7]
    pay_by_keys(page)

    (sale,) = sold(house, shift)
    assert sale.total == basket.total
    with house.inside():
        paid = {each.method: each for each in Tender.objects.filter(sale=sale)}
    assert paid["card"].amount == 5
    assert paid["cash"].handed == 1000
    assert paid["cash"].change == 1000 - (sale.total + sale.rounding - 5)


def test_what_arrives_by_itself_takes_no_field_away(house, sits, at_osu):
    (product,) = offered(house, at_osu, 1)
    page = sits("kwame", "/till/")
    scan(page, product.sku)
    count = count_in(line_of(page, product))
    expect(count).to_have_value("1")
    count.click()
    count.select_text()
    page.keyboard.type("1")

    with page.expect_response(re.compile("/till/shelf/")):
        page.evaluate("document.body.dispatchEvent(new CustomEvent('live:any'))")
    page.wait_for_timeout(200)

    expect(count).to_be_focused()
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    expect(count).to_have_value("11")
    page.wait_for_timeout(500)
    expect(count).to_have_value("11")


# --- scanners -------------------------------------------------------------------------------------


def test_a_scanner_is_faster_than_the_answers_and_nothing_is_lost(house, sits, at_osu):
    one, two, three = offered(house, at_osu, 3)
    page = sits("kwame", "/till/")
    stands(page)

    for product in (one, two, three, one, one):
        scan(page, ean_of(house, product))

    expect(count_in(line_of(page, one))).to_have_value("3")
    expect(count_in(line_of(page, two))).to_have_value("1")
    expect(count_in(line_of(page, three))).to_have_value("1")
    expect(page.locator("#till-search")).to_have_value("")


def test_a_scanner_that_ends_with_two_keys_does_not_open_the_payment(house, sits, at_osu):
    (product,) = offered(house, at_osu, 1)
    page = sits("kwame", "/till/")
    stands(page)

    scan(page, ean_of(house, product))
    page.keyboard.press("Enter")

    expect(count_in(line_of(page, product))).to_have_value("1")
    page.wait_for_timeout(400)
    expect(page.locator("#sheet")).to_be_hidden()


def test_an_unknown_code_is_told_by_a_sentence_a_colour_and_a_low_tone(house, browser, at_osu):
    (product,) = offered(house, at_osu, 1)
    with window(house, browser, "kwame") as page:
        page.add_init_script(HEARD)
        page.goto("/till/")
        stands(page)
        scan(page, ean_of(house, product))
        expect(line_of(page, product)).to_be_visible()
        scan(page, "4006381333931")

        said = page.locator("#refusal[role=alert].callout-attention")
        expect(said).to_contain_text("Nothing is called “4006381333931”.")
        high, low = page.evaluate("window.heard")
        assert high > 4 * low
        stands(page)
        # The next code takes the place of the unknown one, and the sentence goes.
        scan(page, ean_of(house, product))
        expect(count_in(line_of(page, product))).to_have_value("2")
        expect(page.locator("#refusal")).to_be_empty()


def test_a_refusal_is_sounded_once_however_much_happens_elsewhere(house, browser, at_osu):
    with window(house, browser, "kwame") as page:
        page.add_init_script(HEARD)
        page.goto("/till/")
        stands(page)
        scan(page, "4006381333931")
        expect(page.locator("#refusal")).to_contain_text("4006381333931")
        page.keyboard.type("soa")

        with page.expect_response(re.compile("/till/shelf/")):
            page.evaluate("document.body.dispatchEvent(new CustomEvent('live:any'))")
        page.wait_for_timeout(300)
        page.keyboard.type("p")

        assert len(page.evaluate("window.heard")) == 1
        expect(page.locator("#till-search")).to_have_value("soap")


# --- fingers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("held", TABLETS)
def test_a_sale_is_made_by_finger_on_a_tablet(house, browser, at_osu, held):
    before = len(sold(house, at_osu))
    words = {"viewport": TABLETS[held], "has_touch": True, "is_mobile": True}
    with window(house, browser, "kwame", **words) as page:
        page.goto("/till/")
        stands(page)
        # The keyboard of the tablet stays away from the shelf.
        expect(page.locator("#till-search")).to_have_attribute("inputmode", "none")
        page.locator(".till-tile:enabled").first.tap()
        line = page.locator(".till-line")
        expect(count_in(line)).to_have_value("1")
        line.locator("[data-till-more]").tap()
        expect(count_in(line)).to_have_value("2")
        line.locator("[data-till-less]").tap()
        expect(count_in(line)).to_have_value("1")
        assert_fits(page)
        page.locator("[data-till-pay]").tap()
        expect(page.locator("#pay")).to_be_visible()
        page.locator("[data-till-amount]").first.tap()
        page.get_by_role("button", name="Sell").tap()
        expect(page.locator("#done")).to_contain_text("Paid exactly")
        page.locator("[data-till-next]").tap()
        expect(page.locator(".till-empty")).to_be_visible()
    assert len(sold(house, at_osu)) == before + 1


def assert_fits(page: Page) -> None:
    """Nothing is to be scrolled but the two lists, and fingers hit what they aim at."""
    sizes = page.evaluate(
        "() => [document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight]"
    )
    assert max(sizes) <= 0, sizes
    for box in (each.bounding_box() for each in page.locator(".till-basket .btn:visible").all()):
        assert box is not None
        assert box["height"] >= 44


# --- the camera -----------------------------------------------------------------------------------


def film(target: Path, code: str) -> Path:
    """A film in which a barcode is held before the camera, a little aslant and not quite sharp."""
    drawn = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.EAN13)
    bars = picture(drawn)
    hand = Image.new("L", (640, 480), 205)
    bars = bars.resize((360, 180)).rotate(4, expand=True, fillcolor=255)
    hand.paste(bars, (130, 120))
    grey, colour = hand.tobytes(), bytes([128]) * (640 * 480 // 2)
    with target.open("wb") as out:
        out.write(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n")
        for _frame in range(10):
            out.write(b"FRAME\n" + grey + colour)
    return target


def picture(drawn: Any) -> Image.Image:
    """A barcode as a picture."""
    made = zxingcpp.write_barcode_to_image(drawn, scale=4, add_quiet_zones=True)
    height, width = memoryview(made).shape[:2]
    return Image.frombytes("L", (width, height), bytes(memoryview(made)))


def test_a_code_before_the_camera_puts_its_product_into_the_basket(
    house, browser, launch_browser, at_osu, tmp_path
):
    (product,) = offered(house, at_osu, 1)
    shown = film(tmp_path / "hand.y4m", ean_of(house, product))
    camera = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={shown}",
    ]
    seeing = launch_browser(args=[*QUIET, *camera])
    try:
        with window(house, seeing, "kwame", permissions=["camera"]) as page:
            page.goto("/till/")
            stands(page)
            page.locator("[data-till-camera]").click()
            expect(count_in(line_of(page, product))).to_have_value("1")
            expect(page.locator("#till-camera")).to_be_hidden()
            assert (
                page.evaluate("document.querySelector('.till-video').srcObject?.active ?? false")
                is False
            )
    finally:
        seeing.close()


# --- never twice ----------------------------------------------------------------------------------


def ready_to_pay(house: House, page: Page, shift: Shift) -> None:
    """A basket of one product, and the money dialog open."""
    (product,) = offered(house, shift, 1)
    page.goto("/till/")
    stands(page)
    scan(page, product.sku)
    expect(line_of(page, product)).to_be_visible()
    page.locator("[data-till-pay]").click()
    expect(page.locator("#tender-cash")).to_be_focused()


def test_a_double_click_sells_once(house, sits, at_osu):
    before = len(sold(house, at_osu))
    page = sits("kwame", "/till/")
    ready_to_pay(house, page, at_osu)

    page.get_by_role("button", name="Sell").dblclick()

    expect(page.locator("#done")).to_be_visible()
    page.wait_for_timeout(500)
    assert len(sold(house, at_osu)) == before + 1


def test_going_back_after_a_sale_neither_sells_again_nor_shows_it_as_open(house, sits, at_osu):
    before = len(sold(house, at_osu))
    page = sits("kwame", "/till/")
    ready_to_pay(house, page, at_osu)
    page.get_by_role("button", name="Sell").click()
    page.get_by_role("link", name="Open the sale").click()
    expect(page.locator("h1")).to_be_visible()

    page.go_back()

    stands(page)
    expect(page.locator("#pay")).to_have_count(0)
    expect(page.locator(".till-line")).to_have_count(0)
    assert len(sold(house, at_osu)) == before + 1


def test_a_reload_in_the_middle_of_the_payment_sells_once(house, sits, at_osu):
    before = len(sold(house, at_osu))
    page = sits("kwame", "/till/")
    ready_to_pay(house, page, at_osu)
    arrived: list[int] = []

    def late(route: Route) -> None:
        # The server sold; the page is loaded anew before it hears of it.
        if route.request.method == "POST":
            arrived.append(route.fetch().status)
            page.evaluate("setTimeout(() => location.reload())")
        else:
            route.continue_()

    page.route("**/basket/pay/", late)
    page.get_by_role("button", name="Sell").click(no_wait_after=True)
    expect(page.locator(".till-empty")).to_be_visible()

    assert arrived == [200]
    assert len(sold(house, at_osu)) == before + 1


def test_after_a_lost_answer_the_same_button_shows_the_sale_that_was_made(house, browser, at_osu):
    before = len(sold(house, at_osu))
    lost: list[int] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    context = browser.new_context(base_url=house.address, viewport=DESK)
    context.set_default_timeout(PATIENCE)
    context.add_cookies([cookie(house, "kwame", None)])
    page = context.new_page()
    ready_to_pay(house, page, at_osu)
    page.route("**/basket/pay/", lose)
    page.get_by_role("button", name="Sell").click()
    # Said where one looks: in the dialog that is open.
    expect(page.locator("#sheet-refusal")).to_contain_text("No answer came")
    assert len(sold(house, at_osu)) == before + 1

    page.get_by_role("button", name="Sell").click()

    expect(page.locator("#done")).to_contain_text(sold(house, at_osu)[-1].number)
    assert lost == [200]
    assert len(sold(house, at_osu)) == before + 1
    context.close()


# --- several people, several tills ----------------------------------------------------------------


def test_a_basket_put_aside_by_one_is_taken_up_by_the_other(house, sits, at_osu):
    one, two = offered(house, at_osu, 2)
    page = sits("kwame", "/till/")
    stands(page)
    scan(page, one.sku)
    expect(line_of(page, one)).to_be_visible()
    page.keyboard.press("F6")
    expect(page.locator(".till-empty")).to_be_visible()

    page.keyboard.press("F10")
    expect(page.locator("#switch-pin")).to_be_focused()
    page.get_by_text("Adwoa Nyarko").click()
    page.locator("#switch-pin").fill("9999")
    page.keyboard.press("Enter")
    expect(page.locator("#sheet-refusal")).to_contain_text("PIN is wrong")
    page.locator("#switch-pin").fill(PINS["adwoa"])
    page.keyboard.press("Enter")
    expect(page.locator(".till-bar")).to_contain_text("Adwoa Nyarko")

    stands(page)
    page.keyboard.press("F7")
    expect(page.locator("#held .till-option").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(line_of(page, one)).to_be_visible()
    scan(page, two.sku)
    expect(line_of(page, two)).to_be_visible()
    page.keyboard.press("F9")
    expect(page.locator("#tender-cash")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_be_visible()
    assert sold(house, at_osu)[-1].seller_id == house.people["adwoa"].pk
    page.keyboard.press("Enter")

    # Whoever comes back shows their badge, where products are scanned.
    stands(page)
    with house.inside():
        badge = badges.card(house.people["kwame"], at=clock.now())
    scan(page, badge)
    expect(page.locator(".till-bar")).to_contain_text("Kwame Tetteh")


def test_stock_that_another_till_takes_leaves_the_shelf_without_a_reload(house, sits, at_osu):
    drawer(house, "selasi", "OS-2")
    (product,) = offered(house, at_osu, 1)
    here, there = sits("kwame", "/till/"), sits("selasi", "/till/")
    stands(there)
    stands(here)
    here.keyboard.type(product.name)
    free = here.locator(".till-tile", has_text=product.name).locator(".till-free")
    expect(here.locator(".till-tile")).to_have_count(1)
    before = Decimal(free.inner_text().replace(",", ""))
    expect(here.locator("#live-state")).to_have_attribute("data-live-state", "open")
    here.evaluate("window.stayed = true")

    scan(there, f"2*{product.sku}")
    expect(count_in(line_of(there, product))).to_have_value("2")
    expect(free).to_have_text(f"{before - 2:f}", timeout=SOON)
    there.keyboard.press("F9")
    expect(there.locator("#tender-cash")).to_be_focused()
    there.keyboard.press("Enter")
    expect(there.locator("#done")).to_be_visible()

    expect(free).to_have_text(f"{before - 2:f}")
    assert here.evaluate("window.stayed") is True
    expect(here.locator("#till-search")).to_have_value(product.name)

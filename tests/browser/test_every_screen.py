"""Every page that can be opened: readable for everybody, wide and narrow, light and dark, without a fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.architecture.addresses import Address, addresses
from tests.browser.conftest import DESK, failures_of
from tests.browser.house import House
from tests.browser.subjects import address_of

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FIND = """async (what) => {
  const found = await axe.run(document, { ...what, resultTypes: ["violations"] });
  return found.violations.map((each) =>
    `${each.id}: ${each.nodes.slice(0, 3).map((node) => `${node.target} ${node.any[0]?.message ?? ""}`).join(" | ")}`);
}"""
DARK = """() => {
  document.documentElement.dataset.bsTheme = "dark";
  document.getElementById("dark").media = "screen";
}"""
WIDER = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  return [...document.body.querySelectorAll("*")]
    .filter((each) => each.getBoundingClientRect().right > wide + 1 && each.checkVisibility())
    .slice(0, 4).map((each) => `${each.tagName}.${each.className} ends at ${Math.round(each.getBoundingClientRect().right)}`)
    .concat([`${document.documentElement.scrollWidth} is wider than ${wide}`]);
}"""
EVERYTHING = {"runOnly": {"type": "tag", "values": RULES}}
# A dark page differs from its light self by its colours alone, a narrow one by where things are.
ONLY_COLOUR = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
PLACES = ["target-size", "scrollable-region-focusable", "link-in-text-block", "meta-viewport"]
ONLY_PLACES = {"runOnly": {"type": "rule", "values": PLACES}}
TABLET = {"width": 768, "height": 1024}
PHONE = {"width": 360, "height": 740}

# Files, streams, answers for machines, and steps that only stand in the middle of another.
NO_SCREEN = {
    "account_confirm_login_code",
    "account_email_verification_sent",
    "account_reset_password_from_key",
    "account_set_password",
    "mfa_add_webauthn",
    "mfa_authenticate",
    "mfa_download_recovery_codes",
    "mfa_login_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn",
    "mfa_edit_webauthn",
    "billing:ageing_file",
    "billing:ageing_pdf",
    "billing:proof",
    "billing:receipt",
    "billing:reminder_letter",
    "office:badge_image",
    "books:draft_file",
    "books:export_chart",
    "books:plain_text",
    "books:revalue",
    "office:card_image",
    "office:logo",
    "sales:commission_statement",
    "sales:import_faults",
    "sales:statement_pdf",
    "stock:adjustment_proof",
    "stock:order_document",
    "stock:picture",
    "stock:product_options",
    "stock:projection_file",
    "stock:projection_pdf",
    "stock:return_note",
    "stock:transfer_note",
    "till:basket",
    "till:picture",
    "till:shelf",
    "verify:count",
    "verify:policy_effect",
    "verify:reversal_note",
    "verify:reversal_proof",
    "shell:live",
    "shell:healthz",
    "shell:readyz",
    "shell:open",
}
POST_ONLY = {
    "floor:finish",
    "floor:leave",
    "floor:scan",
    "floor:short",
    "floor:start",
    "floor:tick",
    "floor:undo",
    "account:end_others",
    "account:end_session",
    "account:strength",
    "billing:answer",
    "billing:approve_write_off",
    "billing:refuse_write_off",
    "billing:remind_picked",
    "billing:reset_reminder_text",
    "stock:approve_adjustment",
    "stock:approve_adjustments",
    "stock:approve_transfer",
    "stock:cancel_count",
    "stock:close_count",
    "stock:dispatch_transfer",
    "stock:receive_transfer",
    "stock:request_transfer",
    "stock:send_order",
    "till:abandon",
    "till:add",
    "till:change_rule",
    "till:confirm",
    "till:hold",
    "till:join",
    "till:leave",
    "till:level",
    "till:open",
    "till:quantity",
    "till:receipt_mail",
    "till:receipt_pdf",
    "till:scan",
    "till:void",
    "billing:clear_cheque",
    "billing:deposit_cheque",
    "books:approve_draft",
    "books:approve_recurring",
    "books:copy_draft",
    "books:discard_draft",
    "books:grant_opening",
    "books:import_rates",
    "books:lock_period",
    "books:refuse_opening",
    "books:set_up_year",
    "books:submit_draft",
    "books:switch_recurring",
    "office:change_logo",
    "office:bulk_menus",
    "office:reactivate",
    "office:reissue",
    "office:remove_role",
    "office:reissue_own",
    "office:resend_invitation",
    "office:reset_settings",
    "office:revoke_invitation",
    "office:revoke_key",
    "office:rotate_key",
    "operator:change_role",
    "operator:welcome",
    "set_language",
    "shell:preferences",
    "shell:read",
    "shell:read_all",
    "verify:approve_refund",
    "verify:ask",
    "verify:claim",
    "verify:deny",
    "verify:next",
    "verify:refuse_refund",
    "verify:release",
    "verify:remove_policy",
    "verify:verify",
    "sales:commission_approve",
    "sales:commission_dispute",
    "sales:commission_override_end",
    "sales:commission_resolve",
    "sales:commission_rule_end",
    "sales:commissions_approve",
    "sales:commissions_calculate",
    "sales:note_deal",
    "sales:note",
    "sales:remove_address",
    "sales:remove_contact",
    "sales:run_import",
    "sales:skip_goal",
    "sales:tag",
    "sales:tell_apart",
    "sales:unmerge",
    "sales:untag",
    "stock:add_barcode",
    "stock:export_catalogue",
    "stock:fulfil_request",
    "stock:look_at_import",
    "stock:make_barcode",
    "stock:move_category",
    "stock:pick_labels",
    "stock:print_labels",
    "stock:remove_barcode",
    "stock:remove_pack",
    "stock:run_import",
    "stock:set_prices",
}
STRANGERS = {
    "account_login",
    "account_signup",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "account:invitation",
    "account:welcome",
    "billing:genuine",
}
# Pat has an authenticator app and recovery codes.
WITH_FACTORS = {"mfa_view_recovery_codes", "mfa_deactivate_totp"}


def screens() -> list[Address]:
    """Every page of the resolver, each once."""
    seen = {
        address.route: address
        for address in reversed(addresses())
        if address.name not in NO_SCREEN | POST_ONLY
        and (not address.name.startswith("api:") or address.name == "api:docs")
    }
    return sorted(seen.values(), key=lambda each: each.route)


def visitor(address: Address) -> str:
    """Who looks at a page."""
    if address.name in STRANGERS:
        return ""
    if address.name.startswith("operator:") or address.name in WITH_FACTORS:
        return "pat"
    return "yaw" if address.name == "verify:review" else "ama"


@pytest.fixture(scope="session")
def still(windows: Callable[..., Any]) -> Iterator[Callable[[str], tuple[Page, list[str]]]]:
    """One page of each visitor, without motion, and what it complained about."""
    made: dict[str, tuple[Page, list[str]]] = {}

    def of(name: str) -> tuple[Page, list[str]]:
        if name not in made:
            page = windows(name).new_page()
            page.emulate_media(reduced_motion="reduce", color_scheme="light")
            made[name] = page, failures_of(page)
        return made[name]

    yield of
    for page, _said in made.values():
        page.close()


@pytest.mark.parametrize("address", screens(), ids=lambda each: each.route or "home")
def test_a_screen_is_accessible_fits_and_has_no_fault(house: House, still: Any, address: Address):
    page, complaints = still(visitor(address))
    page.set_viewport_size(DESK)
    complaints.clear()
    answer = page.goto(address_of(house, address.route, address.name))
    found = {"status": [] if answer.status < 400 else [str(answer.status)]}

    found["wide"] = page.evaluate(WIDER)
    page.evaluate(AXE)
    found["light"] = page.evaluate(FIND, EVERYTHING)
    page.evaluate(DARK)
    found["dark"] = page.evaluate(FIND, ONLY_COLOUR)
    page.set_viewport_size(TABLET)
    found["tablet"] = page.evaluate(WIDER)
    found["narrow"] = page.evaluate(FIND, ONLY_PLACES)
    page.set_viewport_size(PHONE)
    found["phone"] = page.evaluate(WIDER)
    found["said"] = list(complaints)

    assert {where: what for where, what in found.items() if what} == {}


@pytest.mark.parametrize("name", sorted(POST_ONLY))
def test_what_only_takes_posts_shows_nothing(house: House, windows: Any, name: str):
    (route,) = {each.route for each in addresses() if each.name == name}
    path = "/" + route.replace("<uuid:pk>", str(house.organization_id)).replace("<int:pk>", "1")
    path = path.replace("<slug:group>", "receipt").replace("<slug:tone>", "firm")
    who = "pat" if name.startswith("operator:") else "ama"

    answer = windows(who).request.get(house.address + path, max_redirects=0)

    assert answer.status == 405 or name == "set_language"

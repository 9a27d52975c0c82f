"""The organization's profile, logo, settings and security policy."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from prs.kernel.activity.models import AuditEvent
from prs.kernel.identity.models import User
from prs.kernel.identity.services import organizations
from prs.kernel.tenancy.models import Organization
from tests.cast import NOON
from tests.factories.walk import make_invoice

PROFILE = reverse("office:organization")


def fresh(cast):
    return Organization.objects.get(pk=cast.acme.pk)


def filled(cast, **changes):
    """The profile form as the page fills it, with changes."""
    names = ("name", "currency", "time_zone", "language", "fiscal_year_start_month", "country")
    shown = {name: getattr(cast.acme, name) for name in names}
    first = {f"initial-{name}": value for name, value in shown.items()}
    return {**shown, **first, "version": cast.acme.version, **changes}


def test_the_profile_is_saved(olga, cast):
    response = olga.post(PROFILE, filled(cast, name="Acme Ltd", website="acme.test"))

    assert response.status_code == 302
    assert (fresh(cast).name, fresh(cast).website) == ("Acme Ltd", "https://acme.test")


def test_a_faulty_profile_is_shown_again_with_its_errors(olga, cast):
    response = olga.post(PROFILE, filled(cast, name="", currency="XXL"))

    assert response.status_code == 422
    assert {"name", "currency"} <= set(response.context["form"].errors)


def test_the_same_field_saved_by_two_people_is_a_conflict_that_shows_both(olga, cast):
    sent = filled(cast, name="Acme Ltd")
    organizations.change_profile(fresh(cast), {"name": "Acme Inc"}, by=cast.adam, at=NOON)

    response = olga.post(PROFILE, sent)

    assert response.status_code == 409
    text = response.content.decode()
    assert "Acme Inc" in text
    assert "Acme Ltd" in text
    assert fresh(cast).name == "Acme Inc"


def test_the_currency_stays_once_an_invoice_is_written(olga, cast):
    make_invoice(cast.olga)

    olga.post(PROFILE, filled(cast, currency="EUR"))

    assert fresh(cast).currency == "USD"


def picture():
    target = io.BytesIO()
    Image.new("RGB", (40, 20), "teal").save(target, "PNG")
    return SimpleUploadedFile("logo.png", target.getvalue(), "image/png")


def test_a_logo_is_served_to_the_organizations_own_people_only(olga, client, cast):
    olga.post(reverse("office:change_logo"), {"logo": picture()})

    client.force_login(cast.bill.user)
    response = client.get(reverse("office:logo"))
    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert Image.open(io.BytesIO(response.getvalue())).size == (40, 20)

    client.force_login(cast.zoe.user)
    assert client.get(reverse("office:logo")).status_code == 404


def test_a_logo_is_taken_away(olga, cast):
    olga.post(reverse("office:change_logo"), {"logo": picture()})
    olga.post(reverse("office:change_logo"), {"remove": "1"})

    assert fresh(cast).logo is None


def test_a_logo_that_is_no_picture_is_refused_with_a_sentence(olga, cast):
    upload = SimpleUploadedFile("logo.png", b"MZ not a picture", "image/png")

    response = olga.post(reverse("office:change_logo"), {"logo": upload})

    assert response.status_code in (302, 422)
    assert fresh(cast).logo is None


def test_no_file_is_answered_with_a_sentence(olga, cast):
    response = olga.post(reverse("office:change_logo"), {}, follow=True)

    assert "Choose a picture first." in response.content.decode()


def settings_form(cast, group, **changes):
    values = {**cast.acme.settings[group], "version": fresh(cast).version, **changes}
    return {name: value for name, value in values.items() if value is not False}


@pytest.mark.parametrize(
    ("group", "key", "value"),
    [
        ("regional", "timeFormat", "12h"),
        ("regional", "firstDayOfWeek", 0),
        ("appearance", "compactMode", True),
        ("notifications", "emailNotifications", False),
        ("receipt", "paperSize", "thermal-80mm"),
    ],
)
def test_a_setting_is_saved_and_the_others_stay(olga, cast, group, key, value):
    url = reverse("office:settings", args=[group])

    assert olga.post(url, settings_form(cast, group, **{key: value})).status_code == 302

    assert fresh(cast).settings == {
        **cast.acme.settings,
        group: {**cast.acme.settings[group], key: value},
    }


def test_settings_saved_over_somebody_elses_are_refused(olga, cast):
    sent = settings_form(cast, "regional", timeFormat="12h")
    organizations.change_settings(
        fresh(cast), "regional", {"firstDayOfWeek": 0}, by=cast.adam, at=NOON
    )

    response = olga.post(reverse("office:settings", args=["regional"]), sent)

    assert response.status_code == 409
    assert fresh(cast).settings["regional"]["timeFormat"] == "24h"


def test_settings_go_back_to_their_defaults(olga, cast):
    organizations.change_settings(
        fresh(cast), "regional", {"timeFormat": "12h"}, by=cast.adam, at=NOON
    )
    page = reverse("office:settings", args=["regional"])
    assert "Reset these to the defaults" in olga.get(page).content.decode()

    olga.post(reverse("office:reset_settings", args=["regional"]))

    assert fresh(cast).settings["regional"]["timeFormat"] == "24h"
    assert "Reset these to the defaults" not in olga.get(page).content.decode()


def test_the_security_policy_is_saved_and_recorded(olga, cast):
    sent = {
        "version": cast.acme.version,
        "mfa_required": "on",
        "password_expiry_days": "90",
        "initial-password_expiry_days": "",
    }

    assert olga.post(reverse("office:security"), sent).status_code == 302

    assert (fresh(cast).mfa_required, fresh(cast).password_expiry_days) == (True, 90)
    assert AuditEvent.objects.filter(code="organization.security_changed").exists()


@pytest.mark.parametrize("days", ["29", "366", "-1"])
def test_passwords_expire_after_a_month_at_least_and_a_year_at_most(olga, cast, days):
    sent = {"version": cast.acme.version, "password_expiry_days": days}

    assert olga.post(reverse("office:security"), sent).status_code == 422


def test_new_passwords_are_demanded_of_everybody_but_who_asks(olga, cast):
    olga.post(reverse("office:demand_passwords"))

    asked = set(User.objects.filter(must_change_password=True).values_list("email", flat=True))
    assert "sam@acme.test" in asked
    assert not asked & {"olga@acme.test", "zoe@zenith.test"}

"""An organization's profile, settings, security policy, logo and first minutes."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from prs.kernel.activity.models import AuditEvent
from prs.kernel.db.versions import Stale
from prs.kernel.files import FileRefused
from prs.kernel.identity.services import organizations
from prs.kernel.tenancy.countries import BY_CODE, COUNTRIES
from prs.kernel.tenancy.models import Organization
from prs.kernel.tenancy.rules import DEFAULTS, faults, merged, remaining_steps
from tests.cast import NOON


def fresh(cast):
    return Organization.objects.get(pk=cast.acme.pk)


def test_a_profile_is_changed_and_recorded(cast):
    organizations.change_profile(cast.acme, {"name": "Acme Ltd"}, by=cast.adam, at=NOON)

    event = AuditEvent.objects.get(code="organization.changed")
    assert (event.before, event.after) == ({"name": "Acme Supplies"}, {"name": "Acme Ltd"})


def test_a_stale_profile_is_refused(cast):
    mine = fresh(cast)
    organizations.change_profile(cast.acme, {"name": "Acme Ltd"}, by=cast.adam, at=NOON)

    with pytest.raises(Stale):
        organizations.change_profile(mine, {"phone": "1"}, by=cast.olga, at=NOON)


def test_a_status_is_no_part_of_the_profile(cast):
    with pytest.raises(organizations.UnknownField):
        organizations.change_profile(cast.acme, {"status": "suspended"}, by=cast.adam, at=NOON)


def test_a_security_policy_is_not_changed_as_a_profile(cast):
    with pytest.raises(organizations.UnknownField):
        organizations.change_profile(cast.acme, {"mfa_required": False}, by=cast.adam, at=NOON)

    organizations.change_security(cast.acme, {"mfa_required": True}, by=cast.adam, at=NOON)
    assert fresh(cast).mfa_required


def test_settings_are_merged(cast):
    organizations.change_settings(
        cast.acme, "regional", {"timeFormat": "12h"}, by=cast.adam, at=NOON
    )

    regional = fresh(cast).settings["regional"]
    assert regional == {**DEFAULTS["regional"], "timeFormat": "12h"}


@pytest.mark.parametrize(
    ("group", "values"),
    [
        ("regional", {"timeFormat": "36h"}),
        ("regional", {"moon": "full"}),
        ("notifications", {"salesUpdates": "yes"}),
        ("receipt", {"footerText": "x" * 501}),
        ("appearance", {"themePreset": "neon"}),
    ],
)
def test_a_setting_that_cannot_be_is_refused(cast, group, values):
    with pytest.raises(organizations.BadSetting):
        organizations.change_settings(cast.acme, group, values, by=cast.adam, at=NOON)


def test_a_reset_brings_one_group_back_and_leaves_the_others(cast):
    for group, values in (("regional", {"timeFormat": "12h"}), ("receipt", {"showLogo": False})):
        organizations.change_settings(cast.acme, group, values, by=cast.adam, at=NOON)

    organizations.reset_settings(cast.acme, "regional", by=cast.adam, at=NOON)

    settings = fresh(cast).settings
    assert settings["regional"] == DEFAULTS["regional"]
    assert settings["receipt"]["showLogo"] is False


def test_an_unknown_group_is_not_reset(cast):
    with pytest.raises(organizations.BadSetting):
        organizations.reset_settings(cast.acme, "moon", by=cast.adam, at=NOON)


def test_settings_stored_before_a_key_existed_get_its_default():
    assert merged({"regional": {"timeFormat": "12h"}})["regional"]["dateFormat"] == "YYYY-MM-DD"


@pytest.mark.parametrize("country", COUNTRIES, ids=lambda country: country.code)
def test_every_preset_is_one_that_an_organization_can_have(cast, country):
    assert faults("regional", country.regional) == {}

    organizations.apply_country(cast.acme, country, by=cast.adam, at=NOON)

    organization = fresh(cast)
    assert organization.country == country.code
    assert organization.currency == country.currency
    assert organization.settings["regional"] == country.regional


def test_presets_are_known_by_their_code():
    assert len(BY_CODE) == len(COUNTRIES) >= 12


def picture(color="teal"):
    target = io.BytesIO()
    Image.new("RGB", (40, 20), color).save(target, "PNG")
    return SimpleUploadedFile("logo.png", target.getvalue(), "image/png")


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        },
    }


def test_a_logo_is_checked_and_kept(cast):
    organizations.set_logo(cast.acme, picture(), by=cast.adam, at=NOON)

    logo = fresh(cast).logo
    assert (logo.kind, logo.display_name) == ("image", "logo.png")

    organizations.set_logo(cast.acme, None, by=cast.adam, at=NOON)
    assert fresh(cast).logo is None


def test_a_logo_that_is_no_picture_is_refused(cast):
    upload = SimpleUploadedFile("logo.png", b"<script>", "image/png")

    with pytest.raises(FileRefused):
        organizations.set_logo(cast.acme, upload, by=cast.adam, at=NOON)


def test_the_first_minutes_only_go_forward(cast):
    organizations.reach_step(cast.acme, "places")
    organizations.reach_step(cast.acme, "money")

    assert fresh(cast).setup_step == "places"
    assert remaining_steps("places") == ("places", "invoice")
    assert remaining_steps("done") == ()

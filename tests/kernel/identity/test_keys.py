"""API keys: proven by their digest, refused with a sentence each."""

from __future__ import annotations

from datetime import timedelta

import pytest

from prs.kernel.activity.models import AuditEvent
from prs.kernel.identity.models import ApiKey
from prs.kernel.identity.services import keys
from prs.kernel.tenancy.context import tenant_context
from prs.kernel.tenancy.models import Organization
from tests.cast import NOON

LATER = NOON + timedelta(days=40)


@pytest.fixture
def made(cast):
    return keys.make(name="Shop", scopes=["invoices.import"], by=cast.adam, at=NOON)


def entered(text, *, address="192.0.2.7", at=NOON):
    return keys.authenticate(text, address=address, at=at)


def test_a_key_names_its_organization(cast, made):
    assert keys.organization_of(made.secret) == cast.acme.pk


def test_a_key_is_proven_by_its_text(made):
    assert entered(made.secret) == made.row


def test_the_secret_is_kept_nowhere(made):
    secret = made.secret.rsplit("_", 1)[1]

    for row in (*ApiKey.objects.values(), *AuditEvent.objects.values()):
        assert secret not in repr(row)


def test_a_wrong_secret_an_unknown_prefix_and_a_wrong_shape_get_the_same_answer(made):
    head, prefix, secret = made.secret.rsplit("_", 2)
    wrong = ("0" if secret[0] != "0" else "1") + secret[1:]
    texts = [f"{head}_{prefix}_{wrong}", f"{head}_{'0' * 8}_{secret}", "prs_nothing", ""]

    answers = set()
    for text in texts:
        with pytest.raises(keys.UnknownKey) as refusal:
            entered(text)
        answers.add((str(refusal.value), refusal.value.status))

    assert len(answers) == 1


def test_a_text_without_the_shape_of_a_key_names_no_organization():
    with pytest.raises(keys.UnknownKey):
        keys.organization_of("Bearer prs_x")


def test_a_key_is_unknown_in_another_organization(cast, made):
    with tenant_context(cast.zenith.pk), pytest.raises(keys.UnknownKey):
        entered(made.secret)


def test_a_revoked_key_is_refused(cast, made):
    keys.revoke(made.row, by=cast.adam, at=NOON)

    with pytest.raises(keys.RevokedKey):
        entered(made.secret)


def test_an_expired_key_is_refused_from_the_very_moment(cast):
    until = NOON + timedelta(hours=1)
    made = keys.make(
        name="Shop", scopes=["invoices.import"], expires_at=until, by=cast.adam, at=NOON
    )

    assert entered(made.secret, at=until - timedelta(seconds=1))
    with pytest.raises(keys.ExpiredKey):
        entered(made.secret, at=until)


def test_a_key_works_only_from_its_addresses_and_networks(cast):
    made = keys.make(
        name="Shop",
        scopes=["invoices.import"],
        addresses=["198.51.100.7", "192.0.2.9/24", "2001:db8::/32"],
        by=cast.adam,
        at=NOON,
    )

    assert made.row.addresses == ["198.51.100.7", "192.0.2.0/24", "2001:db8::/32"]
    for address in ("198.51.100.7", "192.0.2.200", "2001:db8::1"):
        assert entered(made.secret, address=address)
    for address in ("198.51.100.8", "", "2001:db9::1"):
        with pytest.raises(keys.WrongAddress):
            entered(made.secret, address=address)


def test_a_key_of_a_suspended_organization_is_refused(cast, made):
    Organization.objects.filter(pk=cast.acme.pk).update(status="suspended")

    with pytest.raises(keys.ClosedOrganization):
        entered(made.secret)


def test_last_used_is_touched_at_most_every_five_minutes(cast, made):
    for minutes in (0, 4, 6):
        entered(made.secret, at=NOON + timedelta(minutes=minutes))
        made.row.refresh_from_db()
        expected = NOON + timedelta(minutes=6 if minutes == 6 else 0)
        assert made.row.last_used_at == expected


def test_a_rotated_key_works_beside_the_new_one_until_the_overlap_ends(cast, made):
    fresh = keys.rotate(made.row, overlap=timedelta(days=2), by=cast.adam, at=NOON)

    assert entered(fresh.secret) == fresh.row
    assert entered(made.secret, at=NOON + timedelta(days=1))
    with pytest.raises(keys.ExpiredKey):
        entered(made.secret, at=NOON + timedelta(days=2))
    assert fresh.row.scopes == made.row.scopes


def test_an_overlap_never_lengthens_the_life_of_the_old_key(cast):
    until = NOON + timedelta(hours=1)
    made = keys.make(
        name="Shop", scopes=["invoices.import"], expires_at=until, by=cast.adam, at=NOON
    )

    keys.rotate(made.row, overlap=timedelta(days=7), by=cast.adam, at=NOON)

    made.row.refresh_from_db()
    assert made.row.expires_at == until


def test_an_overlap_of_more_than_thirty_days_is_refused(cast, made):
    with pytest.raises(keys.OverlapTooLong):
        keys.rotate(made.row, overlap=timedelta(days=31), by=cast.adam, at=NOON)


def test_a_dead_key_is_neither_rotated_nor_revoked(cast, made):
    keys.revoke(made.row, by=cast.adam, at=NOON)

    with pytest.raises(keys.NoLongerValid):
        keys.revoke(made.row, by=cast.adam, at=NOON)
    with pytest.raises(keys.NoLongerValid):
        keys.rotate(made.row, overlap=timedelta(0), by=cast.adam, at=NOON)
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize("scopes", [[], ["invoices.import", "books.burn"]])
def test_scopes_must_be_some_that_exist(cast, scopes):
    with pytest.raises(keys.UnknownScope):
        keys.make(name="Shop", scopes=scopes, by=cast.adam, at=NOON)


def test_an_address_that_cannot_be_read_is_refused_by_name(cast):
    with pytest.raises(keys.UnreadableAddress) as refusal:
        keys.make(
            name="Shop", scopes=["invoices.import"], addresses=["shop.test"], by=cast.adam, at=NOON
        )

    assert "shop.test" in str(refusal.value)


def test_a_key_cannot_be_born_expired(cast):
    with pytest.raises(keys.PastExpiry):
        keys.make(name="Shop", scopes=["invoices.import"], expires_at=NOON, by=cast.adam, at=NOON)


def test_the_life_of_a_key_is_in_the_audit_log(cast, made):
    fresh = keys.rotate(made.row, overlap=timedelta(hours=1), by=cast.adam, at=NOON)
    keys.revoke(fresh.row, by=cast.adam, at=NOON)

    codes = AuditEvent.objects.filter(code__startswith="api_key.").values_list("code", flat=True)
    assert sorted(codes) == ["api_key.created", "api_key.revoked", "api_key.rotated"]

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from prs.kernel.identity import passwords
from prs.kernel.identity.models import PasswordRecord, User
from prs.kernel.identity.services import accounts
from tests.cast import NOON, PASSWORD


def refused(password, user=None):
    with pytest.raises(ValidationError) as caught:
        validate_password(password, user)
    return " ".join(caught.value.messages)


@pytest.mark.parametrize("password", [PASSWORD, "aB3!aB3!", "Ünïcode-42!x", "A" + "b1!x" * 31])
def test_a_password_that_meets_every_demand_is_accepted(password):
    validate_password(password, User(email="someone@x.test"))


@pytest.mark.parametrize("word", passwords.FORBIDDEN)
def test_each_easily_guessed_word_is_refused(word):
    assert "easily guessed" in refused(f"X-{word.title()}-x9!", None)


def test_everything_that_is_missing_is_said_at_once(db):
    said = refused("aaaa", User(email="aaaa@x.test"))

    for part in ("8 to 128", "upper-case", "e-mail name", "three times"):
        assert part in said


def test_a_long_password_has_an_end():
    assert "8 to 128" in refused("aB3!" * 33)


def test_a_short_local_part_is_no_reason():
    validate_password("Harbour-jo-42!", User(email="jo@x.test"))


def test_three_equal_characters_are_accepted_and_four_are_not():
    validate_password("Haaarbour-42!")
    assert "three times" in refused("Haaaarbour-42!")


def test_passwords_that_everybody_uses_are_refused():
    with pytest.raises(ValidationError, match="too common"):
        passwords.CommonValidator().validate("P@ssw0rd".lower())


def test_strength_grows_with_what_is_there_and_the_refused_stays_weak():
    assert passwords.judged("").score == 0
    assert passwords.judged("Password-1234567890!").score <= 40
    weak, fair = passwords.judged("aB3!aB3!"), passwords.judged(PASSWORD)
    assert 0 < weak.score < fair.score <= 100
    assert fair.word == "Strong"


def test_a_new_users_password_is_remembered_hashed(db):
    user = User.objects.create_user("new@x.test", PASSWORD)

    record = PasswordRecord.objects.get(user=user)
    assert PASSWORD not in record.password
    assert "used this password before" in refused(PASSWORD, user)


def test_the_sixth_password_back_may_return(db):
    user = User.objects.create_user("new@x.test", PASSWORD)
    for number in range(5):
        accounts.set_password(user, f"Harbour-{number}x-42!", at=NOON)

    validate_password(PASSWORD, user)
    assert "before" in refused("Harbour-0x-42!", user)


def test_what_demanded_a_new_password_is_satisfied_by_one(db):
    user = User.objects.create_user("new@x.test", PASSWORD, must_change_password=True)

    accounts.set_password(user, "Harbour-7x-42!", at=NOON)

    user.refresh_from_db()
    assert not user.must_change_password
    assert user.password_changed_at == NOON

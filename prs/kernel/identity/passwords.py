"""The password policy: what a password must hold, how strong it is, and which ones may not return.

The checks are plain data, so the form, the strength meter and the validator say the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from prs.kernel import clock
from prs.kernel.identity.models import PasswordRecord, User

SHORTEST: Final = 8
LONGEST: Final = 128
REMEMBERED: Final = 5
SPECIAL: Final = '!@#$%^&*(),.?":{}|<>'
FORBIDDEN: Final = (
    "password",
    "123456",
    "qwerty",
    "admin",
    "user",
    "login",
    "welcome",
    "default",
    "temp",
)
REPETITION = re.compile(r"(.)\1{3}", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Check:
    """One demand on a password, in words, and the question whether (password, address) meets it."""

    label: Any
    met: Callable[[str, str], bool]


def long_enough(password: str, _email: str) -> bool:
    return SHORTEST <= len(password) <= LONGEST


def has_four_kinds(password: str, _email: str) -> bool:
    return all(
        (
            any(map(str.isupper, password)),
            any(map(str.islower, password)),
            any(map(str.isdigit, password)),
            any(sign in SPECIAL for sign in password),
        )
    )


def has_no_forbidden_word(password: str, _email: str) -> bool:
    return bool(password) and not any(word in password.lower() for word in FORBIDDEN)


def has_no_own_name(password: str, email: str) -> bool:
    # One or two letters are in almost every password; a name that short hides nothing.
    local = email.split("@", 1)[0].lower()
    return bool(password) and (len(local) < 3 or local not in password.lower())


def has_no_repetition(password: str, _email: str) -> bool:
    return bool(password) and not REPETITION.search(password)


CHECKS: Final = (
    Check(_("8 to 128 characters"), long_enough),
    Check(
        _("An upper-case and a lower-case letter, a digit, and a sign such as ! # % & ?"),
        has_four_kinds,
    ),
    Check(
        _("No easily guessed word such as “password”, “admin” or “123456”"), has_no_forbidden_word
    ),
    Check(_("Not your e-mail name"), has_no_own_name),
    Check(_("No character more than three times in a row"), has_no_repetition),
)


@dataclass(frozen=True)
class Judgement:
    """How a password stands against the policy; `score` is 0 to 100."""

    score: int
    word: str
    met: tuple[tuple[str, bool], ...]


def judged(password: str, email: str = "") -> Judgement:
    """The strength of a password, with every demand and whether it is met."""
    met = tuple((str(check.label), check.met(password, email)) for check in CHECKS)
    points = score(password, all(answer for _label, answer in met))
    return Judgement(points, word_for(points), met)


def score(password: str, acceptable: bool) -> int:  # noqa: FBT001
    """0 to 100: length and variety count; what the policy refuses never passes 40."""
    if not password:
        return 0
    variety = len(set(password.lower())) / len(password)
    kinds = sum(
        (
            any(map(str.isupper, password)),
            any(map(str.islower, password)),
            any(map(str.isdigit, password)),
            any(not sign.isalnum() for sign in password),
        )
    )
    points = round(min(len(password), 20) * 3 * variety + kinds * 10)
    return min(points, 100 if acceptable else 40)


def word_for(points: int) -> str:
    """The score in a word; nothing typed yet, nothing said."""
    if not points:
        return ""
    for limit, word in ((40, _t("Too weak")), (60, _t("Fair")), (80, _t("Good"))):
        if points <= limit:
            return word
    return _t("Strong")


class PolicyValidator:
    """Every demand of the policy; all that is missing is said at once."""

    def validate(self, password: str, user: User | None = None) -> None:
        email = getattr(user, "email", "") or ""
        missing = [check for check in CHECKS if not check.met(password, email)]
        if missing:
            raise ValidationError(
                [
                    ValidationError(
                        _("It must meet this: %(demand)s."),
                        code="password_policy",
                        params={"demand": check.label},
                    )
                    for check in missing
                ]
            )

    def get_help_text(self) -> str:
        return "; ".join(str(check.label) for check in CHECKS) + "."


class CommonValidator(CommonPasswordValidator):
    """Refuses what stands on every list of stolen passwords."""

    def get_help_text(self) -> str:
        return _t("Not one of the passwords that everybody uses.")


class HistoryValidator:
    """Remembers the last passwords of a user, hashed, and refuses them."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None or not user.password:
            return
        if any(check_password(password, earlier) for earlier in earlier_passwords(user)):
            raise ValidationError(
                _("You have used this password before. Choose another one."),
                code="password_used_before",
            )

    def password_changed(self, password: str, user: User | None = None) -> None:
        """Called by Django whenever a user with a new password was saved."""
        if user is None:
            return
        PasswordRecord.objects.create(user=user, password=user.password, created_at=clock.now())
        kept = PasswordRecord.objects.filter(user=user).order_by("-created_at", "-pk")
        forgotten = kept.values_list("pk", flat=True)[REMEMBERED:]
        PasswordRecord.objects.filter(pk__in=list(forgotten)).delete()

    def get_help_text(self) -> str:
        return _t("None of your last five passwords.")


def earlier_passwords(user: User) -> list[str]:
    """The hashes that a new password is compared with: the present one and the remembered ones."""
    records = PasswordRecord.objects.filter(user=user).order_by("-created_at", "-pk")
    hashes = records.values_list("password", flat=True)[:REMEMBERED]
    return list(dict.fromkeys([user.password, *hashes]))

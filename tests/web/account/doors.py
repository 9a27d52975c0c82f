"""What a person does at the door: sign in, read a code, prove a second factor."""

import re

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.totp.internal.auth import yield_hotp_counters_from_time as counters
from django.core import mail
from django_otp import DEVICE_ID_SESSION_KEY

from prs.kernel.identity.models import SecondFactor, SecurityEvent
from tests.cast import PASSWORD


def sign_in(client, email, password=PASSWORD, **extra):
    return client.post("/accounts/login/", {"login": email, "password": password}, **extra)


def kinds(user=None):
    """The kinds of security events of a user, oldest first."""
    rows = SecurityEvent.objects.all() if user is None else SecurityEvent.objects.filter(user=user)
    return list(rows.order_by("at", "pk").values_list("kind", flat=True))


def mailed_code():
    """The code of the newest mail."""
    return re.search(
        r"^\s*([A-Z0-9]{3,}[- ]?[A-Z0-9]{3,})\s*$", mail.outbox[-1].body, re.MULTILINE
    ).group(1)


def mailed_link(path):
    """The address of ours in the newest mail that begins with a path."""
    return re.search(rf"https?://[^/]+({path}\S+)", mail.outbox[-1].body).group(1)


def give_app(user):
    """An authenticator app, set up; returns its secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def code_of(secret):
    """What the app shows now."""
    return format_hotp_value(hotp_value(secret, list(counters())[1]))


def give_codes(user):
    """Recovery codes, made; returns them."""
    return RecoveryCodes.activate(user).get_unused_codes()


def verified(client, user):
    """Sign a user in with a second factor proven, without the walk through its pages."""
    factor = SecondFactor.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if factor is None:
        give_app(user)
        factor = SecondFactor.objects.get(user=user, type=Authenticator.Type.TOTP)
    client.force_login(user)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = factor.persistent_id
    session.save()

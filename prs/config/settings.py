"""Settings, from the environment. `.env.example` lists what can be set."""

from __future__ import annotations

import secrets
import sys
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from prs.config import embedded
from prs.config.env import BASE_DIR, env, mail_server
from prs.config.logging import configured

TESTING = "pytest" in sys.modules
DEBUG = env.bool("DEBUG", False)
VAR_DIR = env.path("VAR_DIR", BASE_DIR / "var")
SITE_URL = env.str("SITE_URL", "http://localhost:8000").rstrip("/")
HTTPS = SITE_URL.startswith("https://")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", [SITE_URL])


def local_secret() -> str:
    """A secret of this folder's own for runs without configuration, made once and kept."""
    path = VAR_DIR / "secret_key"
    if not path.exists():
        VAR_DIR.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(64))
    return path.read_text()


SECRET_KEY = env.str("SECRET_KEY", "") or ("" if HTTPS else local_secret())
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY must be set, and hold at least 50 characters.")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])

# --- database ----------------------------------------------------------------------------------
DATABASE_APP_ROLE = env.str("DATABASE_APP_ROLE", "prs_app")
DATABASE_URL = env.str("DATABASE_URL", "")
DATABASE_OWNER_URL = env.str("DATABASE_OWNER_URL", DATABASE_URL)
EMBEDDED_DATA = VAR_DIR / "postgres"
if not DATABASE_URL:
    DATABASE_URL, DATABASE_OWNER_URL = embedded.urls(EMBEDDED_DATA, durable=not TESTING)
LISTEN_DATABASE_URL = env.str("LISTEN_DATABASE_URL", "") or DATABASE_URL

LIMITS = (
    "-c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=60000"
)

# A statement that a connection sends this often is planned by the server once. 0 for never, as a
# pooler needs it that keeps no prepared statements.
PREPARE_AFTER = env.int("DATABASE_PREPARE_AFTER", 5)


def database(url: str) -> dict[str, Any]:
    return {
        **dj_database_url.parse(
            url, engine="prs.kernel.db.engine", conn_max_age=None, conn_health_checks=True
        ),
        "OPTIONS": {
            "options": LIMITS,
            "server_side_binding": True,
            "prepare_threshold": PREPARE_AFTER or None,
        },
    }


def login(url: str) -> dict[str, Any]:
    return {key: database(url)[key] for key in ("USER", "PASSWORD", "HOST", "PORT")}


DATABASE_LOGINS = {"owner": login(DATABASE_OWNER_URL), "app": login(DATABASE_URL)}
DATABASES = {
    "default": database(DATABASE_URL),
    # Rate limits and locks must not wait for, nor roll back with, a business transaction.
    "cache": {**database(DATABASE_URL), "TEST": {"MIRROR": "default"}},
}
DATABASE_ROUTERS = ["prs.config.routers.CacheRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHE_URL = env.str("CACHE_URL", "")
CACHES: dict[str, Any] = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}
        if CACHE_URL
        else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}
    )
}
# The queue's own statistics, twice a second: nobody reads them, the heartbeat table says more.
CACHES["queue"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
if TESTING:
    CACHES["default"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}

# --- applications ------------------------------------------------------------------------------
INSTALLED_APPS = [
    "daphne",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_otp",
    "django_htmx",
    "django_tables2",
    "django_filters",
    "django_q",
    "csp",
    "prs.kernel.jobs",
    "prs.kernel.tenancy",
    "prs.kernel.activity",
    "prs.kernel.identity",
    "prs.masterdata.places",
    "prs.masterdata.catalog",
    "prs.masterdata.parties",
    "prs.ledgers.bookkeeping",
    "prs.ledgers.stock",
    "prs.operations.purchasing",
    "prs.operations.deals",
    "prs.operations.invoicing",
    "prs.operations.payments",
    "prs.operations.incentives",
    "prs.operations.followups",
    "prs.operations.receivables",
    "prs.operations.till",
    "prs.operations.fulfilment",
    "prs.api",
    "prs.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "prs.api.middleware.CookielessMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "prs.web.account.middleware.VisitMiddleware",
    "prs.web.kit.middleware.TenantMiddleware",
    "prs.web.account.middleware.DoorMiddleware",
]
ROOT_URLCONF = "prs.config.urls"
ASGI_APPLICATION = "prs.config.asgi.application"
APPEND_SLASH = True
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "prs.web.shell.context.shell",
            ],
            "libraries": {
                "books": "prs.web.kit.templatetags.books",
                "kit": "prs.web.kit.templatetags.kit",
            },
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "prs.web.kit.templatetags.kit",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
        },
    }
]
DJANGO_TABLES2_TEMPLATE = "kit/list.html"
FILTERS_EMPTY_CHOICE_LABEL = _("Any")
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- the wiring of the business: tables in config that lower floors read by name ----------------
PRS_REACTIONS = "prs.config.reactions.REACTIONS"
PRS_ROLES = "prs.config.roles.ROLES"
PRS_MENUS = "prs.config.menus.MENUS"
PRS_SCHEDULES = "prs.config.schedules.SCHEDULES"
PRS_INTEGRITY = "prs.config.integrity.CHECKS"

# --- people ------------------------------------------------------------------------------------
AUTH_USER_MODEL = "identity.User"
AUTHENTICATION_BACKENDS = ["prs.web.account.backend.MemberBackend"]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if TESTING
    else [
        "django.contrib.auth.hashers.Argon2PasswordHasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"prs.kernel.identity.passwords.{name}"}
    for name in ("PolicyValidator", "CommonValidator", "HistoryValidator")
]
PASSWORD_RESET_TIMEOUT = 2 * 60 * 60
CSRF_FAILURE_VIEW = "prs.web.kit.errors.csrf_failure"
SESSION_ENGINE = "prs.web.account.store"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
PLATFORM_OWNER_EMAIL = env.str("PLATFORM_OWNER_EMAIL", "")

ACCOUNT_ADAPTER = "prs.web.account.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "login": "prs.web.account.forms.LoginForm",
    "signup": "prs.web.account.forms.SignupForm",
    "add_email": "prs.web.account.forms.AddEmailForm",
    "reset_password": "prs.web.account.forms.ResetPasswordForm",
    "change_password": "prs.web.account.forms.ChangePasswordForm",
    "reset_password_from_key": "prs.web.account.forms.ResetPasswordKeyForm",
}
SIGN_UP_OPEN = env.bool("SIGN_UP_OPEN", True)
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_RATE_LIMITS = {
    # Five failures of one account or second factor, twenty of one address, in half an hour.
    "login_failed": "20/30m/ip,5/30m/key",
    "reset_password": "20/m/ip,5/30m/key",
    "invitation": "20/m/ip",
    "password_strength": "120/m/ip",
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0)
MFA_FORMS = {
    "authenticate": "prs.web.account.factors.AuthenticateForm",
    "reauthenticate": "prs.web.account.factors.ReauthenticateForm",
    "activate_totp": "prs.web.account.factors.ActivateForm",
    "add_webauthn": "prs.web.account.factors.AddKeyForm",
}
MFA_ADAPTER = "prs.web.account.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "PRS"
MFA_TOTP_TOLERANCE = 1
# Browsers allow passkeys on plain http for localhost alone.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
USERSESSIONS_TRACK_ACTIVITY = False

# --- transport security ------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"  # proofs alone stand in a frame of ours
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0)
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "frame-src": [SELF],
        "object-src": [SELF],
        "frame-ancestors": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
    }
}

# --- language, time, numbers ---------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("ar", _("Arabic")),
    ("de", _("German")),
    ("es", _("Spanish")),
    ("fr", _("French")),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = USE_I18N = True
USE_THOUSAND_SEPARATOR = False

# --- files ---------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = env.path("MEDIA_ROOT", VAR_DIR / "media")
FILES_BUCKET = env.str("FILES_BUCKET", "")
LOCAL_FILES = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {"location": str(MEDIA_ROOT)},
}
# Any S3-compatible service. Files are served by us, to those who may see them, never by address.
BUCKET_FILES = {
    "BACKEND": "storages.backends.s3.S3Storage",
    "OPTIONS": {
        "bucket_name": FILES_BUCKET,
        "endpoint_url": env.str("FILES_ENDPOINT_URL", None),
        "region_name": env.str("FILES_REGION", "auto"),
        "access_key": env.str("FILES_ACCESS_KEY", ""),
        "secret_key": env.str("FILES_SECRET_KEY", ""),
        "signature_version": "s3v4",
        "default_acl": None,
        "file_overwrite": False,
    },
}
STORAGES: dict[str, Any] = {
    "default": BUCKET_FILES if FILES_BUCKET else LOCAL_FILES,
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG or TESTING
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
# Files straight from the sources, where nothing was collected.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = DEBUG or TESTING

# --- API -------------------------------------------------------------------------------------------
# Requests a minute of one key, and of one address with bad keys.
API_RATE_LIMIT = env.int("API_RATE_LIMIT", 120)
API_BAD_KEY_LIMIT = env.int("API_BAD_KEY_LIMIT", 20)
API_MAX_BODY = env.int("API_MAX_BODY", 5 * 1024 * 1024)
# Counted beside the business transaction, whose rollback would give the request back.
API_LIMITS_DATABASE = "default" if TESTING else "cache"

# --- web process -----------------------------------------------------------------------------------
# Each process answers so many pages at once and lets so many wait; more get a 503.
WEB_THREADS = env.int("WEB_THREADS", 4)
WEB_BACKLOG = env.int("WEB_BACKLOG", 200)
# 0: one process a core.
WEB_PROCESSES = env.int("WEB_PROCESSES", 0)
WEB_GRACE = env.int("WEB_GRACE", 10)
# Seconds after which an open stream notices at the latest that its member may no longer have it.
LIVE_TICK = env.int("LIVE_TICK", 15)
# Bytes of a request's body that are taken in; the rest is dropped and answered with 413.
WEB_MAX_BODY = env.int("WEB_MAX_BODY", 32 * 1024 * 1024)

# --- logs ------------------------------------------------------------------------------------------
LOG_FORMAT = env.str("LOG_FORMAT", "json" if HTTPS else "text")
LOG_LEVEL = env.str("LOG_LEVEL", "INFO")
LOGGING = configured(form=LOG_FORMAT, level=LOG_LEVEL)
if TESTING:  # the test runner shows what a failed test logged
    LOGGING["root"]["handlers"] = []

# --- mail and jobs ---------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "PRS <prs@localhost>")
# Without EMAIL_URL (smtp://user:password@host:587, or smtps://) mail is written to files.
EMAIL_FILE_PATH = str(VAR_DIR / "mail")
vars().update(mail_server(env.str("EMAIL_URL", "")))
# A job may run this long (seconds); its lease ends a little later, and then another worker may try.
JOB_TIMEOUT = env.int("JOB_TIMEOUT", 60)
JOB_LEASE = env.int("JOB_LEASE", JOB_TIMEOUT + 10)
JOB_ATTEMPTS = env.int("JOB_ATTEMPTS", 5)
JOB_RESEND = env.int("JOB_RESEND", 30)
WORKERS = env.int("WORKERS", 2)
# How long a cluster may take to start, and what is silence in one that has begun (seconds).
WORKER_START = env.int("WORKER_START", 120)
WORKER_BEAT = env.int("WORKER_BEAT", 20)
WORKER_STALL = env.int("WORKER_STALL", 30)
WORKER_SILENCE = env.int("WORKER_SILENCE", 180)
WORKER_GRACE = env.int("WORKER_GRACE", 25)
Q_CLUSTER = {
    "name": "prs",
    "orm": "default",
    "workers": WORKERS,
    "queue_limit": WORKERS,
    "bulk": 1,
    "poll": 0.2,
    "timeout": JOB_TIMEOUT,
    # A lease begins when a message is fetched, not when a worker begins with it.
    "retry": JOB_TIMEOUT * 4,
    "max_attempts": 5,
    "ack_failures": True,
    "save_limit": 50,
    "catch_up": False,
    "label": "Jobs",
    "cache": "queue",
    "sync": TESTING,
}

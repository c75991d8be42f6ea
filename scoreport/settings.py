"""Settings, from the environment only; every variable is described in ``.env.example``."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from scoreport.accounts.rules import SIGN_IN_LIMITS
from scoreport.lib.database_url import database
from scoreport.lib.environment import env, env_bool, env_int, env_list
from scoreport.lib.key_files import kept_secret
from scoreport.lib.private import UMASK, private_folder
from scoreport.lib.storage.place import Access, place

BASE_DIR = Path(__file__).resolve().parent.parent
PACKAGE_DIR = Path(__file__).resolve().parent

# --- What kind of installation this is -------------------------------------------------------

DEBUG = env_bool("DEBUG")
DEMO = env_bool("DEMO")
# Every process reads this file first, so that no file of people's data is ever made that other accounts may read.
os.umask(UMASK)
DATA_DIR = private_folder(Path(env("SCOREPORT_DATA_DIR") or BASE_DIR / "var").resolve())
# Whom the sign-in page of a demo offers; `scoreport demo` writes it.
DEMO_PEOPLE = DATA_DIR / "demo_people.json"
# Where a demo keeps its mails, which go to nobody; /demo/mails/ shows them.
DEMO_MAILS = DATA_DIR / "demo_mails"
SITE_URL = env("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", urlsplit(SITE_URL).hostname or "127.0.0.1") + (
    ["localhost", "127.0.0.1", "[::1]"] if DEBUG or DEMO else []
)

# Given, or drawn at the first start and kept in the data folder.
SECRET_KEY = env("SECRET_KEY") or kept_secret(DATA_DIR / "secret_key")
SECRET_KEY_FALLBACKS = env_list("SECRET_KEY_FALLBACKS")

# --- The record of what happened -------------------------------------------------------------

# The chain of events is computed with it: nobody with the database alone can rewrite an event.
AUDIT_KEY = env("AUDIT_KEY") or kept_secret(DATA_DIR / "audit_key")
if len(AUDIT_KEY) < 32:  # noqa: PLR2004 - as many characters as a digest has bytes
    _message = "AUDIT_KEY must have 32 characters or more."
    raise ImproperlyConfigured(_message)
AUDIT_KEY_FALLBACKS = env_list("AUDIT_KEY_FALLBACKS")
# The file to which an anchor of the chain is added each day; best on another disk than the database.
AUDIT_ANCHORS = Path(env("AUDIT_ANCHORS") or DATA_DIR / "anchors" / "audit_anchors.jsonl")
# Where each anchor is mailed too.
AUDIT_ANCHOR_MAIL = env_list("AUDIT_ANCHOR_MAIL")

# --- What the product does by policy ---------------------------------------------------------

# Academic years beyond the running one and the past three that people may open.
OLDER_ACADEMIC_YEARS = env_int("OLDER_ACADEMIC_YEARS", 0)
# Aggregates of fewer test takers than this are not shown to people who may not see individuals.
SMALL_GROUP_THRESHOLD = env_int("SMALL_GROUP_THRESHOLD", 11, least=5)
# Academic years whose voucher orders are shown, the running one included.
VOUCHER_YEARS = env_int("VOUCHER_YEARS", 5, least=1)
# Rosters of up to this many rows are exported at once, larger ones as a job.
EXPORT_AT_ONCE_ROWS = env_int("EXPORT_AT_ONCE_ROWS", 5000)
# Rows that a person may export on a day without a second person; rows on screen that managers get an email about.
EXPORT_ROWS_A_DAY = env_int("EXPORT_ROWS_A_DAY", 20_000, least=1)
VIEWED_ROWS_NOTICE = env_int("VIEWED_ROWS_NOTICE", 2_000, least=1)
# A roster of up to this many rows can be printed whole.
PRINT_ROWS = env_int("PRINT_ROWS", 2_000, least=1)
# A person who takes out data of more than one student has signed in, or confirmed who they are, this lately.
FRESH_SIGN_IN_MINUTES = env_int("FRESH_SIGN_IN_MINUTES", 15, least=1)
# Problem rows of a score file are shown for this many days, and one person sees so many students' rows in 24 hours.
PROBLEM_ROWS_DAYS = env_int("PROBLEM_ROWS_DAYS", 30, least=1)
STAFF_ROWS_A_DAY = env_int("STAFF_ROWS_A_DAY", 500, least=50)
# Prepared files can be fetched for this long.
DOWNLOAD_HOURS = env_int("DOWNLOAD_HOURS", 24, least=1)
# A request for help is answered within this many business days.
HELP_DUE_BUSINESS_DAYS = env_int("HELP_DUE_BUSINESS_DAYS", 2, least=1)
# Files of a request are removed this many days after it was answered last, or closed.
HELP_ATTACHMENT_DAYS = env_int("HELP_ATTACHMENT_DAYS", 90, least=1)
# Larger files cannot come with a request.
HELP_ATTACHMENT_BYTES = env_int("HELP_ATTACHMENT_BYTES", 10_000_000, least=10_000)
# Roles end on the 30 June that comes this many years after the next one.
ROLE_ENDS_AFTER_YEARS = env_int("ROLE_ENDS_AFTER_YEARS", 1)
# Uploads above this many bytes are refused before they are read.
MAX_UPLOAD_BYTES = env_int("MAX_UPLOAD_BYTES", 1_000_000_000, least=1000)
# How long a client may stall, how slow an upload may be, and how much one address may ask for at once.
CLIENT_TIMEOUT_SECONDS = env_int("CLIENT_TIMEOUT_SECONDS", 20)
UPLOAD_BYTES_PER_SECOND = env_int("UPLOAD_BYTES_PER_SECOND", 8000)
REQUESTS_PER_ADDRESS = env_int("REQUESTS_PER_ADDRESS", 100)
# How many requests wait for their turn in each process before others are asked to come back.
REQUESTS_WAITING = env_int("REQUESTS_WAITING", 6000)
# Processes that check a large score file; each holds a hundred megabytes while it does.
CHECK_PROCESSES = env_int("CHECK_PROCESSES", min(4, os.process_cpu_count() or 1), least=1)

# --- Applications ----------------------------------------------------------------------------

INSTALLED_APPS = [
    "scoreport.accounts",
    "scoreport.approvals",
    "scoreport.audit",
    "scoreport.imports",
    "scoreport.jobs",
    "scoreport.outbox",
    "scoreport.programs",
    "scoreport.organizations",
    "scoreport.downloads",
    "scoreport.people",
    "scoreport.scores",
    "scoreport.vouchers",
    "scoreport.reports",
    "scoreport.support",
    "scoreport.web",
    "scoreport.cli",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.saml",
    "django_htmx",
    "django_tasks_db",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "scoreport.web.outage.DatabaseWaitMiddleware",
    "scoreport.web.body.BodyMiddleware",
    *(["scoreport.web.local_only.LocalOnlyMiddleware"] if DEBUG or DEMO else []),
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "scoreport.web.compression.PageCompressionMiddleware",
    "scoreport.web.middleware.PrivateResponseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "scoreport.web.signed_in.PersonMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "scoreport.web.middleware.ActorMiddleware",
    "scoreport.web.second_factor.SecondFactorMiddleware",
    "scoreport.web.supportaccess.middleware.SupportMiddleware",
    "scoreport.web.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "scoreport.urls"
WSGI_APPLICATION = "scoreport.wsgi.application"

_CONTEXT_PROCESSORS = ["django.template.context_processors.request"]
_CONTEXT_PROCESSORS += [f"django.contrib.{app}.context_processors.{app}" for app in ("auth", "messages")]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [PACKAGE_DIR / "web" / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "scoreport.web.jinja.environment",
            "context_processors": [
                *_CONTEXT_PROCESSORS,
                "scoreport.web.page.common",
                *(["scoreport.web.demo.people.on_sign_in_page"] if DEMO else []),
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": _CONTEXT_PROCESSORS},
    },
]

# --- Data ------------------------------------------------------------------------------------

DATABASES = {"default": database(env("DATABASE_URL") or f"sqlite:///{DATA_DIR / 'scoreport.sqlite3'}")}
# What reads each kind of imported file, and what follows it in the packages above (``imports.target``).
IMPORT_TARGETS = {
    "scores": "scoreport.scores.intake.target.target",
    "organizations": "scoreport.organizations.intake.target.target",
    "identifiers": "scoreport.scores.intake.identifiers.target",
}
# Who brings evidence of which student records are one student.
EVIDENCE_SOURCES = ["scoreport.scores.evidence.SOURCE"]
IMPORT_FOLLOWERS = {"organizations": ["scoreport.scores.reattribution.follow_organizations"]}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "mail"]}}


def cache(name: str, *, entries: int) -> dict[str, object]:
    """Return the settings of a cache: in Redis, or so many entries in the memory of each process."""
    if env("REDIS_URL"):
        return {
            "BACKEND": "scoreport.lib.optional_redis.OptionalRedisCache",
            "LOCATION": env("REDIS_URL"),
            # Values are data, never objects (scoreport.lib.cache_values); those of before 0.3 are not read any more.
            "OPTIONS": {"serializer": "scoreport.lib.cache_values.CacheSerializer"},
            "VERSION": 2,
        }
    backend = "django.core.cache.backends.locmem.LocMemCache"
    return {"BACKEND": backend, "LOCATION": name, "OPTIONS": {"MAX_ENTRIES": entries}}


# The order of a roster fills up to two megabytes, and what is typed into its filters must not drive it out.
CACHES = {"figures": cache("figures", entries=3000), "orders": cache("orders", entries=40)}
CACHES["default"] = {"BACKEND": "scoreport.accounts.limits.LimitStore"}  # limits of tries only; pushes nothing out

# Received files, prepared files and files of requests: in the data folder, or in an S3-compatible storage.
MEDIA_ROOT = DATA_DIR / "files"
_S3 = Access(
    endpoint=env("S3_ENDPOINT").rstrip("/"),
    region=env("S3_REGION", "us-east-1"),
    encryption=env("S3_ENCRYPTION", "AES256"),
    key_id=env("AWS_ACCESS_KEY_ID"),
    secret=env("AWS_SECRET_ACCESS_KEY"),
)
FILES_IN_S3 = place("STORAGE_URL", env("STORAGE_URL"), _S3)
ANCHORS_IN_S3 = place("AUDIT_ANCHOR_STORAGE_URL", env("AUDIT_ANCHOR_STORAGE_URL"), _S3)
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FILES = 50
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
FILE_UPLOAD_TEMP_DIR = str(private_folder(DATA_DIR / "uploads"))

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
BUILT_ASSETS_DIR = private_folder(DATA_DIR / "assets")
STATICFILES_DIRS = [PACKAGE_DIR / "web" / "static", BUILT_ASSETS_DIR]
_STATIC = "django.contrib.staticfiles" if DEBUG else "whitenoise"
_STATIC += ".storage." + ("StaticFilesStorage" if DEBUG else "CompressedManifestStaticFilesStorage")
STORAGES = {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}
STORAGES["staticfiles"] = {"BACKEND": _STATIC}

# --- Signing in ------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
# A hash fills a core for a twentieth of a second; more at once would slow down everybody's pages.
# Where several processes serve on one machine, each gets its part (`scoreport serve` sees to that).
PASSWORD_HASHES_AT_ONCE = env_int("PASSWORD_HASHES_AT_ONCE", os.process_cpu_count() or 1, least=1)
PASSWORD_HASHERS = ["scoreport.accounts.hashing.ScoreportArgon2Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "scoreport.accounts.passwords.LengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "dashboard"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "scoreport.web.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {"signup": "scoreport.web.account.forms.SignUpForm"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# A code that is typed where the account was begun. A link would let whoever began an account with somebody else's
# address have it confirmed by them, and scanners of mail open links.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_RATE_LIMITS = SIGN_IN_LIMITS
# Sign-in services of schools and districts. Signing in begins at a link, because a form that leads to another host
# is what our own policy for pages forbids; scoreport.web.account.services sees to it that the person asked for it.
SOCIALACCOUNT_ADAPTER = "scoreport.web.service_adapter.ServiceAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = True
# Metadata of sign-in services is fetched from public addresses only, unless they are in the operator's own network.
METADATA_FROM_PRIVATE_NETWORKS = env_bool("METADATA_FROM_PRIVATE_NETWORKS")
MFA_ADAPTER = "scoreport.web.adapter.SecondFactorAdapter"
_FORMS = {"authenticate": "Code", "authenticate_webauthn": "Passkey"}
_FORMS |= {"reauthenticate": "CodeAgain", "reauthenticate_webauthn": "PasskeyAgain"}
MFA_FORMS = {step: f"scoreport.web.account.factor_forms.{form}Form" for step, form in _FORMS.items()}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Scoreport"
# Clocks of phones are off by seconds, and people type slowly: the code before and the one after count too.
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG or DEMO
SESSION_ENGINE = "scoreport.web.session_store"
SESSION_COOKIE_AGE = env_int("SESSION_HOURS", 12, least=1) * 3600
SESSION_IDLE_MINUTES = env_int("SESSION_IDLE_MINUTES", 30, least=5)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"

# --- What every response says ----------------------------------------------------------------

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "connect-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "img-src": [CSP.SELF, "data:"],
    "manifest-src": [CSP.SELF],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
_HTTPS = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SECURE_SSL_REDIRECT = _HTTPS and env_bool("SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = env_int("HSTS_SECONDS", 31_536_000) if _HTTPS else 0
TRUST_PROXY = env_bool("TRUST_PROXY")
# How many proxies in front write X-Forwarded-For; anybody can write what stands before theirs.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if TRUST_PROXY else 0
if TRUST_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "scoreport.web.errors.csrf_failure"

# --- Language and time -----------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LANGUAGE_COOKIE_NAME = "language"
LOCALE_PATHS = [PACKAGE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = env("TIME_ZONE", "America/New_York")

# --- Mail and messages -----------------------------------------------------------------------


def _mailer() -> dict[str, object]:
    """Return how mails leave: nothing pretends to have been sent, and a demo writes to nobody."""
    if DEMO:
        return {"BACKEND": "scoreport.web.demo.mailbox.EmailBackend", "OPTIONS": {"folder": DEMO_MAILS}}
    if not env("EMAIL_HOST"):
        return {"BACKEND": "django.core.mail.backends.console.EmailBackend"}
    return {
        "BACKEND": "scoreport.lib.smtp.EmailBackend",
        "OPTIONS": {
            "host": env("EMAIL_HOST"),
            "port": env_int("EMAIL_PORT", 587),
            "username": env("EMAIL_HOST_USER"),
            "password": env("EMAIL_HOST_PASSWORD"),
            "use_tls": env_bool("EMAIL_USE_TLS", default=True),
            "timeout": 10,
        },
    }


MAILERS = {"default": _mailer()}
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", "Scoreport <no-reply@localhost>")
EMAIL_SUBJECT_PREFIX = ""

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", "WARNING").upper()},
}

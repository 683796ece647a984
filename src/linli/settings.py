"""Settings of the project, read from the environment. docs/reference/settings.md lists every variable.

`LINLI_MODE` is one of `production` (the default: everything strict), `demo` (a district to try, log-ins by one click, plain
HTTP) and `test`.
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from linli.kernel.storage.configuration import storage_settings

MODE = os.environ.get("LINLI_MODE", "production")
if MODE not in ("production", "demo", "test"):
    raise RuntimeError(f"LINLI_MODE is {MODE!r}; it must be production, demo or test.")

PACKAGE = Path(__file__).resolve().parent
BASE_DIR = PACKAGE.parent.parent
LINLI_DATA = Path(os.environ.get("LINLI_DATA") or "data").absolute()


def _flag(name: str, *, default: bool = False) -> bool:
    """A yes/no variable: 1, true, yes, on count as yes."""
    text = os.environ.get(name, "").strip().lower()
    return text in ("1", "true", "yes", "on") if text else default


def _words(name: str, default: str = "") -> list[str]:
    """A comma-separated variable as a list."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


# A production start refuses to run with any of these (linli.kernel.observe.checks).
DEFAULT_SECRET_KEY = "for-demo-and-tests-only-never-in-production-" + "0" * 12
DEBUG = _flag("LINLI_DEBUG")
LINLI_MODE = MODE
LINLI_DEMO_LOGINS = _flag("LINLI_DEMO_LOGINS", default=MODE == "demo")

SECRET_KEY = os.environ.get("LINLI_SECRET_KEY") or DEFAULT_SECRET_KEY
SECRET_KEY_FALLBACKS = _words("LINLI_OLD_SECRET_KEYS")
ALLOWED_HOSTS = _words("LINLI_ALLOWED_HOSTS", "" if MODE == "production" else "*")
CSRF_TRUSTED_ORIGINS = _words("LINLI_TRUSTED_ORIGINS")

# Rooms, from the lowest floor upwards; LINLI_ROOMS names a part of them, for work on one floor.
ROOMS = (
    "kernel",
    "territory",
    "people",
    "duties",
    "catalog",
    "households",
    "organisations",
    "compounds",
    "dedicated",
    "cases",
    "ledger",
    "metrics",
    "suggesting",
    "notices",
    "services",
    "moderation",
    "workforce",
    "operations",
    "lifecircle",
    "indicators",
    "supervision",
    "briefs",
    "ui",
    "portal",
    "field",
    "desk",
    "hotline",
    "cockpit",
    "administration",
    "api",
    "open311",
    "live",
    "simulation",
)
_wanted = _words("LINLI_ROOMS", ",".join(ROOMS))
INSTALLED_ROOMS = [room for room in ROOMS if room in _wanted and (PACKAGE / room / "apps.py").exists()]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "csp",
    *(f"linli.{room}" for room in INSTALLED_ROOMS),
]

# Few and light: reports come in through the same chain. Sessions, the user and messages are lazy; what a request does not touch,
# it does not pay for.
MIDDLEWARE = [
    "linli.kernel.observe.middleware.ObserveMiddleware",
    *(["linli.api.middleware.ApiMiddleware"] if "api" in INSTALLED_ROOMS else []),
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "linli.kernel.serve.compressed.CompressedMiddleware",
    "csp.middleware.CSPMiddleware",
    "linli.kernel.serve.live.LiveOriginMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    *(["linli.people.middleware.ActorMiddleware"] if "people" in INSTALLED_ROOMS else []),
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "linli.urls"
WSGI_APPLICATION = "linli.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "linli.ui.context.ui",
                "linli.kernel.serve.live.context",
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,
        "OPTIONS": {"environment": "linli.ui.compiled.environment", "auto_reload": DEBUG},
    },
]


# Database. The application connects as a role that owns nothing, so that row-level security holds for it; "owner" migrates.


def database_settings(url: str) -> dict[str, Any]:
    """Django's settings for a postgresql:// URL; a socket folder may be given as ?host=/folder."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise RuntimeError("LINLI_DATABASE_URL must begin with postgresql://")
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    # Only what asks for it is prepared on the server: the ORM binds on this side. "none" for a pooler that cannot keep statements.
    threshold = options.pop("prepare_threshold", "5")
    options["prepare_threshold"] = None if threshold == "none" else int(threshold)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "linli",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or parts.hostname or "",
        "PORT": options.pop("port", "") or str(parts.port or ""),
        # Reuse is worth a factor of six; Django's psycopg pool costs one of two (docs/decisions).
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def _databases() -> dict[str, Any]:
    app = os.environ.get("LINLI_DATABASE_URL", "")
    owner = os.environ.get("LINLI_OWNER_DATABASE_URL", "") or app
    if not app:
        # Nobody attached a server for us (`linli COMMAND` does): use the embedded one if it has been made.
        from linli.kernel.embedded import EmbeddedError, Server
        from linli.kernel.embedded.preparation import APP_ROLE, OWNER_ROLE

        try:
            addresses = Server(LINLI_DATA).addresses()
            app, owner = addresses.url(APP_ROLE), addresses.url(OWNER_ROLE)
        except EmbeddedError:
            app = owner = "postgresql://linli_app@127.0.0.1:1/linli"
    return {"default": database_settings(app), "owner": database_settings(owner)}


DATABASES = _databases()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People.
AUTH_USER_MODEL = "people.Account" if "people" in INSTALLED_ROOMS else "auth.User"
# argon2id, t=2, m=19 MiB, p=1: 42 ms here, where Django's default takes 338.
PASSWORD_HASHERS = ["linli.kernel.observe.hashers.Argon2id"]
if MODE == "test":
    PASSWORD_HASHERS = ["linli.kernel.observe.hashers.CheapForTests", *PASSWORD_HASHERS]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"

# Who signs in with a second factor (administrators, staff, or optional), and after how many minutes privileged acts ask again
# whether it is still the same person; 0 never asks.
LINLI_SECOND_FACTOR = os.environ.get("LINLI_SECOND_FACTOR") or (
    "administrators" if MODE == "production" else "optional"
)
if LINLI_SECOND_FACTOR not in ("optional", "administrators", "staff"):
    raise RuntimeError("LINLI_SECOND_FACTOR must be optional, administrators or staff.")
LINLI_CONFIRM_MINUTES = int(os.environ.get("LINLI_CONFIRM_MINUTES") or (15 if MODE == "production" else 0))
# A sign-in provider (OpenID Connect); without an issuer there is none.
LINLI_OIDC_ISSUER = os.environ.get("LINLI_OIDC_ISSUER", "").rstrip("/")
LINLI_OIDC_CLIENT_ID = os.environ.get("LINLI_OIDC_CLIENT_ID", "")
LINLI_OIDC_CLIENT_SECRET = os.environ.get("LINLI_OIDC_CLIENT_SECRET", "")
LINLI_OIDC_NAME_ZH = os.environ.get("LINLI_OIDC_NAME_ZH", "")
LINLI_OIDC_NAME_EN = os.environ.get("LINLI_OIDC_NAME_EN", "")
LINLI_OIDC_RESIDENTS = _flag("LINLI_OIDC_RESIDENTS")

# Sessions live in the database and long: 147,000 people sign in on a Monday morning otherwise.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "linli_session"
SESSION_COOKIE_AGE = 90 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "linli_csrf"
LANGUAGE_COOKIE_NAME = "linli_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Transport.
LINLI_HTTPS = _flag("LINLI_HTTPS", default=MODE == "production")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LINLI_HTTPS
if LINLI_HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = _flag("LINLI_HTTPS_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Where pages find the live process: behind a proxy LINLI_LIVE_URL names it; else it is another port of the same host, which
# `linli serve` puts into LINLI_LIVE_PORT (linli.kernel.serve.live).
LINLI_LIVE_URL = os.environ.get("LINLI_LIVE_URL", "")
LINLI_LIVE_PORT = os.environ.get("LINLI_LIVE_PORT", "")
_live = urlsplit(LINLI_LIVE_URL)
_live_origin = [f"{_live.scheme}://{_live.netloc}"] if _live.netloc else []
# A tile server of one's own choice; without it the map draws its own ground.
LINLI_TILE_ORIGINS = _words("LINLI_TILE_ORIGINS")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:", *LINLI_TILE_ORIGINS],
        "font-src": [SELF],
        "connect-src": [SELF, *_live_origin, *LINLI_TILE_ORIGINS],
        "worker-src": [SELF, "blob:"],
        "manifest-src": [SELF],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
    }
}

# Language and time.
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LOCALE_PATHS = [str(PACKAGE / "locale")] if (PACKAGE / "locale").is_dir() else []
FORMAT_MODULE_PATH: list[str] = []

# Files.
STATIC_URL = "/static/"
# The finders serve files straight from the packages: no copy to keep up, no step to forget. Vite's carry a hash in their name.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/dist/.+-[A-Za-z0-9_-]{8}\.[a-z0-9]+$"
WHITENOISE_MAX_AGE = 3600 if MODE == "production" else 0
MEDIA_ROOT = LINLI_DATA / "files"
MEDIA_URL = "/files/"
STORAGES = storage_settings(LINLI_DATA)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

# Mail is for administrators only; without a server it goes to the log.
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
if not os.environ.get("LINLI_MAIL_HOST"):
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
EMAIL_HOST = os.environ.get("LINLI_MAIL_HOST", "")
EMAIL_SUBJECT_PREFIX = "[Linli] "

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "linli"}}

# Open311: whether it takes requests without a key, and what discovery tells of us.
LINLI_OPEN311_KEYLESS = _flag("LINLI_OPEN311_KEYLESS")
LINLI_OPEN311_CONTACT = os.environ.get("LINLI_OPEN311_CONTACT", "")
LINLI_OPEN311_KEY_SERVICE = os.environ.get("LINLI_OPEN311_KEY_SERVICE", "")
LINLI_OPEN311_DEMO_KEY = "linli_demo" if LINLI_DEMO_LOGINS else ""

# How much comes in without an account, from one network and in one session: "20/hour, 60/day", or "off".
LINLI_ANONYMOUS_REPORTS = os.environ.get("LINLI_ANONYMOUS_REPORTS") or "20/hour, 60/day"

# Notices: where links in messages lead, and the ways out of the house; one that is not set up is not offered.
LINLI_PUBLIC_URL = os.environ.get("LINLI_PUBLIC_URL", "").rstrip("/")
LINLI_SMTP_URL = os.environ.get("LINLI_SMTP_URL", "")
LINLI_MAIL_FROM = os.environ.get("LINLI_MAIL_FROM", "")
LINLI_PUSH_CONTACT = os.environ.get("LINLI_PUSH_CONTACT", "")
LINLI_SMS_URL, LINLI_SMS_SECRET = os.environ.get("LINLI_SMS_URL", ""), os.environ.get("LINLI_SMS_SECRET", "")
LINLI_SMS_PROVIDER, LINLI_SMS_KEY = os.environ.get("LINLI_SMS_PROVIDER", ""), os.environ.get("LINLI_SMS_KEY", "")
LINLI_SMS_SIGN, LINLI_SMS_APP = os.environ.get("LINLI_SMS_SIGN", ""), os.environ.get("LINLI_SMS_APP", "")
LINLI_SMS_REGION = os.environ.get("LINLI_SMS_REGION") or "ap-guangzhou"
LINLI_SMS_TEMPLATES = os.environ.get("LINLI_SMS_TEMPLATES", "")
LINLI_WECHAT_URL, LINLI_WECHAT_SECRET = (
    os.environ.get("LINLI_WECHAT_URL", ""),
    os.environ.get("LINLI_WECHAT_SECRET", ""),
)
LINLI_WECHAT_APP = os.environ.get("LINLI_WECHAT_APP", "")
LINLI_WECHAT_TEMPLATES = os.environ.get("LINLI_WECHAT_TEMPLATES", "")
if LINLI_SMS_PROVIDER not in ("", "aliyun", "tencent"):
    raise ValueError("LINLI_SMS_PROVIDER is aliyun or tencent, or empty for a gateway of one's own.")
# Hosts of one's own network that gateways and webhooks may be on; all others must be public.
LINLI_OUTBOUND_HOSTS = _words("LINLI_OUTBOUND_HOSTS")

# Who may read /metrics from elsewhere; without it only this machine may.
LINLI_METRICS_TOKEN = os.environ.get("LINLI_METRICS_TOKEN", "")

LOGGING_CONFIG = None if MODE == "test" else "logging.config.dictConfig"
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "linli.kernel.observe.logs.JsonFormatter", "wordy": MODE != "production"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {
        "handlers": ["stderr"],
        "level": os.environ.get("LINLI_LOG_LEVEL") or ("WARNING" if MODE == "demo" else "INFO"),
    },
    "loggers": {
        # One line per request comes from the middleware; Django's own would repeat it with the query string.
        "django.request": {"level": "ERROR"},
        "django.server": {"level": "ERROR"},
    },
}

SILENCED_SYSTEM_CHECKS: list[str] = []
TEST_RUNNER = "django.test.runner.DiscoverRunner"

"""What a production start must not have. `linli preflight` asks before every start; `linli check --deploy` asks a part of it."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from linli.kernel.crypto import KeyringError, load_keyring

SHORTEST_KEY = 50


@register(Tags.security, deploy=True)
def settings_are_for_production(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Problems of the settings alone; none in demo and test mode, where convenience is the point."""
    return list(_settings_problems()) if settings.LINLI_MODE == "production" else []


def _settings_problems() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        yield Error(
            "LINLI_DEBUG is on: error pages would show the insides of the house.", hint="Unset it.", id="linli.E001"
        )
    if settings.SECRET_KEY == settings.DEFAULT_SECRET_KEY:
        yield Error(
            "LINLI_SECRET_KEY is not set: anyone could sign a session.",
            hint="Set it to 50 or more random characters and keep it.",
            id="linli.E002",
        )
    elif len(settings.SECRET_KEY) < SHORTEST_KEY:
        yield Error(
            f"LINLI_SECRET_KEY is shorter than {SHORTEST_KEY} characters.", hint="Make a longer one.", id="linli.E003"
        )
    if settings.LINLI_DEMO_LOGINS:
        yield Error(
            "LINLI_DEMO_LOGINS is on: anyone could become anybody with one click.", hint="Unset it.", id="linli.E004"
        )
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        yield Error(
            "LINLI_ALLOWED_HOSTS is empty or allows every name.",
            hint="Name the hosts that people type, separated by commas.",
            id="linli.E005",
        )
    if not settings.LINLI_HTTPS:
        yield Error(
            "LINLI_HTTPS is off: passwords and sessions would travel in the clear.",
            hint="Put a proxy with TLS in front and unset it.",
            id="linli.E006",
        )
    try:
        ring = load_keyring(folder=settings.LINLI_DATA)
    except KeyringError as problem:
        yield Error(f"The keyring for personal data cannot be used: {problem}.", id="linli.E007")
    else:
        if ring.is_demo:
            yield Error(
                "The keyring is one that was made for a demo.",
                hint="Make one with `linli keyring new`, keep a copy elsewhere, and name it in LINLI_KEYRING.",
                id="linli.E008",
            )


def database_problems() -> list[CheckMessage]:
    """Problems that only the database can tell of."""
    found: list[CheckMessage] = []
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT current_user, r.rolsuper OR r.rolbypassrls,"
            " EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            "  WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p') AND n.nspname = 'public'),"
            " current_setting('synchronous_commit'), current_setting('fsync')"
            " FROM pg_roles r WHERE r.rolname = current_user"
        )
        role, powerful, owner, commit, fsync = cursor.fetchone()
    if powerful or owner:
        found.append(
            Error(
                f"The application connects as {role}, which owns tables or stands above row-level security.",
                hint="Give LINLI_DATABASE_URL a role that owns nothing, and the owner to LINLI_OWNER_DATABASE_URL.",
                id="linli.E010",
            )
        )
    if commit == "off" or fsync == "off":
        found.append(
            Error(
                "The database has synchronous_commit or fsync off: acknowledged reports can be lost.",
                hint="Turn both on.",
                id="linli.E011",
            )
        )
    if apps.is_installed("linli.people"):
        account = apps.get_model("people", "Account")
        if account._default_manager.filter(is_demo=True, is_active=True).exists():
            found.append(
                Error(
                    "The database holds demo log-ins.",
                    hint="Start on a data folder or database of its own; a demo's is not for production.",
                    id="linli.E012",
                )
            )
    return found

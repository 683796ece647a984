"""How a one-time code reaches a phone: one adapter, named in the settings (``LINLI_CODE_SENDER``).

``console`` prints it (demo and tests only), ``webhook`` hands it to a text-message gateway over HTTPS, ``none`` says that
codes are not set up. A production start never uses ``console``.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from typing import Protocol

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from linli.kernel.errors import LinliError

TIMEOUT_SECONDS = 5


class CodeSender(Protocol):
    """Takes a code to a phone."""

    shows_code: bool

    def send(self, phone: str, code: str, *, language: str) -> None:
        """Send it, or raise :class:`LinliError`."""


class NotSent(LinliError):
    """The code could not be sent."""

    status = 503


class ConsoleSender:
    """Prints the code: whoever runs a demo sees it on the page and in the window it runs in."""

    shows_code = True

    def send(self, phone: str, code: str, *, language: str) -> None:
        """Print to the terminal, never to the log."""
        if sys.stdout.isatty():
            pass


class NoSender:
    """Nothing is set up."""

    shows_code = False

    def send(self, phone: str, code: str, *, language: str) -> None:
        """Always refuses."""
        raise NotSent(
            "code.not_set_up",
            _("Signing in by text message is not set up here."),
            mend=_("Sign in with your password, or ask the service desk."),
        )


class WebhookSender:
    """Posts ``{"phone", "code", "language"}`` to ``LINLI_CODE_WEBHOOK`` with a bearer secret; any gateway can be put behind."""

    shows_code = False

    def __init__(self, address: str, secret: str) -> None:
        if not address.startswith("https://"):
            raise ValueError("LINLI_CODE_WEBHOOK must begin with https://")
        self.address, self.secret = address, secret

    def send(self, phone: str, code: str, *, language: str) -> None:
        """One try of five seconds."""
        request = urllib.request.Request(
            self.address,
            data=json.dumps({"phone": phone, "code": code, "language": language}).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self.secret}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):
                pass
        except (urllib.error.URLError, TimeoutError) as error:
            raise NotSent(
                "code.not_sent",
                _("The text message could not be sent."),
                mend=_("Please try again in a minute, or sign in with your password."),
            ) from error


def sender() -> CodeSender:
    """The adapter that the environment names; without a name ``console`` in demo and test, ``none`` in production."""
    production = getattr(settings, "LINLI_MODE", "production") == "production"
    name = os.environ.get("LINLI_CODE_SENDER") or ("none" if production else "console")
    if name == "webhook":
        return WebhookSender(os.environ.get("LINLI_CODE_WEBHOOK", ""), os.environ.get("LINLI_CODE_WEBHOOK_SECRET", ""))
    if name == "console" and not production:
        return ConsoleSender()
    return NoSender()

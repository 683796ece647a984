"""How a message leaves the house: one adapter for each channel, chosen by the settings (docs/how-to/notifications.md).

``console`` stands in for every channel that is not set up, in a demo and in tests only: it notes in the log that a message would have
gone, and in production such a channel is not offered. An adapter takes a :class:`Message` to an address and returns what the
counterpart calls it; the message's own id is the same at every try, so that a counterpart can tell a repeat.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from linli.kernel.errors import LinliError
from linli.notices.models import Channel

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: words in the person's language, and where they lead.

    Args:
        id: the same at every try.
        template: the notice's kind, ``digest`` or ``code``: gateways have templates of their own by this name.
        facts: what a gateway's template is filled with: number, category, state, code.
        href: an absolute address; empty when the house does not know its own.
        unsubscribe: an absolute address that takes no sign-in; e-mail only.
        urgent: for push services: wake the device.
    """

    id: str
    template: str
    title: str
    text: str
    language: str
    href: str = ""
    unsubscribe: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    urgent: bool = False


class NotTaken(LinliError):
    """The counterpart did not take it now: try again later."""

    status = 503


class Refused(LinliError):
    """The counterpart will never take this message."""

    status = 422


class Gone(LinliError):
    """There is nobody at this address any more."""

    status = 410


class Adapter(Protocol):
    """Takes messages to addresses of one channel."""

    def send(self, address: str, message: Message) -> str:
        """Send once; returns what the counterpart calls it.

        Raises:
            NotTaken, Refused, Gone: as they say.
        """


class Console:
    """Notes that a message would have gone: number and kind, never the address."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    def send(self, address: str, message: Message) -> str:
        """Note it."""
        log.info("notice %s by %s: %s", message.id, self.channel, message.template)
        return f"console:{message.id}"


def adapter(channel: Channel | str) -> Adapter | None:
    """The adapter that the settings name for a channel; ``None`` when it is not set up."""
    from linli.notices.channels import approved, email, gateway, push, sms, wechat

    match Channel(channel):
        case Channel.EMAIL if settings.LINLI_SMTP_URL:
            return email.Email(settings.LINLI_SMTP_URL, sender=settings.LINLI_MAIL_FROM)
        case Channel.PUSH if settings.LINLI_PUSH_CONTACT:
            return push.Push(contact=settings.LINLI_PUSH_CONTACT)
        case Channel.SMS if settings.LINLI_SMS_PROVIDER == "aliyun":
            return sms.Aliyun(
                key=settings.LINLI_SMS_KEY, secret=settings.LINLI_SMS_SECRET, sign=settings.LINLI_SMS_SIGN,
                templates=approved.read(settings.LINLI_SMS_TEMPLATES), url=settings.LINLI_SMS_URL,
            )  # fmt: skip
        case Channel.SMS if settings.LINLI_SMS_PROVIDER == "tencent":
            return sms.Tencent(
                key=settings.LINLI_SMS_KEY, secret=settings.LINLI_SMS_SECRET, app=settings.LINLI_SMS_APP,
                sign=settings.LINLI_SMS_SIGN, region=settings.LINLI_SMS_REGION,
                templates=approved.read(settings.LINLI_SMS_TEMPLATES), url=settings.LINLI_SMS_URL,
            )  # fmt: skip
        case Channel.SMS if settings.LINLI_SMS_URL:
            return gateway.Gateway(Channel.SMS, settings.LINLI_SMS_URL, settings.LINLI_SMS_SECRET)
        case Channel.WECHAT if settings.LINLI_WECHAT_APP:
            return wechat.WeChat(
                app=settings.LINLI_WECHAT_APP, secret=settings.LINLI_WECHAT_SECRET,
                templates=approved.read(settings.LINLI_WECHAT_TEMPLATES), url=settings.LINLI_WECHAT_URL,
            )  # fmt: skip
        case Channel.WECHAT if settings.LINLI_WECHAT_URL:
            return gateway.Gateway(Channel.WECHAT, settings.LINLI_WECHAT_URL, settings.LINLI_WECHAT_SECRET)
    return Console(Channel(channel)) if settings.LINLI_MODE != "production" else None


def offered() -> list[Channel]:
    """The channels that people can choose here."""
    return [channel for channel in Channel if adapter(channel) is not None]


def shows_code(channel: Channel | str) -> bool:
    """Whether a code has to be shown on the page because it goes nowhere: in a demo without that channel."""
    return isinstance(adapter(channel), Console)


def not_taken(kind: object) -> NotTaken:
    """The counterpart did not take it now; ``kind`` says how, without an address in it."""
    return NotTaken("channel.not_taken", _("The message could not be handed over."), extra={"kind": str(kind)[:120]})


def refused(kind: object) -> Refused:
    """The counterpart will never take it."""
    return Refused("channel.refused", _("The message was refused."), extra={"kind": str(kind)[:120]})


def gone(kind: object) -> Gone:
    """There is nobody there any more."""
    return Gone("channel.gone", _("There is nobody at this address any more."), extra={"kind": str(kind)[:120]})

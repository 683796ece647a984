"""E-mail by SMTP: plain text with a readable page beside it, and a way to unsubscribe that needs no sign-in (RFC 8058)."""

from __future__ import annotations

import smtplib
from email.utils import formataddr, parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend
from django.template.loader import render_to_string
from django.utils import translation

from linli.notices.channels import Message, gone, not_taken, refused

TIMEOUT_SECONDS = 10
NOBODY = (550, 551, 553)
"""There is no such mailbox (RFC 5321, 4.2.3)."""


class Email:
    """Sends through one server: ``smtp://user:password@host:port``, ``smtps://`` for TLS from the start, ``?tls=1`` for STARTTLS."""

    def __init__(self, url: str, *, sender: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("LINLI_SMTP_URL must begin with smtp:// or smtps:// and name a host")
        secure = parts.scheme == "smtps"
        starttls = parse_qs(parts.query).get("tls", [""])[0] == "1"
        self.sender = sender or f"linli@{parts.hostname}"
        self.backend = EmailBackend(
            host=parts.hostname,
            port=parts.port or (465 if secure else 587 if starttls else 25),
            username=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            use_ssl=secure,
            use_tls=starttls and not secure,
            timeout=TIMEOUT_SECONDS,
        )

    def send(self, address: str, message: Message) -> str:
        """Send once; returns the Message-ID, which is the same at every try."""
        name, plain = parseaddr(self.sender)
        identity = f"<{message.id}@{plain.rpartition('@')[2] or 'linli'}>"
        headers = {"Message-ID": identity, "Auto-Submitted": "auto-generated", "Content-Language": message.language}
        if message.unsubscribe:
            headers |= {
                "List-Unsubscribe": f"<{message.unsubscribe}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            }
        with translation.override(message.language):
            text = render_to_string("notices/mail.txt", {"message": message})
            page = render_to_string("notices/mail.html", {"message": message})
        mail = EmailMultiAlternatives(
            subject=message.title, body=text, from_email=formataddr((name, plain)), to=[address], headers=headers,
            connection=self.backend,
        )  # fmt: skip
        mail.attach_alternative(page, "text/html")
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            if code in NOBODY:
                raise gone(code) from error
            raise not_taken(code) from error
        except smtplib.SMTPResponseException as error:
            if 500 <= error.smtp_code < 600 and not isinstance(error, smtplib.SMTPAuthenticationError):
                raise refused(error.smtp_code) from error
            raise not_taken(error.smtp_code) from error
        except (OSError, smtplib.SMTPException) as error:
            raise not_taken(type(error).__name__) from error
        return identity

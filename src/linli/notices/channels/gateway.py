"""Text messages and WeChat template messages through a gateway of the operator's: one JSON contract for both.

The contract is in docs/how-to/notifications.md: ``POST`` with a bearer secret and ``Idempotency-Key``; 2xx took it (``{"id": "..."}``
says what it is called there), 404 and 410 mean that the address is gone, other 4xx that it is refused, anything else that it is to be
tried again.
"""

from __future__ import annotations

import json

from linli.notices.channels import Message, gone, not_taken, refused
from linli.notices.channels.handing import posted
from linli.notices.models import Channel

AGAIN = (408, 425, 429)


class Gateway:
    """Hands messages to a gateway."""

    def __init__(self, channel: Channel, url: str, secret: str) -> None:
        self.channel, self.url, self.secret = channel, url, secret

    def send(self, address: str, message: Message) -> str:
        """Hand over once; returns the gateway's id."""
        body = {
            "channel": self.channel.value, "to": address, "id": message.id, "template": message.template,
            "language": message.language, "title": message.title, "text": message.text, "url": message.href,
            "data": dict(message.facts),
        }  # fmt: skip
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self.secret}",
            "Idempotency-Key": message.id,
        }
        answer = posted(self.url, json.dumps(body, ensure_ascii=False).encode(), headers)
        if 200 <= answer.status < 300:
            return _id(answer.body) or message.id
        if answer.status in (404, 410):
            raise gone(answer.status)
        if 400 <= answer.status < 500 and answer.status not in (401, 403, *AGAIN):
            raise refused(answer.status)
        raise not_taken(answer.status)


def _id(body: bytes) -> str:
    try:
        found = json.loads(body)
    except ValueError:
        return ""
    return str(found.get("id", ""))[:200] if isinstance(found, dict) else ""

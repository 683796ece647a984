"""Webhooks for those who set the house up: made, listed, ended; what went to them, and again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Schema
from pydantic import Field, StringConstraints

from linli.api.door import ERRORS, api
from linli.api.reading import actor_of
from linli.api.schemas import Body
from linli.notices import actions, queries
from linli.notices.models import Hook, Posting

LOG_PAGE = 100


class WebhookIn(Body):
    """A new webhook."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    url: Annotated[str, StringConstraints(max_length=500)] = Field(description="https, on a public host.")
    kinds: list[Annotated[str, StringConstraints(max_length=60)]] = Field(
        description="Events: `case.close`, or `case.*` for all.", max_length=100
    )
    area_path: Annotated[str, StringConstraints(max_length=48)] = Field(description="Its subtree is told of.")


class WebhookOut(Schema):
    """A webhook, without its secret."""

    id: UUID
    name: str
    url: str
    kinds: list[str]
    area_path: str
    made_at: datetime
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_why: str


class WebhookMade(WebhookOut):
    """A new webhook, with its secret: it is told this once."""

    secret: str


class DeliveryOut(Schema):
    """One event on its way to a webhook."""

    id: UUID
    event_id: UUID
    kind: str
    at: datetime
    state: str
    due_at: datetime
    sent_at: datetime | None
    payload: dict[str, Any]
    log: list[dict[str, Any]] = Field(description="Each try: at, status, ms, error; the last twenty.")


def shape(hook: Hook) -> dict[str, Any]:
    """A webhook."""
    return {
        "id": hook.id,
        "name": hook.name,
        "url": hook.url,
        "kinds": hook.kinds,
        "area_path": hook.reach_path,
        "made_at": hook.made_at,
        "failing_since": hook.failing_since,
        "disabled_at": hook.disabled_at,
        "disabled_why": hook.disabled_why,
    }


def delivery_shape(row: Posting) -> dict[str, Any]:
    """A delivery with its tries."""
    return {
        "id": row.id,
        "event_id": row.event_id,
        "kind": row.kind,
        "at": row.at,
        "state": row.state,
        "due_at": row.due_at,
        "sent_at": row.sent_at,
        "payload": row.payload,
        "log": row.log,
    }


@api.get(
    "/webhooks",
    response={200: list[WebhookOut], **ERRORS},
    summary="Webhooks",
    tags=["Webhooks"],
    operation_id="list_webhooks",
)
def webhooks(request: HttpRequest) -> Any:
    """All webhooks, those in use first."""
    return [shape(hook) for hook in queries.hooks(actor_of(request))]


@api.post(
    "/webhooks",
    response={201: WebhookMade, **ERRORS},
    summary="Make a webhook",
    tags=["Webhooks"],
    operation_id="make_webhook",
)
def make(request: HttpRequest, body: WebhookIn) -> Any:
    """Let signed events of an area go to an address; the secret is in this answer only."""
    hook, secret = actions.make_hook(
        actor_of(request), name=body.name, url=body.url, kinds=body.kinds, area_path=body.area_path
    )
    return 201, {**shape(hook), "secret": secret}


@api.delete(
    "/webhooks/{uuid:webhook_id}",
    response={204: None, **ERRORS},
    summary="Switch a webhook off",
    tags=["Webhooks"],
    operation_id="end_webhook",
)
def end(request: HttpRequest, webhook_id: UUID) -> Any:
    """Nothing is sent to it any more; its log stays for a month."""
    actions.end_hook(actor_of(request), webhook_id)
    return 204, None


@api.get(
    "/webhooks/{uuid:webhook_id}/deliveries",
    response={200: list[DeliveryOut], **ERRORS},
    summary="Delivery log",
    tags=["Webhooks"],
    operation_id="list_webhook_deliveries",
)
def deliveries(request: HttpRequest, webhook_id: UUID) -> Any:
    """The last hundred deliveries of a webhook, the newest first."""
    return [delivery_shape(row) for row in queries.postings(actor_of(request), webhook_id)[:LOG_PAGE]]


@api.post(
    "/webhooks/{uuid:webhook_id}/deliveries/{uuid:delivery_id}/replay",
    response={202: DeliveryOut, **ERRORS},
    summary="Send again",
    tags=["Webhooks"],
    operation_id="replay_webhook_delivery",
)
def replay(request: HttpRequest, webhook_id: UUID, delivery_id: UUID) -> Any:
    """Send an event once more, with the id that it had."""
    return 202, delivery_shape(actions.replay(actor_of(request), webhook_id, delivery_id))

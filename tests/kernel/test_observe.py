"""Health, readiness, metrics, request ids."""

import pytest
from django.test import Client


def test_healthz_needs_no_database(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "up"}


@pytest.mark.django_db
def test_readyz_says_ready_when_everything_is_migrated(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.json()["status"] == "ready"

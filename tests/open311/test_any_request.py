"""Whatever somebody sends: it is answered in the form of the specification, and what comes out can be read again."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import transaction
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.errors import Invalid
from linli.open311 import moments
from linli.open311.arguments import Arguments
from linli.open311.documents import Format, Reply, write
from tests.open311.conftest import Caller
from tests.open311.stage import as_text, spark
from tests.world import World

NAMES = (
    "jurisdiction_id", "service_request_id", "service_code", "start_date", "end_date", "status", "page", "page_size", "lat", "long",
    "radius", "extensions", "updated_after", "updated_before", "address_string", "address_id", "email", "first_name", "last_name",
    "phone", "description", "media_url", "attribute[x]", "attribute[x][]",
)  # fmt: skip
LIKELY = (
    "UT02", "510107", "30.6305", "104.0605", "-91", "1e400", "nan", "2026-11-18", "2026-11-18T00:00:00Z", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59Z", "open", "closed,open", "true", "0", "1", "99999999999999999999", "0107-0000-0001-0", "510107/012/003",
)  # fmt: skip
VALUES = st.sampled_from(LIKELY) | st.text(max_size=40)
ARGUMENTS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=8)
READ = (
    "/requests.xml",
    "/requests.json",
    "/servicerequestupdates.xml",
    "/services.json",
    "/requests/x.xml",
    "/tokens/510107-x.json",
)


def test_whatever_is_asked_is_answered(world: World, anybody: Caller, app: Caller) -> None:
    @given(ARGUMENTS, st.sampled_from(READ))
    def read(arguments: dict[str, Any], path: str) -> None:
        answer = anybody.get(path, **arguments)
        assert answer.status in (200, 400, 404), (answer.status, answer.text)
        assert answer.json is not None if path.endswith("json") else answer.xml is not None

    @given(ARGUMENTS)
    def send(form: dict[str, Any]) -> None:
        with transaction.atomic():
            answer = app.post("/requests.xml", **form)
            assert answer.status in (201, 400, 404), (answer.status, answer.text)
            assert answer.xml.tag == ("service_requests" if answer.status == 201 else "errors")
            transaction.set_rollback(True)

    read()
    send()


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(
    st.dictionaries(
        st.sampled_from(["name", "description"]), TEXTS | st.none() | st.booleans() | st.integers(), min_size=1
    )
)
def test_both_formats_say_the_same(row: dict[str, Any]) -> None:
    reply = Reply("services", [row])
    root = ElementTree.fromstring(write(reply, Format.XML).content)
    legal = {name: _legal(value) if isinstance(value, str) else value for name, value in row.items()}
    assert spark(root) == as_text([legal])


def _legal(text: str) -> str:
    # XML 1.0 takes no other control characters, and a parser turns every line's end into a newline.
    kept = "".join(ch for ch in text if ch in "\t\n\r" or (ch >= " " and ch not in "\ufffe\uffff"))
    return kept.replace("\r\n", "\n").replace("\r", "\n")


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)), st.integers(-14 * 60, 14 * 60))
def test_a_moment_is_the_same_in_every_zone(moment: datetime, offset: int) -> None:
    exact = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=offset)))
    read = moments.read(exact.isoformat(), field="start_date")
    assert read == exact
    written = moments.written(read)
    assert written is not None
    assert moments.read(written, field="start_date") == exact.astimezone(UTC)


@given(VALUES)
def test_what_is_no_moment_is_refused_in_words(text: str) -> None:
    with suppress(Invalid):
        found = moments.read(text, field="start_date")
        assert found is None or found.tzinfo is not None


def test_lists_come_by_commas_or_again() -> None:
    arguments = Arguments(QueryDict("service_code=UT02,EN01&service_code=EN01&service_code=&status="), QueryDict(""))
    assert arguments.listed("service_code") == ["UT02", "EN01"]
    assert arguments.listed("status") == []


def test_the_demo_takes_its_own_key_and_nobody_else_does(world: World, anybody: Caller, settings: Any) -> None:
    assert anybody.send(api_key="linli_demo").status == 403
    settings.LINLI_OPEN311_DEMO_KEY = "linli_demo"
    assert "linli_demo" in anybody.get("/discovery.xml").text
    assert anybody.send(api_key="linli_demo").status == 201


def test_without_keys_a_network_sends_only_so_much(world: World, anybody: Caller, settings: Any) -> None:
    settings.LINLI_OPEN311_KEYLESS = True
    for number in range(20):
        assert anybody.send(description=f"第{number}盏").status == 201
    answer = anybody.send(description="又一盏")
    assert answer.status == 429
    assert int(answer.response["Retry-After"]) > 0


def test_wrong_keys_are_counted(world: World, anybody: Caller) -> None:
    for number in range(30):
        assert anybody.send(api_key=f"wrong-{number}").status == 403
    assert anybody.send(api_key="wrong").status == 429


@pytest.mark.parametrize("minutes", [0, 59, 61])
def test_what_comes_again_soon_is_the_same_request(minutes: int, world: World, app: Caller, clock: Any) -> None:
    first = app.send()
    clock.forward(minutes=minutes)
    again = app.send()
    assert again.json == first.json
    assert again.response["Idempotency-Replayed"] == "true"
    clock.forward(hours=3)
    assert app.send().json != first.json

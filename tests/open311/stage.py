"""What the checks stand on: the small city, an application with a key, and somebody without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from linli.cases.models import Case
from linli.catalog import queries as catalog
from tests.cases.test_rounds import closed
from tests.cases.test_the_way_of_a_case import disposed
from tests.conftest import Clock
from tests.open311.conftest import Answer, Caller, case_of
from tests.world import WUHOU, World, fresh, report

CORE = [
    "service_request_id", "status", "status_notes", "service_name", "service_code", "description", "agency_responsible",
    "service_notice", "requested_datetime", "updated_datetime", "expected_datetime", "address", "address_id", "zipcode", "lat",
    "long", "media_url",
]  # fmt: skip
"""The fields of a request by the specification, in its order."""


@dataclass
class Stage:
    """Everything a check needs."""

    world: World
    clock: Clock
    app: Caller
    anybody: Caller

    def reported(self, **what: Any) -> Case:
        """A case that a neighbour reported."""
        return report(self.world.zhou, **what)

    def solved(self) -> Case:
        """A case that is closed, an hour after it was reported."""
        case = disposed(self.world)
        self.clock.forward(hours=1)
        return fresh(closed(self.world, case))

    def sent(self, **form: Any) -> Case:
        """The case of a broken lamp that the application sent."""
        answer = self.app.send(**form)
        assert answer.status == 201, answer.text
        return case_of(answer)

    def private_code(self) -> str:
        """A service about people: its requests are for nobody else."""
        services = [one for one in catalog.current(district=WUHOU).all(residents=True) if one.becomes_case]
        return next(one.code for one in services if one.sensitivity != "normal")

    def resources(self) -> list[str]:
        """Every address that can be read, without its ending."""
        case = self.reported()
        token = f"{case.district}-{case.id}"
        return [
            "/discovery", "/services", "/services/UT02", "/requests", f"/requests/{case.number}", f"/tokens/{token}",
            "/servicerequestupdates",
        ]  # fmt: skip

    def requests(self, **arguments: Any) -> list[dict[str, Any]]:
        """The requests of a list."""
        answer = self.anybody.get("/requests.json", **arguments)
        assert answer.status == 200, answer.text
        found: list[dict[str, Any]] = answer.json
        return found

    def numbers(self, **arguments: Any) -> list[str]:
        """Their ids."""
        return [one["service_request_id"] for one in self.requests(**arguments)]


def refused(answer: Answer, status: int, *words: str) -> None:
    """An answer refuses, in the form of the specification, and says so in words."""
    assert answer.status == status, answer.text
    rows = answer.json if "json" in answer.type else spark(answer.xml)
    assert rows
    assert all(set(row) == {"code", "description"} and row["description"] for row in rows)
    assert str(rows[0]["code"]) == str(status)
    for word in words:
        assert word in answer.text


LISTS = {
    "services", "attributes", "values", "service_requests", "service_request_updates", "errors", "endpoints", "formats", "notes",
}  # fmt: skip


def spark(element: ElementTree.Element) -> Any:
    """XML as data by the Spark convention, all of it text: written from the convention, not from our code."""
    children = list(element)
    if element.tag in LISTS:
        return [spark(child) for child in children]
    if children:
        return {child.tag: spark(child) for child in children}
    return element.text


def as_text(value: Any) -> Any:
    """JSON data with all of its values as XML has them."""
    match value:
        case dict():
            return {name: as_text(below) for name, below in value.items()}
        case list():
            return [as_text(one) for one in value]
        case bool():
            return "true" if value else "false"
        case None | "":
            return None
        case _:
            return str(value)

"""How many queries the endpoints that matter make: kept in ``tests/baselines.json``, the same at ten cases as at one.

After a change that is meant: ``LINLI_UPDATE_BASELINES=1 ./run test tests/api/test_baselines.py``, and look at the difference.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linli.cases.actions import intake
from tests.api.conftest import Callers, lamp
from tests.memories import standing

pytestmark = pytest.mark.django_db
FILE = Path(__file__).parent.parent / "baselines.json"
ENDPOINTS = {
    "api inbox": ("xiao_xu", "/cases?view=unassigned&size=50"),
    "api counts": ("xiao_xu", "/cases/counts"),
    "api mine": ("zhou", "/cases/mine"),
    "api case": ("xiao_xu", "/cases/{number}"),
    "api timeline": ("xiao_xu", "/cases/{number}/timeline"),
    "api near": ("anonymous", "/cases/near?category=UT02&lng=104.0605&lat=30.6305"),
    "api categories": ("anonymous", "/categories"),
}


def measured(call: Callers, name: str, number: str) -> int:
    """Queries of one endpoint, with the process's memories warm."""
    who, path = ENDPOINTS[name]
    caller, address = getattr(call, who), path.format(number=number)
    caller.get(address)
    with CaptureQueriesContext(connection) as queries:
        answer = caller.get(address)
    assert answer.status_code == 200, answer.content
    return len(queries)


def report_queries(call: Callers) -> int:
    """Queries of a report, when it is not the one that draws a block of ticket serials."""
    intake._serials.clear()
    call.anonymous.post("/cases", lamp())
    with CaptureQueriesContext(connection) as queries:
        assert call.anonymous.post("/cases", lamp()).status_code == 201
    return len(queries)


def test_queries_stay_what_they_were(call: Callers, monkeypatch: pytest.MonkeyPatch) -> None:
    standing(monkeypatch)
    number = call.zhou.post("/cases", lamp()).json()["number"]
    few = {name: measured(call, name, number) for name in ENDPOINTS}
    for n in range(10):
        call.zhou.post("/cases", lamp(description=f"第{n}盏灯"))
    many = {name: measured(call, name, number) for name in ENDPOINTS}
    assert many == few, "a list costs a query for each of its lines"
    many["api report"] = report_queries(call)
    known = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    if os.environ.get("LINLI_UPDATE_BASELINES"):
        FILE.write_text(json.dumps(known | many, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        return
    assert {name: known.get(name) for name in many} == many

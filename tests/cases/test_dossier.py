"""One query gives what the models' own queries give."""

import pytest
from django.db import models

from linli.cases import queries
from linli.cases.actions import accepting, calling, dispatching, disposal, talking
from linli.cases.dossier import dossier
from linli.cases.models import EvidenceKind
from tests.world import World, fresh, ref, report


def values(row: models.Model) -> dict:
    return {
        field.attname: bytes(value) if isinstance(value := getattr(row, field.attname), memoryview) else value
        for field in row._meta.concrete_fields
    }


@pytest.mark.django_db
def test_the_dossier_is_what_the_tables_hold(world: World, clock, django_assert_num_queries) -> None:
    case = accepting.register(world.xiao_xu, ref(report(world.zhou, category="LV06")), version=1)
    clock.forward(minutes=7)
    case = dispatching.sign_in(world.xiao_xu, ref(case), version=case.version)
    case = calling.call(world.xiao_xu, ref(case), version=case.version, task="请街道协调")
    until = case.due_at.replace(microsecond=120_000)
    case = calling.join_call(world.liu, ref(case), version=case.version)
    talking.add_evidence(
        world.liu, ref(case), kind=EvidenceKind.AFTER, original_key="a.jpg", sha256=b"\x00\xff" * 16, size=7
    )
    clock.forward(microseconds=1200)
    case = calling.finish_call(world.liu, ref(case), version=fresh(case).version, result="已经协调")
    plan = "等待管线改造,完成后一并更换灯杆"
    disposal.request_suspension(
        world.liu, ref(case), version=case.version, plan=plan, review_on=until.replace(year=2026, month=12)
    )
    case = fresh(case)
    with django_assert_num_queries(1):
        found = dossier(case)
        assert len(case.policy_organisations()) >= 2
    pairs = (
        (found.orders, queries.orders_of(fresh(case))), (found.approvals, queries.approvals_of(case)),
        (found.log, queries.log_of(case)), (found.photos, queries.evidence_of(case)), (found.clocks, queries.clocks_of(case)),
    )  # fmt: skip
    for ours, theirs in pairs:
        assert ours
        assert [values(one) for one in ours] == [values(one) for one in theirs]

"""The demo's trainings and assessments: made once, by the actions that a door would call, so that no page of them is empty."""

from __future__ import annotations

from linli.kernel import time
from linli.kernel.trust import Role
from linli.people.models import Post
from linli.simulation import teaching
from linli.workforce.models import Assessment, AssessmentState, Attendance, Certificate, Course, Training
from tests.world import HOME, WUHOU, World


def test_members_are_trained_and_assessed_once(district: World, clock) -> None:
    community = "/".join(HOME.split("/")[:3])
    members = Post.objects.filter(area_path__startswith=community, role=Role.MICRO_GRID_MEMBER, ends_on=None).count()
    said = teaching.teach(WUHOU, now=time.now(), micro_grid=HOME, trainer="xiao_xu", second="liu")
    assert Training.objects.count() == 3
    assert Course.objects.filter(noted_at__isnull=False).count() == 2
    coming = Course.objects.get(noted_at=None)
    assert coming.starts_at > time.now()
    assert Attendance.objects.filter(course=coming).count() >= min(members, 3)
    assert Certificate.objects.filter(expires_on__gt=time.today()).exists()
    assert Assessment.objects.filter(state=AssessmentState.REVIEWED, objection_until__gt=time.now()).exists()
    upheld = Assessment.objects.get(state=AssessmentState.UPHELD)
    assert {fact["outcome"] for fact in upheld.facts if fact["code"] == "trained"} == {"set_aside"}
    assert teaching.teach(WUHOU, now=time.now(), micro_grid=HOME, trainer="xiao_xu", second="liu") == said

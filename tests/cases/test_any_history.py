"""Whatever people do in whatever order: what is offered can be done, and the log alone tells how the case stands."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.cases import loop, verbs
from linli.cases.actions import talking
from linli.cases.loop import PROJECTED, projection
from linli.cases.models import GENESIS, Case, EvidenceKind, LogEntry
from linli.cases.verbs import Input, Kind
from linli.kernel import deadlines
from linli.kernel.errors import LinliError
from linli.kernel.models import Deadline
from linli.kernel.trust import Actor
from tests.world import World, fresh, ref, report

PEOPLE = (
    "zhou", "he_ming", "lao_wu", "xiao_xu", "xiao_li", "liu", "sun", "yang", "housing_clerk", "lao_zheng", "xiao_tian", "ma",
)  # fmt: skip
CATEGORIES = ("EN01", "UT02", "PS07", "LV06", "UT03", "CA05")
STRANGERS = ("wang", "sibling_worker", "far_worker", "far_clerk", "other_liu")


def filled(world: World, case: Case, one: Input, draw: Any) -> Any:
    """Something sensible for an input."""
    match one.kind:
        case Kind.TEXT | Kind.LINE:
            return "已经按照要求处理并且记录在案"
        case Kind.YES_NO:
            return draw(st.booleans())
        case Kind.MOMENT:
            running = Deadline.objects.filter(subject_id=case.id, kind="resolution").order_by("-started_at").first()
            return (running.due_at if running else case.reported_at) + timedelta(days=draw(st.integers(1, 20)))
        case Kind.ORGANISATION:
            calls = case.work_orders.filter(kind="call", state__in=["sent", "answered"])
            if one.label == verbs.VERBS["withdraw_call"].inputs[0].label:
                return draw(st.sampled_from([order.organisation_id for order in calls]))
            return world.organisation(draw(st.sampled_from(["committee", "office", "urban_management", "housing"])))
        case Kind.ORGANISATIONS:
            taken = set(
                case.work_orders.filter(state__in=["sent", "answered"]).values_list("organisation_id", flat=True)
            )
            free = [world.organisation(n) for n in ("office", "urban_management", "housing", "water")]
            return [organisation for organisation in free if organisation not in taken][:2]
        case Kind.CATEGORY:
            return draw(st.sampled_from(CATEGORIES))
        case Kind.CATEGORIES:
            return ["EN01"]
        case Kind.AREA:
            return "510107/012/003/02/018"
        case Kind.CHOICE:
            return draw(st.sampled_from([value for value, _label in one.choices]))
        case Kind.CASE:
            return report(world.wang, category=case.category).id
        case Kind.SCORE:
            return draw(st.integers(1, 5))
    raise AssertionError(one.kind)


NEEDS_MORE = {
    "case.evidence", "case.call_open", "case.children_open", "case.called_already", "case.nobody", "case.until",
    "case.review_on", "case.asked_already", "field.needed",
}  # fmt: skip
"""What only the words of a form can tell, not the offer of it."""


def do(world: World, case: Case, actor: Actor, verb: verbs.Verb, draw: Any) -> None:
    """Do one verb as it is offered."""
    inputs = {one.name: filled(world, case, one, draw) for one in verb.inputs if one.required or draw(st.booleans())}
    if verb.takes_version:
        inputs["version"] = case.version
    if verb.name == "dispose":
        talking.add_evidence(
            actor, ref(case), kind=EvidenceKind.AFTER, original_key="a.jpg", sha256=case.version.to_bytes(32), size=1
        )
        inputs["version"] = fresh(case).version
    try:
        verb.run(actor, ref(case), **inputs)
    except LinliError as refusal:
        # The number that is typed for a merge may be that of a case which this actor may not see.
        unseen = verb.name == "merge" and refusal.code == "case.not_found"
        if refusal.code not in NEEDS_MORE and not unseen:
            raise AssertionError(f"{verb.name} was offered and refused: {refusal}") from refusal


def check(case: Case) -> None:
    """The log is whole, and folding it gives the row."""
    entries = list(LogEntry.objects.filter(case_id=case.id).order_by("sequence"))
    assert [entry.sequence for entry in entries] == list(range(1, case.log_length + 1))
    head, folded = GENESIS, dict.fromkeys(PROJECTED)
    for entry in entries:
        assert bytes(entry.prev_hash) == head
        head = loop.hash_of(
            case_id=entry.case_id, district=entry.district, sequence=entry.sequence, kind=entry.kind, at=entry.at,
            post=entry.post_id, role=entry.actor_role, from_state=entry.from_state, to_state=entry.to_state,
            data=entry.data, prev=head,
        )  # fmt: skip
        assert bytes(entry.hash) == head
        folded |= entry.data["set"]
    assert bytes(case.log_head) == head
    row = projection(case)
    assert {k: v for k, v in row.items() if v not in (None, "", 0, False)} == {
        k: v for k, v in folded.items() if v not in (None, "", 0, False)
    }
    running = Deadline.objects.filter(subject_id=case.id, state="running")
    assert case.due_at == min((one.due_at for one in running), default=None)
    if not case.is_open:
        assert not Deadline.objects.filter(subject_id=case.id, state__in=["running", "paused"]).exists()


@pytest.mark.django_db
@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)  # rolled back
@given(data=st.data())
def test_any_history(data: Any, world: World, clock: Any) -> None:
    from django.db import transaction

    with transaction.atomic():
        case = report(world.zhou, category=data.draw(st.sampled_from(CATEGORIES)))
        for _step in range(data.draw(st.integers(1, 14))):
            clock.forward(minutes=data.draw(st.integers(1, 3000)))
            deadlines.sweep_all()
            case = fresh(case)
            facts = verbs.facts_of(case)
            offers = [
                (actor, verb)
                for actor in (world.actors[name] for name in PEOPLE)
                for verb in verbs.next_actions(actor, case, facts)
                if verb.name not in ("comment", "message", "remind")
            ]
            assert offers or case.state in ("merged", "rejected"), f"nobody can do anything in {case.state}"
            if not offers:
                break
            actor, verb = offers[data.draw(st.integers(0, len(offers) - 1))]
            do(world, case, actor, verb, data.draw)
            case = fresh(case)
            check(case)
            assert not any(verbs.next_actions(world.actors[name], case, facts) for name in STRANGERS if name != "wang")
        transaction.set_rollback(True)

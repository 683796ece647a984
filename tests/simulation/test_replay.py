"""A trace with dirt in it comes out with every request accounted for, late where it says late."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from linli.cases.models import Case, Located
from linli.cases.rebuilding import rebuild
from linli.kernel.models import Deadline
from linli.simulation import trace
from linli.simulation.replaying import accounted_for, as_json, counts, replay, report
from linli.simulation.trace import End, MappingError, affine_for, category_of, load_mapping, read
from tests.world import WUHOU, World

HEADING = "request_id,type,channel,created_at,due_at,closed_at,status,agency,neighborhood,latitude,longitude"
ROWS = """
b-01,SW-Dirty Alley,Phone,2021-03-01T09:00:00,2021-03-03T09:00:00,2021-03-02T12:00:00,Closed,Solid Waste,A,39.30,-76.61
b-02,SW-Dirty Alley,API,2021-03-01T10:00:00,2021-03-03T09:00:00,2021-03-05T12:00:00,Closed,Solid Waste,A,39.31,-76.62
b-03,SW-Dirty Alley,Phone,2021-03-01T11:00:00,2021-03-05T09:00:00,2021-03-01T15:00:00,Closed (Duplicate),Solid Waste,A,39.30,-76.61
b-04,BGE-StLight(s) Out,Internal,2021-03-01T12:00:00,,2021-03-04T12:00:00,Closed,BGE,A,39.29,-76.60
b-05,TRM-Pothole Repair,Phone,2021-03-01T13:00:00,2021-03-03T13:00:00,,Open,Transportation,A,39.30,-76.60
b-06,ECC-Vehicle Look Up,Phone,2021-03-01T13:06:56,2021-03-01T13:06:56,2021-03-01T13:07:16,Closed,Call Center,A,39.33,-76.66
b-07,HCD-Sanitation Property,Mail,2021-03-02T08:00:00,2021-03-12T08:00:00,2021-03-12T08:00:00,Closed,Housing,A,39,-77
b-08,SW-Rat Rubout,Phone,2021-03-02T09:00:00,2021-03-09T09:00:00,2021-03-09T09:00:01,Closed,Solid Waste,A,,
b-09,WW-Water Leak,System,2021-03-02T10:00:00,2021-03-04T10:00:00,2021-03-03T10:00:00,Closed (Transferred),Water Wastewater,A,39.28,-76.63
b-10,FOR-Down Tree,Phone,not a time,2021-03-04T10:00:00,2021-03-03T10:00:00,Closed,Recreation & Parks,A,39.28,-76.63
b-11,FOR-Down Tree,Phone,2021-03-02T11:00:00,2021-03-04T10:00:00,2021-03-01T10:00:00,Closed,Recreation & Parks,A,39.28,-76.63
b-12,Unheard Of,Phone,2021-03-02T11:00:00,2021-03-04T10:00:00,2021-03-03T10:00:00,Closed,Recreation & Parks,A,39.28,-76.63
b-13,FOR-Fallen Limb,Phone,2021-03-02T11:00:00,2021-03-04T10:00:00,2021-03-03T10:00:00,Vanished,Recreation & Parks,A,39.28,-76.63
b-01,SW-Dirty Alley,Phone,2021-03-01T09:00:00,2021-03-03T09:00:00,2021-03-02T12:00:00,Closed,Solid Waste,A,39.30,-76.61
b-14,HLTH-Animal Barking Dog,Email,2021-03-02T12:00:00,garbled,2021-03-03T10:00:00,Closed,Health,A,39.30,-76.59
b-15,MOHS-Homeless Outreach,Phone,2021-03-02T13:00:00,2021-03-04T10:00:00,2021-03-03T10:00:00,Closed,Mayor's Office,A,39.30,-76.61
b-16,HCD-Vacant Building,Phone,2021-03-02T13:00:00,2021-03-04T10:00:00,,Closed,Housing,A,39.30,-76.61
b-17,TRT-Traffic Signal Repairs,Phone,2021-03-02T14:00:00,2021-03-02T12:00:00,2021-03-02T18:00:00,Closed,Transportation,A,41.90,-70.10
b-18,SW-HGW,Phone,2021-03-02T15:00:00,2021-03-04T15:00:00,2021-03-02T16:00:00,Closed (Duplicate),Solid Waste,A,39.30,-76.61
b-19,FIR-Fire Code,Phone,2021-03-02T15:30:00,2021-03-09T15:30:00,2021-03-03T10:00:00,Closed,Fire Department,A,39.30,-76.61
,SW-HGW,Phone,2021-03-02T15:00:00,2021-03-04T15:00:00,2021-03-02T16:00:00,Closed,Solid Waste,A,39.30,-76.61
""".strip()
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "service_requests"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "trace.csv"
    path.write_text(f"{HEADING}\n{ROWS}\n", "utf-8")
    return path


def test_every_row_is_a_request_or_refused_with_its_reason(file: Path) -> None:
    found = read(file, load_mapping("baltimore"))
    assert found.rows == 21
    assert Counter(one.reason for one in found.refused) == {
        "created at no time that can be read": 1,
        "closed before it was created": 1,
        "unknown type 'Unheard Of'": 1,
        "unknown status 'Vanished'": 1,
        "the id comes twice": 1,
        "no id": 1,
    }
    by_id = {one.id: one for one in found.requests}
    assert by_id["b-01"].late is False
    assert by_id["b-02"].late is True
    assert (by_id["b-07"].place, by_id["b-07"].late) == (None, False)
    assert (by_id["b-08"].place, by_id["b-08"].late) == (None, True)
    assert (by_id["b-14"].due, len(by_id["b-14"].notes)) == (None, 1)
    assert (by_id["b-16"].end, len(by_id["b-16"].notes)) == (End.OPEN, 1)


def test_a_mapping_or_a_file_that_does_not_fit_says_so(file: Path, tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="no mapping"):
        load_mapping("nowhere")
    half = tmp_path / "half.yaml"
    half.write_text("name: half\n", "utf-8")
    with pytest.raises(MappingError, match="has no columns"):
        load_mapping(str(half))
    with pytest.raises(MappingError, match="service_at"):
        read(file, load_mapping("los_angeles"))


def test_the_longest_beginning_names_the_category() -> None:
    types = load_mapping("baltimore")["types"]
    assert category_of("HCD-Illegal Dumping", types) == "EN02"
    assert category_of("HCD-Illegal Flyers", types) == "IL04"
    assert category_of("HCD-Overcrowding", types) == "PM01"
    assert category_of("nothing", types) is None


@given(st.lists(st.tuples(st.floats(-77, -76), st.floats(39, 40)), min_size=20, max_size=60))
def test_the_map_keeps_the_pattern_and_puts_nearly_all_into_the_circle(places) -> None:
    there = affine_for(places, middle=(104.06, 30.63), radius=0.05)
    put = [there(place) for place in places]
    outside = sum(((x - 104.06) * 0.8605) ** 2 + (y - 30.63) ** 2 > 0.0501**2 for x, y in put)
    assert outside <= len(places) * 0.1 + 1
    order = sorted(range(len(places)), key=lambda n: places[n][1])
    assert all(put[a][1] <= put[b][1] + 1e-9 for a, b in pairwise(order))


@pytest.mark.django_db(transaction=True)
def test_a_dirty_trace_is_accounted_for(district: World, file: Path, tmp_path: Path) -> None:
    found = read(file, load_mapping("baltimore"))
    result = replay(found, district=WUHOU, tell=lambda _line: None)
    numbers = counts(result)
    by_id = {one.request_id: one for one in result.outcomes}
    assert numbers == {
        "in_trace": 21, "closed_on_time": 5, "closed_late": 4, "closed_without_due": 2, "open": 2, "merged": 2, "rejected": 0,
        "lost": 0, "refused": 6,
    }, {one.request_id: (one.end, one.late, one.trouble) for one in result.outcomes}  # fmt: skip
    assert accounted_for(result)
    for request in found.requests:
        outcome = by_id[request.id]
        if request.late is not None:
            assert outcome.late == request.late, (request.id, outcome)
    case = Case.objects.get(id=by_id["b-01"].case_id)
    kept = Deadline.objects.get(subject_id=case.id, kind="resolution")
    assert kept.due_history[0]["why"] == "trace"
    assert case.channel == "replay"
    merged = Case.objects.get(id=by_id["b-03"].case_id)
    assert merged.master_id == by_id["b-02"].case_id or merged.master_id == by_id["b-01"].case_id
    unplaced = Case.objects.get(id=by_id["b-07"].case_id)
    assert (unplaced.located, unplaced.area_path) == (Located.UNPLACED, f"{WUHOU}/000")
    assert not rebuild(district=WUHOU, write=False).differences

    machine, person, figures = report(result, folder=tmp_path)
    assert figures.agrees
    assert '"accounted_for": true' in machine.read_text("utf-8")
    assert "Every request accounted for: **yes**" in person.read_text("utf-8")
    facts = as_json(result)["differences"]
    assert facts["no place in the trace: in the district's queue"]["count"] == 2
    assert facts["the trace has no due date: ours held"]["count"] == 2

    # A second replay of the same trace takes nothing in twice.
    cases = Case.objects.count()
    replay(found, district=WUHOU, seed=2, tell=lambda _line: None)
    assert Case.objects.count() == cases


@pytest.mark.django_db
def test_the_command_says_what_is_missing(file: Path, clock) -> None:
    with pytest.raises(CommandError, match="no ground or no staff"):
        call_command("replay", str(file), "--mapping", "baltimore", "--district", "510199")
    with pytest.raises(CommandError, match="no mapping"):
        call_command("replay", str(file), "--mapping", "elsewhere")


@pytest.mark.django_db(transaction=True)
def test_slices_of_the_real_traces_where_they_are_at_hand(district: World) -> None:
    for name, mapping in (("baltimore_311_sample_10k.csv", "baltimore"), ("la_311_2020_sample_10k.csv", "los_angeles")):
        path = SHARED / name
        if not path.exists():
            continue
        whole = read(path, load_mapping(mapping))
        assert whole.rows == 10_000
        assert not whole.refused
        found = trace.Trace(whole.name, whole.requests[:60], [])
        result = replay(found, district=WUHOU, tell=lambda _line: None)
        assert accounted_for(result)
        late = {one.id: one.late for one in found.requests}
        assert all(
            one.late == late[one.request_id]
            for one in result.outcomes
            if one.end == "closed" and late[one.request_id] is not None
        )

"""Loading a city's list: all of it or nothing, every bad row named, the same list twice changes nothing."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from linli.kernel.errors import Forbidden
from linli.kernel.models import Event
from linli.kernel.trust import SYSTEM, Actor, Role
from linli.territory.actions import ImportRefused, import_divisions
from linli.territory.models import Area, DivisionKind, Level, StatisticalDivision
from tests.territory.factories import COMMUNITIES, LIST_DAY, SUBDISTRICTS, load_lists, write_lists

pytestmark = pytest.mark.django_db


def reasons(refused: ImportRefused) -> list[tuple[str, int, str]]:
    return [(problem.file, problem.line, str(problem.reason)) for problem in refused.problems]


def test_a_list_becomes_divisions_and_governing_areas(tmp_path):
    report = load_lists(tmp_path)
    assert report.by_level == {"district": 2, "subdistrict": 4, "community": 8}
    assert StatisticalDivision.objects.get(code="510107005001").name == "玉林北路社区居委会"
    assert StatisticalDivision.objects.get(code="510100000000").kind == DivisionKind.CITY
    community = Area.objects.get(path="510107/005/001")
    assert (community.name, community.code, community.level) == ("玉林北路社区", "510107005001", Level.COMMUNITY)
    assert community.parent.parent.path == "510107"
    assert Area.objects.get(path="510104/020/201").name == "红砂村"
    assert Area.objects.get(path="5101").district == "510100"
    assert set(Area.objects.filter(level=Level.UNPLACED).values_list("path", flat=True)) == {"510107/000", "510104/000"}
    assert Event.objects.filter(kind="territory.divisions_loaded").count() == 2


def test_names_repeat_and_are_never_a_key(tmp_path):
    load_lists(tmp_path)
    assert set(Area.objects.filter(name="永兴社区").values_list("path", flat=True)) == {
        "510107/063/011",
        "510104/022/002",
    }


def test_loading_the_same_list_again_changes_nothing(tmp_path):
    load_lists(tmp_path)
    before = set(Area.objects.values_list("id", "name")), set(StatisticalDivision.objects.values_list("id", "name"))
    report = load_lists(tmp_path)
    assert report.changed_nothing
    assert report.unchanged == 14
    assert before == (
        set(Area.objects.values_list("id", "name")),
        set(StatisticalDivision.objects.values_list("id", "name")),
    )
    assert Event.objects.filter(kind="territory.divisions_loaded").count() == 2


def test_files_may_come_one_by_one_and_in_any_order(tmp_path):
    districts, subdistricts, communities = write_lists(tmp_path)
    import_divisions(SYSTEM, [subdistricts, districts], valid_from=LIST_DAY, source="a test")
    import_divisions(SYSTEM, [communities], valid_from=LIST_DAY, source="a test")
    assert Area.objects.filter(level=Level.COMMUNITY).count() == 8


BAD = """code12,name,kind,subdistrict_code,district_code
510107005001,玉林北路社区居委会,resident_committee,510107005,510107
51010700500,少一位社区居委会,resident_committee,510107005,510107
510107005003,,resident_committee,510107005,510107
510107005001,重复社区居委会,resident_committee,510107005,510107
510107999001,无上级社区居委会,resident_committee,510107999,510107
510107005004,怪类社区居委会,shopping_centre,510107005,510107
510107005005,错上级社区居委会,resident_committee,510107063,510107
510107005000,零社区居委会,resident_committee,510107005,510107
51010700500六,非数字社区居委会,,510107005,510107
"""


def test_every_bad_row_is_named_with_its_line_and_reason_and_nothing_is_loaded(tmp_path):
    with pytest.raises(ImportRefused) as refused:
        load_lists(tmp_path, communities=BAD)
    found = {(line, reason) for _file, line, reason in reasons(refused.value)}
    lines = [line for line, _reason in found]
    assert sorted(set(lines)) == [3, 4, 5, 6, 7, 8, 9, 10]
    assert lines.count(10) == 2  # two things are wrong with it, and both are said
    assert all(file == "communities.csv" for file, _line, _reason in reasons(refused.value))
    assert not Area.objects.exists()
    assert not StatisticalDivision.objects.exists()


@pytest.mark.parametrize(
    ("texts", "line"),
    [
        ({"communities": "a,b\n1,2\n"}, 1),
        ({"communities": "code12,kind\n510107005001,resident_committee\n"}, 1),
        ({"subdistricts": SUBDISTRICTS + "510107063,又一个石羊街道,subdistrict,510107\n"}, 6),
        ({"districts": "code6,name,city_code\n510107,武侯区,5102\n510104,锦江区,5101\n"}, 2),
        ({"communities": COMMUNITIES + "510107005009,多一列社区,resident_committee,510107005,510107,extra\n"}, 10),
        ({"communities": COMMUNITIES + f"510107005009,{'长' * 81},resident_committee,510107005,510107\n"}, 10),
    ],
)
def test_other_bad_files_are_refused_too(tmp_path, texts, line):
    with pytest.raises(ImportRefused) as refused:
        load_lists(tmp_path, **texts)
    assert line in {found for _file, found, _reason in reasons(refused.value)}
    assert not Area.objects.exists()


def test_an_empty_file_and_a_missing_one_are_refused(tmp_path):
    for path, text in ((tmp_path / "empty.csv", "code6,name,city_code\n"), (tmp_path / "missing.csv", None)):
        if text is not None:
            path.write_text(text)
        with pytest.raises(ImportRefused):
            import_divisions(SYSTEM, [path], valid_from=LIST_DAY, source="a test")


def test_a_file_may_be_in_gb_18030_and_one_in_neither_is_refused(tmp_path):
    paths = write_lists(tmp_path)
    paths[2].write_bytes(COMMUNITIES.encode("gb18030"))
    import_divisions(SYSTEM, paths, valid_from=LIST_DAY, source="a test")
    assert Area.objects.get(path="510107/005/002").name == "玉林东路社区"
    paths[2].write_bytes(b"code12,name\n\xff\xff\xff")
    with pytest.raises(ImportRefused):
        import_divisions(SYSTEM, paths, valid_from=LIST_DAY, source="a test")


def test_a_changed_name_closes_the_old_entry_and_opens_a_new_one(tmp_path):
    load_lists(tmp_path)
    renamed = COMMUNITIES.replace("玉林东路社区居民委员会", "玉林南路社区居民委员会")
    with pytest.raises(ImportRefused):  # a change needs a later day than what it changes
        load_lists(tmp_path, communities=renamed)
    report = load_lists(tmp_path, communities=renamed, valid_from=date(2024, 6, 30))
    assert (report.divisions_changed, report.areas_changed, report.areas_created) == (1, 1, 0)
    dated = StatisticalDivision.objects.filter(code="510107005002").order_by("valid_from")
    assert [(d.name, d.valid_to) for d in dated] == [
        ("玉林东路社区居民委员会", date(2024, 6, 30)),
        ("玉林南路社区居民委员会", None),
    ]
    assert Area.objects.get(path="510107/005/002").name == "玉林南路社区"


GUESTS = """code9,name,kind,district_code,governed_by
510107005,玉林街道,subdistrict,510107,
510107063,石羊街道,subdistrict,510107,510104
510104022,春熙路街道,subdistrict,510104,
510104020,三圣乡,township,510104,
510104063,同号街道,subdistrict,510104,
"""


def test_a_subdistrict_may_be_governed_by_another_district_than_its_code_says(tmp_path):
    load_lists(tmp_path, subdistricts=GUESTS)
    guest = Area.objects.get(code="510107063000")
    assert (guest.path, guest.district) == ("510104/901", "510104")  # 063 is its host's own
    assert Area.objects.get(code="510104063000").path == "510104/063"
    assert Area.objects.get(code="510107063011").path == "510104/901/011"
    assert StatisticalDivision.objects.get(code="510107063000").parent_code == "510107000000"
    assert load_lists(tmp_path, subdistricts=GUESTS).changed_nothing
    moved = GUESTS.replace("510107,510104", "510107,")
    with pytest.raises(ImportRefused):
        load_lists(tmp_path, subdistricts=moved, valid_from=date(2025, 1, 1))


def test_another_city_loads_beside_it(tmp_path):
    load_lists(tmp_path)
    load_lists(
        tmp_path,
        districts="code6,name,city_code\n511702,通川区,5117\n",
        subdistricts="code9,name,kind,district_code\n511702001,东城街道,subdistrict,511702\n",
        communities="code12,name,kind,subdistrict_code,district_code\n"
        "511702001001,二马路社区居民委员会,resident_committee,511702001,511702\n",
    )
    assert Area.objects.get(path="5117").name == "达州市"


def test_only_an_administrator_may_load(tmp_path):
    clerk = Actor(role=Role.DEPARTMENT_CLERK, area_path="510107", district="510107")
    with pytest.raises(Forbidden):
        import_divisions(clerk, write_lists(tmp_path), valid_from=LIST_DAY, source="a test")
    assert not Area.objects.exists()


def test_the_command_reports_what_it_did_and_what_is_bad(tmp_path):
    paths = [str(path) for path in write_lists(tmp_path)]
    out = StringIO()
    call_command("import", "divisions", *paths, stdout=out)
    assert "14 rows read" in out.getvalue()
    out = StringIO()
    call_command("import", "divisions", *paths, stdout=out)
    assert "nothing changed" in out.getvalue()
    err = StringIO()
    bad = write_lists(tmp_path, communities=BAD)
    with pytest.raises(CommandError):
        call_command("import", "divisions", str(bad[2]), stdout=StringIO(), stderr=err)
    assert "communities.csv:3: 51010700500" in err.getvalue()


def test_the_list_of_chengdu_comes_with_linli():
    out = StringIO()
    call_command("import", "divisions", "chengdu", stdout=out)
    assert "20 of level district, 261 of level subdistrict, 3,047 of level community" in out.getvalue()
    assert Area.objects.filter(level=Level.COMMUNITY).count() == 3047

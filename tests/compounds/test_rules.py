"""The pure rules: how a vote of owners is counted, and that mending a fault never makes a colour worse."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.compounds import rules, voting
from linli.compounds.colours import BELOW, LARGEST, PLAIN, RED, WORST_FIRST, YELLOW, Check, Facts, colour, measures
from linli.compounds.voting import WEIGHTY, Ballot, Result, Subject
from linli.kernel.errors import Invalid

TODAY = date(2026, 11, 18)
GOOD_DAY = TODAY + timedelta(days=4000)
days = st.dates(TODAY - timedelta(days=2000), TODAY + timedelta(days=2000))
percents = st.integers(0, 100)
facts = st.builds(
    Facts, has_committee=st.booleans(), term_ends_on=st.none() | days, has_property=st.booleans(), contract_ends_on=st.none() | days,
    fund_on=st.none() | st.dates(TODAY - timedelta(days=2000), TODAY), dues_share=st.none() | percents,
    check_share=st.none() | percents, check_year=st.none() | st.integers(2015, 2026), renovation_ends_on=st.none() | days,
)  # fmt: skip


@st.composite
def rule_sets(draw: st.DrawFn) -> list[dict[str, object]]:
    """Any rules that could be published."""
    found = []
    for number in range(draw(st.integers(1, 14))):
        check = draw(st.sampled_from(list(Check)))
        bound = 1 if check in PLAIN else draw(st.integers(1, LARGEST if check not in BELOW else 400))
        found.append({
            "code": f"r{number}", "check": str(check), "bound": bound, "colour": draw(st.sampled_from([RED, YELLOW])),
            "name_zh": "规则", "name_en": "rule",
        })  # fmt: skip
    return found


@st.composite
def ballots(draw: st.DrawFn) -> Ballot:
    """Any counts that can be."""
    parts = [draw(st.integers(0, 400)) for _ in range(3)], [draw(st.integers(0, 40_000)) for _ in range(3)]
    heads, area = (sum(one) + draw(st.integers(0, 300)) for one in parts)
    (a, b, c), (x, y, z) = parts
    return Ballot(max(heads, 1), max(area, 1), a, x, b, y, c, z)


@given(ballots(), st.sampled_from(list(Subject)))
def test_a_vote_is_counted_as_the_article_says(ballot: Ballot, subject: Subject) -> None:
    present = [Fraction(ballot.present_heads, ballot.heads), Fraction(ballot.present_area, ballot.area)]
    found = voting.result(subject, ballot)
    if min(present) < Fraction(2, 3):
        assert found == Result.NO_QUORUM
        return
    shares = [Fraction(ballot.yes_heads, ballot.present_heads), Fraction(ballot.yes_area, ballot.present_area)]
    enough = min(shares) >= Fraction(3, 4) if subject in WEIGHTY else min(shares) > Fraction(1, 2)
    assert found == (Result.PASSED if enough else Result.REJECTED)
    # Whoever moves from against to in favour never turns a vote that passed.
    if found == Result.PASSED:
        better = replace(
            ballot,
            yes_heads=ballot.yes_heads + ballot.no_heads,
            no_heads=0,
            yes_area=ballot.yes_area + ballot.no_area,
            no_area=0,
        )
        assert voting.result(subject, better) == Result.PASSED


@pytest.mark.parametrize(
    ("subject", "ballot", "expected"),
    [
        (Subject.COMPANY, Ballot(300, 300, 101, 101, 99, 99, 0, 0), Result.PASSED),  # exactly two thirds take part
        (
            Subject.COMPANY,
            Ballot(300, 300, 100, 101, 100, 99, 0, 0),
            Result.REJECTED,
        ),  # half of the heads is not more than half
        (Subject.COMPANY, Ballot(300, 300, 199, 300, 0, 0, 0, 0), Result.NO_QUORUM),
        (Subject.REBUILD, Ballot(100, 100, 75, 75, 25, 25, 0, 0), Result.PASSED),  # exactly three quarters
        (Subject.REBUILD, Ballot(100, 100, 75, 74, 20, 26, 5, 0), Result.REJECTED),
    ],
)
def test_on_the_edge(subject: Subject, ballot: Ballot, expected: Result) -> None:
    assert voting.result(subject, ballot) == expected
    with pytest.raises(ValueError, match="cannot be"):
        voting.result(subject, replace(ballot, no_heads=ballot.heads))


@given(facts, rule_sets(), st.data())
def test_mending_a_fault_never_makes_a_colour_worse(
    before: Facts, given_rules: list[dict[str, object]], data: st.DataObject
) -> None:
    later = st.integers(0, 4000).map(lambda n: timedelta(days=n))
    mended = {
        "committee": {"has_committee": True, "term_ends_on": GOOD_DAY},
        "property": {"has_property": True, "contract_ends_on": GOOD_DAY},
        "fund": {"fund_on": TODAY},
        "renovation": {"renovation_ends_on": None},
        "dues": {"dues_share": 100},
        "check": {"check_share": 100, "check_year": TODAY.year},
    }
    change = dict(data.draw(st.sampled_from(list(mended.values()))))
    # Or a little better only, where there is something to better.
    if data.draw(st.booleans()):
        change = {}
        for name in ("term_ends_on", "contract_ends_on", "renovation_ends_on"):
            if (day := getattr(before, name)) is not None:
                change[name] = day + data.draw(later)
        if before.fund_on is not None:
            change["fund_on"] = min(TODAY, before.fund_on + data.draw(later))
        for name in ("dues_share", "check_share"):
            if (share := getattr(before, name)) is not None:
                change[name] = min(100, share + data.draw(percents))
    was, hits = colour(measures(before, TODAY), given_rules)
    now, still = colour(measures(replace(before, **change), TODAY), given_rules)
    if "check_year" not in change and "dues_share" not in change:
        assert WORST_FIRST.index(now) >= WORST_FIRST.index(was) or _left_open(before, change, still, hits)
    assert (now == "green") == (not still)


def _left_open(
    before: Facts, change: dict[str, object], still: list[dict[str, object]], hits: list[dict[str, object]]
) -> bool:
    """A term that was over and now ends soon is mended only in part: it is another check that looks at it."""
    moved = {"term_ends_on": "term_", "contract_ends_on": "contract_"}
    return any(
        str(hit["check"]).startswith(prefix) and str(hit["check"]).endswith("ending")
        for name, prefix in moved.items() if name in change for hit in still if hit not in hits
    )  # fmt: skip


def test_what_is_published_is_checked() -> None:
    _day, shipped = rules.shipped()
    assert {rule["check"] for rule in shipped.rules} == {str(check) for check in Check}
    for rows in (
        [shipped.rules[0] | {"colour": "green"}], [shipped.rules[0] | {"check": "opinion"}], [shipped.rules[0] | {"bound": 2}],
        [shipped.rules[1] | {"bound": 0}], [*shipped.rules, shipped.rules[0]], [],
    ):  # fmt: skip
        with pytest.raises(Invalid):
            rules.checked(replace(shipped, rules=rows))
    answers = dict.fromkeys((item["code"] for item in shipped.items), "partly")
    assert rules.points(shipped.items, answers) == (sum(item["points"] // 2 for item in shipped.items), 100)
    with pytest.raises(Invalid):
        rules.points(shipped.items, {})

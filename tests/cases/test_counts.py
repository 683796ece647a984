"""The kept statements of counts, lists and filters are, value for value, those that would be made anew."""

from collections.abc import Sequence
from typing import Any

import pytest

from linli.cases import queries
from linli.cases.queries import VIEWS_OF, Filters, View, counting, kept, lists, one_pass
from linli.cases.queries.kept import own
from linli.cases.queries.views import of_view
from linli.kernel import time
from linli.kernel.trust import Role
from tests.world import World, report


def alike(made: tuple[str, Sequence[Any]]) -> tuple[str, list[Any]]:
    """A statement and its values, these as a list."""
    return made[0], list(made[1])


@pytest.mark.django_db
def test_the_kept_statement_is_the_one_that_is_made(world: World, clock) -> None:
    posts = [actor for actor in world.actors.values() if actor.role in VIEWS_OF]
    assert {actor.role for actor in posts} == set(VIEWS_OF)
    for actor in posts:
        views = tuple(view for view in VIEWS_OF[Role(actor.role)] if view != View.CLOSED)
        with time.at(clock.moment):
            anew = counting._compile_lists(actor, [(view, Filters()) for view in views])
            assert own(actor, counting._counts_for, views) == anew
            for view in VIEWS_OF[Role(actor.role)]:
                anew = counting._compile_facets(actor, view, Filters())
                assert own(actor, counting._facets_for, view) == alike(anew)
                cases = lists._ordered(of_view(actor, view), view, ("number", "due_at"))[:51]
                kept = own(actor, lists._listing_for, view, ("number", "due_at"), 50)
                assert kept == alike(cases.query.sql_with_params())


@pytest.mark.django_db
def test_counts_are_of_what_is_there(world: World) -> None:
    report(world.zhou)
    report(world.zhou)
    assert queries.counts(world.xiao_xu, [View.UNASSIGNED, View.OPEN, View.CLOSED]) == {
        View.UNASSIGNED: 2,
        View.OPEN: 2,
    }
    assert queries.counts(world.sibling_worker, [View.UNASSIGNED]) == {View.UNASSIGNED: 0}
    assert queries.counts(world.far_sun, [View.OPEN]) == {View.OPEN: 0}


@pytest.mark.django_db
def test_a_count_is_the_same_before_and_after_the_database_keeps_its_plan(world: World) -> None:
    posts = [actor for actor in world.actors.values() if actor.role in VIEWS_OF]
    for _round in range(7):
        report(world.zhou)
        for actor in posts:
            views = [view for view in VIEWS_OF[Role(actor.role)] if view != View.CLOSED]
            apart = queries.counts_of(actor, [(view, Filters()) for view in views])
            assert list(queries.counts(actor, views).values()) == apart


@pytest.mark.django_db
@pytest.mark.parametrize("most", [2_000, 2])
def test_an_area_that_is_read_whole_says_what_each_list_says(world: World, monkeypatch, most) -> None:
    monkeypatch.setattr(one_pass, "MOST", most)  # with two, it is too large to be read whole
    one_pass._pass_for.cache_clear()
    kept._inlined.cache_clear()
    posts = [actor for actor in world.actors.values() if actor.role in VIEWS_OF]
    try:
        for category in ("UT02", "EN01", "UT02", "EN01"):
            report(world.zhou, category=category)
        for actor in posts:
            views = VIEWS_OF[Role(actor.role)]
            for view in views:
                found = queries.overview(actor, views, view)
                below = actor.area_path or actor.district
                assert found.facets == queries.facets(actor, view, below=below)
                apart = queries.counts_of(actor, [(one, Filters()) for one in views if one != View.CLOSED])
                assert list(found.counts.values()) == apart
    finally:
        one_pass._pass_for.cache_clear()
        kept._inlined.cache_clear()

"""The kept statement of the counts is, value for value, the one that would be made anew."""

import pytest

from linli.cases import queries
from linli.cases.queries import VIEWS_OF, Filters, View, counting
from linli.kernel import time
from linli.kernel.trust import Role
from tests.world import World, report


@pytest.mark.django_db
def test_the_kept_statement_is_the_one_that_is_made(world: World, clock) -> None:
    posts = [actor for actor in world.actors.values() if actor.role in VIEWS_OF]
    assert {actor.role for actor in posts} == set(VIEWS_OF)
    for actor in posts:
        views = tuple(view for view in VIEWS_OF[Role(actor.role)] if view != View.CLOSED)
        with time.at(clock.moment):
            assert counting._counting(actor, views) == counting._compile_counts(actor, views, Filters())


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

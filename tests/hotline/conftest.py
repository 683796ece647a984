"""The small city, a browser's stand-in for each of the cast, and a case that waits for its reporter's word."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from linli.cases.actions import closing
from linli.cases.models import Case
from linli.hotline.actions import articles
from tests.cases.test_the_way_of_a_case import disposed
from tests.desk.conftest import signed_in
from tests.world import World, build, fresh, ref


@pytest.fixture
def world(db: None, clock: object) -> World:
    """The small city, at the standing clock."""
    return build()


@pytest.fixture
def at_desk(world: World) -> Callable[[str], Client]:
    """Sit down as one of the cast."""
    return lambda login: signed_in(world, login)


@pytest.fixture
def known(world: World) -> int:
    """The articles that come with Linli, let through by 马督."""
    articles.load_articles()
    return articles.let_all_through(world.ma)


def verified(world: World, category: str = "EN01") -> Case:
    """A case that 何明 has handled and 老郑 has verified: its reporter is to be rung back."""
    case = disposed(world, category=category)
    return closing.verify(world.lao_zheng, ref(case), version=case.version, passed=True)


def closed(world: World, outcome: closing.Outcome) -> Case:
    """A closed case whose reporter said so."""
    case = verified(world)
    closing.feedback(world.xiao_tian, ref(case), version=case.version, outcome=outcome)
    closing.close(world.sun, ref(case), version=fresh(case).version)
    return fresh(case)

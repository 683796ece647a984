"""Who may do what: the table, and what its words mean."""

from dataclasses import dataclass, replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel import ids
from linli.kernel.db import subtree, within
from linli.kernel.errors import Forbidden, NotFound, SignInNeeded
from linli.kernel.trust import ANONYMOUS, SYSTEM, Actor, Role, policy

HOME = "510107/012/003"
ZHOU, OFFICE, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)


@dataclass
class Thing:
    """Something somewhere, in somebody's hands, and somebody's own."""

    area_path: str = HOME
    accounts: tuple[UUID | None, ...] = ()
    organisations: tuple[UUID | None, ...] = ()

    def policy_accounts(self) -> tuple[UUID | None, ...]:
        """Whose own it is."""
        return self.accounts

    def policy_organisations(self) -> tuple[UUID | None, ...]:
        """In whose hands it is."""
        return self.organisations


def post(role: Role, area: str = HOME, *, organisation: UUID | None = OFFICE) -> Actor:
    """Somebody at a post."""
    return Actor(role=role, account_id=OTHER, post_id=ids.new_id(), organisation_id=organisation, area_path=area)


def a_table(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Let the policy table be ``text``."""

    class File:
        def joinpath(self, _name: str) -> "File":
            return self

        def read_text(self, _encoding: str) -> str:
            return text

    monkeypatch.setattr(policy.resources, "files", lambda _package: File())
    policy.table.cache_clear()


@pytest.fixture
def own_table():
    yield
    policy.table.cache_clear()


def test_every_verb_of_the_loop_has_a_row() -> None:
    from linli.cases import states
    from linli.cases.verbs import VERBS

    table = policy.table()
    assert {verb.row for verb in VERBS.values()} <= set(table)
    assert set(states.rules()) <= set(table)
    assert {verb.row for verb in VERBS.values()} <= set(states.rules())
    assert all(reaches <= set(policy.REACHES) for row in table.values() for reaches in row.values())


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("case.view,own,street", "unknown reach"),
        ("case.view,own", "do not fit"),
        ("case.view,own,own,own", "do not fit"),
        ("case.view,own,own\ncase.view,,", "twice"),
    ],
)
def test_a_table_with_a_mistake_is_not_taken(monkeypatch, own_table, rows: str, message: str) -> None:
    a_table(monkeypatch, f"# a comment\nverb,resident,verifier\n{rows}\n")
    with pytest.raises(ValueError, match=message):
        policy.table()


def test_a_role_that_nobody_knows_is_not_taken(monkeypatch, own_table) -> None:
    a_table(monkeypatch, "verb,emperor\ncase.view,city\n")
    with pytest.raises(ValueError, match="emperor"):
        policy.table()


def test_a_verb_that_nobody_knows_is_a_mistake_of_the_program() -> None:
    with pytest.raises(KeyError):
        policy.allows(post(Role.SUPERVISOR), "case.devour")


parts = st.sampled_from(["001", "002", "012", "0", "01", "Z01", "A"])
paths = st.builds(
    lambda district, rest: "/".join([district, *rest]),
    st.sampled_from(["510107", "510104", "520107"]),
    st.lists(parts, max_size=4),
)
roots = st.one_of(paths, st.sampled_from(["51", "5101", "5201", ""]))


def naive(path: str, root: str) -> bool:
    """What lying in a subtree means, part by part; a city's path is the head of its districts' codes."""
    if len(root) < 6:
        return path.startswith(root)
    ours, theirs = path.split("/"), root.split("/")
    return ours[: len(theirs)] == theirs


@given(paths, roots)
def test_a_subtree_is_what_one_thinks_it_is(path: str, root: str) -> None:
    assert within(path, root) == naive(path, root)
    low, high = subtree(root)
    assert (low <= path < high) == naive(path, root)


@given(paths, roots)
def test_area_reaches_the_subtree_and_no_further(path: str, root: str) -> None:
    worker = post(Role.COMMUNITY_WORKER, root, organisation=None)
    assert policy.allows(worker, "case.register", Thing(path)) == (bool(root) and naive(path, root))


def test_each_reach_means_what_it_says() -> None:
    mine, in_hand, elsewhere = Thing(accounts=(ZHOU,)), Thing(organisations=(OFFICE,)), Thing("510104/001/001")
    resident = Actor(role=Role.RESIDENT, account_id=ZHOU, area_path=HOME)
    assert policy.allows(resident, "case.rate", mine)
    assert not policy.allows(resident, "case.rate", in_hand)  # living there is not having reported it
    clerk = post(Role.DEPARTMENT_CLERK)
    assert policy.allows(clerk, "case.dispose", in_hand)
    assert not policy.allows(clerk, "case.dispose", mine)
    auditor = post(Role.AUDITOR)
    assert policy.allows(auditor, "audit.read", elsewhere)
    assert policy.allows(ANONYMOUS, "catalogue.view", elsewhere)
    assert policy.allows(ANONYMOUS, "case.report")


def test_nobody_is_nobody() -> None:
    """What has no owner, and who has no account, do not meet in the middle."""
    unowned = Thing(accounts=(None,), organisations=(None,))
    nobody = Actor(role=Role.RESIDENT)
    assert not policy.allows(nobody, "case.view", unowned)
    assert not policy.allows(post(Role.DEPARTMENT_CLERK, organisation=None), "case.dispose", unowned)
    assert not policy.allows(post(Role.COMMUNITY_WORKER, "", organisation=None), "case.register", unowned)


@given(
    st.sampled_from(sorted(policy.table())),
    st.sampled_from(Role),
    st.frozensets(st.sampled_from(["case", "case.view", "catalogue", "x"])),
)
def test_a_tokens_scopes_only_take_away(verb: str, role: Role, scopes: frozenset[str]) -> None:
    whole = post(role)
    narrow = replace(whole, scopes=scopes)
    if role == Role.SYSTEM:
        return
    assert policy.reach(narrow, verb) <= policy.reach(whole, verb)
    named = verb in scopes or verb.partition(".")[0] in scopes
    assert policy.reach(narrow, verb) == (policy.reach(whole, verb) if named else frozenset())


@given(st.sampled_from(sorted(policy.table())), paths)
def test_the_system_may_do_what_its_jobs_do(verb: str, path: str) -> None:
    assert policy.allows(SYSTEM, verb, Thing(path))


def test_a_refusal_tells_no_more_than_it_must() -> None:
    worker, foreign = post(Role.COMMUNITY_WORKER), Thing("510104/001/001")
    with pytest.raises(NotFound):
        policy.require(worker, "case.register", foreign, view="case.view")
    with pytest.raises(Forbidden) as refusal:
        policy.require(worker, "case.decide_return", Thing(), view="case.view")
    assert refusal.value.extra == {"verb": "case.decide_return"}
    with pytest.raises(NotFound):  # a case is not there for whoever is not signed in, not even to ask them to
        policy.require(ANONYMOUS, "case.register", Thing(), view="case.view")
    with pytest.raises(SignInNeeded):
        policy.require(ANONYMOUS, "case.list")
    with pytest.raises(Forbidden):
        policy.require(post(Role.RESIDENT), "case.list")
    policy.require(worker, "case.register", Thing(), view="case.view")

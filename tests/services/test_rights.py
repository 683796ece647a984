"""Every verb of an application against the policy table, for everybody around it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from linli.kernel import ids
from linli.kernel.errors import Forbidden, LinliError, NotFound, SignInNeeded
from linli.kernel.trust import policy
from linli.services import queries
from linli.services.steps import may_view, ref_of
from linli.services.verbs import VERBS, Kind
from tests.services.conftest import COMMUNITY, bulky
from tests.world import WUHOU, World

VALUES: dict[Kind, Any] = {
    Kind.TEXT: "按规定写清楚理由",
    Kind.YES_NO: True,
    Kind.SCORE: 5,
    Kind.SLOT: ids.UUID(int=1),
    Kind.PROOF: "identity",
}


@pytest.mark.parametrize("name", VERBS)
def test_a_verb_is_done_by_whom_the_table_names(world: World, name: str) -> None:
    verb = VERBS[name]
    one = bulky(world.zhou, queries.windows(queries.service("UM01", district=WUHOU), COMMUNITY)[0].slot.id)
    values = {given.name: VALUES[given.kind] for given in verb.inputs} | (
        {"version": one.version} if verb.takes_version else {}
    )
    let_in = set()
    for login, actor in world.actors.items():
        wanted = (
            "hidden" if not may_view(actor, one) else "let in" if policy.allows(actor, verb.row, one) else "forbidden"
        )
        got = "let in"
        with transaction.atomic():
            try:
                verb.run(actor, ref_of(one), **values)
            except NotFound:
                got = "hidden"
            except (Forbidden, SignInNeeded):
                got = "forbidden"
            except LinliError:
                pass  # its right was not the reason
            transaction.set_rollback(True)
        assert got == wanted, (name, login)
        if got == "let in":
            let_in.add(login)
    own = {"answer", "withdraw", "withdraw_consent", "rate", "appeal"}
    office = {"accept", "finish", "ask_more", "refuse", "see_proof"}
    expected = (
        {"zhou"}
        if name in own
        else {"yang"}
        if name in office
        else {"yang", "ma"}
        if name == "decide_appeal"
        else {"zhou", "yang"}
    )
    assert let_in == expected

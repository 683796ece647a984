"""Points in the demo: the rules and who collects, before the history; what the community offers and what waits, after it.

Everything goes through the ledger's own actions by the cast; the awards for reports come by themselves from the history.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from linli.kernel import ids, time
from linli.kernel.trust import Actor
from linli.ledger import queries
from linli.ledger.actions import claiming, collecting, objecting, publishing, rewarding
from linli.people.models import Account
from linli.people.queries import actor_of_post, posts_of, resident
from linli.simulation.stage import script

MEMBER, WORKER, RESIDENT = "heming", "xiaoxu", "zhou"


def prepare() -> str:
    """The published rules, and the cast's resident who asked to collect."""
    made = publishing.load_rules()
    neighbour = Account.objects.get(login=RESIDENT)
    collecting.collect(resident(neighbour), collecting=True)
    return "there" if made is None else f"rules no. {made.number}"


def thank(*, now: datetime) -> str:
    """What the community offers, a sheet, a claim that waits and an objection that is open."""
    told = script()["points"]
    member, worker = _acting(MEMBER), _acting(WORKER)
    with time.at(now - timedelta(days=20)):
        for one in told["rewards"]:
            rewarding.offer(worker, ids.new_id(), **one)
    with time.at(now - timedelta(days=6)):
        day = time.today()
        people = [account for account, _name, _path in queries.members_within(worker)]
        given = (
            claiming.confirm_attendance(
                worker, ids.new_id(), rule="volunteer", on=day, title=told["sheet"], people=people, quantity=3
            )
            if people  # a history that is shorter than this has nobody at their posts yet
            else []
        )
    with time.at(now - timedelta(hours=20)):
        claiming.claim(member, ids.new_id(), rule="volunteer", on=time.today(), words=told["claim"], quantity=2)
        own = next((one for one in given if one.account.owner_id == member.account_id), None)
        if own is not None:
            objecting.object_to(member, own.id, words=told["objection"])
    return f"{len(told['rewards'])} rewards, {len(given)} people thanked"


def _acting(login: str) -> Actor:
    return actor_of_post(posts_of(Account.objects.get(login=login).id)[0])

"""What a trial of chaos stands on: a migrated durable database, the small city, keys to the API, clocks about to run out.

Run as a program with ``LINLI_DATA`` set, so that the driver itself stays free of Django. Prints what the clients need as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from linli.kernel.embedded import Server
from linli.kernel.embedded.environment import data_folder, publish

CLOCKS = 300
"""Cases whose response clock runs out while the trial goes on, spread over :data:`SPREAD_SECONDS`."""
SPREAD_SECONDS = 420
FIRST_AFTER_SECONDS = 20
ACTORS = ("xiao_xu", "lao_zheng", "xiao_tian", "sun")


def lay(clocks: int) -> dict[str, Any]:
    """Make the small city; returns a key for each of the cast that drives verbs."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from linli.kernel.trust import SYSTEM
    from linli.people.actions import machines
    from tests import world as small_city

    world = small_city.build()
    tokens = {}
    for name in ACTORS:
        actor = world.actors[name]
        _row, tokens[name] = machines.issue_token(
            SYSTEM, name=f"chaos {name}", scopes=["case"], account_id=actor.account_id, post_id=actor.post_id
        )
    run_out(world, clocks)
    return {"tokens": tokens, "boxes": list(small_city.BOXES.values())}


def run_out(world: Any, count: int) -> None:
    """Report ``count`` cases in the past, so that their clocks (half an hour, around the clock) run out one after the other."""
    from linli.catalog import queries as catalog
    from linli.kernel import time
    from tests.world import WUHOU, report

    entry = catalog.current(district=WUHOU).get("TR04")
    assert entry is not None
    assert entry.clock == "calendar"
    now = time.now()
    for place in range(count):
        after = timedelta(seconds=FIRST_AFTER_SECONDS + place * SPREAD_SECONDS / count)
        with time.at(now + after - timedelta(minutes=entry.respond_minutes)):
            report(world.zhou, category="TR04", description=f"clock {place}")


def main() -> None:
    """Lay the ground in the data folder that the environment names."""
    clocks = int(sys.argv[1]) if len(sys.argv) > 1 else CLOCKS
    with Server(Path(data_folder())) as server:
        publish(server.addresses())
        os.environ["DJANGO_SETTINGS_MODULE"] = "linli.settings"
        import django

        django.setup()
        print(json.dumps(lay(clocks)))
        from django.db import connections

        connections.close_all()


if __name__ == "__main__":
    main()

"""The grid workforce: who holds which grid, who stands in, who takes over, and who is on duty.

Words: the *roster* is the list of general grids, micro-grids and dedicated grids with whoever holds them; *coverage* is the share of
the grids of an area that somebody holds, against 100 %; a *vacancy* is a grid that nobody holds; the *deputy* of a post is whoever
stands in by rule: the cover while its holder is on leave, else who else holds the grid, else the member of the general grid around
it, else the community's worker. A *leave* is asked for by a member and decided by somebody else; a *span* is the days on which one
person is *away* or *covers* for another. A *hand-over* moves everything that is open in the hands of one post to another. A *shift*
is a stretch of time in which one person is on duty for a community; a *swap* passes it on with the other's consent.

A *training* is what posts of an area have to have learnt, a *course* one time and place of it, a *certificate* what whoever was there
has until it ends; the roster says who *lacks* one. An *assessment* is one period of one member by published criteria.

Invariants, kept by the database:

* two leaves of one person never overlap, and nobody covers in days in which they are away, so that nobody covers for themselves;
* nobody has two shifts at one time, and a shift has one open swap at most;
* a community's grids of one level are counted in one row (:class:`~linli.workforce.models.Coverage`).

* whoever assesses is not the person, and whoever answers an objection neither of them.

Kept by the actions: nobody decides on their own leave; a leave is approved only with cover for every post of the member; a hand-over
is one transaction, with an entry in the log of each thing, and can be taken back for ten minutes; nothing stays with a post that has
ended: what an end leaves behind goes to the deputy.

Data flow: while a leave lasts the cover holds a *post* on the grids of whoever is away, so that rights, dispatch, notices and the log
need to know nothing of leaves; :func:`linli.people.queries.tell_who_is_away` takes whoever is away out of the choice. When it begins
and when it ends the worker (:mod:`linli.workforce.chores`) moves what is open by :mod:`linli.people.handing`, where every room
announces what it puts into people's hands. ``post.*`` and ``territory.regrouped`` events → :mod:`linli.workforce.handlers` →
coverage of the communities that they touch; the worker counts every district anew each hour, because terms begin and end by the day.

Assessment counts what ``rules/assessment.toml`` publishes (:mod:`linli.workforce.assessing`), keeps with it what it was computed
from, and says of each criterion whether it is met: there is no sum, no list of results and no order. Each look at one is an audit
row for the person.

There is no ranking of people, no quota and no check-in here: the roster says where help is missing, not who is worth how much.
"""

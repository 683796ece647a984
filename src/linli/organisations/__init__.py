"""Organisations: the networks that stand on the territory, what of them should be where, and how what is missing gets built.

Words: an *organisation* is a row of the people room (posts are held in it); its *profile* is what the network adds: the compound or
building it belongs to, its public description, whom to ask; a *rule* says of a type, on a range of days, which kind of *place* it
belongs to (a level of area, a compound, a building, or any area), which type it stands under, and whether every such place should
have one; a place is *covered* on a day when an organisation of the type, or of one that counts for it, is at work there; an
*entry* is one line of an organisation's history; a *drive* (组建行动) is the plan to build organisations of a type in an area; a
*build* is one place of a drive; a *step* is one of five, in this order: find, found, arrange, serve, root (找、建、设、服、扎).

The way of a build::

    the places that lack one ── begin ──→ builds ── find ──→ found ──→ arrange ──→ serve ──→ root
                                                             ↘ the organisation comes into being in the register

Invariants:

* on any day a type has at most one rule (exclusion); a rule is ended and followed, never edited, so that past days keep their answer;
* coverage is computed from the days on which organisations were founded and dissolved and on which areas held, never from a counter
  (``docs/algorithms/coverage.md``): the trend is right for every month that has passed, also after a day was corrected;
* an organisation of a type stands on the kind of place that the rule of its founding day names, and under one whose area holds its own;
* the steps of a build are done in their order, the last one is undone first, with a reason; a step of a build is done once at a time;
* a build whose organisation is founded names it; undoing the founding dissolves it on the day it was founded, and it counts for no day;
* organisations that work is dispatched to (with a *function*) are the administrators' alone.

Writes here change the people room's rows too, in the same transaction, and tell it by the same events.
"""

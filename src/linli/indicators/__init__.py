"""Indicator sets: how far an area is by the criteria of a programme, computed from what the platform already knows.

Words: an *indicator* is one criterion with a target and a weight; a *set* is a programme's indicators, a file of ``data/sets``; the *value*
of an indicator comes from its *source*: a metric, or the coverage that a register keeps; its *points* are how far the value has come from
the floor to the target, 0 to 1; its *gap* is what is missing from 1. The *score* of an area is the mean of the points, weighted; what is
not known is left out of it, and the share of the weight that is known stands beside it.

Invariants: nobody types a value in; what is not known counts neither as nothing nor as full; a score is never shown without the share that
it rests on; a set that does not read is refused with the place and the mend named.

Data flow: ``data/sets/*.toml`` → :mod:`~linli.indicators.sets` → :mod:`~linli.indicators.queries` (:mod:`~linli.indicators.sources` for the
values, :mod:`~linli.indicators.scoring` for the points) → the desk and the API.
"""

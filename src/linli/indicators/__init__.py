"""Indicator sets: how far an area is by the criteria of a programme, computed from what the platform already knows.

Words: an *indicator* is one criterion with a target and a weight; a *set* is a programme's indicators, a file of ``data/sets``; the *value*
of an indicator comes from its *source*: a metric, the coverage that a register keeps, or *evidence*; its *points* are how far the value
has come from the floor to the target, 0 to 1; its *gap* is what is missing from 1. The *score* of an area is the mean of the points,
weighted; what is not known is left out of it, and the share of the weight that is known stands beside it.

*Evidence* is text, photos and a claimed value that a community hands in where nothing can be computed; somebody else above it accepts it
with a value until a day, or returns it with a reason; whoever handed it in may withdraw it while it waits.

Invariants: no value is typed in that nobody else has reviewed; nobody reviews their own; evidence that has expired is missing, and says so;
what is not known counts neither as nothing nor as full; a score is never shown without the share that it rests on; a set that does not
read is refused with the place and the mend named.

Data flow: ``data/sets/*.toml`` → :mod:`~linli.indicators.sets` → :mod:`~linli.indicators.queries` (:mod:`~linli.indicators.sources` for the
values, :mod:`~linli.indicators.scoring` for the points) → the desk and the API.
Scores of a quarter: the job ``indicators.snapshots`` → :mod:`~linli.indicators.snapshots`, once for an area, a set and a quarter.
Evidence: :mod:`~linli.indicators.actions` → a row, an event, an audit row for reviews → :mod:`~linli.indicators.proofs`.

Events: ``evidence.submitted``, ``evidence.accepted``, ``evidence.returned``, ``evidence.withdrawn``.
"""

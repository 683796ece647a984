"""The 15-minute life circle: which services people reach on foot, by the way they walk and not by circles on a map.

Words: a *place* is a service with a door (a canteen, a clinic, a market) of a *kind* (``data/kinds.csv``), open from a day and, when it is
retired, until one; a *street network* is the crossings and streets of a district, imported with a date; the *reach* of a micro-grid is
how many minutes its people walk to the nearest place of a kind; it is *covered* when they are fifteen at most; the *weight* of a
micro-grid is its households where the register has any of the district, else 1.

Invariants: a district has one street network on any day; another one follows it from its day, and none is overwritten; a place lies in
its district; every reach of a district rests on the same streets, places, ground and moment (:class:`~linli.lifecircle.models.Reckoning`),
and reckoning again gives the same; what has no street network, or no place of a kind, is not known, which is neither 0 nor 100 %.

Data flow: places and streets → a counter in the reckoning of the district moves in the same transaction → the job ``lifecircle.reckon``
walks once for each kind (:mod:`~linli.lifecircle.walking`) → reaches and their sums by area → the desk, the API, indicator sets.

Events: ``place.kept``, ``place.retired``, ``streets.imported``.
"""

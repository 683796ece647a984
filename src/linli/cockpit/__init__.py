"""The cockpit (一舱): what the work adds up to in an area, for subdistrict, district and city, and for a community its own.

Words: an *area* is where one looks, its path stands in the address; a *span* is the stretch of days that is counted; a *panel* is a group
of figures with one question (what waits now, what was kept in time, how the areas below compare); *beside* is the other area or the days
before that the figures are compared with; the *wall* is the same panels for a screen that is read from six metres.

Invariants: no figure is made here. Every figure comes from the catalogue of the metrics room (the roster's coverage from the workforce's
register) with its definition, its moment ("as of") and the cases behind it; a rate of a small group is not shown, and areas whose
intervals overlap get no rank. Chart and map are drawn from the table that stands beside them, so they cannot differ from it; without a
script the tables are the page. The number of queries of a page does not depend on how many areas, cases or days there are.

Data flow: address → :class:`linli.cockpit.asked.Asked` → :mod:`linli.cockpit.panels` (metrics' queries, names from the territory's
memory) → templates; live pages hear ``area:PATH`` and fetch the panels anew, at most once in some seconds.
"""

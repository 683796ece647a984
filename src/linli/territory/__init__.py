"""Where things are: three dated trees and the way from a point or an address to the micro-grid that answers for it.

Words: a *statistical division* is the state's list with its twelve-figure codes; an *area* is what governs (city, district,
subdistrict, community, general grid, micro-grid, dedicated grid) and has a *path* (``510107/012/003/02/017``); an *address*
is compound, building, entrance, dwelling. The three trees touch, and none is derived from another: a subdistrict coded under
one district may be governed by another, and a compound is not a grid.

Invariants: an area's path is unique on any day; a boundary of an area is unique on any day; the micro-grids of a community
cover it without gap or overlap, with identical vertices on shared edges; a dedicated grid lies over micro-grids and goes
first; every district has an *unplaced* queue (``510107/000``), so that nothing that comes in is ever nowhere. A name is
never a key (names repeat). What is generated says so (``synthetic``).

Micro-grids change by a *redrawing* (:mod:`linli.territory.actions.redrawing`): steps drawn on a sheet, checked, proposed,
approved by community, subdistrict and district, each by another person, and put in force on its day. Two of them never wait
on one grid; what is in force is never deleted, so who was responsible for a point on any day can be told.
"""

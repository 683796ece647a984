"""Dedicated grids: whom to ring in a school, a hospital, a tower or a park, and what is planned there.

Words: a *dedicated grid* is an area of the territory room that lies over micro-grids and goes first; its *sheet* is what this room
adds: the *contact*, a person with a duty there, and the *plan*, a text with headings, with scans and photos attached, that holds on a
range of days, is *reviewed* once a year, and names the posts that are *told* when a case arises in the grid.

A grid is of one of the *kinds* of ``rules/kinds.csv`` (a school, a market): of the one that its keepers say, else of the one that its name
says; special operations go by it.

Invariants:

* a grid has one sheet, and on any day at most one plan that holds (exclusion); a plan that is followed by another ends on that day or, when
  it would not have held a day, is set aside; none is deleted or overwritten;
* the contact's name and number are sealed rows of the people room: masked in lists, read in clear with a purpose that is audited, and
  deleted when somebody else is named;
* whoever is told holds a post in the district; a post that has ended is told nothing;
* what is due is computed from days, never kept: a review is due a year after the last one, or after the day from which the plan holds.

Events: ``dedicated.kind``, ``dedicated.contact``, ``dedicated.plan``, ``dedicated.review`` on the grid's area, without anything personal.
"""

"""The authorisation matrix: every route × every method × role × {own, sibling, parent, other district}, and nobody.

The routes and the methods that each takes are read from Django's URL resolver (:mod:`tests.matrix.routes`), so a new one cannot be
forgotten: a route or a method without an entry fails, and so does a view that does not say which methods it takes, or an entry for
something that is no longer there.

To add a route, add one line for each of its methods to the list ``ENTRIES`` of its door's module in :mod:`tests.matrix.registry`
(a new door: a new module there, which is found by itself)::

    Entry("desk/cases/<number>", "GET", lambda s: Call(f"/desk/cases/{s.number}"), verb="case.view", on=On.CASE),

that is: the route as Django writes it, the method, the request, and what guards it. What each caller must get follows from the
policy table; somebody else's case is answered 404, never 403. ``python -m pytest tests/matrix -k registry -n 0`` takes seconds
and prints what is missing, as lines to copy. HEAD comes with GET and needs no line; a method that stands nowhere must be answered 405.

The stage (:mod:`tests.matrix.scene`) is made once for a worker and every call is taken back, so an entry costs about a second.
"""

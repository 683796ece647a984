"""What the work adds up to: counters kept by a reader of the events, so that a figure costs the same however long the history is.

Words: a *figure* counts one thing that happened (registered, resolved in time, returned); a *day figure* is its count in one community,
one category and one level of handling on one day; a *roll-up* is its sum over categories, over the communities of a subdistrict or
district, or over a month; a *metric* is what a screen shows: a formula of figures with its words, a row of ``data/metrics.csv``. The
*due day* is the day on which a clock was to run out, and rates go by it: of what was due in a month, how much was answered in time. A
clock that ran out and is not met is *owed*; it stays in the rate. What nobody answered when called back is not content.

Invariants: counters and roll-ups equal a recount from the case log (``linli recount --check``), entry for entry; an event counts once,
because the reader's cursor moves in the same transaction as the counters; what a step counts for follows from the case's log up to it, so
the order in which the reader learns of steps changes nothing; a figure that is new is counted over the history while the city runs, and
until then a value says that it is not whole.

Data flow: ``case.*`` events → :func:`linli.metrics.handlers.on_cases` (:mod:`~linli.metrics.counting` for what a step tells by itself,
:mod:`~linli.metrics.course` for what the whole log tells) → :func:`linli.metrics.keeping.add` →
:class:`~linli.metrics.models.DayFigure`, :class:`~linli.metrics.models.AreaDay`, :class:`~linli.metrics.models.CategoryDay`,
:class:`~linli.metrics.models.Standing` → :mod:`linli.metrics.queries`, by the :mod:`~linli.metrics.catalogue`.
:mod:`~linli.metrics.anomalies` say what stands out.
"""

"""What the work adds up to: counters kept by a reader of the events, so that a figure costs the same however long the history is.

Words: a *figure* counts one thing that happened (registered, resolved in time, returned); a *day figure* is its count in one community,
one category and one level of handling on one day; the *due day* is the day on which a clock was to run out, and rates go by it: of what
was due in a month, how much was answered in time. What nobody answered when called back is not content.

Invariants: the counters equal a recount from the case log (``linli recount --check``), entry for entry; an event counts once, because
the reader's cursor moves in the same transaction as the counters.

Data flow: ``case.*`` events → :func:`linli.metrics.handlers.on_cases` → :class:`~linli.metrics.models.DayFigure` →
:func:`linli.metrics.queries.figures`.
"""

"""A city that lives: reports come in, people act, clocks run; on a simulated clock, through the same actions as everybody.

Words: an *arrival* is a report that somebody makes; a *fate* is what was drawn for a case at its arrival (how long its handler
takes, whether it comes back, fails, is called up); the *engine* is a queue of moments in order, with the house's clock set to each;
a *trace* is a real city's list of requests, which a *mapping* puts into our words so that it can be replayed.

Invariants: nothing is written but by the actions that a door would call, through a post that may; people and photos are made up and
say so; the same seed on the same database gives the same history; what the figures say at the end equals a recount from the log.

Data flow: ``data/`` (real arrival profile and reply times, made-up phrasings) → :mod:`engine <linli.simulation.engine>` →
:mod:`handling <linli.simulation.handling>` → ``linli.cases.actions`` → events → ``linli.metrics``.
"""

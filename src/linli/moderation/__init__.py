"""Moderation: of what residents write, the public reads a version that somebody has let through, and the original stays as written.

Words: a *text* is what a resident wrote on one step of a case (the report, joining it, a rating, the reason of a reopening, a message),
named by the entry of the case log that it came with; the *proposal* is what the first pass by rule makes of it
(:mod:`linli.moderation.masking`); the *wording* is its public version; a *decision* is one entry of the text's own log; an *objection*
is its author's, once, and another person decides on it; the *setting* of a district says which texts can become public, and whether
each waits for a person.

The way of a text::

    waiting → published ⇄ (taken back) waiting          private: the author keeps it to those who work on the case
        ↘ withheld, with a reason of a fixed list ↗      and may let it be looked through again

Invariants:

* the original is never touched: it stays on the case or in its sealed statement, and no row here holds it;
* nothing is public before it has passed: the database keeps a wording only while a text is published;
* what touches a household or a person is never public, and a case that becomes such takes its wordings out of the public;
* whoever decided on a text does not decide on its author's objection: the database keeps that;
* a decision is never changed, and the app's database role has no right to touch it again;
* whoever reads a sealed original here leaves an audit row that its author can read.

Data flow: ``case.report``, ``case.join``, ``case.rate``, ``case.reopen``, ``case.message`` → :func:`linli.moderation.handlers.on_words` →
:class:`~linli.moderation.models.Text` with its proposal; a moderator at the desk → :mod:`linli.moderation.actions`; map, lists, feeds and
Open311 → :func:`linli.moderation.queries.wordings`. ``docs/algorithms/masking-of-public-words.md`` gives the rules of the first pass.
"""

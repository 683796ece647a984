"""Briefs: what the figures of an area say over some days, composed by rule, kept, assessed by a person, issued.

Words: a *brief* is composed from the figures of an area over a whole week, month or quarter; its *note* (研判) is the one paragraph that
a person writes; an *edition* is each composing of the same brief; who *subscribes* is told when the brief of days that are over is made.

Invariants:

* sentences are chosen by rule from the figures: a rate is said to have risen or fallen only where the intervals of the two stretches lie
  apart, areas have a place only where their intervals tell them apart, what stands out is told with its cases, without blame;
* every figure of the annex has its definition, how many of how many, and the address of the cases behind it;
* a kept brief holds its figures and words with their moment; its files are made from its row alone, so they are the same bytes later;
* one that is issued does not change: a correction is the next edition and says which figures changed and why;
* no case that is restricted is named in a brief;
* the worker makes a brief that somebody subscribes to once, after the reader of events has passed the end of its days.

Events: ``brief.made`` with the posts that subscribe (:mod:`linli.notices` tells them), ``brief.annotated``, ``brief.issued``.
"""

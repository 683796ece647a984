"""Compounds: how a residential compound governs itself, kept as one file, with what runs out soon and a colour by published rule.

Words: a *compound* is territory's (小区、院落); its *file* is made of *records*, each dated, with its source and who noted it: of the
owners' *committee* (业委会), the *contract* of whoever looks after it (物业), the maintenance *fund* (维修资金), a *renovation*
(老旧小区改造), *dues* paid in a period, a *vote* of the owners, the yearly *check* with its points. A *standing* is what the file adds up
to today: a projection, with the *colour* (green, yellow, red) and the rules that made it so. A *rule set* is the published list of
colour rules, items of the yearly check, and terms of what runs out; a *change* is a next one, proposed and not yet published.

How a colour comes about::

    records ──→ facts of today ──→ measures (days over, per cent paid ...) ──→ rules that they meet ──→ the worst of their colours
                                                                              (docs/algorithms/compound-colours.md)

Invariants:

* a record is never changed and never deleted: what was wrong is corrected by another that *replaces* it, once, and both stay in the
  history; the app's database role has no right to touch one again;
* the fund is a list of entries whose sum is its balance, never below zero; a wrong entry is reversed by another, once;
* of a vote stand the counts of heads and areas alone, never who voted how; its result is computed by article 278 of the Civil Code;
* "term over" is nobody's to type: it follows from the day on which the term ends;
* mending a fault never makes a colour worse; a colour never changes by a rule set that was not published before its first day;
* the chair is a post of the house or a contact under row-level security, masked, and read in clear only for a purpose; when another
  committee is noted the contact is deleted. No page of a resident, workbook or event holds anything personal.

Data flow: a door calls an action with an Actor; the action locks the compound's standing, adds a record, makes the standing anew and
appends one event ``compound.noted``. The worker makes every standing anew each day, because terms end by the day, and tells once for
each item that something runs out (``compound.running_out``): the notices room takes it to the community's workers.
"""

"""Quarterly supervision (一季一督导): what a district looks at again once a quarter, with who answers for it and what came of it.

Words: a *list* is a district's of one quarter, drawn once by rule over the ninety days before; an *item* is one thing on it: an area whose
rate lies surely off its aim, something that stands out, or a case owed for longest; an *entry* is what somebody wrote or did.

The way of an item::

    open ── done, with words ──→ done ── checked by somebody else ──→ closed
      ↑                            └──── sent back, with a reason ──→ open
      └── still not closed when the next list is drawn: carried over to it

Invariants:

* nobody chooses what is on a list: the rule does (:mod:`~linli.supervision.drawing`, ``docs/reference/supervision.md``), and a quarter has
  one list in a district, whoever draws it and however often;
* an item names an area, an organisation or a case, never a person; restricted cases are never on it;
* who says that an item is done never checks it, nor does anybody else of the same post;
* what is not closed is never lost: it is on the next list, with where it came from;
* every step is an entry that stays, an event and an audit row.
"""

"""Suggesting the category from what people write: a small model of our own, no service from outside.

Words: a *text* is an everyday phrasing written for the project, with its category, its *family* (short, angry, dialect, with typos,
two problems in one ...) and its *scene* (what happened; the same scene may be told in several families); a *correction* is a case
that the desk put into another category; a *version* is a trained model with its measured figures; *silence* is the answer when the
model is not sure enough.

Invariants:

* what a version is said to be worth was measured on texts of a family and of scenes that it had not seen (never a split at random);
* a new version is taken only when it is not worse than the one in use on the same texts; all versions stay listed;
* the same texts, catalogue and corrections give the same version, bit for bit;
* words of a sealed case are never kept, other cases' words only without numbers and names, and no longer than
  :data:`linli.suggesting.models.KEPT`;
* no request waits for training: the worker trains, web processes read what is there and say nothing until it is.

Data flow: ``case.reclassify`` → :func:`linli.suggesting.handlers.on_reclassified` → :class:`~linli.suggesting.models.Correction`;
the worker (:mod:`linli.suggesting.jobs`) → :func:`linli.suggesting.actions.train` → :class:`~linli.suggesting.models.ModelVersion`;
doors and the API → :func:`linli.suggesting.queries.suggest`. ``docs/algorithms/category-suggestion.md`` gives the rule.
"""

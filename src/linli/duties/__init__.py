"""Duties: what a subdistrict and a community do, what they help with, what must not be sent down to them; forms and proofs likewise.

Words: a *task* is one thing that somebody can be asked to do (a category of the catalogue, a service, a campaign, a file to be read
in, a form, or a matter in words); a *list* is one of three: work (工作事项), assist (协助事项), negative (负面事项); an *entry* puts a
task on a list, in an area and all below it, for a range of days; an *admission* is a department's application to have a task put on a
list; a *form* is a report that communities are asked for; a *sheet* is a form at one community, to be answered once; a *use* says who
did what with the result of a form; a *proof* is a paper that residents may be asked for, until it is abolished.

The way of a task::

    a department ── apply ──→ admission ── the social work department decides ──→ entry, from tomorrow at the earliest
                                                                               ↘ refused, with a reason; both are public
    cases, campaigns, files, forms ── require_may_send ──→ sent      (work; assist with its money and authority; on no list)
                                                       ↘ refused   (negative; assist without money)

Invariants:

* on any day a task has one answer in an area: the entry of the smallest area wins, and in one area the one that names the department
  before the one that names none; the database keeps that two entries of one place never overlap (``docs/algorithms/duty-lists.md``);
* a change holds from tomorrow at the earliest, so that no day that has been answered for gets another answer;
* the check sits in the actions that send down (:func:`linli.duties.guarding.require_may_send`), so every door has it;
* money follows the duty (费随事转): an entry of the assist list lets nothing through without amount, source and authority;
* who applied does not decide; the decision is the social work department's of the district, and everybody can read it with its reason;
* a form asks for nothing that the platform holds: what can be counted is filled in, what is held of persons is refused;
* a form that nobody used in a year lapses at its end, unless its department renewed it with a reason.

Rooms above announce what they know: names of their tasks (:mod:`linli.duties.tasks`), facts that they hold
(:mod:`linli.duties.facts`), how often proofs were asked for (:mod:`linli.duties.asked`). Nothing here imports them.
"""
